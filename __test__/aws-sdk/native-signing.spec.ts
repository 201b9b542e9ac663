/** Clients that exist already, made to sign natively: what they send, whom they ask for credentials, and what is left alone. */
import { AsyncLocalStorage } from "node:async_hooks";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { HttpRequest } from "@smithy/core/protocols";
import test from "ava";
import {
  BRSConfigurationError,
  BRSCredentialError,
  NativeSigV4Signer,
  SignatureV4,
  SigningError,
  withNativeSigning,
} from "aws-refresh-session/aws-sdk";
import * as oldDynamoDB from "oldest-client-dynamodb";
import * as oldS3 from "oldest-client-s3";
import * as oldSqs from "oldest-client-sqs";
import * as oldSts from "oldest-client-sts";
import { native } from "../../dist/native.js";
import { KEYS, SESSION_KEYS } from "./examples.js";
import { freezeDate } from "./frozen-date.js";
import { type Client, comparable, sentBy } from "./sent-requests.js";
import { StandInHandler } from "./stand-in-handler.js";

const NOW = Date.UTC(2026, 10, 21, 14);
const region = "us-east-1";
const express = "a-bucket--use1-az4--x-s3";

type Make = (more: object) => Client;
const s3: Make = (more) => new S3Client({ region, ...more });
const sts: Make = (more) => new STSClient({ region: "eu-west-1", ...more });
const oldestS3: Make = (more) => new oldS3.S3Client({ region, ...more });

const OLDEST: readonly (readonly [title: string, make: Make, command: () => object])[] = [
  [
    "GetCallerIdentity",
    (more) => new oldSts.STSClient({ region, ...more }),
    () => new oldSts.GetCallerIdentityCommand({}),
  ],
  [
    "GetItem",
    (more) => new oldDynamoDB.DynamoDBClient({ region, ...more }),
    () => new oldDynamoDB.GetItemCommand({ TableName: "t", Key: { pk: { S: "é" } } }),
  ],
  [
    "SendMessage",
    (more) => new oldSqs.SQSClient({ region, ...more }),
    () => new oldSqs.SendMessageCommand({ QueueUrl: "https://sqs.us-east-1.amazonaws.com/1/q", MessageBody: "b" }),
  ],
  ["GetObject", oldestS3, () => new oldS3.GetObjectCommand({ Bucket: "a-bucket", Key: "a b/ü+(1)/../x//y" })],
  ["PutObject", oldestS3, () => new oldS3.PutObjectCommand({ Bucket: "a-bucket", Key: "k", Body: "content" })],
  ["GetObject of S3 Express", oldestS3, () => new oldS3.GetObjectCommand({ Bucket: express, Key: "k" })],
  ["PutObject of S3 Express", oldestS3, () => new oldS3.PutObjectCommand({ Bucket: express, Key: "k", Body: "c" })],
];

for (const [title, make, command] of OLDEST) {
  test.serial(`${title} of the oldest client is sent as by the stock client`, async (t) => {
    freezeDate(t, NOW);
    for (const credentials of [KEYS, async () => SESSION_KEYS]) {
      for (const systemClockOffset of [0, 3_600_000]) {
        const more = { credentials, systemClockOffset };
        const stock = await sentBy(make, command(), more);
        t.true(stock.length > 0);
        const ours = await sentBy((all) => withNativeSigning(make(all)), command(), more);
        t.deepEqual(ours.map(comparable), stock.map(comparable));
      }
    }
  });
}

/** How many signatures the core made while something ran. */
async function signaturesOf(run: () => Promise<unknown>): Promise<number> {
  const { signPrepared } = native;
  let count = 0;
  native.signPrepared = (...args) => {
    count++;
    return signPrepared(...args);
  };
  await run();
  native.signPrepared = signPrepared;
  return count;
}

test.serial("every request is signed by the core, those of an S3 Express session and its creation too", async (t) => {
  for (const [make, Command] of [
    [s3, GetObjectCommand],
    [oldestS3, oldS3.GetObjectCommand],
  ] as const) {
    const native = (all: object) => withNativeSigning(make(all));
    let sent: HttpRequest[] = [];
    const count = await signaturesOf(async () => {
      sent = await sentBy(native, new Command({ Bucket: express, Key: "k" }), { credentials: SESSION_KEYS });
    });
    t.is(sent.length, 2);
    t.is(count, 2);
    t.is(sent[1]?.headers["x-amz-s3session-token"], "s3-express-token");
    t.is(sent[1]?.headers["x-amz-security-token"], undefined);
  }
});

/** A provider that the SDK does not put its own cache in front of. */
function counting(identities: readonly object[] = [SESSION_KEYS]) {
  const calls = { count: 0 };
  const provider = async () => identities[Math.min(calls.count++, identities.length - 1)];
  return { calls, provider: Object.assign(provider, { memoized: true }) };
}

