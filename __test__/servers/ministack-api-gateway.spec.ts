/** The rules of `ApiGateway` before MiniStack's API Gateway: what obeys them is let in, over every client, and nothing else is. */
import { setTimeout as sleep } from "node:timers/promises";
import { RefreshableSession } from "aws-refresh-session";
import { ApiGateway, HttpSigner } from "aws-refresh-session/http";
import { CLIENTS, type Destination, type Send } from "../http/api-gateway/clients.js";
import { type ClientName, RULES, type Rule, sha256 } from "../http/api-gateway/rule-table.js";
import { assumeRole, callQuery, type Keys, makePrincipals, miniStack, type Principals, REGION } from "./ministack.js";
import { callJson, makeRestApi } from "./ministack-api.js";
import { element, send } from "./raw-request.js";
import { serverTests } from "./server-process.js";
import { zipOf } from "./zip-file.js";

let endpoint: string;
let principals: Principals;
let assumed: Keys;
/** URL of the stage. */
let stage: string;
let to: Destination;
const test = serverTests(miniStack, async (running) => {
  endpoint = running.endpoint;
  principals = await makePrincipals(endpoint);
  assumed = await assumeRole(endpoint, principals);
  stage = await makeRestApi(endpoint, principals.user);
  const { port, pathname } = new URL(stage);
  to = { port: Number(port), base: pathname };
});

const sendable = ({ origin, refused = [], inexpressible = [] }: Rule, client: ClientName) =>
  origin === undefined && !refused.includes(client) && !inexpressible.includes(client);

const ORDER: Rule = {
  rule: "an order",
  method: "POST",
  target: "/orders/a%20b?z=1&a=b%2Fc",
  headers: [["Content-Type", "application/json"]],
  body: '{"id": 17}',
};

for (const [client, request] of Object.entries(CLIENTS) as [ClientName, Send][]) {
  test(`over ${client} API Gateway lets in whatever obeys the rules`, async (t) => {
    const [lasting, temporary] = [principals.user, assumed].map((keys) => new ApiGateway({ ...keys, region: REGION }));
    const rules = RULES.filter((rule) => sendable(rule, client));
    t.true(rules.length > 40);
    for (const rule of rules) {
      const gateway = (rule.temporary === true ? temporary : lasting) as ApiGateway;
      t.is(await request(gateway, rule, to), 200, rule.rule);
    }
  });

  test(`over ${client} API Gateway keeps out who has another secret, or temporary keys without their token`, async (t) => {
    const { accessKeyId, secretAccessKey } = assumed;
    for (const keys of [
      { ...principals.user, secretAccessKey: "another" },
      { accessKeyId, secretAccessKey },
    ]) {
      t.is(await request(new ApiGateway({ ...keys, region: REGION }), ORDER, to), 403);
    }
  });
}

test("API Gateway keeps out unsigned requests, and what was changed after it was signed", async (t) => {
  const gateway = new ApiGateway({ ...principals.user, region: REGION });
  const request = { method: "POST", url: `${stage}/orders?a=1`, headers: { te: "trailers" }, body: '{"id": 17}' };
  const signed = { ...request, headers: { ...request.headers, ...(await gateway.sign(request)) } };
  t.is((await send(signed)).status, 200);
  for (const changed of [
    request,
    // MiniStack believes the hash that is sent, so the body is changed together with it.
    { ...signed, body: '{"id": 18}', headers: { ...signed.headers, "x-amz-content-sha256": sha256('{"id": 18}') } },
    { ...signed, method: "PUT" },
    { ...signed, url: `${signed.url}&b=2` },
    { ...signed, headers: { ...signed.headers, te: "gzip" } },
    { ...signed, headers: { ...signed.headers, "x-amz-content-sha256": "0".repeat(64) } },
  ]) {
    t.is((await send(changed)).status, 403, JSON.stringify(changed));
  }
});

