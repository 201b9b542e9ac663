/** Signed fetch: headers are sent as they are signed, or refused. */
import test from "ava";
import { HttpSigner } from "aws-refresh-session/http";
import { Agent } from "undici";
import { KEYS, SESSION_KEYS } from "../signing/examples.js";
import { startRecorder } from "./byte-recorder.js";
import { startVerifier } from "./verifying-server.js";

const options = { service: "service", region: "us-east-1", credentials: KEYS };
const signer = new HttpSigner(options);

const HEADERS: Record<string, string[]> = {
  accept: ["x/y"],
  "accept-encoding": ["br"],
  "accept-language": ["de"],
  "cache-control": ["no-store"],
  connection: ["close", "keep-alive", "x-a", "upgrade", "a b"],
  "content-encoding": ["gzip"],
  "content-length": ["0", "3", "03", "4"],
  "content-type": ["text/x"],
  cookie: ["a=b; c=d"],
  date: ["Sun, 06 Nov 1994 08:49:37 GMT"],
  expect: ["100-continue"],
  host: ["other.example.com"],
  "if-none-match": ['"x"'],
  "keep-alive": ["timeout=5"],
  origin: ["http://origin.example.com"],
  "proxy-authorization": ["Basic x"],
  range: ["bytes=0-1"],
  referer: ["http://referer.example.com/"],
  "sec-fetch-mode": ["cors", "navigate"],
  te: ["trailers"],
  trailer: ["x-t"],
  "transfer-encoding": ["chunked"],
  upgrade: ["h2c"],
  "user-agent": ["me"],
  via: ["1.1 proxy"],
  "x-a": ["  a   b ", "", "größe"],
  "x-amzn-trace-id": ["Root=1-5759e988-bd862e3fe1be46a994272793"],
};

for (const [name, values] of Object.entries(HEADERS)) {
  test(`${name} is sent as it is signed, or refused`, async (t) => {
    const { url, arrived } = await startVerifier(t);
    for (const value of values) {
      for (const init of [{}, { method: "POST", body: "abc" }, { method: "DELETE" }]) {
        const call = async () => (await signer.fetch(url, { ...init, headers: { [name]: value } })).text();
        const told = `${init.method ?? "GET"} ${value}`;
        const sent = await call().catch((error) => error);
        if (sent instanceof Error) t.like(sent, { name: "SigningError", code: "ERR_SIGN_HEADER", param: name }, told);
        else t.is(sent, KEYS.accessKeyId, told);
      }
    }
    t.true(arrived.every(({ verdict }) => verdict === KEYS.accessKeyId));
  });
}

// Whatever the platform refuses or sends otherwise.
const REFUSED = [
  ["connection", "a b"],
  ["content-length", "4"],
  ["expect", "100-continue"],
  ["host", "other.example.com"],
  ["keep-alive", "timeout=5"],
  ["sec-fetch-mode", "navigate"],
  ["transfer-encoding", "chunked"],
  ["upgrade", "h2c"],
  ["x-a", "gr\u00f6\u00dfe"],
] as const;
for (const [name, value] of REFUSED) {
  test(`${name}: ${value} is refused by name`, async (t) => {
    const call = signer.fetch("http://127.0.0.1:1/", { method: "POST", body: "abc", headers: { [name]: value } });
    const message = new RegExp(`the header "${name}" cannot be sent by fetch, which `);
    const error = await t.throwsAsync(call, { name: "SigningError", code: "ERR_SIGN_HEADER", message });
    t.false(error?.message.includes(value));
  });
}

test("values beyond ASCII are signed when they are UTF-8 on the wire", async (t) => {
  const { url, arrived } = await startVerifier(t);
  const value = Buffer.from("größe").toString("latin1");
  t.is(await (await signer.fetch(url, { headers: { "x-a": value } })).text(), KEYS.accessKeyId);
  t.is(arrived[0]?.headers["x-a"], value);
});

