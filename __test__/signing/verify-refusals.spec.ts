/** Tests of what the verifier refuses of well-formed requests: scope, time, credentials, payload, and what it tells of it. */
import { inspect } from "node:util";
import test from "ava";
import { VerificationError } from "aws-refresh-session/signing";
import { AT, KEYS, SESSION_KEYS, signerWith, TOKEN } from "./examples.js";
import { received } from "./received.js";
import { AMZ_DATE, claims, credentialOf, presignedAs, sha256, signedAs } from "./reference.js";
import { host, plain, refusal, refuses, verify, withHeaders } from "./refusals.js";

// ---- what is not signed

for (const name of ["x-amz-meta-a", "X-AMZ-TARGET", "x-amz-", "x-amz-security-token", "x-amz-content-sha256"]) {
  refuses(`an unsigned ${name}`, "AccessDenied", signedAs(withHeaders(name, "1")));
  refuses(`an unsigned ${name} beside a presigned URL`, "AccessDenied", presignedAs(withHeaders(name, "1")));
}
refuses("an unsigned x-amz-date", "AccessDenied", signedAs(plain, { signedHeaders: "host" }));
refuses("an x-amz-date beside a presigned URL", "AccessDenied", presignedAs(withHeaders("X-Amz-Date", AMZ_DATE)));

test("headers of other names may be unsigned", async (t) => {
  for (const name of ["x-amzn-trace-id", "accept", "cookie", "x-am", "xx-amz-a"]) {
    t.is((await verify(signedAs(withHeaders(name, "1")))).payload, "verified", name);
  }
});

// ---- the scope

refuses("another service", "SignatureDoesNotMatch", signedAs(plain, { service: "other" }));
refuses("another region", "SignatureDoesNotMatch", signedAs(plain, { region: "us-east-2" }));
refuses("a region in another case", "SignatureDoesNotMatch", signedAs(plain, { region: "US-EAST-1" }));
refuses("the day before in the scope", "SignatureDoesNotMatch", signedAs(plain, { day: "20150829" }));
refuses("the day before in a presigned scope", "SignatureDoesNotMatch", presignedAs(plain, { day: "20150829" }));
refuses("another host", "SignatureDoesNotMatch", signedAs({ ...plain, rawHeaders: ["Host", "evil.example"] }));
refuses(
  "a presigned URL of another host",
  "SignatureDoesNotMatch",
  presignedAs({ ...plain, rawHeaders: ["Host", "evil.example"] }),
);
refuses("two hosts beside a presigned URL", "AuthorizationQueryParametersError", {
  ...presignedAs(plain),
  rawHeaders: ["Host", host, "Host", "evil.example"],
});

test("a day that is not the date's is named as what is wrong", async (t) => {
  for (const request of [signedAs(plain, { day: "20150829" }), presignedAs(plain, { day: "20150831" })]) {
    const error = await t.throwsAsync(verify(request), refusal("SignatureDoesNotMatch"));
    t.regex(error.message, /^Date in Credential scope does not match/);
  }
});

test("the message tells what was wrong with the scope, cut and without control characters", async (t) => {
  const region = `${"x".repeat(200)}`;
  const error = await t.throwsAsync(verify(signedAs(plain, { region })), refusal("SignatureDoesNotMatch"));
  t.true(error.message.length < 200);
  const service = await t.throwsAsync(verify(signedAs(plain, { service: "other" })));
  t.regex(service.message, /'service'/);
});

// ---- time

for (const [title, date, code] of [
  ["sixteen minutes ahead", "20150830T125201Z", "RequestTimeTooSkewed"],
  ["sixteen minutes behind", "20150830T122059Z", "RequestTimeTooSkewed"],
  ["a year ahead", "20160830T123600Z", "RequestTimeTooSkewed"],
  ["in the year 1", "00010101T000000Z", "RequestTimeTooSkewed"],
  ["in the year 9999", "99991231T235959Z", "RequestTimeTooSkewed"],
] as const) {
  refuses(`a date ${title}`, code, signedAs(plain, { date, day: date.slice(0, 8) }));
}
refuses("a presigned URL of the future", "RequestTimeTooSkewed", presignedAs(plain, { date: "20150830T125201Z" }));
refuses("a presigned URL that has ended", "AccessDenied", presignedAs(plain, { date: "20150830T113600Z" }));
refuses(
  "a presigned URL of the year 1",
  "AccessDenied",
  presignedAs(plain, { date: "00010101T000000Z", day: "00010101" }),
);

