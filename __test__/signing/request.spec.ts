/** Tests of the request that a signer is given: its headers in every container, its method, URL and body in every form. */
import { createHash } from "node:crypto";
import test from "ava";
import { type BodyInput, type HeadersInput, SigningError } from "aws-refresh-session/signing";
import { AT, signatureOf, signedHeadersOf, signerWith } from "./examples.js";

const url = "https://example.amazonaws.com/a";
const sign = (headers: unknown, change: object = {}) =>
  signerWith().signSync({ url, headers: headers as HeadersInput, ...change }, AT).authorization ?? "";
const canonical = (request: object) =>
  signerWith()
    .explain({ url, ...request }, AT)
    .canonicalRequest.split("\n");
const sha256 = (body: string | Uint8Array) => createHash("sha256").update(body).digest("hex");
const payloadHash = (body: unknown) => canonical({ method: "POST", body }).at(-1);

const HEADERS = { "content-type": "text/plain", "x-b": "2", "x-a": "1" };

for (const [title, headers] of [
  ["a Headers", new Headers(HEADERS)],
  ["a Map", new Map(Object.entries(HEADERS))],
  ["pairs", Object.entries(HEADERS)],
  ["frozen pairs in reverse", Object.freeze(Object.entries(HEADERS).reverse())],
  [
    "a generator",
    (function* () {
      yield* Object.entries(HEADERS);
    })(),
  ],
  ["the entries of a Headers", new Headers(HEADERS).entries()],
  ["a Set of pairs", new Set(Object.entries(HEADERS))],
  ["an object in another order", { "x-a": "1", "x-b": "2", "content-type": "text/plain" }],
  ["an object in other cases of letters", { "X-A": "1", "X-b": "2", "CONTENT-TYPE": "text/plain" }],
  ["an object without a prototype", Object.assign(Object.create(null), HEADERS)],
  ["an object with an undefined value", { ...HEADERS, "x-none": undefined }],
  ["an object with an empty list", { ...HEADERS, "x-none": [] }],
  ["lists of one value", Object.fromEntries(Object.entries(HEADERS).map(([name, value]) => [name, [value]]))],
  ["numbers", { ...HEADERS, "x-a": 1, "x-b": 2 }],
  ["values with blanks around them", { ...HEADERS, "x-a": "  1\t", "x-b": "2 " }],
] as const) {
  test(`headers may be ${title}`, (t) => {
    t.is(sign(headers), sign(HEADERS));
  });
}

for (const headers of [undefined, null, {}, [], new Map(), new Headers()]) {
  test(`no headers at all: ${headers === null ? null : (headers?.constructor.name ?? "undefined")}`, (t) => {
    t.deepEqual(signedHeadersOf(sign(headers)), ["host", "x-amz-date"]);
  });
}

test("what a header object inherits is not sent and not signed", (t) => {
  const headers = Object.assign(Object.create({ "x-inherited": "1" }), HEADERS);
  t.is(sign(headers), sign(HEADERS));
});

test("a header may be named __proto__, constructor or toString", (t) => {
  const headers = JSON.parse('{"__proto__":"1","constructor":"2","toString":"3"}');
  t.deepEqual(signedHeadersOf(sign(headers)), ["__proto__", "constructor", "host", "tostring", "x-amz-date"]);
});

test("numbers are signed as they are sent", (t) => {
  const lines = canonical({ headers: { "content-length": 0, "x-n": -1.5, "x-big": 1e21 } });
  t.deepEqual(lines.slice(3, 8), [
    "content-length:0",
    "host:example.amazonaws.com",
    "x-amz-date:20150830T123600Z",
    "x-big:1e+21",
    "x-n:-1.5",
  ]);
});

test("repeated headers are one line, in the order in which they are given, whatever their container", (t) => {
  const expected = "x-a:3,1,2";
  const forms: unknown[] = [
    { "X-A": ["3", "1", "2"] },
    [
      ["x-a", "3"],
      ["X-A", "1"],
      ["x-A", "2"],
    ],
    { "x-a": "3", "X-A": ["1", "2"] },
    [
      ["x-b", "0"],
      ["x-a", "3"],
      ["x-c", "0"],
      ["x-a", "1"],
      ["x-b", "1"],
      ["x-a", "2"],
    ],
  ];
  for (const headers of forms) t.true(canonical({ headers }).includes(expected), JSON.stringify(headers));
  t.is(sign(forms[0]), sign(forms[1]));
});

test("a Headers joins repeated values with a comma and a blank, and so they are sent", (t) => {
  const headers = new Headers();
  headers.append("x-a", "3");
  headers.append("x-a", "1");
  t.true(canonical({ headers }).includes("x-a:3, 1"));
});

test("blanks and tabs inside a value count as one blank, quotes or not", (t) => {
  t.true(canonical({ headers: { "x-a": ' a  b\t\tc "d  e" ' } }).includes('x-a:a b c "d e"'));
  t.true(canonical({ headers: { "x-a": "" } }).includes("x-a:"));
  t.true(canonical({ headers: { "x-a": " \t " } }).includes("x-a:"));
});

