/** Tests of OpenSearch's client: its requests are signed as they are sent, and outlive the credentials they were signed with. */
import { Readable } from "node:stream";
import { gunzipSync, gzipSync } from "node:zlib";
import { Client, Connection, errors } from "@opensearch-project/opensearch";
import test, { type ExecutionContext } from "ava";
import { HttpSigner } from "aws-refresh-session/http";
import { KEYS } from "../signing/examples.js";
import { rotatingSession } from "../signing/refreshing-session.js";
import { type Answer, type Arrived, startVerifier } from "./verifying-server.js";

const JSON_TYPE = { "content-type": "application/json" };

/** Answers what is accepted as an index does. */
const found = ({ verdict }: Arrived): Answer | undefined =>
  verdict.startsWith("AK") ? { headers: JSON_TYPE, body: JSON.stringify({ by: verdict }) } : undefined;

async function start(
  t: ExecutionContext,
  { service = "es", options = {}, answer = found }: { service?: string; options?: object; answer?: typeof found } = {},
) {
  const server = await startVerifier(t, {
    service,
    answer: (request) => (server.revoked.has(request.verdict) ? undefined : answer(request)),
  });
  const { session, state } = rotatingSession();
  const signer = new HttpSigner({ service, region: "us-east-1", credentials: session });
  const client = new Client({
    node: `http://user:secret@${server.host}`,
    Connection: signer.connection(Connection),
    maxRetries: 2,
    ...options,
  });
  t.teardown(() => client.close());
  return { server, client, state };
}

test("every kind of request is signed as it is sent", async (t) => {
  const { server, client } = await start(t);
  await client.ping();
  await client.search({
    index: "größe,b*",
    body: { query: { match: { a: "größe" } } },
    size: 3,
    q: "a:b c+d",
  } as object);
  await client.index({ index: "a", id: "ü/1", body: { a: 1 } });
  await client.bulk({ body: [{ index: { _index: "a" } }, { b: 2 }] });
  await client.delete({ index: "a", id: "1" });
  await client.transport.request({ method: "GET", path: "/a/_doc/1", querystring: { pretty: true } });
  await client.transport.request({ method: "POST", path: "/_bulk", body: Readable.from(["{}\n", "{}\n"]) as never });
  t.is(server.arrived.length, 7);
  for (const { verdict, target, rawHeaders } of server.arrived) {
    t.is(verdict, "AKID1", target);
    t.false(rawHeaders.join("\n").includes("Basic"));
  }
  t.is(server.arrived[6]?.body.toString(), "{}\n{}\n");
});

test("a compressed body is signed as it is sent", async (t) => {
  const { server, client } = await start(t, { options: { compression: "gzip" } });
  await client.index({ index: "a", body: { text: "größe" } });
  await client.transport.request({ method: "POST", path: "/_bulk", body: Readable.from(["{}\n", "{}\n"]) as never });
  t.deepEqual(
    server.arrived.map(({ verdict, headers, body }) => [
      verdict,
      headers["content-encoding"],
      gunzipSync(body).toString(),
    ]),
    [
      ["AKID1", "gzip", '{"text":"größe"}'],
      ["AKID1", "gzip", "{}\n{}\n"],
    ],
  );
});

test("OpenSearch Serverless is told the hash of the payload, and its length is not signed", async (t) => {
  const { server, client } = await start(t, { service: "aoss" });
  await client.index({ index: "a", body: { text: "größe" } });
  const { verdict, headers } = server.arrived[0] as Arrived;
  t.is(verdict, "AKID1");
  t.regex(headers["x-amz-content-sha256"] ?? "", /^[0-9a-f]{64}$/);
  t.notRegex(headers.authorization ?? "", /content-length/);
});

test("the client's own retries are signed anew", async (t) => {
  const { server, client } = await start(t, {
    answer: (request) => (server.arrived.length < 3 ? { status: 503 } : found(request)),
  });
  t.deepEqual((await client.search({ index: "a" })).body as object, { by: "AKID1" });
  t.deepEqual(
    server.arrived.map(({ verdict }) => verdict),
    ["AKID1", "AKID1", "AKID1"],
  );
});

test("a refusal is answered by one refresh and one repetition", async (t) => {
  const { server, client, state } = await start(t);
  server.revoked.add("AKID1");
  t.deepEqual((await client.index({ index: "a", body: { a: 1 } })).body as object, { by: "AKID2" });
  t.deepEqual(
    server.arrived.map(({ verdict, body }) => [verdict, body.toString()]),
    [
      ["AKID1", '{"a":1}'],
      ["AKID2", '{"a":1}'],
    ],
  );
  t.is(state.round, 2);
  server.revoked.add("AKID2");
  const error = await t.throwsAsync(client.search({ index: "a" }), { instanceOf: errors.ResponseError });
  t.is(error?.statusCode, 403);
  t.regex(String(error?.body), /<Code>ExpiredToken/);
});

test("a refusal is read where it is compressed, and reaches the caller as it came", async (t) => {
  const refusal = gzipSync(JSON.stringify({ message: "The security token included in the request is expired" }));
  const headers = { ...JSON_TYPE, "content-encoding": "gzip" };
  const { server, client } = await start(t, {
    options: { suggestCompression: true },
    answer: () => ({ status: 403, headers, body: refusal as never }),
  });
  const error = await t.throwsAsync(client.search({ index: "a" }), { instanceOf: errors.ResponseError });
  t.deepEqual(error?.body, { message: "The security token included in the request is expired" });
  t.deepEqual(
    server.arrived.map(({ verdict }) => verdict),
    ["AKID1", "AKID2"],
  );
});

test("a request that is given up is not sent while credentials are awaited, and ends as the client's own do", async (t) => {
  const server = await startVerifier(t);
  const signer = new HttpSigner({ service: "es", region: "us-east-1", credentials: () => new Promise(() => {}) });
  const client = new Client({ node: server.url, Connection: signer.connection(Connection) });
  const call = client.search({ index: "a" });
  setTimeout(() => call.abort(), 20);
  await t.throwsAsync(async () => call, { instanceOf: errors.RequestAbortedError });
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.is(server.arrived.length, 0);
  await client.close();
});

test("a request on its way is given up", async (t) => {
  const { client } = await start(t, {
    answer: () => {
      call.abort();
      return { body: "late" };
    },
  });
  const call = client.search({ index: "a" });
  await t.throwsAsync(async () => call, { instanceOf: errors.RequestAbortedError });
});

test("the failure of a refresh reaches the caller, and the client works once there are credentials", async (t) => {
  const server = await startVerifier(t, { service: "es", answer: found });
  let isDown = true;
  const credentials = async () => {
    if (isDown) throw new Error("no credentials today");
    return KEYS;
  };
  const signer = new HttpSigner({ service: "es", region: "us-east-1", credentials });
  const client = new Client({ node: server.url, Connection: signer.connection(Connection), maxRetries: 0 });
  await t.throwsAsync(async () => client.search({ index: "a" }), { message: /no credentials today/ });
  isDown = false;
  t.deepEqual((await client.search({ index: "a" })).body as object, { by: KEYS.accessKeyId });
  await client.close();
});

test("what is no class of connections is refused", (t) => {
  const signer = new HttpSigner({ service: "es", region: "us-east-1", credentials: KEYS });
  t.throws(() => signer.connection(class {} as never), { code: "ERR_VALIDATION" });
});