// ---- credentials

const tokens = { signedHeaders: "host;x-amz-date;x-amz-security-token" };
const stored = (sessionToken?: string) => ({
  getCredentials: () => ({
    secretAccessKey: KEYS.secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  }),
});

test("the right token is accepted in header and query", async (t) => {
  t.is((await verify(signedAs(withHeaders("X-Amz-Security-Token", TOKEN), tokens), stored(TOKEN))).payload, "verified");
  t.is((await verify(presignedAs(plain, {}, { "X-Amz-Security-Token": TOKEN }), stored(TOKEN))).payload, "verified");
});

for (const [title, given, held] of [
  ["that differs", `${TOKEN.slice(0, -1)}x`, TOKEN],
  ["that is longer", `${TOKEN}x`, TOKEN],
  ["that is shorter", TOKEN.slice(1), TOKEN],
  ["that differs in case", TOKEN.toLowerCase(), TOKEN],
  ["where none is stored", TOKEN, undefined],
  ["where an empty one is stored", TOKEN, ""],
] as const) {
  refuses(
    `a token ${title}`,
    "InvalidToken",
    signedAs(withHeaders("X-Amz-Security-Token", given), tokens),
    stored(held),
  );
  refuses(
    `a presigned token ${title}`,
    "InvalidToken",
    presignedAs(plain, {}, { "X-Amz-Security-Token": given }),
    stored(held),
  );
}
refuses("no token where one is stored", "InvalidToken", signedAs(plain), stored(TOKEN));
refuses("no presigned token where one is stored", "InvalidToken", presignedAs(plain), stored(TOKEN));
refuses(
  "the token in a header beside a presigned URL",
  "InvalidToken",
  presignedAs(withHeaders("X-Amz-Security-Token", TOKEN), { signedHeaders: "host;x-amz-security-token" }),
  stored(TOKEN),
);

for (const nothing of [undefined, null]) {
  refuses(`a key id for which the lookup knows ${nothing}`, "InvalidClientTokenId", signedAs(plain), {
    getCredentials: () => nothing as undefined,
  });
}
for (const wrong of [
  {},
  { secretAccessKey: "" },
  { secretAccessKey: 1 },
  "secret",
  { ...KEYS, sessionToken: 1 },
  7,
  true,
]) {
  refuses(`a lookup that answers ${inspect(wrong)}`, "InternalFailure", signedAs(plain), {
    getCredentials: () => wrong as never,
  });
}

test("a lookup that throws or rejects fails closed, and its error is the cause", async (t) => {
  const cause = new Error("database is down");
  for (const getCredentials of [
    () => {
      throw cause;
    },
    () => Promise.reject(cause),
  ]) {
    const error = await t.throwsAsync<VerificationError>(
      verify(signedAs(plain), { getCredentials }),
      refusal("InternalFailure"),
    );
    t.is(error.cause, cause);
    t.true(error.retryable);
    t.notRegex(error.message, /database/);
  }
});

test("nothing is looked up for a request that is refused anyway", async (t) => {
  const getCredentials = () => t.fail() as never;
  for (const request of [
    plain,
    withHeaders("Authorization", "Basic x"),
    signedAs(withHeaders("x-amz-a", "1")),
    signedAs({ ...plain, target: "//" }),
  ]) {
    await t.throwsAsync(verify(request, { getCredentials }), { instanceOf: VerificationError });
  }
});

refuses("another secret", "SignatureDoesNotMatch", signedAs(plain), {
  getCredentials: () => ({ secretAccessKey: `${KEYS.secretAccessKey}x` }),
});

// ---- the payload

const hashed = (hash: string, body = "content") => ({
  ...signedAs(
    { ...withHeaders("X-Amz-Content-Sha256", hash), body },
    { signedHeaders: "host;x-amz-content-sha256;x-amz-date" },
  ),
});
refuses("a body that is not the declared one", "XAmzContentSHA256Mismatch", hashed(sha256("other")));
refuses("an empty body in place of the declared one", "XAmzContentSHA256Mismatch", hashed(sha256("other"), ""));
for (const form of [
  "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
  "STREAMING-UNSIGNED-PAYLOAD",
  "unsigned-payload",
  "",
  sha256("content").slice(1),
  `${sha256("content")}0`,
  "g".repeat(64),
]) {
  refuses(`a declared hash of "${form}"`, "NotImplemented", hashed(form), { payload: "allow-unsigned" });
}
test("a declared hash may be in upper case", async (t) => {
  t.is((await verify(hashed(sha256("content").toUpperCase()))).payload, "verified");
});

