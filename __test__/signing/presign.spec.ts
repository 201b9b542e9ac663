/** Tests of presigned URLs: their form for every form of URL, when they end, and when credentials are refreshed first. */
import { inspect } from "node:util";
import test from "ava";
import {
  BRSValidationError,
  CredentialsNotReadyError,
  Signer,
  SigningError,
  verifyRequest,
} from "aws-refresh-session/signing";
import { AT, clock, DATE, field, KEYS, NOW, partsOf, SESSION_KEYS, signerWith, TOKEN } from "./examples.js";
import { received } from "./received.js";
import { refreshingSession } from "./refreshing-session.js";

const host = "example.amazonaws.com";
const options = { ...AT, expiresIn: 900 };
const PARAMETERS =
  "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_request" +
  "&X-Amz-Date=20150830T123600Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=";

// ---- the URL

for (const [title, url, before] of [
  ["without a path", `https://${host}`, `https://${host}/?`],
  ["without a path, with a query", `https://${host}?a=1`, `https://${host}/?a=1&`],
  ["with an empty query", `https://${host}/a?`, `https://${host}/a?`],
  ["with an empty query and no path", `https://${host}?`, `https://${host}/?`],
  ["with a path", `https://${host}/a/b`, `https://${host}/a/b?`],
  ["with a query", `https://${host}/a?b=c&a`, `https://${host}/a?b=c&a&`],
  ["with a fragment, which no client sends", `https://${host}/a?b#c?d&e`, `https://${host}/a?b&`],
  ["with nothing but a fragment", `https://${host}#top`, `https://${host}/?`],
  ["with a port", `https://${host}:8443/a`, `https://${host}:8443/a?`],
  ["with the default port", `https://${host}:443/a`, `https://${host}:443/a?`],
  ["with an IPv6 host", "https://[2001:db8::1]/a", "https://[2001:db8::1]/a?"],
  ["with an IPv6 host and a port", "http://[::1]:9000/a", "http://[::1]:9000/a?"],
  ["with a web socket's scheme", `wss://${host}/mqtt`, `wss://${host}/mqtt?`],
  ["with letters in upper case", "HTTPS://Example.COM/A", "HTTPS://Example.COM/A?"],
  ["with escapes", `https://${host}/a%20b/%c3%a9?x=%2f`, `https://${host}/a%20b/%c3%a9?x=%2f&`],
  [
    "with raw letters beyond ASCII",
    `https://${host}/ü/🦀?größe=ß`,
    `https://${host}/%C3%BC/%F0%9F%A6%80?gr%C3%B6%C3%9Fe=%C3%9F&`,
  ],
  [
    "with raw blanks and quotes",
    `https://${host}/a b/"c"?d e="f"<g>`,
    `https://${host}/a%20b/%22c%22?d%20e=%22f%22%3Cg%3E&`,
  ],
  ["with a question mark in the query", `https://${host}/a?b=?c?`, `https://${host}/a?b=?c?&`],
  ["with half a surrogate pair", `https://${host}/a\ud800`, `https://${host}/a%EF%BF%BD?`],
] as const) {
  test(`a URL ${title}`, async (t) => {
    const presigned = signerWith().presignSync(url, options).url;
    t.is(presigned.slice(0, before.length), before);
    t.is(presigned.slice(before.length, -64), PARAMETERS);
    t.regex(presigned.slice(-64), /^[0-9a-f]{64}$/);
    t.regex(presigned, /^[\x21-\x7e]+$/);
    t.deepEqual(await signerWith().presign(url, options), signerWith().presignSync(url, options));
    t.is(signerWith().presignSync({ url }, options).url, presigned);
    if (presigned.startsWith("wss")) return;
    const sent = received({ url: presigned });
    const anywhere = {
      hosts: "any" as const,
      service: "service",
      region: "us-east-1",
      clock,
      getCredentials: () => KEYS,
    };
    t.is((await verifyRequest(sent, anywhere)).payload, "verified");
  });
}

test("a URL object is presigned as its text", (t) => {
  const text = `https://${host}/a%20b?c=d#e`;
  const signer = signerWith();
  t.is(signer.presignSync(new URL(text), options).url, signer.presignSync(text, options).url);
  t.is(signer.presignSync({ url: new URL(text) }, options).url, signer.presignSync(text, options).url);
});

