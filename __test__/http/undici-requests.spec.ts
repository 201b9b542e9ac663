/** Requests through undici with our interceptor: bodies, headers, paths and queries arrive as they were signed. */
import { Readable } from "node:stream";
import test from "ava";
import { HttpSigner } from "aws-refresh-session/http";
import { Agent, Client, FormData as OtherFormData, Pool, request, fetch as undiciFetch } from "undici";
import { KEYS } from "../signing/examples.js";
import { startRecorder } from "./byte-recorder.js";
import { startVerifier } from "./verifying-server.js";

const options = { service: "service", region: "us-east-1", credentials: KEYS };
const signer = new HttpSigner(options);
const agent = () => new Agent().compose(signer.undici());

const BODIES: Record<string, { make: () => unknown; text: string; type?: string }> = {
  text: { make: () => "größe", text: "größe" },
  "an empty text": { make: () => "", text: "" },
  "long text": { make: () => "ü".repeat(50_000), text: "ü".repeat(50_000) },
  "more than is hashed at once": { make: () => Buffer.alloc(3_000_000, "a"), text: "a".repeat(3_000_000) },
  "a Uint8Array": { make: () => new Uint8Array(Buffer.from("abc")), text: "abc" },
  "a view of a part": { make: () => new DataView(Uint8Array.from(Buffer.from("xabcx")).buffer, 1, 3), text: "abc" },
  "a Node stream": { make: () => Readable.from(["ab", Buffer.from("c")]), text: "abc" },
  "a web stream": { make: () => new Blob(["abc"]).stream(), text: "abc" },
  "a generator": {
    make: async function* () {
      yield "a";
      yield Buffer.from("bc");
    },
    text: "abc",
  },
  "a Blob": { make: () => new Blob(["abc"], { type: "image/png" }), text: "abc", type: "image/png" },
};
for (const [name, { make, text, type }] of Object.entries(BODIES)) {
  test(`${name} is signed as it is sent`, async (t) => {
    const { url, arrived } = await startVerifier(t);
    const { body } = await request(url, { method: "PUT", body: make() as string, dispatcher: agent() });
    t.is(await body.text(), KEYS.accessKeyId);
    await request(url, { method: "PUT", body: make() as string });
    for (const received of arrived) {
      t.is(received.body.toString(), text);
      t.is(received.headers["content-type"], type);
    }
    t.is(arrived[0]?.headers["content-length"], String(Buffer.byteLength(text)));
  });
}

for (const [whose, Form] of Object.entries({ "the platform": FormData, undici: OtherFormData })) {
  test(`FormData of ${whose} is written once, with its boundary`, async (t) => {
    const { url, arrived } = await startVerifier(t);
    const form = new Form();
    form.append("field", "größe");
    const { body } = await request(url, { method: "POST", body: form as never, dispatcher: agent() });
    t.is(await body.text(), KEYS.accessKeyId);
    const headers = { "content-type": arrived[0]?.headers["content-type"] as string };
    t.is((await new Response(arrived[0]?.body as Buffer, { headers }).formData()).get("field"), "größe");
  });
}

test("bodies that are none, and streams beyond the limit, fail as requests do", async (t) => {
  const { url, arrived } = await startVerifier(t);
  const limited = new Agent().compose(new HttpSigner({ ...options, bufferLimit: 2 }).undici());
  for (const body of [{ a: 1 }, 5, new Uint8Array(new SharedArrayBuffer(3)), Readable.from(["abc"])]) {
    const call = request(url, { method: "PUT", body: body as never, dispatcher: limited });
    await t.throwsAsync(call, { name: "SigningError", code: "ERR_SIGN_BODY" });
  }
  t.is(arrived.length, 0);
});

