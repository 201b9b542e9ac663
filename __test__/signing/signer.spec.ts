/** Tests of a signer: what it answers, and what it takes for body, date and engine. */
import { createHash } from "node:crypto";
import { inspect } from "node:util";
import test from "ava";
import { BRSValidationError, Signer, SigningError, verifyRequest } from "aws-refresh-session/signing";
import {
  AT,
  clock,
  DATE,
  field,
  KEYS,
  NOW,
  SESSION_KEYS,
  signatureOf,
  signedHeadersOf,
  signerWith,
  TOKEN,
} from "./examples.js";
import { received } from "./received.js";

const url = "https://example.amazonaws.com/";
const request = { method: "POST", url, headers: { "content-type": "application/json" }, body: '{"a":1}' };
const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// ---- what is answered

test("the answer holds only headers to set, in lower case, and never the host", async (t) => {
  const signed = signerWith().signSync(request, AT);
  t.deepEqual(Object.keys(signed).sort(), ["authorization", "x-amz-date"]);
  t.is(signed["x-amz-date"], "20150830T123600Z");
  t.regex(
    signed.authorization ?? "",
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20150830\/us-east-1\/service\/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=[0-9a-f]{64}$/,
  );
  t.deepEqual(await signerWith().sign(request, AT), signed);
});

test("with a session token the answer sets it as well, and it is signed", (t) => {
  const signed = signerWith({ credentials: SESSION_KEYS }).signSync(request, AT);
  t.deepEqual(Object.keys(signed).sort(), ["authorization", "x-amz-date", "x-amz-security-token"]);
  t.is(signed["x-amz-security-token"], TOKEN);
  t.true(signedHeadersOf(signed.authorization).includes("x-amz-security-token"));
});

test("for S3 the answer sets the payload hash as well, and it is signed", (t) => {
  const signed = signerWith({ service: "s3", credentials: SESSION_KEYS }).signSync({ url }, AT);
  t.deepEqual(Object.keys(signed).sort(), [
    "authorization",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
  ]);
  t.is(signed["x-amz-content-sha256"], EMPTY_SHA256);
  t.deepEqual(signedHeadersOf(signed.authorization), [
    "host",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
  ]);
});

test("omitSessionToken: the token is set but not signed", (t) => {
  const signed = signerWith({ credentials: SESSION_KEYS, omitSessionToken: true }).signSync(request, AT);
  t.is(signed["x-amz-security-token"], TOKEN);
  t.deepEqual(signedHeadersOf(signed.authorization), ["content-type", "host", "x-amz-date"]);
  t.is(signatureOf(signed.authorization), signatureOf(signerWith().signSync(request, AT).authorization));
});

test("the request that was given stays as it was", async (t) => {
  const headers = Object.freeze({ "X-Amz-Date": "stale", Authorization: "stale", "content-type": "text/plain" });
  const given = Object.freeze({ method: "GET", url, headers });
  await signerWith().sign(given, AT);
  signerWith().signSync(given, AT);
  t.deepEqual({ ...given }, { method: "GET", url, headers });
});

test("headers of an earlier signature change nothing, in any case of letters", (t) => {
  const stale = {
    "X-Amz-Date": "20010101T000000Z",
    AUTHORIZATION: "AWS4-HMAC-SHA256 Credential=x",
    "x-AMZ-Security-token": "old",
    ...request.headers,
  };
  for (const credentials of [KEYS, SESSION_KEYS]) {
    const signer = signerWith({ credentials });
    t.deepEqual(signer.signSync({ ...request, headers: stale }, AT), signer.signSync(request, AT));
  }
});

// ---- the payload

test("a body is signed by its hash, which travels for S3 alone", (t) => {
  const hash = createHash("sha256").update(request.body).digest("hex");
  t.is(signerWith({ service: "s3" }).signSync(request, AT)["x-amz-content-sha256"], hash);
  t.false("x-amz-content-sha256" in signerWith().signSync(request, AT));
  for (const service of ["s3", "service"]) {
    t.is(signerWith({ service }).explain(request, AT).canonicalRequest.split("\n").at(-1), hash);
  }
});