const handMade: Make = (more) => {
  const schemeId = "aws.auth#sigv4";
  const signer = new NativeSigV4Signer();
  const identityProvider: oldSts.STSClientConfig["credentials"] | object = (config: {
    getIdentityProvider(id: string): unknown;
  }) => config.getIdentityProvider(schemeId);
  return sts({ httpAuthSchemes: [{ schemeId, identityProvider, signer }], ...more });
};

test.serial("the provider is called once for a request, where the SDK calls it twice", async (t) => {
  for (const [make, calls] of [
    [sts, 2],
    [(more: object) => withNativeSigning(sts(more) as Client), 1],
    [handMade, 1],
  ] as const) {
    const provided = counting();
    const sent = await sentBy(make, new GetCallerIdentityCommand({}), { credentials: provided.provider });
    t.regex(sent[0]?.headers.authorization ?? "", /^AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/);
    t.is(provided.calls.count, calls);
  }
});

test.serial("a signer given in httpAuthSchemes signs as the stock client", async (t) => {
  freezeDate(t, NOW);
  const command = new GetCallerIdentityCommand({});
  const stock = await sentBy(sts, command, { credentials: SESSION_KEYS });
  t.deepEqual((await sentBy(handMade, command, { credentials: SESSION_KEYS })).map(comparable), stock.map(comparable));
});

test.serial("a further attempt asks the provider again: a refresh in between reaches it", async (t) => {
  const identities = ["FIRST", "SECOND"].map((accessKeyId) => ({ ...SESSION_KEYS, accessKeyId }));
  const { provider, calls } = counting(identities);
  const keys: (string | undefined)[] = [];
  const failing = {
    handle: async ({ headers }: HttpRequest) => {
      keys.push(/Credential=(\w+)/.exec(headers.authorization ?? "")?.[1]);
      throw Object.assign(new Error("reset"), { name: "TimeoutError" });
    },
    destroy() {},
  };
  const client = withNativeSigning(
    new STSClient({ region, credentials: provider as never, requestHandler: failing as never, maxAttempts: 2 }),
  );
  await t.throwsAsync(client.send(new GetCallerIdentityCommand({})));
  t.deepEqual(keys, ["FIRST", "SECOND"]);
  t.is(calls.count, 2);
});

test.serial("a further attempt is signed with the identity of its scheme, never with the client's own", async (t) => {
  const schemeId = "aws.auth#sigv4";
  const identity = { ...SESSION_KEYS, accessKeyId: "TENANT", expiration: new Date(Date.now() + 3_600_000) };
  const scheme = { schemeId, identityProvider: () => async () => identity, signer: new NativeSigV4Signer() };
  for (const wraps of [false, true]) {
    const keys: (string | undefined)[] = [];
    const requestHandler = {
      handle: async ({ headers }: HttpRequest) => {
        keys.push(/Credential=(\w+)/.exec(headers.authorization ?? "")?.[1]);
        throw Object.assign(new Error("reset"), { name: "TimeoutError" });
      },
      destroy() {},
    };
    const signer = wraps ? { ...scheme.signer, sign: scheme.signer.sign.bind(scheme.signer) } : scheme.signer;
    const client = new STSClient({
      region,
      credentials: KEYS,
      httpAuthSchemes: [{ ...scheme, signer }],
      requestHandler: requestHandler as never,
      maxAttempts: 2,
    });
    await t.throwsAsync(client.send(new GetCallerIdentityCommand({})));
    t.deepEqual(keys, ["TENANT", "TENANT"]);
  }
});

test.serial("calls that share cached middlewares are each signed with the identity of their own caller", async (t) => {
  const callers = new AsyncLocalStorage<string>();
  const keys: (string | undefined)[][] = [];
  const requestHandler = new StandInHandler();
  const handle = requestHandler.handle.bind(requestHandler);
  requestHandler.handle = (request) => {
    keys.push([/Credential=(\w+)/.exec(request.headers.authorization ?? "")?.[1], callers.getStore()]);
    return handle(request);
  };
  const provider = async () => {
    const accessKeyId = callers.getStore() as string;
    // The slowest is resolved in between the steps of the others.
    for (let turns = accessKeyId.length; turns > 0; turns--) await null;
    return { ...SESSION_KEYS, accessKeyId };
  };
  const client = withNativeSigning(
    new STSClient({
      region,
      credentials: Object.assign(provider, { memoized: true }),
      requestHandler: requestHandler as never,
      cacheMiddleware: true,
    }),
  );
  const names = Array.from({ length: 40 }, (_, index) => `CALLER${"X".repeat(index)}`);
  await Promise.allSettled(names.map((name) => callers.run(name, () => client.send(new GetCallerIdentityCommand({})))));
  t.is(keys.length, names.length);
  for (const [signer, caller] of keys) t.is(signer, caller);
});