test("with unsigned payloads streams are not read first", async (t) => {
  const { url, arrived } = await startVerifier(t, { service: "s3" });
  const s3 = new HttpSigner({ ...options, service: "s3", payload: "unsigned", bufferLimit: 1 });
  const dispatcher = new Agent().compose(s3.undici());
  for (const body of [Readable.from([Buffer.from("abc")]), new Blob(["abc"])]) {
    const headers = { "content-length": "3" };
    const answer = await request(url, { method: "PUT", headers, body: body as Readable, dispatcher });
    t.is(await answer.body.text(), KEYS.accessKeyId);
  }
  for (const { headers, body } of arrived) {
    t.is(headers["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
    t.is(headers["content-length"], "3");
    t.is(body.toString(), "abc");
  }
});

const HEADERS: Record<string, unknown[]> = {
  connection: ["close", "keep-alive", "x-a", "a b", ["close", "x"]],
  "content-length": ["0", "3", "03", 3],
  cookie: ["a=b"],
  date: ["Sun, 06 Nov 1994 08:49:37 GMT"],
  expect: ["100-continue"],
  host: ["other.example.com"],
  "keep-alive": ["timeout=5"],
  te: ["trailers"],
  trailer: ["x-t"],
  "transfer-encoding": ["chunked"],
  upgrade: ["h2c"],
  "user-agent": ["me"],
  "x-a": [
    "  a   b ",
    "",
    null,
    undefined,
    5,
    ["one", "two"],
    Buffer.from("größe").toString("latin1"),
    "gr\u00f6\u00dfe",
  ],
};
/** What undici refuses, what it would not send as it is, and a length that is not that of the body. */
const REFUSED = new Set([
  "connection: x-a",
  "connection: a b",
  "connection: close,x",
  "expect: 100-continue",
  "keep-alive: timeout=5",
  "transfer-encoding: chunked",
  "upgrade: h2c",
  "x-a: gr\u00f6\u00dfe",
]);
for (const [name, values] of Object.entries(HEADERS)) {
  test(`${name} is sent as it is signed, or refused`, async (t) => {
    const { url, arrived } = await startVerifier(t);
    for (const value of values) {
      for (const init of [{ method: "GET" }, { method: "POST", body: "abc" }, { method: "DELETE" }] as const) {
        const headers = { [name]: value } as Record<string, string>;
        const told = `${name}: ${value}`;
        const sent = await request(url, { ...init, headers, dispatcher: agent() }).catch((error) => error);
        if (sent.code === "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH") t.is(name, "content-length");
        else if (!(sent instanceof Error)) t.is(await sent.body.text(), KEYS.accessKeyId, `${init.method} ${told}`);
        else t.like(sent, { name: "SigningError", code: "ERR_SIGN_HEADER", param: name }, told);
        t.is(sent.code === "ERR_SIGN_HEADER", REFUSED.has(told), `${told}: ${sent}`);
      }
    }
    t.true(arrived.every(({ verdict }) => verdict === KEYS.accessKeyId));
  });
}

test("headers in every form that undici takes", async (t) => {
  const { url, arrived } = await startVerifier(t);
  const pairs: [string, string][] = [
    ["X-A", "1"],
    ["Authorization", "left over"],
    ["x-b", "2"],
  ];
  const forms = [Object.fromEntries(pairs), pairs.flat(), new Map(pairs), new Headers(pairs), pairs.values()];
  for (const headers of forms) {
    const { body } = await request(url, { headers: headers as string[], dispatcher: agent() });
    t.is(await body.text(), KEYS.accessKeyId);
  }
  t.true(arrived.every(({ headers }) => headers["x-a"] === "1" && headers["x-b"] === "2"));
});

test("paths and queries are signed as they are sent", async (t) => {
  const { url, arrived } = await startVerifier(t);
  const dispatcher = agent();
  const origin = new URL(url);
  for (const [path, query] of [
    ["/a%20b?x=1&y=%C3%BC#fragment"],
    ["/größe/\u00fc?a=ä b"],
    ["/a", { text: "ü &=+", list: [1, 2], none: "", flag: true }],
    ["/a", {}],
    ["/'()*!~?a=b+c"],
  ] as [string, object?][]) {
    const told = `${path} ${JSON.stringify(query)}`;
    const { body } = await dispatcher.request({ origin, path, method: "GET", ...(query && { query }) });
    t.is(await body.text(), KEYS.accessKeyId, told);
  }
  // The platform's dispatcher writes queries in the same way.
  await request(url, { path: "/a", query: { text: "ü &=+", list: [1, 2], none: "", flag: true } } as object);
  t.is(arrived[2]?.target, "/a?text=%C3%BC%20%26%3D%2B&list=1&list=2&none=&flag=true");
  for (const [path, query] of [["http://127.0.0.1/"], [""], ["/a?b=c", { d: "e" }]] as [string, object?][]) {
    const call = dispatcher.request({ origin, path, method: "GET", ...(query && { query }) });
    await t.throwsAsync(call, { name: "SigningError", code: "ERR_SIGN_URL" }, path);
  }
  const connect = dispatcher.connect({ origin, path: "/" });
  await t.throwsAsync(connect, { name: "SigningError", code: "ERR_SIGN_METHOD" });
});

test("a Pool and a Client sign for the origin that they are told", async (t) => {
  const { url } = await startVerifier(t);
  for (const Dispatcher of [Pool, Client]) {
    const dispatcher = new Dispatcher(url).compose(signer.undici({ origins: [url] }));
    const { body } = await dispatcher.request({ path: "/", method: "GET" });
    t.is(await body.text(), KEYS.accessKeyId);
    const untold = new Dispatcher(url).compose(signer.undici()).request({ path: "/", method: "GET" });
    await t.throwsAsync(untold, { code: "ERR_SIGN_ORIGIN", message: /undici\(\{ origins: \[/ });
  }
});

test("stream and pipeline of undici, and its fetch", async (t) => {
  const { url } = await startVerifier(t);
  const dispatcher = agent();
  const origin = new URL(url);
  const through = dispatcher.pipeline({ origin, path: "/", method: "POST" }, ({ body }) => body);
  through.end("abc");
  t.is(Buffer.concat(await through.toArray()).toString(), KEYS.accessKeyId);
  const { PassThrough } = await import("node:stream");
  const into = new PassThrough();
  await dispatcher.stream({ origin, path: "/", method: "PUT", body: "abc" }, () => into);
  t.is(String(into.read()), KEYS.accessKeyId);
  t.is(await (await undiciFetch(url, { method: "POST", body: "abc", dispatcher })).text(), KEYS.accessKeyId);
});

test("the fetch of Node, whose undici is another", async (t) => {
  const { url } = await startVerifier(t);
  interface Composable {
    compose(interceptor: (dispatch: never) => never): unknown;
  }
  const theirs = (globalThis as Record<symbol, unknown>)[Symbol.for("undici.globalDispatcher.1")] as Composable;
  const dispatcher = theirs.compose(signer.undici());
  for (const body of ["abc", new Blob(["abc"])]) {
    const response = await fetch(url, { method: "POST", body, dispatcher } as RequestInit);
    t.is(await response.text(), KEYS.accessKeyId);
  }
});

test("the bytes of a request without a signature are those of undici", async (t) => {
  const { url, received } = await startRecorder(t);
  const headers = { "X-Case": "1", accept: "*/*" };
  await request(url, { method: "POST", body: "abc", headers, dispatcher: agent() });
  await request(url, { method: "POST", body: "abc", headers });
  const [ours, theirs] = received as [string, string];
  const bare = ours.replace(/(?:authorization|x-amz-date): .*\r\n/g, "");
  t.is(bare, theirs);
  t.not(ours, theirs);
});