test("the default port and the case of the host change nothing of the signature", (t) => {
  const signature = (url: string) => field(signerWith().presignSync(url, options).url, "X-Amz-Signature");
  t.is(signature(`https://${host}:443/a`), signature(`https://${host}/a`));
  t.is(signature(`http://${host}:80/a`), signature(`https://${host}/a`));
  t.is(signature(`https://${host.toUpperCase()}/a`), signature(`https://${host}/a`));
  t.not(signature(`https://${host}:8443/a`), signature(`https://${host}/a`));
});

test("a very long URL beyond ASCII, nine characters for each of its own, is presigned", (t) => {
  for (const length of [1, 1_000, 7_000, 12_000, 30_000]) {
    const presigned = signerWith({ credentials: SESSION_KEYS }).presignSync(
      `https://${host}/${"中".repeat(length)}`,
      options,
    ).url;
    t.is(partsOf(presigned).path, `/${"%E4%B8%AD".repeat(length)}`);
  }
});

test("a very long query and a very long token are presigned", (t) => {
  const sessionToken = "a/+=".repeat(20_000);
  const signer = signerWith({ credentials: { ...KEYS, sessionToken } });
  const query = Array.from({ length: 5_000 }, (_, index) => `name${index}=value`).join("&");
  const presigned = signer.presignSync(`https://${host}/?${query}`, options).url;
  t.true(presigned.startsWith(`https://${host}/?${query}&X-Amz-Algorithm=`));
  t.is(field(presigned, "X-Amz-Security-Token"), encodeURIComponent(sessionToken));
});

test("a stale signature in the query is replaced, in any case of letters; all else stays in its order", (t) => {
  const fresh = signerWith().presignSync(`https://${host}/a?z=1&b&X-Amz-Meta=2`, options).url;
  const stale =
    `https://${host}/a?X-Amz-Signature=00&z=1&X-Amz-Date=x&x-amz-expires=5&b&X-Amz-Algorithm&X-Amz-Credential=` +
    "&X-Amz-Meta=2&X-AMZ-SECURITY-TOKEN=old&X-Amz-SignedHeaders=host&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD";
  t.is(signerWith().presignSync(stale, options).url, fresh);
});

test("presigning a presigned URL again gives the URL of its own moment", (t) => {
  const signer = signerWith({ service: "s3", credentials: SESSION_KEYS });
  const once = signer.presignSync(`https://${host}/a?b=c`, options).url;
  t.is(signer.presignSync(once, options).url, once);
  const later = { signingDate: new Date(NOW + 1000), expiresIn: 60 };
  t.is(signer.presignSync(once, later).url, signer.presignSync(`https://${host}/a?b=c`, later).url);
});

// ---- the parameters

test("a session token is a parameter and is signed; added later it is neither signed nor missing", (t) => {
  const url = `https://${host}/a`;
  const signed = signerWith({ credentials: SESSION_KEYS }).presignSync(url, options).url;
  t.is(field(signed, "X-Amz-Security-Token"), encodeURIComponent(TOKEN));
  const late = signerWith({ credentials: SESSION_KEYS, omitSessionToken: true }).presignSync(url, options).url;
  t.is(late, `${signerWith().presignSync(url, options).url}&X-Amz-Security-Token=${encodeURIComponent(TOKEN)}`);
});

test("method, headers and body are signed; headers that clients change are not", (t) => {
  const request = {
    method: "PUT",
    url: `https://${host}/a`,
    headers: { "Content-Type": "text/plain", "x-amz-acl": "private", "user-agent": "mine", "X-Amz-Date": "stale" },
    body: "content",
  };
  const signer = signerWith();
  const presigned = signer.presignSync(request, options).url;
  t.is(field(presigned, "X-Amz-SignedHeaders"), "content-type%3Bhost%3Bx-amz-acl");
  for (const change of [
    { method: "POST" },
    { body: "other" },
    { headers: { ...request.headers, "x-amz-acl": "public" } },
  ]) {
    const other = signer.presignSync({ ...request, ...change }, options).url;
    t.not(field(other, "X-Amz-Signature"), field(presigned, "X-Amz-Signature"));
  }
});