test("a second call changes nothing, and other schemes stay as they are", async (t) => {
  const client = new STSClient({ region, credentials: KEYS });
  const before = client.config.httpAuthSchemes;
  t.is(withNativeSigning(client), client);
  const { httpAuthSchemes: installed, signer } = client.config;
  t.not(installed, before);
  t.deepEqual(
    installed.map(({ schemeId }) => schemeId),
    before.map(({ schemeId }) => schemeId),
  );
  t.is(installed.at(-1), before.at(-1), "no auth");
  t.is(withNativeSigning(client), client);
  t.is(client.config.httpAuthSchemes, installed);
  t.is(client.config.signer, signer);
  const command = new AssumeRoleWithWebIdentityCommand({ RoleArn: "r", RoleSessionName: "s", WebIdentityToken: "t" });
  const [unsigned] = await sentBy((more) => withNativeSigning(sts(more)), command, { credentials: KEYS });
  t.is(unsigned?.headers.authorization, undefined);
});

test("clients that were made with one list of schemes are installed one by one", (t) => {
  const { httpAuthSchemes } = new S3Client({ region }).config;
  const one = withNativeSigning(new S3Client({ region, httpAuthSchemes }));
  const other = new S3Client({ region, httpAuthSchemes });
  t.true(one.config.httpAuthSchemes[0]?.signer instanceof NativeSigV4Signer);
  t.false(other.config.httpAuthSchemes[0]?.signer instanceof NativeSigV4Signer);
});

test.serial("a region that a provider gives, and a client's own signing region, count as for the SDK", async (t) => {
  freezeDate(t, NOW);
  for (const more of [{ region: async () => "eu-central-1" }, { signingRegion: "us-west-2", signingName: "other" }]) {
    for (const [make, command] of [
      [sts, new GetCallerIdentityCommand({})],
      [s3, new PutObjectCommand({ Bucket: "b", Key: "k", Body: "c" })],
    ] as const) {
      const all = { credentials: KEYS, ...more };
      const ours = await sentBy((options) => withNativeSigning(make(options)), command, all);
      t.deepEqual(ours.map(comparable), (await sentBy(make, command, all)).map(comparable));
    }
  }
});

test("the signer of the client signs what is asked of it by hand", async (t) => {
  const client = withNativeSigning(new STSClient({ region: "eu-west-1", credentials: KEYS }));
  const signer = await client.config.signer();
  t.true(signer instanceof SignatureV4);
  t.is(((await signer.sign("text" as never)) as unknown as string).length, 64);
});

test.serial("credentials that are none are refused in the SDK's words", async (t) => {
  const client = withNativeSigning(new STSClient({ region, credentials: (async () => ({})) as never }));
  await t.throwsAsync(client.send(new GetCallerIdentityCommand({})), {
    instanceOf: BRSCredentialError,
    message: /Resolved credential object is not valid/,
  });
});

for (const [title, client, found] of [
  ["nothing", undefined, /found undefined with no config$/],
  ["a text", "s3", /found 's3'/],
  ["a class", S3Client, /found the class or function 'S3Client' with no config$/],
  [
    "a client of version 2",
    { config: { region }, makeRequest() {} },
    /class 'Object' with a config without httpAuthSchemes$/,
  ],
  [
    "a client that never signs",
    { config: { httpAuthSchemes: [{ schemeId: "smithy.api#noAuth" }] } },
    /are 'smithy.api#noAuth'$/,
  ],
  ["a client without schemes", { config: { httpAuthSchemes: [] } }, /auth schemes are none$/],
] as const) {
  test(`${title} is refused, and the error says what was found`, (t) => {
    const error = t.throws(() => withNativeSigning(client as never), { instanceOf: BRSConfigurationError });
    t.regex(error?.message ?? "", /^withNativeSigning\(\) takes a client of the AWS SDK for JavaScript v3/);
    t.regex(error?.message ?? "", found);
  });
}

test("a signer of schemes refuses what does not come from a client, by name", async (t) => {
  const signer = new NativeSigV4Signer();
  const request = { headers: {} } as never;
  await t.throwsAsync(signer.sign(undefined as never, KEYS, { config: {}, context: {} }), { message: /"httpRequest"/ });
  await t.throwsAsync(signer.sign(request, KEYS, { context: {} }), { message: /"config" is <undefined>/ });
  await t.throwsAsync(signer.sign(request, KEYS, { config: {} }), { message: /"context" is <undefined>/ });
});

test("a signer of schemes says what it was not given", async (t) => {
  const signer = new NativeSigV4Signer() as unknown as { sign(...given: unknown[]): Promise<unknown> };
  const rows: readonly (readonly [given: unknown[], param: string])[] = [
    [[], "httpRequest"],
    [[{ headers: {} }, KEYS], "config"],
    [[{ headers: {} }, KEYS, { config: {} }], "context"],
  ];
  for (const [given, param] of rows) {
    const error = await t.throwsAsync(signer.sign(...given), { instanceOf: SigningError });
    t.is(error?.param, param);
  }
});
