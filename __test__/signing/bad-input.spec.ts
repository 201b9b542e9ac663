/** Tests of bad input: each is refused in every way to sign, with its code, tells no secret, and leaves everything usable. */
import { Readable } from "node:stream";
import { inspect } from "node:util";
import test from "ava";
import { type SignableRequest, SigningError } from "aws-refresh-session/signing";
import { AT, KEYS, SESSION_KEYS, signerWith, TOKEN } from "./examples.js";
import { ways } from "./ways-to-sign.js";

const url = "https://example.amazonaws.com/path?query=1";
const expiresIn = 60;
const RIGHT = signerWith().signSync({ url, headers: { "x-a": "1" }, body: "content" }, AT);

const SECRETS = [KEYS.secretAccessKey, TOKEN, encodeURIComponent(TOKEN), "hunter2"];

/** Registers a test that a request is refused in every way, by both engines, and that the next request is signed. */
function refuses(title: string, code: string, request: unknown): void {
  test(`${title}: ${code}`, async (t) => {
    for (const engine of ["core", "aws-sigv4"] as const) {
      const signer = signerWith({ credentials: SESSION_KEYS, engine });
      for (const [name, way] of Object.entries(ways)) {
        const error = await t.throwsAsync<SigningError>(async () => way(signer, request as SignableRequest), {
          instanceOf: SigningError,
        });
        // The second engine has words of its own for what only it looks at.
        const codes = engine === "core" || name.startsWith("explain") ? [code] : [code, "ERR_SIGN_ENGINE"];
        t.true(codes.includes(error.code), `${name}, ${engine}: ${error.code} ${error.message}`);
        for (const text of [error.message, inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error)]) {
          for (const secret of SECRETS) t.false(text.includes(secret), `${name}: ${text}`);
        }
      }
    }
    t.deepEqual(signerWith().signSync({ url, headers: { "x-a": "1" }, body: "content" }, AT), RIGHT);
  });
}

test("errors of the core name the field where they can", async (t) => {
  const signer = signerWith();
  const expected = { instanceOf: SigningError };
  t.is(t.throws(() => signer.signSync({ url: "/relative" }), expected)?.param, "url");
  t.is(t.throws(() => signer.signSync({ url, method: "GET /" }), expected)?.param, "method");
  t.is((await t.throwsAsync(signer.presignMany([url, "nope"], { expiresIn }), expected)).param, "url");
});

// ---- the URL

for (const bad of [
  "",
  "/",
  "/relative?x=1",
  "example.amazonaws.com/path",
  "//example.amazonaws.com/path",
  "https:example.amazonaws.com",
  "https:/example.amazonaws.com",
  "ftp://example.amazonaws.com/",
  "file:///etc/passwd",
  "javascript:alert(1)",
  "s3://bucket/key",
  " https://example.amazonaws.com/",
  "https://",
  "https:///path",
  "https://?x",
  "https://#x",
  "https://:443/",
  "https://user:hunter2@example.amazonaws.com/",
  "https://user@example.amazonaws.com/",
  "https://example.amazonaws.com:port/",
  "https://example.amazonaws.com:1234567/",
  "https://example.amazonaws.com:-1/",
  "https://bücher.example/",
  "https://日本.example/",
  "https://exa mple.com/",
  "https://exa%6Dple.com/",
  "https://exam<ple.com/",
  "https://[::1/",
  "https://[]/",
  "https://[::g]/",
  "https://::1/",
  "https://example.amazonaws.com\\path",
  "https://example.amazonaws.com/a\\b",
  "https://example.amazonaws.com/a\tb",
  "https://example.amazonaws.com/a\rb",
  "https://example.amazonaws.com/a\0b",
  "https://example.amazonaws.com/a\x7fb",
  "https://example.amazonaws.com/?a\x1fb",
]) {
  refuses(`a URL of ${JSON.stringify(bad)}`, "ERR_SIGN_URL", { url: bad });
}

for (const bad of [undefined, null, 7, true, {}, { href: 7 }, ["https://h/"], Symbol("hunter2")]) {
  refuses(`a URL of ${inspect(bad).replace("hunter2", "...")}`, "ERR_SIGN_REQUEST", { url: bad });
}

test("letters beyond ASCII in path and query are taken as they will be sent", (t) => {
  const signer = signerWith();
  for (const [raw, sent] of [
    ["/ü", "/%C3%BC"],
    ["/日本?größe=ß", "/%E6%97%A5%E6%9C%AC?gr%C3%B6%C3%9Fe=%C3%9F"],
    ["/🦀", "/%F0%9F%A6%80"],
    ["/\u0080\u00ff\u0100\uffff", "/%C2%80%C3%BF%C4%80%EF%BF%BF"],
    ["/e\u0301", "/e%CC%81"],
    ["/\ud800", "/%EF%BF%BD"],
  ] as const) {
    const base = "https://example.amazonaws.com";
    t.deepEqual(signer.signSync({ url: base + raw }, AT), signer.signSync({ url: base + sent }, AT), raw);
    t.is(
      signer.presignSync(base + raw, { ...AT, expiresIn }).url,
      signer.presignSync(base + sent, { ...AT, expiresIn }).url,
    );
  }
});