// ---- what a refusal tells

const service = "execute-api";

test("a wrong signature is answered with what should have been signed, without the token", async (t) => {
  const signer = signerWith({ service, credentials: SESSION_KEYS });
  const options = { service, getCredentials: () => SESSION_KEYS };
  const request = { url: `https://${host}/a?b=c`, headers: { "x-a": "1" } };
  const sent = received(await signer.signRequest(request, AT));
  const inHeaders = await t.throwsAsync(
    verify({ ...sent, target: "/b?b=c" }, options),
    refusal("SignatureDoesNotMatch"),
  );
  const expected = signer.explain({ ...request, url: `https://${host}/b?b=c` }, AT);
  t.true(inHeaders.message.includes(`'${expected.canonicalRequest}'`), inHeaders.message);
  t.true(inHeaders.message.includes(`'${expected.stringToSign}'`));
  const presigned = received({ url: signer.presignSync(request.url, { ...AT, expiresIn: 60 }).url });
  const target = presigned.target.replace("/a?", "/b?");
  const inQuery = await t.throwsAsync(verify({ ...presigned, target }, options), refusal("SignatureDoesNotMatch"));
  t.true(inQuery.message.includes(signer.explain(`https://${host}/b?b=c`, { ...AT, expiresIn: 60 }).canonicalRequest));
  for (const error of [inHeaders, inQuery]) {
    t.true(error.message.includes(`<token, ${TOKEN.length} bytes>`));
    for (const text of [
      error.message,
      inspect(error, { depth: 9, showHidden: true }),
      JSON.stringify(error),
      error.stack ?? "",
    ]) {
      t.false(text.includes(TOKEN));
      t.false(text.includes(encodeURIComponent(TOKEN)));
      t.false(text.includes(KEYS.secretAccessKey));
    }
  }
});

test("a mask is not masked again, whatever a sender calls a token", async (t) => {
  const signedHeaders = "host;x-amz-date;x-amz-s3session-token";
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentialOf(claims())},SignedHeaders=${signedHeaders},Signature=${"0".repeat(64)}`;
  const sent = withHeaders("X-Amz-Date", AMZ_DATE, "x-amz-s3session-token", "e", "Authorization", authorization);
  const target = `/b${"e".repeat(500)}?X-Amz-S3session-Token=o`;
  const error = await t.throwsAsync(verify({ ...sent, target }), refusal("SignatureDoesNotMatch"));
  t.is(
    error.message.split("\n").find((line) => line.startsWith("/")),
    `/b${"<token, 1 bytes>".repeat(500)}`,
  );
});

test("no refusal shows a token or a secret", async (t) => {
  const wrong = stored("another-token-of-the-key");
  for (const [request, change] of [
    [signedAs(withHeaders("X-Amz-Security-Token", TOKEN), tokens), wrong],
    [presignedAs(plain, {}, { "X-Amz-Security-Token": TOKEN }), wrong],
    [signedAs(withHeaders("X-Amz-Security-Token", TOKEN)), stored(TOKEN)],
    [presignedAs(plain, {}, { "X-Amz-Security-Token": TOKEN, "X-Amz-Expires": "0" }), stored(TOKEN)],
    // Tokens that do not count, in requests whose signature is wrong.
    ...["X-Amz-Security-Token", "X-Amz-S3session-Token"].map((name) => {
      const signedHeaders = `host;${name.toLowerCase()}`;
      const request = presignedAs(withHeaders(name, `  ${TOKEN} `), { signedHeaders });
      return [{ ...request, target: request.target.replace("b=c", "b=d") }, stored()] as const;
    }),
  ] as const) {
    const error = await t.throwsAsync(verify(request, change), { instanceOf: VerificationError });
    const text = inspect(error, { depth: 9, showHidden: true });
    for (const secret of [TOKEN, encodeURIComponent(TOKEN), KEYS.secretAccessKey, "another-token"])
      t.false(text.includes(secret));
  }
});
