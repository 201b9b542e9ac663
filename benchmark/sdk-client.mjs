/**
 * What signing costs a client of the AWS SDK: CPU time of a request whose answer comes from memory, with the stock signer, with
 * one that does nothing (the limit), and with ours in both ways of installing it.
 */
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { HttpResponse } from "@smithy/core/protocols";
import { CustomRefreshableSession } from "aws-refresh-session";
import { SignatureV4, withNativeSigning } from "aws-refresh-session/aws-sdk";
import { compare } from "./rounds.mjs";

const identity = {
  accessKeyId: "ASIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  // As long as the tokens that STS gives.
  sessionToken: randomBytes(383).toString("base64").slice(0, 510),
};
const session = new CustomRefreshableSession({
  customCredentialsMethod: () => ({ ...identity, expiration: new Date(Date.now() + 6 * 3_600_000) }),
});

/** Gives back what it was given: a client that signs cannot do less. */
class NoSignature {
  sign(request) {
    return Promise.resolve(request);
  }
}

const ITEM = Buffer.from('{"Item":{"pk":{"S":"customer#1"},"sk":{"S":"order#0123456789"},"total":{"N":"12.5"}}}');
const answering = (contentType, content) => ({
  handle: () => {
    const headers = { "content-type": contentType, "content-length": String(content.length) };
    return Promise.resolve({
      response: new HttpResponse({ statusCode: 200, headers, body: Readable.from([content]) }),
    });
  },
  destroy() {},
});

const region = "us-east-1";
const SERVICES = [
  {
    title: "S3 GetObject",
    connect: (options) =>
      new S3Client({ region, requestHandler: answering("text/plain", Buffer.from("content")), ...options }),
    send: async (client) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: "bucket", Key: "photos/2026/11/1.jpg" }));
      Body.destroy();
    },
  },
  {
    title: "DynamoDB GetItem",
    connect: (options) =>
      new DynamoDBClient({ region, requestHandler: answering("application/x-amz-json-1.0", ITEM), ...options }),
    send: (client) => {
      const Key = { pk: { S: "customer#1" }, sk: { S: "order#0123456789" } };
      return client.send(new GetItemCommand({ TableName: "orders", Key }));
    },
  },
];

const SIGNERS = [
  ["stock", (connect, options) => connect(options)],
  ["no signature", (connect, options) => connect({ ...options, signerConstructor: NoSignature })],
  ["SignatureV4", (connect, options) => connect({ ...options, signerConstructor: SignatureV4 })],
  ["withNativeSigning", (connect, options) => withNativeSigning(connect(options))],
];

const WARM_UP = 1_000;
/** Short rounds and many: the load of the machine changes less from one contender to the next. */
const ROUNDS = { rounds: 81, targetMs: 16 };

/** Of the stock client's time, above the client that does not sign. */
export const SDK_BUDGET = 0.05;

/** Nanoseconds of a request by name of the signer, for each service and each form of credentials. */
export async function sdkClients() {
  const found = [];
  for (const { title, connect, send } of SERVICES) {
    for (const [form, credentials] of [
      ["an identity", identity],
      ["session.credentials", session.credentials],
    ]) {
      const clients = SIGNERS.map(([name, install]) => [name, install(connect, { credentials })]);
      const contenders = clients.map(([name, client]) => ({
        name,
        each: 1,
        run: async (times) => {
          for (let index = 0; index < times; index++) await send(client);
        },
      }));
      // What runs first would pay for compiling what all run.
      for (const { run } of contenders) await run(WARM_UP);
      const cpu = new Map();
      const wall = await compare(contenders, { ...ROUNDS, cpu });
      found.push({ title: `${title}, ${form}`, wall, cpu });
      for (const [, client] of clients) client.destroy();
    }
  }
  return found;
}

/** What a signer adds to a request that is not signed, as a share of the stock client's time. */
export const shareOf = (results, name) => (results.get(name) - results.get("no signature")) / results.get("stock");

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const { title, wall, cpu } of await sdkClients()) {
    console.log(`\n${title}: µs of CPU, µs, CPU above no signature as a share of stock`);
    for (const name of cpu.keys()) {
      const columns = [cpu.get(name) / 1000, wall.get(name) / 1000].map((each) => each.toFixed(1).padStart(8));
      console.log(`${name.padEnd(18)}${columns.join("")}  ${shareOf(cpu, name).toFixed(3).padStart(7)}`);
    }
  }
}
