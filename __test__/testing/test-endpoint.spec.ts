/** The test endpoint takes what is signed rightly and refuses everything else, as AWS would. */
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { inspect } from "node:util";
import test, { type ExecutionContext } from "ava";
import { Signer } from "aws-refresh-session/signing";
import {
  type Fault,
  ManualClock,
  startTestEndpoint,
  type TestEndpoint,
  type TestEndpointOptions,
} from "aws-refresh-session/testing";
import { StsClient } from "../../dist/aws/sts.js";
import { outputOf } from "../support/node-program.js";

const ROLE = { RoleArn: "arn:aws:iam::123456789012:role/reader", RoleSessionName: "test" };

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

/** Sends exactly these headers and this target; fetch would tidy them up. */
function send({ method, url, headers, body }: Sent, path?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method, headers, ...(path !== undefined && { path }) }, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      incoming.on("error", reject).on("end", () => {
        const json = text.startsWith("{") ? JSON.parse(text) : {};
        resolve({ statusCode: incoming.statusCode ?? 0, headers: incoming.headers, text, json });
      });
    });
    outgoing.on("error", reject).end(body);
  });
}

async function setUp(t: ExecutionContext, options: TestEndpointOptions = {}) {
  const time = new ManualClock();
  const endpoint = await startTestEndpoint({ clock: time.clock, ...options });
  t.teardown(() => endpoint.close());
  const { clock } = time;
  const signer = new Signer({ service: "execute-api", region: "eu-west-1", credentials: endpoint.credentials, clock });
  const signed = async (path = "/orders?a=1&b=2", body = '{"n":1}'): Promise<Sent> => {
    const request = { method: "POST", url: endpoint.url + path, headers: { "content-type": "application/json" }, body };
    return { ...request, headers: { ...request.headers, ...(await signer.sign(request)) } };
  };
  return { time, endpoint, signer, signed };
}

/** Credentials of a role, from the endpoint's own STS. */
async function assume(t: ExecutionContext, endpoint: TestEndpoint, time: ManualClock, seconds?: number) {
  const { stsUrl, credentials } = endpoint;
  const client = new StsClient({ endpoint: stsUrl, credentials, clock: time.clock });
  t.teardown(() => client.close());
  return (await client.assumeRole({ ...ROLE, DurationSeconds: seconds })).credentials;
}

test("a signed request is verified and told who sent it", async (t) => {
  const { endpoint, signed } = await setUp(t);
  const { statusCode, json } = await send(await signed());
  t.is(statusCode, 200);
  t.like(json, {
    accessKeyId: endpoint.credentials.accessKeyId,
    principal: "arn:aws:iam::000000000000:user/source",
    method: "POST",
    path: "/orders",
    region: "eu-west-1",
    service: "execute-api",
  });
  t.is(endpoint.stats.requestsVerified, 1);
  t.is(endpoint.stats.requestsRefused, 0);
});

test("a presigned URL is verified, and refused once it has ended", async (t) => {
  const { time, endpoint, signer } = await setUp(t);
  const { url } = await signer.presign({ url: `${endpoint.url}/report.pdf` }, { expiresIn: 60 });
  t.is((await send({ method: "GET", url, headers: {} })).statusCode, 200);
  time.advance(61);
  t.is((await send({ method: "GET", url, headers: {} })).statusCode, 403);
  t.is((await send({ method: "GET", url: `${url}0`, headers: {} })).statusCode, 403);
});

for (const [what, tamper, path] of [
  ["header", (sent: Sent) => ({ ...sent, headers: { ...sent.headers, "content-type": "text/plain" } })],
  ["body", (sent: Sent) => ({ ...sent, body: '{"n":2}' })],
  ["method", (sent: Sent) => ({ ...sent, method: "PUT" })],
  ["path", (sent: Sent) => sent, "/other?a=1&b=2"],
  ["query", (sent: Sent) => sent, "/orders?a=1&b=3"],
] as ReadonlyArray<readonly [string, (sent: Sent) => Sent, string?]>) {
  test(`a tampered ${what} is refused as SignatureDoesNotMatch`, async (t) => {
    const { endpoint, signed } = await setUp(t);
    const { statusCode, headers, json } = await send(tamper(await signed()), path);
    t.is(statusCode, 403);
    t.is(json.__type, "SignatureDoesNotMatch");
    t.is(headers["x-amzn-errortype"], "SignatureDoesNotMatch");
    t.is(endpoint.stats.requestsRefused, 1);
  });
}

test("an unsigned request is refused as MissingAuthenticationToken", async (t) => {
  const { endpoint } = await setUp(t);
  const { statusCode, json } = await send({ method: "GET", url: `${endpoint.url}/x`, headers: {} });
  t.is(statusCode, 403);
  t.is(json.__type, "MissingAuthenticationToken");
});