test("a host header is signed as given, in place of the one of the URL", (t) => {
  const lines = canonical({ headers: { Host: "proxy.example:8443" } });
  t.true(lines.includes("host:proxy.example:8443"));
  t.false(lines.some((line) => line.includes("example.amazonaws.com")));
});

test("headers of connections, proxies and tracing are never signed", (t) => {
  const names = [
    "authorization",
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
  ];
  const headers = Object.fromEntries(names.map((name) => [name.toUpperCase(), "value"]));
  t.is(sign(headers), sign({}));
  for (const name of names) {
    t.deepEqual(signedHeadersOf(sign({ [`${name}x`]: "value" })), [`${name}x`, "host", "x-amz-date"].sort(), name);
  }
});

test("two hundred headers are signed, sorted", (t) => {
  const names = Array.from({ length: 200 }, (_, index) => `x-${(index * 7919) % 200}`);
  const signed = signedHeadersOf(sign(Object.fromEntries(names.map((name) => [name, "v"]))));
  t.deepEqual(signed, ["host", "x-amz-date", ...names].sort());
});

test("the method defaults to GET and is signed in upper case", (t) => {
  t.is(sign(HEADERS, { method: "GET" }), sign(HEADERS));
  t.is(sign(HEADERS, { method: "get" }), sign(HEADERS));
  t.is(sign(HEADERS, { method: undefined }), sign(HEADERS));
  t.is(canonical({ method: "M-SEARCH" })[0], "M-SEARCH");
  t.not(sign(HEADERS, { method: "POST" }), sign(HEADERS));
});

test("a URL may be a URL object", (t) => {
  const text = "https://example.amazonaws.com/b%20c?x=1&y=%C3%A9";
  t.is(sign({}, { url: new URL(text) }), sign({}, { url: text }));
});

const BYTES = Uint8Array.from([0, 255, 128, 10, 13, 195, 40]);
for (const [title, body, content] of [
  ["a string", "text", "text"],
  ["an empty string", "", ""],
  ["a string that is not ASCII", "grüße 🦀", Buffer.from("grüße 🦀")],
  ["a string with NUL and line feeds", "a\0b\nc\r\n", "a\0b\nc\r\n"],
  ["half a surrogate pair, as fetch sends it", "a\ud800b", Buffer.from("a\ufffdb")],
  ["a Uint8Array", BYTES, BYTES],
  ["an empty Uint8Array", new Uint8Array(), ""],
  ["a Buffer", Buffer.from(BYTES), BYTES],
  ["an ArrayBuffer", BYTES.slice().buffer, BYTES],
  ["a DataView of a part", new DataView(BYTES.slice().buffer, 2, 3), BYTES.subarray(2, 5)],
  ["a Uint8Array of a part", new Uint8Array(BYTES.slice().buffer, 1, 4), BYTES.subarray(1, 5)],
  ["a Uint16Array", new Uint16Array([0x0102, 0xfffe]), new Uint8Array(new Uint16Array([0x0102, 0xfffe]).buffer)],
  ["a string just below the size of a frame", "ü".repeat(8192), Buffer.from("ü".repeat(8192))],
  ["a string just above it", "ü".repeat(8193), Buffer.from("ü".repeat(8193))],
  ["a string of a hundred thousand characters", "€".repeat(100_000), Buffer.from("€".repeat(100_000))],
  ["a long Buffer", Buffer.alloc(70_000, 7), Buffer.alloc(70_000, 7)],
] as const) {
  test(`the body may be ${title}`, (t) => {
    t.is(payloadHash(body), sha256(content));
    t.is(payloadHash({ sha256: sha256(content) }), sha256(content));
    const request = { method: "POST", url, body: body as BodyInput };
    const byHash = { ...request, body: { sha256: sha256(content).toUpperCase() } };
    t.is(signatureOf(signerWith().signSync(request, AT).authorization), signatureOf(sign({}, byHash)));
  });
}

for (const body of [undefined, null]) {
  test(`a body of ${body} is none, and is signed as an empty one`, (t) => {
    t.is(payloadHash(body), sha256(""));
    t.is(sign({}, { body }), sign({}, { body: "" }));
    t.is(sign({}, { body }), sign({}));
  });
}

test("a string body is always content, whatever it looks like", (t) => {
  for (const body of ["UNSIGNED-PAYLOAD", sha256("x"), "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "/etc/passwd", "{}"]) {
    t.is(payloadHash(body), sha256(body));
  }
});

test("a body that is both a hash and unsigned is signed by its hash", (t) => {
  t.is(payloadHash({ sha256: sha256("x"), unsigned: true }), sha256("x"));
});

for (const hash of [
  "",
  "abc",
  "g".repeat(64),
  sha256("x").slice(1),
  `${sha256("x")}0`,
  "UNSIGNED",
  "STREAMING-\n",
  "é".repeat(32),
]) {
  test(`the hash of a body must not be ${JSON.stringify(hash).slice(0, 24)}`, (t) => {
    const error = t.throws(() => sign({}, { body: { sha256: hash } }), { instanceOf: SigningError });
    t.is(error?.code, "ERR_SIGN_PAYLOAD");
  });
}