test("payload: unsigned leaves bodies open, and says so in a header whatever the service", (t) => {
  for (const service of ["s3", "service"]) {
    const signed = signerWith({ service, payload: "unsigned" }).signSync(request, AT);
    t.is(signed["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
    t.true(signedHeadersOf(signed.authorization).includes("x-amz-content-sha256"));
    const other = signerWith({ service, payload: "unsigned" }).signSync({ ...request, body: "another" }, AT);
    t.is(other.authorization, signed.authorization);
  }
});

test("a request may leave its own body open", (t) => {
  const signed = signerWith().signSync({ ...request, body: { unsigned: true } }, AT);
  t.is(signed["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
  t.is(signed.authorization, signerWith({ payload: "unsigned" }).signSync(request, AT).authorization);
});

test("a request whose hash is given is signed by it even where bodies are left open", (t) => {
  const sha256 = "ab".repeat(32);
  const signed = signerWith({ service: "s3", payload: "unsigned" }).signSync({ ...request, body: { sha256 } }, AT);
  t.is(signed["x-amz-content-sha256"], sha256);
});

test("a hash that the user declares travels and is signed, also outside S3", (t) => {
  const declared = "CD".repeat(32);
  const signed = signerWith().signSync({ url, headers: { "X-Amz-Content-Sha256": declared } }, AT);
  t.is(signed["x-amz-content-sha256"], declared.toLowerCase());
  t.deepEqual(signedHeadersOf(signed.authorization), ["host", "x-amz-content-sha256", "x-amz-date"]);
  t.is(
    signerWith()
      .explain({ url, headers: { "X-Amz-Content-Sha256": declared } }, AT)
      .canonicalRequest.split("\n")
      .at(-1),
    declared.toLowerCase(),
  );
});

test("a declared hash beside a body may be left over: the body decides", (t) => {
  for (const service of ["s3", "service"]) {
    const signer = signerWith({ service });
    const stale = { ...request, headers: { ...request.headers, "x-amz-content-sha256": "ab".repeat(32) } };
    const fresh = signerWith({ service, contentSha256Header: true }).signSync(request, AT);
    t.deepEqual(signer.signSync(stale, AT), fresh);
  }
});

for (const name of ["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"]) {
  test(`a declared ${name} is a decision, with a body and without`, (t) => {
    for (const body of [undefined, "content"]) {
      const headers = { "x-amz-content-sha256": name };
      const signed = signerWith({ service: "s3" }).signSync(
        { url, headers, ...(body === undefined ? {} : { body }) },
        AT,
      );
      t.is(signed["x-amz-content-sha256"], name);
    }
  });
}

test("anything else declared as a hash is refused", (t) => {
  for (const declared of ["", "required", "abc", "zz".repeat(32)]) {
    const headers = { "x-amz-content-sha256": declared };
    const error = t.throws(() => signerWith().signSync({ url, headers }), { instanceOf: SigningError });
    t.is(error?.code, "ERR_SIGN_PAYLOAD", declared);
  }
});

// ---- engines

for (const [title, options, ordinary] of [
  ["a JSON call", {}, request],
  ["a JSON call with a token", { credentials: SESSION_KEYS }, request],
  ["a token that is added later", { credentials: SESSION_KEYS, omitSessionToken: true }, request],
  ["a query", {}, { url: `${url}a/b?b=2&a=1&a=0&c=&d` }],
  ["an S3 upload", { service: "s3", credentials: SESSION_KEYS }, { ...request, url: `${url}key%20with/%28odd%29` }],
  ["an unsigned payload", { service: "s3", payload: "unsigned" }, request],
  ["a given hash", { service: "s3" }, { ...request, body: { sha256: "ab".repeat(32) } }],
  ["repeated headers", {}, { url, headers: { "x-a": ["1", "2"], "X-B": "  b   b " } }],
  ["a path to normalize", {}, { url: `${url}a//b/./c/../d/` }],
  ["headers left unsigned", { unsignedHeaders: ["x-a"] }, { url, headers: { "x-a": "1", "user-agent": "u" } }],
  ["an encoded query", {}, { url: `${url}?a=%C3%A9%20x&b=~._-&c=%2F` }],
  ["an empty body", {}, { ...request, body: "" }],
] as const) {
  test(`both engines give ${title} the same signature`, (t) => {
    const [core, other] = [signerWith(options), signerWith({ ...options, engine: "aws-sigv4" })];
    t.deepEqual(other.signSync(ordinary, AT), core.signSync(ordinary, AT));
    // The order of the parameters is free; the signature among them is not.
    const parts = (signer: Signer) =>
      signer
        .presignSync(ordinary, { ...AT, expiresIn: 60 })
        .url.split(/[?&]/)
        .sort();
    t.deepEqual(parts(other), parts(core));
  });
}

// ---- dates

test("the signing date is the one of the call, else that of the clock", (t) => {
  let now = NOW;
  const signer = signerWith({ clock: () => now });
  t.is(signer.signSync(request)["x-amz-date"], "20150830T123600Z");
  now += 86_400_000;
  t.is(signer.signSync(request)["x-amz-date"], "20150831T123600Z");
  t.regex(signer.signSync(request).authorization ?? "", /\/20150831\//);
  const signed = signer.signSync(request, { signingDate: new Date("2031-12-31T23:59:59.999Z") });
  t.is(signed["x-amz-date"], "20311231T235959Z");
  t.regex(signed.authorization ?? "", /\/20311231\//);
});

test("header and scope agree on both sides of midnight, whatever was signed before", (t) => {
  const signer = signerWith();
  for (const text of [
    "2024-02-28T23:59:59.999Z",
    "2024-02-29T00:00:00Z",
    "2024-02-28T23:59:59Z",
    "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
  ]) {
    const signed = signer.signSync(request, { signingDate: new Date(text) });
    t.is(signed["x-amz-date"], `${text.replace(/[-:]/g, "").slice(0, 15)}Z`);
    t.is(field(signed.authorization, "Credential").split("/")[1], text.slice(0, 10).replaceAll("-", ""));
    t.is(signer.explain(request, { signingDate: new Date(text) }).stringToSign.split("\n")[1], signed["x-amz-date"]);
  }
});

for (const signingDate of [
  null,
  "2015-08-30",
  NOW,
  new Date(Number.NaN),
  new Date(-1),
  new Date(Date.UTC(10_000, 0)),
  {},
]) {
  test(`the signing date must not be ${inspect(signingDate)}`, async (t) => {
    const at = { signingDate: signingDate as Date };
    const options = { ...at, expiresIn: 60 };
    const expected = { instanceOf: SigningError, code: "ERR_SIGN_DATE" };
    const signer = signerWith();
    t.throws(() => signer.signSync(request, at), expected);
    t.throws(() => signer.presignSync(url, options), expected);
    t.throws(() => signer.explain(url, options), expected);
    await t.throwsAsync(signer.sign(request, at), expected);
    await t.throwsAsync(signer.presign(url, options), expected);
    await t.throwsAsync(signer.presignMany([url], options), expected);
    await t.throwsAsync(signer.signRequest(request, at), expected);
  });
}

for (const now of [Number.NaN, -1, Number.POSITIVE_INFINITY, Date.UTC(10_000, 0), "2015", undefined, DATE]) {
  test(`a clock must not say ${inspect(now)}`, async (t) => {
    const signer = signerWith({ clock: () => now as number });
    const expected = { instanceOf: SigningError, code: "ERR_SIGN_DATE", message: /"clock" must give milliseconds/ };
    t.throws(() => signer.signSync(request), expected);
    t.throws(() => signer.presignSync(url, { expiresIn: 60 }), expected);
    t.throws(() => signer.explain(url), expected);
    await t.throwsAsync(signer.sign(request), expected);
    await t.throwsAsync(signer.presignMany([url], { expiresIn: 60 }), expected);
    t.is(signer.signSync(request, AT)["x-amz-date"], "20150830T123600Z");
  });
}

test("the default clock is the real one, in whole seconds", async (t) => {
  const before = Math.floor(Date.now() / 1000);
  const signed = new Signer({ service: "s", region: "r", credentials: KEYS }).signSync(request);
  const told = Date.parse((signed["x-amz-date"] ?? "").replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  t.true(told / 1000 >= before && told <= Date.now());
});

// ---- secrets

test("a signer shows none of its secrets", async (t) => {
  const signer = signerWith({ credentials: SESSION_KEYS });
  await signer.sign(request);
  for (const shown of [inspect(signer, { depth: 9, showHidden: true }), JSON.stringify(signer), String(signer)]) {
    t.notRegex(shown, /wJalr|AQoDYX/);
  }
});

test("what is signed is what a verifier accepts", async (t) => {
  for (const service of ["s3", "execute-api"]) {
    const signer = signerWith({ service, credentials: SESSION_KEYS });
    const sent = await signer.signRequest({ ...request, headers: { ...request.headers } });
    const verified = await verifyRequest(received(sent), {
      service,
      region: "us-east-1",
      hosts: "any",
      clock,
      getCredentials: () => SESSION_KEYS,
    });
    t.deepEqual(verified.signedAt, DATE);
  }
});

const MISSPELT = { signingdate: new Date(), method: "PUT" };
for (const [name, call] of Object.entries<(signer: Signer, options: never) => unknown>({
  sign: (signer, options) => signer.sign(request, options),
  signSync: (signer, options) => signer.signSync(request, options),
  presign: (signer, options) => signer.presign(url, options),
  presignSync: (signer, options) => signer.presignSync(url, options),
  presignMany: (signer, options) => signer.presignMany([url], options),
  presignStream: (signer, options) => signer.presignStream([url], options),
  explain: (signer, options) => signer.explain(url, options),
})) {
  test(`${name} refuses options that it does not know, by name`, async (t) => {
    for (const [param, value] of Object.entries(MISSPELT)) {
      const options = { ...(name.startsWith("presign") && { expiresIn: 60 }), [param]: value };
      const error = await t.throwsAsync<BRSValidationError>(async () => call(signerWith(), options as never), {
        instanceOf: BRSValidationError,
        message: new RegExp(`^"${param}" is not an option of ${name}; it takes signingDate`),
      });
      t.is(error?.param, param);
    }
  });
}