test("a request signed for another service or region is refused", async (t) => {
  const { time, endpoint, signed } = await setUp(t, { region: "us-east-2" });
  t.is((await send(await signed())).statusCode, 403);
  const { clock } = time;
  const url = `${endpoint.url}/x`;
  const other = new Signer({ service: "s3", region: "us-east-2", credentials: endpoint.credentials, clock });
  t.is((await send({ method: "GET", url, headers: await other.sign({ url }) })).statusCode, 403);
  const right = new Signer({ service: "execute-api", region: "us-east-2", credentials: endpoint.credentials, clock });
  t.is((await send({ method: "GET", url, headers: await right.sign({ url }) })).statusCode, 200);
});

for (const minutes of [-20, 20]) {
  test(`a signature ${minutes} minutes from the endpoint's time is refused`, async (t) => {
    const { time, signed } = await setUp(t);
    const request = await signed();
    time.advance(minutes * 60);
    t.is((await send(request)).statusCode, 403);
  });
}

test("vended credentials are taken until they end, and then refused as ExpiredToken", async (t) => {
  const { time, endpoint } = await setUp(t);
  const { clock } = time;
  const { expiration, ...credentials } = await assume(t, endpoint, time, 2);
  t.is(expiration?.getTime(), time.now + 2_000);
  const signer = new Signer({ service: "execute-api", region: "us-east-1", credentials, clock });
  const url = `${endpoint.url}/x`;
  const first = await send({ method: "GET", url, headers: await signer.sign({ url }) });
  t.is(first.statusCode, 200);
  t.is(first.json.principal, "arn:aws:sts::123456789012:assumed-role/reader/test");
  time.advance(2);
  const second = await send({ method: "GET", url, headers: await signer.sign({ url }) });
  t.is(second.statusCode, 403);
  t.is(second.json.__type, "ExpiredToken");
});

test("vended credentials without their token, or with another one, are refused", async (t) => {
  const { time, endpoint } = await setUp(t);
  const { clock } = time;
  const { accessKeyId, secretAccessKey } = await assume(t, endpoint, time);
  const { sessionToken = "" } = await assume(t, endpoint, time);
  const url = `${endpoint.url}/x`;
  for (const credentials of [
    { accessKeyId, secretAccessKey },
    { accessKeyId, secretAccessKey, sessionToken },
  ]) {
    const signer = new Signer({ service: "execute-api", region: "us-east-1", credentials, clock });
    t.is((await send({ method: "GET", url, headers: await signer.sign({ url }) })).statusCode, 403);
  }
});

test("credentialLifetime decides whatever DurationSeconds asks for", async (t) => {
  const { time, endpoint } = await setUp(t, { credentialLifetime: 7 });
  const { expiration } = await assume(t, endpoint, time, 3_600);
  t.is(expiration?.getTime(), time.now + 7_000);
  t.is(endpoint.stats.credentialsVended, 1);
});

test("the Date header follows the endpoint's clock", async (t) => {
  const { time, signed } = await setUp(t);
  t.is((await send(await signed())).headers.date, new Date(time.now).toUTCString());
});

for (const [parameters, code] of [
  [{ Action: "AssumeRole", Version: "2011-06-15", RoleSessionName: "test" }, "ValidationError"],
  [{ Action: "AssumeRole", Version: "2011-06-15", ...ROLE, RoleArn: "arn:aws:iam::1:role/x" }, "ValidationError"],
  [{ Action: "AssumeRole", Version: "2011-06-15", ...ROLE, RoleSessionName: "a b" }, "ValidationError"],
  [{ Action: "AssumeRole", Version: "2011-06-15", ...ROLE, DurationSeconds: "long" }, "ValidationError"],
  [{ Action: "AssumeRole", Version: "2010-01-01", ...ROLE }, "InvalidAction"],
  [{ Action: "DecodeThis", Version: "2011-06-15" }, "InvalidAction"],
] as ReadonlyArray<readonly [Record<string, string>, string]>) {
  test(`STS answers ${JSON.stringify(parameters)} with ${code} in AWS's XML`, async (t) => {
    const { time, endpoint } = await setUp(t);
    const { credentials, stsUrl } = endpoint;
    const signer = new Signer({ service: "sts", region: "us-east-1", credentials, clock: time.clock });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const request = { method: "POST", url: stsUrl, headers, body: new URLSearchParams(parameters).toString() };
    const answer = await send({ ...request, headers: { ...headers, ...(await signer.sign(request)) } });
    t.is(answer.statusCode, 400);
    t.regex(
      answer.text,
      new RegExp(`^<ErrorResponse xmlns="https://sts[^>]*><Error><Type>Sender</Type><Code>${code}<`),
    );
    t.is(endpoint.stats.stsRequestsRefused, 1);
  });
}