test("the content-length that is sent is the one that was given, once", async (t) => {
  const { url, received } = await startRecorder(t);
  for (const headers of [{ "content-length": "3" }, { host: new URL(url).host }]) {
    // The dispatcher of undici 7 refuses a second length where that inside Node 20 leaves it out.
    for (const given of [{}, { dispatcher: new Agent() as never }]) {
      await signer.fetch(url, { method: "POST", body: "abc", headers, ...given });
    }
  }
  t.is(received.length, 4);
  for (const text of received) {
    t.is(text.match(/content-length: 3\r\n/gi)?.length, 1);
    t.is(text.match(/\r\nhost: /gi)?.length, 1);
  }
});

test("what is left of an earlier signature is replaced, in any case of letters", async (t) => {
  const { url, arrived } = await startVerifier(t);
  const session = new HttpSigner({ ...options, credentials: { ...SESSION_KEYS, accessKeyId: "AKIDEXAMPLE" } });
  const headers = { AUTHORIZATION: "x", "X-Amz-Date": "x", "x-amz-security-token": "x", "X-AMZ-CONTENT-SHA256": "x" };
  await session.fetch(url, { headers });
  await signer.fetch(url, { headers: Object.entries(headers) as [string, string][] });
  t.deepEqual(
    arrived.map((request) => [
      request.headers["x-amz-security-token"],
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/.test(request.headers.authorization ?? ""),
      request.headers["x-amz-date"]?.length,
      request.headers["x-amz-content-sha256"],
    ]),
    [
      [SESSION_KEYS.sessionToken, true, 16, undefined],
      [undefined, true, 16, undefined],
    ],
  );
});

test("methods and URLs are signed as fetch writes them", async (t) => {
  const { url, arrived } = await startVerifier(t);
  for (const path of ["", "/a%20b/ü?x=1&y=größe&z#frag", "/a/../b/c?a+b=%2B", '/a?"<>`{}|^=', "/%7Ea/*'()!"]) {
    for (const method of ["get", "Options", "PUT", "delete", "PURGE", "PATCH"]) {
      t.is(await (await signer.fetch(new URL(url + path), { method })).text(), KEYS.accessKeyId, `${method} ${path}`);
    }
  }
  t.deepEqual(
    arrived.slice(0, 2).map(({ method }) => method),
    ["GET", "OPTIONS"],
  );
});

test("what fetch refuses is refused as fetch does, and nothing is sent", async (t) => {
  const { url, received } = await startRecorder(t);
  const calls: (() => Promise<Response>)[] = [
    () => signer.fetch("not a url"),
    () => signer.fetch(url.replace("//", "//user:password@")),
    () => signer.fetch(url, { body: "a body with GET" }),
    () => signer.fetch(url, { headers: { "a header": "" } }),
    () => signer.fetch(url, { method: "a b" }),
    () => signer.fetch(url, { redirect: "sideways" as "follow" }),
  ];
  for (const [index, call] of calls.entries()) {
    const error = (await t.throwsAsync(call(), undefined, String(index))) as Error;
    t.true(error instanceof TypeError || error.name === "SigningError", String(error));
    t.false(error.message.includes("password"));
  }
  t.deepEqual(received, []);
});

test("what is no part of the signature is passed through", async (t) => {
  const { url } = await startRecorder(t);
  const seen: unknown[][] = [];
  const platform = globalThis.fetch;
  globalThis.fetch = async (...args) => {
    seen.push(args);
    return platform(...args);
  };
  t.teardown(() => {
    globalThis.fetch = platform;
  });
  const dispatcher = (globalThis as Record<symbol, unknown>)[Symbol.for("undici.globalDispatcher.1")];
  const init = { keepalive: true, cache: "no-store", credentials: "omit", dispatcher } as RequestInit;
  const response = await signer.fetch(new Request(url, { referrer: "about:client", mode: "same-origin" }), init);
  t.is(response.status, 200);
  const [[request, sent]] = seen as [[Request, RequestInit]];
  t.true(request instanceof Request);
  t.like(sent, { ...init, mode: "same-origin", redirect: "manual" });
});
