/** Tests of got: what a server receives of a signed instance, and what is done with its answers. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import test from "ava";
import { HttpSigner } from "aws-refresh-session/http";
import got, { HTTPError, type OptionsInit, RequestError } from "got";
import { KEYS } from "../signing/examples.js";
import { rotatingSession } from "../signing/refreshing-session.js";
import { startVerifier, type Verifier } from "./verifying-server.js";

const options = { service: "service", region: "us-east-1" };
const signer = new HttpSigner({ ...options, credentials: KEYS });
const signed = got.extend(signer.got());

function multipart(): FormData {
  const form = new FormData();
  form.append("a", "größe");
  form.append("file", new Blob(["content"], { type: "text/plain" }), "a.txt");
  return form;
}

const REQUESTS: Readonly<Record<string, () => OptionsInit & { path?: string }>> = {
  "a path": () => ({ path: "a b/é?x=1&y=z+w" }),
  "search parameters": () => ({ searchParams: { y: "z w", "a[b]": "!*'()" } }),
  json: () => ({ method: "POST", json: { größe: [1, 2] } }),
  "a form in the URL's encoding": () => ({ method: "POST", form: { a: "b c" } }),
  text: () => ({ method: "PUT", body: "größe", headers: { "Content-Type": "text/plain" } }),
  bytes: () => ({ method: "POST", body: new Uint8Array([0, 255, 128]) }),
  "a stream": () => ({ method: "POST", body: Readable.from([Buffer.from("one"), Buffer.from("two")]) }),
  "a generator": () => ({
    method: "POST",
    body: (function* () {
      yield "one";
      yield "two";
    })(),
  }),
  FormData: () => ({ method: "POST", body: multipart() }),
  "nothing to post": () => ({ method: "POST" }),
  "headers in odd letters, more than once": () => ({
    headers: { "X-A": "  a   b ", "x-LIST": ["1", "2"], "user-agent": "me", "Accept-Encoding": "identity" },
  }),
  "basic credentials": () => ({ username: "u", password: "p" }),
  "headers of an earlier signature": () => ({
    headers: { authorization: "Bearer x", "X-AMZ-Security-Token": "stale", "X-Amz-Date": "20150830T123600Z" },
  }),
  "a stream of chunks of the user's": () => ({
    method: "POST",
    headers: { "transfer-encoding": "chunked" },
    body: "one",
  }),
};

for (const [name, request] of Object.entries(REQUESTS)) {
  test(`got signs ${name}`, async (t) => {
    const server = await startVerifier(t);
    const { path = "", ...rest } = request();
    const url = `${server.url}/${path}`;
    t.is(((await signed(url, rest)) as { body: string }).body, KEYS.accessKeyId);
    const { path: _, ...again } = request();
    await got(url, { ...again, throwHttpErrors: false });
    const [ours, theirs] = server.arrived;
    t.is(ours?.target, theirs?.target);
    const type = ours?.headers["content-type"];
    if (!type?.startsWith("multipart/")) t.deepEqual(ours?.body, theirs?.body);
    for (const header of ["accept-encoding", "user-agent", "content-type", "x-list"]) {
      if (!type?.startsWith("multipart/")) t.is(ours?.headers[header], theirs?.headers[header], header);
    }
    const covered = /SignedHeaders=([^,]*)/.exec(ours?.headers.authorization ?? "")?.[1]?.split(";") ?? [];
    t.is(covered.includes("accept-encoding"), ours?.headers["accept-encoding"] === "identity");
    t.false(covered.includes("user-agent") || covered.includes("transfer-encoding"));
  });
}

/** An instance signed by a session whose first key is refused. */
function revokedFirst({ revoked }: Verifier) {
  const { session, state } = rotatingSession();
  revoked.add("AKID1");
  return { state, instance: got.extend(new HttpSigner({ ...options, credentials: session }).got()) };
}

test("a refusal is answered by one refresh and one repetition, whatever the method, and without retries of got's", async (t) => {
  const server = await startVerifier(t);
  const { instance, state } = revokedFirst(server);
  t.is(await instance.post(server.url, { json: { text: "größe" }, retry: { limit: 0 } }).text(), "AKID2");
  t.deepEqual(
    server.arrived.map(({ verdict, body }) => [verdict, body.toString()]),
    [
      ["AKID1", '{"text":"größe"}'],
      ["AKID2", '{"text":"größe"}'],
    ],
  );
  t.is(state.round, 2);
});