test("S3 leaves the body of a URL open unless one is given; other services sign it", (t) => {
  const url = `https://${host}/a`;
  const hashOf = (service: string, change: object) =>
    signerWith({ service })
      .explain({ url, ...change }, options)
      .canonicalRequest.split("\n")
      .at(-1);
  const hash = "ab".repeat(32);
  t.is(hashOf("s3", {}), "UNSIGNED-PAYLOAD");
  t.is(hashOf("s3", { body: { sha256: hash } }), hash);
  t.is(hashOf("service", {}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  t.is(hashOf("service", { body: { unsigned: true } }), "UNSIGNED-PAYLOAD");
  const declared = (service: string, change: object) =>
    /X-Amz-Content-Sha256=([^&]+)/.exec(signerWith({ service }).presignSync({ url, ...change }, options).url)?.[1];
  // What a server would guess wrong without it.
  t.is(declared("s3", {}), undefined);
  t.is(declared("s3", { body: { sha256: hash } }), hash);
  t.is(declared("service", {}), undefined);
  t.is(declared("service", { body: { unsigned: true } }), "UNSIGNED-PAYLOAD");
});

// ---- how long

test("a URL ends after expiresIn, counted from its date", (t) => {
  const signer = signerWith();
  t.deepEqual(signer.presignSync(`https://${host}/`, options).expiresAt, new Date(NOW + 900_000));
  t.deepEqual(signer.presignSync(`https://${host}/`, { expiresIn: 1 }).expiresAt, new Date(NOW + 1000));
  const signingDate = new Date(NOW + 5_000);
  t.deepEqual(
    signer.presignSync(`https://${host}/`, { expiresIn: 604_800, signingDate }).expiresAt,
    new Date(NOW + 604_805_000),
  );
});

test("a URL ends with its credentials when they expire before", (t) => {
  const signingDate = new Date();
  const expiration = new Date(signingDate.getTime() + 60_000);
  const signer = new Signer({ service: "s3", region: "r", credentials: { ...KEYS, expiration } });
  t.deepEqual(signer.presignSync(`https://${host}/`, { expiresIn: 900, signingDate }).expiresAt, expiration);
  t.deepEqual(
    signer.presignSync(`https://${host}/`, { expiresIn: 30, signingDate }).expiresAt,
    new Date(signingDate.getTime() + 30_000),
  );
});

for (const expiresIn of [
  0,
  -1,
  604_801,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -0,
  "60",
  null,
  undefined,
  60n,
  {},
]) {
  test(`expiresIn of ${inspect(expiresIn)} is refused`, async (t) => {
    const wrong = { ...AT, expiresIn: expiresIn as number };
    const expected = { instanceOf: SigningError, code: "ERR_SIGN_EXPIRES", message: /"expiresIn" must be 1 to 604800/ };
    for (const signer of [signerWith(), signerWith({ engine: "aws-sigv4" })]) {
      const error = t.throws(() => signer.presignSync(`https://${host}/`, wrong), expected);
      t.is(error?.param, "expiresIn");
      await t.throwsAsync(signer.presign(`https://${host}/`, wrong), expected);
      await t.throwsAsync(signer.presignMany([`https://${host}/`], wrong), expected);
      await t.throwsAsync(signer.presignMany([], wrong), expected);
    }
  });
}

test("without options there is no lifetime", async (t) => {
  const signer = signerWith();
  const expected = { instanceOf: SigningError, code: "ERR_SIGN_EXPIRES" };
  t.throws(() => signer.presignSync(`https://${host}/`, undefined as never), expected);
  await t.throwsAsync(signer.presign(`https://${host}/`, undefined as never), expected);
  await t.throwsAsync(signer.presignMany([`https://${host}/`], undefined as never), expected);
});

test("a bad lifetime asks no provider", async (t) => {
  const signer = signerWith({ credentials: () => t.fail() as never });
  await t.throwsAsync(signer.presign(`https://${host}/`, { expiresIn: 0, minValidity: 5 }), {
    code: "ERR_SIGN_EXPIRES",
  });
  await t.throwsAsync(signer.presignMany([`https://${host}/`], { expiresIn: 0, minValidity: 5 }), {
    code: "ERR_SIGN_EXPIRES",
  });
});

// ---- minValidity

function refreshing(lifetime = 3_600) {
  const { state, session } = refreshingSession(lifetime);
  const signer = new Signer({ service: "s3", region: "r", credentials: session });
  const keyId = (url: string) => field(url, "X-Amz-Credential").split("%2F")[0];
  return { state, session, signer, keyId };
}
const url = `https://${host}/`;

test("minValidity refreshes first when less than it remains", async (t) => {
  const { state, signer, keyId, session } = refreshing();
  t.is(keyId((await signer.presign(url, { expiresIn: 60, minValidity: 3_600 })).url), "AKID1");
  state.now += 1_000_000;
  t.is(keyId((await signer.presign(url, { expiresIn: 60 })).url), "AKID1");
  t.is(keyId((await signer.presign(url, { expiresIn: 60, minValidity: 2_600 })).url), "AKID1");
  t.throws(() => signer.presignSync(url, { expiresIn: 60, minValidity: 2_601 }), {
    instanceOf: CredentialsNotReadyError,
    message: /"minValidity"/,
  });
  const { url: presigned, expiresAt } = await signer.presign(url, { expiresIn: 604_800, minValidity: 2_601 });
  t.is(keyId(presigned), "AKID2");
  t.deepEqual(expiresAt, new Date(state.now + 3_600_000));
  t.is(keyId(signer.presignSync(url, { expiresIn: 60, minValidity: 3_600 }).url), "AKID2");
  session.close();
});

test("many at once with minValidity refresh once", async (t) => {
  const { state, signer, keyId, session } = refreshing();
  await signer.presign(url, { expiresIn: 60 });
  state.now += 1_000_000;
  const all = await Promise.all(
    Array.from({ length: 20 }, () => signer.presign(url, { expiresIn: 60, minValidity: 3_000 })),
  );
  t.deepEqual(new Set(all.map((one) => keyId(one.url))), new Set(["AKID2"]));
  t.is(state.round, 2);
  session.close();
});

test("credentials that never live as long as minValidity asks are told", async (t) => {
  const { signer, session } = refreshing(900);
  await t.throwsAsync(signer.presign(url, { expiresIn: 60, minValidity: 901 }), {
    instanceOf: SigningError,
    code: "ERR_SIGN_VALIDITY",
    message: /"minValidity" \(901 s\)/,
  });
  session.close();
});

test("credentials that never expire satisfy any minValidity", async (t) => {
  const signer = signerWith();
  const expected = signer.presignSync(url, options);
  for (const minValidity of [0, 1, 1e9, Number.POSITIVE_INFINITY]) {
    t.deepEqual(signer.presignSync(url, { ...options, minValidity }), expected);
    t.deepEqual(await signer.presign(url, { ...options, minValidity }), expected);
  }
});

test("an identity without a source cannot satisfy it, but still signs without it", async (t) => {
  const expiration = new Date(Date.now() + 3_600_000);
  const signer = new Signer({ service: "s3", region: "r", credentials: { ...KEYS, expiration } });
  await t.throwsAsync(signer.presign(url, { expiresIn: 60, minValidity: 7_200 }), { code: "ERR_SIGN_VALIDITY" });
  t.notThrows(() => signer.presignSync(url, { expiresIn: 60 }));
});

for (const minValidity of [-1, Number.NaN, "60", null, {}]) {
  test(`minValidity of ${inspect(minValidity)} is refused`, async (t) => {
    const wrong = { ...options, minValidity: minValidity as number };
    const expected = { instanceOf: BRSValidationError, message: /"minValidity"/ };
    t.throws(() => signerWith().presignSync(url, wrong), expected);
    await t.throwsAsync(signerWith().presign(url, wrong), expected);
    await t.throwsAsync(signerWith().presignMany([url], wrong), expected);
  });
}

test("the clock of the signer dates the URL", (t) => {
  t.is(field(signerWith().presignSync(url, { expiresIn: 60 }).url, "X-Amz-Date"), "20150830T123600Z");
  t.is(
    signerWith().presignSync(url, options).url,
    signerWith().presignSync(url, { expiresIn: 900, signingDate: DATE }).url,
  );
});