// ---- the method

for (const bad of ["", " ", "GET ", "G T", "GET\r", "GET\0", "GET/", "GÉT", "GET:", "(GET)", "ＧＥＴ"]) {
  refuses(`a method of ${JSON.stringify(bad)}`, "ERR_SIGN_METHOD", { method: bad, url });
}
for (const bad of [null, 7, {}, ["GET"], Symbol("GET")]) {
  refuses(`a method of ${inspect(bad)}`, "ERR_SIGN_REQUEST", { method: bad, url });
}

// ---- headers

for (const character of ["\r", "\n", "\0", "\r\n", "\r\n ", "\n\t", "\x01", "\x1f", "\x7f", "\x0b"]) {
  const shown = JSON.stringify(character);
  for (const [where, name, value] of [
    ["the middle of a value", "x-a", `a${character}b`],
    ["the end of a value", "x-a", `a${character}`],
    ["the beginning of a value", "x-a", `${character}a`],
    ["the middle of a name", `x${character}a`, "1"],
    ["the end of a name", `x-a${character}`, "1"],
    ["the beginning of a name", `${character}x-a`, "1"],
    ["the value of a header that is never signed", "user-agent", `a${character}b`],
    ["the value of a stale header", "authorization", `a${character}b`],
    ["the value of a host", "host", `example.com${character}`],
    ["a declared hash", "x-amz-content-sha256", `${"ab".repeat(32)}${character}`],
  ] as const) {
    refuses(`${shown} at ${where}`, "ERR_SIGN_HEADER", { url, headers: { [name]: value } });
  }
  refuses(`${shown} in one of a list of values`, "ERR_SIGN_HEADER", {
    url,
    headers: { "x-a": ["1", `2${character}3`] },
  });
  refuses(`${shown} in a Map`, "ERR_SIGN_HEADER", { url, headers: new Map([["x-a", `2${character}3`]]) });
  refuses(`${shown} in pairs`, "ERR_SIGN_HEADER", { url, headers: [[`x-${character}a`, "1"]] });
}

for (const name of [
  "",
  " ",
  "x a",
  "x:a",
  "x-é",
  "x(a)",
  "x/a",
  "x@a",
  "[x]",
  "{x}",
  '"x"',
  "x,a",
  "x;a",
  "x=a",
  "x?a",
  "\u212a",
  "日本",
]) {
  refuses(`a header name of ${JSON.stringify(name)}`, "ERR_SIGN_HEADER", { url, headers: { [name]: "1" } });
}

const HUNTER = { password: "hunter2", toString: () => "hunter2" };
for (const value of [
  null,
  true,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  7n,
  HUNTER,
  [["hunter2"]],
  ["hunter2", 7],
  () => "hunter2",
]) {
  refuses(`a header value of ${inspect(value).replaceAll("hunter2", "...").slice(0, 30)}`, "ERR_SIGN_REQUEST", {
    url,
    headers: { authorization: value },
  });
}
for (const headers of [
  "x-a: hunter2",
  7,
  true,
  () => [],
  [["x-a", HUNTER]],
  [["x-a"]],
  [[7, "hunter2"]],
  ["hunter2", "x"],
  [null],
  new Map([["x-a", 7]]),
  new Set(["ab"]),
]) {
  refuses(`headers of ${inspect(headers).replaceAll("hunter2", "...").slice(0, 40)}`, "ERR_SIGN_REQUEST", {
    url,
    headers,
  });
}

test("header values beyond ASCII are signed as the bytes of their UTF-8", (t) => {
  for (const value of ["größe", "日本", "🦀", "\u0080", "\u00a0a\u00a0", "a\u2028b", "\ufeff"]) {
    const line = signerWith()
      .explain({ url, headers: { "x-a": value } }, AT)
      .canonicalRequest.split("\n")[4];
    t.is(line, `x-a:${value}`);
  }
});

// ---- the query

test("names of the query that are repeated, empty or without a value are all signed", (t) => {
  const query = (text: string) =>
    signerWith().explain(`https://example.amazonaws.com/?${text}`, AT).canonicalRequest.split("\n")[2];
  t.is(query("a=2&a=1&a=10&a"), "a=&a=1&a=10&a=2");
  t.is(query("=1&=&="), "=&=&=1");
  t.is(query("&&&"), "");
  t.is(query("a&b=&c"), "a=&b=&c=");
  t.is(query("a==&b=c=d"), "a=%3D&b=c%3Dd");
  t.is(query("%"), "%25=");
  t.is(query("?a?=?"), "%3Fa%3F=%3F");
});