test("a stream as a body is repeated as well, since it is in memory by then", async (t) => {
  const server = await startVerifier(t);
  const { instance } = revokedFirst(server);
  t.is(await instance.put(server.url, { body: Readable.from(["one", "two"]) }).text(), "AKID2");
  t.deepEqual(
    server.arrived.map(({ body }) => body.toString()),
    ["onetwo", "onetwo"],
  );
});

test("a second refusal is the caller's", async (t) => {
  const server = await startVerifier(t);
  const { instance } = revokedFirst(server);
  server.revoked.add("AKID2");
  const error = await t.throwsAsync(instance(server.url), { instanceOf: HTTPError });
  t.regex(String(error?.response.body), /<Code>ExpiredToken/);
  t.is(server.arrived.length, 2);
  t.is((await instance(server.url, { throwHttpErrors: false })).statusCode, 403);
});

test("got's own retries are signed anew, once each", async (t) => {
  const server = await startVerifier(t, {
    answer: () => (server.arrived.length < 3 ? { status: 503, headers: { "retry-after": "0" } } : undefined),
  });
  const instance = signed.extend({ retry: { calculateDelay: ({ attemptCount }) => (attemptCount > 3 ? 0 : 5) } });
  t.is(await instance.put(server.url, { json: { a: 1 } }).text(), KEYS.accessKeyId);
  t.is(server.arrived.length, 3);
  t.true(server.arrived.every(({ verdict }) => verdict === KEYS.accessKeyId));
});

test("a redirect on the same origin is signed anew", async (t) => {
  const server = await startVerifier(t, {
    answer: ({ target }) => {
      if (target === "/1") return { status: 307, headers: { location: "/2?x=1" } };
      if (target === "/2?x=1") return { status: 303, headers: { location: "/3" } };
      return undefined;
    },
  });
  t.is(await signed.post(`${server.url}/1`, { body: "content" }).text(), KEYS.accessKeyId);
  t.deepEqual(
    server.arrived.map(({ method, target, body, verdict }) => [method, target, body.toString(), verdict]),
    [
      ["POST", "/1", "content", KEYS.accessKeyId],
      ["POST", "/2?x=1", "content", KEYS.accessKeyId],
      ["GET", "/3", "", KEYS.accessKeyId],
    ],
  );
});

test("a redirect to another origin carries nothing of the signature, and none is made there, in retries, or on the way back", async (t) => {
  const { session } = rotatingSession();
  let failures = 1;
  const elsewhere = await startVerifier(t, {
    answer: ({ target }) => {
      if (target === "/back") return { status: 307, headers: { location: `${home.url}/end` } };
      return failures-- > 0 ? { status: 503 } : { body: "elsewhere" };
    },
  });
  const home = await startVerifier(t, {
    answer: ({ target }) =>
      target === "/end" ? { body: "home" } : { status: 307, headers: { location: `${elsewhere.url}${target}` } },
  });
  const instance = got.extend(new HttpSigner({ ...options, credentials: session }).got(), {
    retry: { calculateDelay: ({ attemptCount }) => (attemptCount > 2 ? 0 : 5) },
  });
  const headers = {
    authorization: "Basic mine",
    cookie: "mine",
    "x-amz-security-token": "mine",
    "X-Api-Key": "mine",
    "x-amz-meta-a": "mine",
    "x-kept": "yes",
  };
  t.is(await instance.put(`${home.url}/there`, { body: "content", headers }).text(), "elsewhere");
  t.is(await instance.put(`${home.url}/back`, { body: "content", headers }).text(), "home");
  for (const { rawHeaders, body } of [
    ...elsewhere.arrived,
    ...home.arrived.filter(({ target }) => target === "/end"),
  ]) {
    t.notRegex(rawHeaders.join("\n"), /AKID|token|x-amz|authorization|cookie|mine|secret/i);
    t.is(body.toString(), "content");
  }
  t.is(elsewhere.arrived.length, 3);
});

test("got.stream is signed; a refusal of it is the caller's, and serves the next request", async (t) => {
  const server = await startVerifier(t);
  const { instance, state } = revokedFirst(server);
  const read = () => new Response(Readable.toWeb(instance.stream(server.url)) as ReadableStream).text();
  await t.throwsAsync(read, { instanceOf: HTTPError });
  t.is(await read(), "AKID2");
  t.is(state.round, 2);
  t.is(await new Response(instance.stream.post(server.url, { body: "text" })).text(), "AKID2");
  const written = instance.stream.post(server.url);
  await t.throwsAsync(pipeline(Readable.from(["text"]), written), { message: /give it as "body"/ });
  t.is(server.arrived.length, 3);
});