test("every client is let in over several refreshes of a session", async (t) => {
  const session = new RefreshableSession({
    method: "sts",
    region: REGION,
    assumeRole: { RoleArn: principals.roleArn, DurationSeconds: 2 },
    stsClientConfig: { endpoint, region: REGION, credentials: principals.user },
  });
  t.teardown(() => session.close());
  let refreshes = 0;
  session.events.on("refresh", () => {
    refreshes += 1;
  });
  const gateway = new ApiGateway({ session });
  for (let sent = 0; refreshes < 3; sent++) {
    const statuses = await Promise.all(Object.values(CLIENTS).map((request) => request(gateway, ORDER, to)));
    t.deepEqual(new Set(statuses), new Set([200]), `round ${sent}, after ${refreshes} refreshes`);
    await sleep(50);
  }
});

for (const [client, request] of Object.entries(CLIENTS) as [ClientName, Send][]) {
  // Whose options are signed, but who sends them and reads the answer is its user.
  if (client === "node:http") continue;
  test(`over ${client} a request is sent again, signed with others, when API Gateway says that its credentials have ended`, async (t) => {
    let asked = 0;
    const session = async () => {
      asked += 1;
      // Nobody is told when the first ones end.
      return asked === 1 ? await ended() : assumed;
    };
    const gateway = new ApiGateway({ session, region: REGION });
    t.is(await request(gateway, ORDER, to), 200);
    t.is(await request(gateway, ORDER, to), 200);
    t.is(asked, 2);
  });
}

let endedKeys: Promise<Keys> | undefined;

/** Temporary credentials that have ended. */
function ended(): Promise<Keys> {
  endedKeys ??= (async () => {
    const parameters = { RoleArn: principals.roleArn, RoleSessionName: "ended", DurationSeconds: "1" };
    const { body } = await callQuery({ endpoint, service: "sts", action: "AssumeRole", parameters }, principals.user);
    const [accessKeyId = "", secretAccessKey = "", sessionToken = ""] = [
      "AccessKeyId",
      "SecretAccessKey",
      "SessionToken",
    ].map((name) => element(body, name));
    await sleep(2_200);
    return { accessKeyId, secretAccessKey, sessionToken };
  })();
  return endedKeys;
}

test("API Gateway lets in what is signed for a set of regions", async (t) => {
  for (const [secretAccessKey, status] of [
    [principals.user.secretAccessKey, 200],
    ["another", 403],
  ] as const) {
    const keys = { ...principals.user, secretAccessKey };
    const gateway = new ApiGateway({ ...keys, region: ["eu-west-1", "us-*"], algorithm: "sigv4a" });
    for (const request of Object.values(CLIENTS)) t.is(await request(gateway, ORDER, to), status);
  }
});

test("a Lambda function URL is called with an HttpSigner, whose service is lambda", async (t) => {
  const zipped = zipOf("index.js", "exports.handler = async () => ({ statusCode: 200, body: 'called' });");
  await callJson(endpoint, principals.user, "lambda", "POST", "/2015-03-31/functions", {
    FunctionName: "called-by-url",
    Runtime: "nodejs20.x",
    Handler: "index.handler",
    Role: principals.roleArn,
    Code: { ZipFile: zipped.toString("base64") },
  });
  const path = "/2021-10-31/functions/called-by-url/url";
  const made = await callJson(endpoint, principals.user, "lambda", "POST", path, { AuthType: "AWS_IAM" });
  const { host } = new URL(String(made.FunctionUrl));
  const rule: Rule = { ...ORDER, headers: [["Host", host]] };
  for (const client of ["node:http", "undici", "axios", "got"] as const) {
    for (const [secretAccessKey, status] of [
      [principals.user.secretAccessKey, 200],
      ["another", 403],
    ] as const) {
      const credentials = { ...principals.user, secretAccessKey };
      const signer = new HttpSigner({ service: "lambda", region: REGION, credentials });
      t.is(await CLIENTS[client](signer, rule, { port: to.port }), status, client);
    }
  }
});