test("a presigned GetCallerIdentity is answered", async (t) => {
  const { time, endpoint } = await setUp(t);
  const { credentials, stsUrl } = endpoint;
  const signer = new Signer({ service: "sts", region: "us-east-1", credentials, clock: time.clock });
  const query = "Action=GetCallerIdentity&Version=2011-06-15";
  const { url } = await signer.presign({ method: "GET", url: `${stsUrl}/?${query}` }, { expiresIn: 60 });
  const { statusCode, text } = await send({ method: "GET", url, headers: {} });
  t.is(statusCode, 200);
  t.regex(text, /<Arn>arn:aws:iam::000000000000:user\/source<\/Arn>/);
});

test("faults of the API happen one request each, in order", async (t) => {
  const { endpoint, signed } = await setUp(t);
  endpoint.api.failNext({ statusCode: 429, code: "ThrottlingException", message: "slow down" }, "garbage", {
    delayMs: 0,
  });
  t.is(endpoint.api.pending, 3);
  const first = await send(await signed());
  t.is(first.statusCode, 429);
  t.is(first.json.__type, "ThrottlingException");
  t.regex((await send(await signed())).text, /hotel/);
  t.is((await send(await signed())).statusCode, 200);
  endpoint.api.failNext("close");
  await t.throwsAsync(send(await signed()), { code: "ECONNRESET" });
  endpoint.api.failNext("hang");
  endpoint.api.clear();
  t.is((await send(await signed())).statusCode, 200);
});

test("something that is no fault is refused", async (t) => {
  const { endpoint } = await setUp(t);
  for (const fault of ["explode", {}, { statusCode: 500 }, { delayMs: -1 }, null]) {
    t.throws(() => endpoint.sts.failNext(fault as unknown as Fault), { code: "ERR_VALIDATION" });
  }
  t.is(endpoint.sts.pending, 0);
});

test("a body over ten mebibytes is answered with 413, announced or not", async (t) => {
  const { endpoint, signed } = await setUp(t);
  const { statusCode } = await send({
    method: "POST",
    url: `${endpoint.url}/x`,
    headers: { "content-length": "10485761" },
  });
  t.is(statusCode, 413);
  const socket = connect(endpoint.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write("POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nb00000\r\n");
  socket.write(Buffer.alloc(0xb00000));
  const [answer] = await once(socket, "data");
  t.regex(String(answer), /^HTTP\/1\.1 413 /);
  socket.destroy();
  t.is((await send(await signed())).statusCode, 200);
});

test("connections that break or speak no HTTP do not harm the endpoint", async (t) => {
  const { endpoint, signed } = await setUp(t);
  for (const text of ["POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf", "no http at all\r\n\r\n", ""]) {
    const socket = connect(endpoint.port, "127.0.0.1");
    socket.on("error", () => {});
    await once(socket, "connect");
    await new Promise<void>((resolve) => socket.write(text, () => resolve()));
    socket.resetAndDestroy();
  }
  t.is((await send(await signed())).statusCode, 200);
});

test("closing ends requests that hang, and may be repeated", async (t) => {
  const { endpoint, signed } = await setUp(t);
  endpoint.api.failNext("hang");
  const hanging = t.throwsAsync(send(await signed()));
  while (endpoint.api.pending > 0) await new Promise(setImmediate);
  await endpoint.close();
  await endpoint.close();
  await hanging;
});

test("given keys and port are used, and a taken port rejects", async (t) => {
  const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "chosen" };
  const { endpoint } = await setUp(t, { credentials });
  t.like(endpoint.credentials, credentials);
  t.is(endpoint.url, `http://127.0.0.1:${endpoint.port}`);
  await t.throwsAsync(startTestEndpoint({ port: endpoint.port }), { code: "EADDRINUSE" });
});

for (const options of [
  { ports: 1 },
  { port: -1 },
  { port: "80" },
  { credentials: {} },
  { credentialLifetime: 0 },
  { clock: 1 },
]) {
  test(`the option ${JSON.stringify(options)} is refused by name`, async (t) => {
    const error = await t.throwsAsync(startTestEndpoint(options as unknown as TestEndpointOptions));
    t.like(error, { name: "BRSValidationError", param: Object.keys(options)[0] });
  });
}

test("the source keys are masked when inspected, and plain when spread", async (t) => {
  const { endpoint } = await setUp(t);
  const { secretAccessKey } = endpoint.credentials;
  t.false(inspect(endpoint, { depth: 9 }).includes(secretAccessKey));
  t.is({ ...endpoint.credentials }.secretAccessKey, secretAccessKey);
});

test("with unref a process may end although the endpoint is open", async (t) => {
  const entry = createRequire(import.meta.url).resolve("aws-refresh-session/testing");
  const code = `require(${JSON.stringify(entry)}).startTestEndpoint({ unref: true }).then(() => console.log("open"))`;
  t.is(await outputOf(t, code), "open\n");
});
