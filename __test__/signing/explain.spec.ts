/** Tests of explain: the texts behind a signature, and that the ones to print hold no session token. */
import { createHash } from "node:crypto";
import { inspect } from "node:util";
import test from "ava";
import { CredentialsNotReadyError, SigningError } from "aws-refresh-session/signing";
import { AT, field, KEYS, SESSION_KEYS, signatureOf, signerWith, TOKEN } from "./examples.js";
import { setSystemTime } from "./system-time.js";

const url = "https://example.amazonaws.com/a b?x=1&y";
const request = { method: "POST", url, headers: { "Content-Type": "text/plain" }, body: "content" };
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

test("the texts of a signature in headers", (t) => {
  const explained = signerWith().explain(request, AT);
  t.is(
    explained.canonicalRequest,
    [
      "POST",
      "/a%2520b",
      "x=1&y=",
      "content-type:text/plain",
      "host:example.amazonaws.com",
      "x-amz-date:20150830T123600Z",
      "",
      "content-type;host;x-amz-date",
      sha256("content"),
    ].join("\n"),
  );
  t.is(
    explained.stringToSign,
    [
      "AWS4-HMAC-SHA256",
      "20150830T123600Z",
      "20150830/us-east-1/service/aws4_request",
      sha256(explained.canonicalRequest),
    ].join("\n"),
  );
  t.deepEqual(explained.signedHeaders, ["content-type", "host", "x-amz-date"]);
  t.is(explained.exactCanonicalRequest, explained.canonicalRequest);
  const signed = signerWith().signSync(request, AT);
  t.is(explained.exactResult, signed.authorization ?? "");
  t.is(explained.signature, signatureOf(signed.authorization));
});

test("the texts of a presigned URL", (t) => {
  const signer = signerWith({ service: "s3", credentials: SESSION_KEYS });
  const explained = signer.explain(url, { ...AT, expiresIn: 60 });
  const presigned = signer.presignSync(url, { ...AT, expiresIn: 60 });
  t.is(explained.exactResult, presigned.url);
  t.is(explained.signature, field(presigned.url, "X-Amz-Signature"));
  t.deepEqual(explained.signedHeaders, ["host"]);
  t.is(explained.canonicalRequest.split("\n").at(-1), "UNSIGNED-PAYLOAD");
  t.regex(
    explained.canonicalRequest,
    /X-Amz-Expires=60&X-Amz-Security-Token=<token, \d+ bytes>&X-Amz-SignedHeaders=host/,
  );
  t.is(
    explained.exactCanonicalRequest.split("\n")[2],
    explained.canonicalRequest.split("\n")[2]?.replace(/<token, \d+ bytes>/, encodeURIComponent(TOKEN)),
  );
});

for (const [title, options, expiresIn] of [
  ["in headers", {}, undefined],
  ["in headers, for S3", { service: "s3" }, undefined],
  ["in the query", {}, 60],
  ["in the query, for S3", { service: "s3" }, 60],
  ["in headers, with the token added later", { omitSessionToken: true }, undefined],
  ["in the query, with the token added later", { omitSessionToken: true }, 60],
] as const) {
  test(`the hash of the exact canonical request ends the string to sign: ${title}`, (t) => {
    for (const credentials of [KEYS, SESSION_KEYS]) {
      const signer = signerWith({ ...options, credentials });
      const explained = signer.explain(request, { ...AT, ...(expiresIn === undefined ? {} : { expiresIn }) });
      t.is(explained.stringToSign.split("\n").at(-1), sha256(explained.exactCanonicalRequest));
      t.is(explained.stringToSign.split("\n").length, 4);
    }
  });

  test(`nothing that is printed holds the token: ${title}`, (t) => {
    // Characters that encodeURIComponent leaves alone and a canonical query does not.
    for (const sessionToken of [TOKEN, "to!ken'(with)*~odd/+=characters", "t", "%41%2F"]) {
      const signer = signerWith({ ...options, credentials: { ...KEYS, sessionToken } });
      const explained = signer.explain(request, { ...AT, ...(expiresIn === undefined ? {} : { expiresIn }) });
      const encoded = explained.exactResult.match(/X-Amz-Security-Token=([^&]+)/)?.[1];
      const printed = [
        inspect(explained),
        JSON.stringify(explained),
        Object.values(explained).join("\n"),
        JSON.stringify({ ...explained }),
        String(explained),
      ];
      for (const text of printed) {
        // A token of one letter is found in any text.
        if (sessionToken.length > 1) t.false(text.includes(sessionToken));
        if (encoded !== undefined && encoded.length > 1) t.false(text.includes(encoded));
        t.false(text.includes("wJalr"));
        t.false(text.includes("X-Amz-Signature"));
      }
      if (!("omitSessionToken" in options))
        t.true(explained.canonicalRequest.includes(`, ${sessionToken.length} bytes>`));
    }
  });
}

test("only the safe texts are enumerable", (t) => {
  const explained = signerWith({ credentials: SESSION_KEYS }).explain(request, AT);
  t.deepEqual(Object.keys(explained), ["canonicalRequest", "stringToSign", "signature", "signedHeaders"]);
  t.true(explained.exactCanonicalRequest.includes(TOKEN));
  t.is("exactResult" in { ...explained }, false);
});

test("a request may be a URL or a text", (t) => {
  const signer = signerWith();
  const text = "https://example.amazonaws.com/a?b=c";
  t.deepEqual(signer.explain(text, AT), signer.explain({ url: text }, AT));
  t.deepEqual(signer.explain(new URL(text), AT), signer.explain({ url: text }, AT));
});

test("without a date the clock's is used", (t) => {
  t.is(signerWith().explain(url).stringToSign.split("\n")[1], "20150830T123600Z");
});

test.serial("an expired identity explains as well as another; one that was never fetched does not", (t) => {
  const signer = signerWith({ credentials: { ...KEYS, expiration: new Date(Date.now() + 60_000) } });
  setSystemTime(t, Date.now() + 120_000);
  t.throws(() => signer.signSync(request, AT), { instanceOf: CredentialsNotReadyError });
  t.deepEqual(signer.explain(request, AT), signerWith().explain(request, AT));
  const provided = signerWith({ credentials: async () => KEYS });
  t.throws(() => provided.explain(request, AT), { instanceOf: CredentialsNotReadyError });
});

for (const expiresIn of [0, -1, 604_801, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "60", null]) {
  test(`a lifetime of ${inspect(expiresIn)} is refused, and not taken for a signature in headers`, (t) => {
    const options = { ...AT, expiresIn: expiresIn as number };
    t.throws(() => signerWith().explain(request, options), { instanceOf: SigningError, code: "ERR_SIGN_EXPIRES" });
  });
}

test("what cannot be signed cannot be explained", (t) => {
  const signer = signerWith();
  t.throws(() => signer.explain("/relative"), { instanceOf: SigningError, code: "ERR_SIGN_URL" });
  t.throws(() => signer.explain({ url, headers: { "a\nb": "c" } }), {
    instanceOf: SigningError,
    code: "ERR_SIGN_HEADER",
  });
  t.throws(() => signer.explain(undefined as never), { instanceOf: SigningError, code: "ERR_SIGN_REQUEST" });
});