test("X-Amz- parameters that a URL already carries are signed in headers, and replaced when presigned", (t) => {
  const stale = "X-Amz-Date=x&X-Amz-Signature=00&X-Amz-Security-Token=old&a=1";
  const signer = signerWith({ credentials: SESSION_KEYS });
  const target = `https://example.amazonaws.com/?${stale}`;
  t.is(
    signer.explain(target, AT).canonicalRequest.split("\n")[2],
    "X-Amz-Date=x&X-Amz-Security-Token=old&X-Amz-Signature=00&a=1",
  );
  const presigned = signer.presignSync(target, { ...AT, expiresIn }).url;
  t.is(presigned, signer.presignSync("https://example.amazonaws.com/?a=1", { ...AT, expiresIn }).url);
  for (const name of ["X-Amz-Date", "X-Amz-Signature", "X-Amz-Security-Token"])
    t.is(presigned.split(`${name}=`).length, 2, name);
});

// ---- the body

const shared = new SharedArrayBuffer(16);
const form = new FormData();
form.set("password", "hunter2");
for (const [title, body] of [
  ["a Node stream", Readable.from(["hunter2"])],
  ["a web stream", new ReadableStream()],
  ["a Blob", new Blob(["hunter2"])],
  ["a FormData", form],
  ["URLSearchParams", new URLSearchParams({ password: "hunter2" })],
  ["a SharedArrayBuffer", shared],
  ["bytes of shared memory", new Uint8Array(shared)],
  ["a DataView of shared memory", new DataView(shared)],
  ["a Buffer of shared memory", Buffer.from(shared)],
  ["an object", { password: "hunter2" }],
  ["an object without a prototype", Object.assign(Object.create(null), { password: "hunter2" })],
  ["a list of bytes", [1, 2, 3]],
  ["a list of strings", ["hunter2"]],
  ["a number", 7],
  ["a bigint", 7n],
  ["a boolean", false],
  ["a function", () => "hunter2"],
  ["a symbol", Symbol("hunter2")],
  ["a promise", Promise.resolve("hunter2")],
  [
    "an async generator",
    (async function* () {
      yield "hunter2";
    })(),
  ],
  ["a hash that is no text", { sha256: Buffer.alloc(32) }],
  ["{ unsigned: false }", { unsigned: false }],
  ["{ unsigned: 1 }", { unsigned: 1 }],
  ["nothing in it", {}],
] as const) {
  refuses(`a body that is ${title}`, "ERR_SIGN_BODY", { method: "POST", url, body });
}

test("the refusal of a body says what it is and what to do", (t) => {
  const message = (body: unknown) =>
    t.throws(() => signerWith().signSync({ url, body } as SignableRequest), { instanceOf: SigningError })?.message ??
    "";
  t.regex(
    message(Readable.from([])),
    /found an object of class Readable: a stream, Blob or FormData is not signed as it is/,
  );
  t.regex(message(new Blob([])), /found an object of class Blob/);
  t.regex(
    message(Readable.from([])),
    /give its hash, read it into memory first, or for S3 sign it with signStream\(\)/,
  );
  t.regex(message({ id: 1 }), /found an object of class Object: write it as text, with JSON.stringify/);
  t.regex(message(7), /found a number/);
  t.regex(message(new Uint8Array(shared)), /shared memory.*copy it first/);
});

test("an empty body and an absent one have the same hash, and S3 presigns only the absent one open", (t) => {
  for (const service of ["service", "s3"]) {
    const signer = signerWith({ service });
    t.deepEqual(signer.signSync({ url, body: "" }, AT), signer.signSync({ url }, AT));
  }
  const last = (body: string | null) =>
    signerWith({ service: "s3" })
      .explain({ url, body }, { ...AT, expiresIn })
      .canonicalRequest.split("\n")
      .at(-1);
  t.is(last(null), "UNSIGNED-PAYLOAD");
  t.is(last(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

// ---- the request

for (const request of [undefined, null, 7, true, "https://example.amazonaws.com/hunter2"]) {
  test(`a request of ${JSON.stringify(request)} is refused where a request must be given`, async (t) => {
    const expected = { instanceOf: SigningError, code: "ERR_SIGN_REQUEST" };
    const signer = signerWith();
    for (const name of ["sign", "signSync", "signRequest"]) {
      const error = await t.throwsAsync(async () => ways[name]?.(signer, request as never), expected);
      t.false(error.message.includes("hunter2"));
    }
  });
}

// ---- the secret

test("a secret may hold any byte, and each one counts", (t) => {
  const sign = (secretAccessKey: string) =>
    signerWith({ credentials: { ...KEYS, secretAccessKey } }).signSync({ url }, AT).authorization;
  const secrets = [
    ...Array.from({ length: 256 }, (_, code) => `a${String.fromCharCode(code)}b`),
    "\n",
    "\0",
    "ab",
    "ü".normalize("NFC"),
    "ü".normalize("NFD"),
    "日本",
    "🦀",
    "a".repeat(64),
    "a".repeat(65),
    "a".repeat(100_000),
  ];
  t.is(new Set(secrets.map(sign)).size, secrets.length);
});