test("what is written into a got stream goes unsigned where streams do", async (t) => {
  const server = await startVerifier(t, { service: "s3" });
  const s3 = new HttpSigner({ service: "s3", region: "us-east-1", credentials: KEYS, payload: "unsigned" });
  const stream = got.extend(s3.got()).stream.put(server.url);
  t.is(await new Response(Readable.from(["one", "two"]).pipe(stream)).text(), KEYS.accessKeyId);
  t.is(server.arrived[0]?.body.toString(), "onetwo");
  t.is(server.arrived[0]?.verdict, KEYS.accessKeyId);
});

test("a header of UTF-8 bytes is signed as its text, and one that does not fit into bytes is refused", async (t) => {
  const server = await startVerifier(t);
  const value = Buffer.from("größe").toString("latin1");
  t.is(await signed(server.url, { headers: { "x-a": value } }).text(), KEYS.accessKeyId);
  await t.throwsAsync(signed(server.url, { headers: { "x-a": "5 €" } }), {
    code: "ERR_SIGN_HEADER",
    message: /"x-a" cannot be sent by got/,
  });
});

test("a request over a socket in the file system is signed without the name of the socket", async (t) => {
  const socketPath = join(mkdtempSync(join(tmpdir(), "got-")), "socket");
  t.teardown(() => rmSync(dirname(socketPath), { recursive: true }));
  const server = await startVerifier(t, { socketPath });
  const instance = signed.extend({ enableUnixSockets: true });
  t.is(await instance(`unix:${socketPath}:/a/b?c=d`).text(), KEYS.accessKeyId);
  t.is(server.arrived[0]?.target, "/a/b?c=d");
});

test("each page of a list is signed", async (t) => {
  const server = await startVerifier(t, {
    answer: ({ target, verdict }) => ({
      body: JSON.stringify([verdict]),
      ...(target === "/1" && { headers: { link: '</2>; rel="next"' } }),
    }),
  });
  const pages = await signed.paginate.all(`${server.url}/1`, { responseType: "json" });
  t.deepEqual(pages, [KEYS.accessKeyId, KEYS.accessKeyId]);
});

test("a page at another origin is asked for without a signature, and so are those after it", async (t) => {
  const elsewhere = await startVerifier(t, {
    answer: ({ target }) => ({
      body: '["theirs"]',
      headers: { link: target === "/2" ? "</3>; rel=next" : `<${home}/4>; rel=next` },
    }),
  });
  const server = await startVerifier(t, {
    answer: ({ target }) => ({
      body: '["ours"]',
      ...(target === "/1" && { headers: { link: `<${elsewhere.url}/2>; rel=next` } }),
    }),
  });
  const home = server.url;
  const { session } = rotatingSession();
  const instance = got.extend(new HttpSigner({ ...options, credentials: session }).got());
  const headers = { cookie: "a=1", "x-amz-meta-a": "1", "x-plain": "1" };
  const pages = await instance.paginate.all(`${home}/1`, { responseType: "json", headers });
  t.deepEqual(pages, ["ours", "theirs", "theirs", "ours"]);
  t.is(server.arrived[0]?.verdict, "AKID1");
  for (const { headers } of [...elsewhere.arrived, ...server.arrived.slice(1)]) {
    t.is(headers["x-plain"], "1");
    t.deepEqual(
      Object.keys(headers).filter((name) => /^authorization|^cookie|^x-amz-/.test(name)),
      [],
    );
  }
});

test("an instance is signed by the signer that it was extended by last", async (t) => {
  const server = await startVerifier(t);
  const { session } = rotatingSession();
  const instance = signed.extend(new HttpSigner({ ...options, credentials: session }).got());
  t.is(await instance(server.url).text(), "AKID1");
  t.is(await signed(server.url).text(), KEYS.accessKeyId);
});

test("a call that is given up while credentials are awaited ends, and is not sent", async (t) => {
  const server = await startVerifier(t);
  const waiting = new HttpSigner({ ...options, credentials: () => new Promise(() => {}) });
  const leave = new AbortController();
  const call = got.extend(waiting.got())(server.url, { signal: leave.signal });
  setTimeout(() => leave.abort(), 20);
  await t.throwsAsync(call, { instanceOf: RequestError });
  t.is(server.arrived.length, 0);
});
