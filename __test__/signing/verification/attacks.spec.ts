/**
 * The table of attacks on the verifier: each row is a request that is accepted, what an attacker makes of it, and AWS's code for
 * the refusal. Attackers who hold a key of their own may sign anything; the others only alter what was signed.
 */
import test from "ava";
import { type ReceivedRequest, ReplayGuard, type VerifyOptions } from "aws-refresh-session/signing";
import { KEYS, NOW, TOKEN } from "../examples.js";
import { AMZ_DATE, canonicalRequest, claims, presignedAs, sha256, signature, signedAs } from "../reference.js";
import { host, plain, refusal, verify, withHeaders } from "../refusals.js";
import { derOf, numbersOf, ORDER, presignedV4aAs, signedV4aAs } from "./reference-v4a.js";

interface Attack {
  readonly name: string;
  /** What is accepted. */
  readonly honest: ReceivedRequest;
  readonly attack: (honest: ReceivedRequest) => ReceivedRequest;
  readonly code: string;
  readonly statusCode?: number;
  readonly options?: Partial<VerifyOptions>;
  /** Options under which the attack arrives, when it is sent to another server or at another time. */
  readonly later?: Partial<VerifyOptions>;
}

const withTarget = (change: (target: string) => string) => (request: ReceivedRequest) => ({
  ...request,
  target: change(request.target),
});
const withRaw = (change: (rawHeaders: readonly string[]) => string[]) => (request: ReceivedRequest) => ({
  ...request,
  rawHeaders: change(request.rawHeaders),
});
const adding = (...headers: string[]) => withRaw((rawHeaders) => [...rawHeaders, ...headers]);
const replacing = (from: string | RegExp, to: string) =>
  withRaw((rawHeaders) => rawHeaders.map((text) => text.replace(from, to)));
const instead = (request: ReceivedRequest) => () => request;

const header = signedAs(plain);
const query = presignedAs(plain);
const s3 = { service: "s3" } as const;
const s3Header = (hash: string, body: string) =>
  signedAs(
    { ...withHeaders("X-Amz-Content-Sha256", hash), method: "PUT", target: "/bucket/key", body },
    { service: "s3", signedHeaders: "host;x-amz-content-sha256;x-amz-date" },
  );
const withToken = signedAs(withHeaders("X-Amz-Security-Token", TOKEN), {
  signedHeaders: "host;x-amz-date;x-amz-security-token",
});
const stored = { getCredentials: () => ({ ...KEYS, sessionToken: TOKEN }) };
const v4a = signedV4aAs(plain);
const v4aQuery = presignedV4aAs(plain);
const dated = signedAs(withHeaders("Date", "Sun, 30 Aug 2015 12:36:00 GMT"), { signedHeaders: "date;host" });
/** A request whose only date is that of its Date header. */
const dateOnly: ReceivedRequest = {
  ...dated,
  rawHeaders: dated.rawHeaders.filter((_, index, all) => all[index - (index % 2)]?.toLowerCase() !== "x-amz-date"),
};
const express = (...headers: string[]) => {
  const request = withHeaders("x-amz-content-sha256", sha256(""), ...headers);
  const names = request.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  return signedAs(request, { service: "s3express", signedHeaders: [...names, "x-amz-date"].sort().join(";") });
};
const expressOptions = { service: "s3express", ...stored };
const late = withTarget((target) => `${target}&X-Amz-Security-Token=${encodeURIComponent(TOKEN)}`)(query);

const ATTACKS: readonly Attack[] = [
  // ---- where the signature stands
  {
    name: "auth in header and query",
    honest: header,
    attack: withTarget((t) => `${t}&X-Amz-Signature=${"0".repeat(64)}`),
    code: "InvalidArgument",
    statusCode: 400,
  },
  {
    name: "a header beside a presigned URL",
    honest: query,
    attack: adding("Authorization", "Basic YTpi"),
    code: "InvalidArgument",
  },
  {
    name: "a second Authorization header",
    honest: header,
    attack: (r) => adding("authorization", r.rawHeaders.at(-1) ?? "")(r),
    code: "IncompleteSignature",
    statusCode: 400,
  },
  {
    name: "two Authorization headers joined in one",
    honest: header,
    attack: (r) => replacing(/^(AWS4.*)$/, "$1, $1")(r),
    code: "IncompleteSignature",
  },
  { name: "no signature", honest: header, attack: instead(plain), code: "MissingAuthenticationToken", statusCode: 403 },
  {
    name: "an X-Amz-Signature parameter alone",
    honest: query,
    attack: instead({ ...plain, target: `/a?X-Amz-Signature=${"0".repeat(64)}` }),
    code: "AuthorizationQueryParametersError",
  },
  {
    name: "X-Amz-Algorithm repeated with an encoded name",
    honest: query,
    attack: withTarget((t) => `${t}&X-Amz%2DAlgorithm=AWS4-HMAC-SHA256`),
    code: "AuthorizationQueryParametersError",
    statusCode: 400,
  },
  {
    name: "a parameter of the signature repeated in another case",
    honest: query,
    attack: withTarget((t) => `${t}&x-amz-expires=604800`),
    code: "AuthorizationQueryParametersError",
  },
  // ---- the target
  {
    name: "an absolute-form target",
    honest: header,
    attack: withTarget((t) => `http://${host}${t}`),
    code: "InvalidURI",
    statusCode: 400,
  },
  {
    name: "a target that begins with two slashes",
    honest: header,
    attack: withTarget((t) => `/${t}`),
    code: "InvalidURI",
  },
  { name: "a target of another scheme", honest: header, attack: withTarget(() => "gopher://x/"), code: "InvalidURI" },
  { name: "an authority-form target", honest: header, attack: withTarget(() => `${host}:443`), code: "InvalidURI" },
  { name: "a fragment in the target", honest: header, attack: withTarget((t) => `${t}#x`), code: "InvalidURI" },
  {
    name: "a path with dot segments that resolves to the signed one",
    honest: header,
    attack: withTarget(() => "/x/../a?b=c"),
    code: "InvalidURI",
  },
  {
    name: "a path with a run of slashes",
    honest: signedAs({ ...plain, target: "/a/b" }),
    attack: withTarget(() => "/a//b"),
    code: "InvalidURI",
  },
  {
    name: "a path with a dot segment at its end",
    honest: header,
    attack: withTarget(() => "/a/.?b=c"),
    code: "InvalidURI",
  },
  {
    name: "dot segments in disguise",
    honest: header,
    attack: withTarget(() => "/x/%2e%2e/a?b=c"),
    code: "SignatureDoesNotMatch",
    statusCode: 403,
  },
  {
    name: "a letter of the path in disguise",
    honest: header,
    attack: withTarget(() => "/%61?b=c"),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a path with a parameter cut off by a null byte",
    honest: header,
    attack: withTarget(() => "/a%00?b=c"),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "one parameter more, empty",
    honest: header,
    attack: withTarget((t) => `${t}&=`),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "parameters separated by a semicolon",
    honest: signedAs({ ...plain, target: "/a?b=c&d=e" }),
    attack: withTarget(() => "/a?b=c;d=e"),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a parameter moved into the value of another",
    honest: signedAs({ ...plain, target: "/a?b=c&d=e" }),
    attack: withTarget(() => "/a?b=c%26d=e"),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a presigned URL for a second method",
    honest: query,
    attack: (r) => ({ ...r, method: "DELETE" }),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "X-Amz-Expires made longer",
    honest: query,
    attack: withTarget((t) => t.replace("Expires=3600", "Expires=604800")),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "X-Amz-Expires beyond seven days, rightly signed",
    honest: query,
    attack: instead(presignedAs(plain, {}, { "X-Amz-Expires": "604801" })),
    code: "AuthorizationQueryParametersError",
  },
  {
    name: "X-Amz-Expires of nought",
    honest: query,
    attack: instead(presignedAs(plain, {}, { "X-Amz-Expires": "0" })),
    code: "AuthorizationQueryParametersError",
  },
  {
    name: "X-Amz-Expires that overflows",
    honest: query,
    attack: instead(presignedAs(plain, {}, { "X-Amz-Expires": "18446744073709551676" })),
    code: "AuthorizationQueryParametersError",
  },
  // ---- SignedHeaders
  ...[
    "x-amz-date;host",
    "Host;x-amz-date",
    "host;host;x-amz-date",
    "x-amz-date",
    "",
    "host;;x-amz-date",
    "host; x-amz-date",
  ].map(
    (signedHeaders): Attack => ({
      name: `SignedHeaders "${signedHeaders}", rightly signed`,
      honest: header,
      attack: instead(signedAs(plain, { signedHeaders })),
      code: "IncompleteSignature",
    }),
  ),
  {
    name: "SignedHeaders naming a header that is absent",
    honest: header,
    attack: instead(signedAs(plain, { signedHeaders: "host;x-absent;x-amz-date" })),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "an x-amz- header added",
    honest: header,
    attack: adding("X-Amz-Acl", "public-read"),
    code: "AccessDenied",
    statusCode: 403,
  },
  {
    name: "an x-amz- header added to a presigned URL",
    honest: query,
    attack: adding("x-amz-copy-source", "/secret/key"),
    code: "AccessDenied",
  },
  {
    name: "x-amz-date added to a presigned URL",
    honest: query,
    attack: adding("x-amz-date", AMZ_DATE),
    code: "AccessDenied",
  },
  {
    name: "x-amz-content-sha256 added",
    honest: header,
    attack: adding("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"),
    code: "AccessDenied",
  },
  // ---- header smuggling
  {
    name: "a header line that goes on (obs-fold)",
    honest: header,
    attack: adding("x-a", "1\r\n X-Amz-Acl: public-read"),
    code: "InvalidRequest",
    statusCode: 400,
  },
  {
    name: "a header name that begins with a blank (obs-fold, split)",
    honest: header,
    attack: adding(" X-Amz-Acl", "public-read"),
    code: "InvalidRequest",
  },
  {
    name: "a header name that ends with a blank",
    honest: header,
    attack: adding("X-Amz-Acl ", "public-read"),
    code: "InvalidRequest",
  },
  {
    name: "a header name that ends with a tab",
    honest: header,
    attack: adding("Host\t", "evil.example"),
    code: "InvalidRequest",
  },
  {
    name: "a header name with a colon",
    honest: header,
    attack: adding("X-Amz-Acl:", "public-read"),
    code: "InvalidRequest",
  },
  { name: "a header without a name", honest: header, attack: adding("", "x"), code: "InvalidRequest" },
  {
    name: "a line feed in a name, which makes a header of a value",
    honest: header,
    attack: adding("x-a\nX-Amz-Acl", "public-read"),
    code: "InvalidRequest",
  },
  {
    name: "a line feed beyond Latin-1",
    honest: header,
    attack: adding("x-a", "1\u010aX-Amz-Acl"),
    code: "InvalidRequest",
  },
  {
    name: "Content-Length beside Transfer-Encoding",
    honest: signedAs({ ...withHeaders("Content-Length", "0") }),
    attack: adding("Transfer-Encoding", "chunked"),
    code: "InvalidRequest",
  },
  {
    name: "two Content-Length headers",
    honest: signedAs({ ...withHeaders("Content-Length", "0") }),
    attack: adding("content-length", "7"),
    code: "InvalidRequest",
  },
  {
    name: "two Transfer-Encoding headers",
    honest: signedAs({ ...withHeaders("Transfer-Encoding", "chunked") }),
    attack: adding("Transfer-Encoding", "identity"),
    code: "InvalidRequest",
  },
  { name: "a second Host header", honest: header, attack: adding("Host", "evil.example"), code: "IncompleteSignature" },
  {
    name: "a second Host header beside a presigned URL",
    honest: query,
    attack: adding("host", "evil.example"),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "two signed headers joined in one",
    honest: signedAs(withHeaders("x-a", "1", "x-b", "2"), { signedHeaders: "host;x-a;x-amz-date;x-b" }),
    attack: replacing(/^1$/, "1\nx-b:2"),
    code: "InvalidRequest",
  },
  // ---- scope
  {
    name: "a request for another service",
    honest: header,
    attack: (r) => r,
    later: { service: "other" },
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a request for another region",
    honest: header,
    attack: (r) => r,
    later: { region: "us-east-2" },
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a request for another host",
    honest: header,
    attack: (r) => r,
    later: { hosts: ["other.example"] },
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a host with another port",
    honest: header,
    attack: replacing(host, `${host}:8443`),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a scope of another day, rightly signed",
    honest: header,
    attack: instead(signedAs(plain, { day: "20150829" })),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a scope whose day is moved into the key id",
    honest: header,
    attack: replacing("AKIDEXAMPLE/", "AKIDEXAMPLE/20150830/"),
    later: { getCredentials: ({ accessKeyId }) => (accessKeyId === KEYS.accessKeyId ? KEYS : undefined) },
    code: "InvalidClientTokenId",
  },
  {
    name: "another terminator",
    honest: header,
    attack: instead(signedAs(plain, { terminator: "aws5_request" })),
    code: "IncompleteSignature",
  },
  {
    name: "another key id with the same secret",
    honest: header,
    attack: replacing("AKIDEXAMPLE", "AKIDOTHER"),
    later: { getCredentials: ({ accessKeyId }) => (accessKeyId === KEYS.accessKeyId ? KEYS : undefined) },
    code: "InvalidClientTokenId",
    statusCode: 403,
  },
  // ---- time
  {
    name: "a date from the future",
    honest: header,
    attack: instead(signedAs(plain, { date: "20150830T125101Z" })),
    code: "RequestTimeTooSkewed",
    statusCode: 403,
  },
  {
    name: "a date from the past",
    honest: header,
    attack: (r) => r,
    later: { clock: () => NOW + 900_001 },
    code: "RequestTimeTooSkewed",
  },
  {
    name: "a presigned URL from the future",
    honest: query,
    attack: (r) => r,
    later: { clock: () => NOW - 900_001 },
    code: "RequestTimeTooSkewed",
  },
  {
    name: "a presigned URL that is over",
    honest: query,
    attack: (r) => r,
    later: { clock: () => NOW + 3_600_000 },
    code: "AccessDenied",
  },
  {
    name: "a clock that is no number",
    honest: header,
    attack: (r) => r,
    later: { clock: () => Number.NaN },
    code: "RequestTimeTooSkewed",
  },
  {
    name: "another day in X-Amz-Date",
    honest: header,
    attack: replacing(AMZ_DATE, "20150831T000000Z"),
    code: "SignatureDoesNotMatch",
  },
  // ---- a Date header alone
  {
    name: "another signed Date",
    honest: dateOnly,
    attack: replacing("12:36:00 GMT", "12:36:01 GMT"),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a Date that is not signed",
    honest: dateOnly,
    attack: replacing("SignedHeaders=date;host", "SignedHeaders=host"),
    code: "IncompleteSignature",
  },
  {
    name: "a Date of another form",
    honest: dateOnly,
    attack: replacing("Sun, 30 Aug 2015 12:36:00 GMT", "Sunday, 30-Aug-15 12:36:00 GMT"),
    code: "IncompleteSignature",
  },
  {
    name: "a Date whose day of the week is wrong",
    honest: dateOnly,
    attack: replacing("Sun, ", "Mon, "),
    code: "IncompleteSignature",
  },
  {
    name: "a second Date",
    honest: dateOnly,
    attack: adding("Date", "Sun, 30 Aug 2015 12:37:00 GMT"),
    code: "IncompleteSignature",
  },
  {
    name: "a fresh x-amz-date beside the signed Date",
    honest: dateOnly,
    attack: adding("X-Amz-Date", "20150830T130000Z"),
    later: { clock: () => NOW + 1_440_000 },
    code: "AccessDenied",
  },
  // ---- credentials
  {
    name: "another token",
    honest: withToken,
    attack: replacing(TOKEN, `${TOKEN}x`),
    options: stored,
    code: "InvalidToken",
    statusCode: 400,
  },
  { name: "the token taken away", honest: withToken, attack: instead(header), options: stored, code: "InvalidToken" },
  { name: "a token where none is stored", honest: header, attack: instead(withToken), code: "InvalidToken" },
  {
    name: "the token repeated",
    honest: withToken,
    attack: adding("x-amz-security-token", TOKEN),
    options: stored,
    code: "IncompleteSignature",
  },
  {
    name: "credentials that have ended",
    honest: header,
    attack: (r) => r,
    later: { getCredentials: () => ({ ...KEYS, expiration: new Date(NOW) }) },
    code: "ExpiredToken",
    statusCode: 400,
  },
  {
    name: "credentials that have ended, with a wrong signature",
    honest: header,
    attack: withTarget(() => "/b"),
    later: { getCredentials: () => ({ ...KEYS, expiration: new Date(0) }) },
    code: "SignatureDoesNotMatch",
  },
  {
    name: "an expiration that is no date",
    honest: header,
    attack: (r) => r,
    later: { getCredentials: () => ({ ...KEYS, expiration: new Date(Number.NaN) }) },
    code: "InternalFailure",
  },
  {
    name: "a lookup that throws",
    honest: header,
    attack: (r) => r,
    later: {
      getCredentials: () => {
        throw new Error("database is down");
      },
    },
    code: "InternalFailure",
    statusCode: 500,
  },
  {
    name: "a lookup that rejects",
    honest: header,
    attack: (r) => r,
    later: { getCredentials: () => Promise.reject(new Error("down")) },
    code: "InternalFailure",
  },
  {
    name: "a lookup that never knew the key",
    honest: header,
    attack: (r) => r,
    later: { getCredentials: () => undefined },
    code: "InvalidClientTokenId",
  },
  // ---- S3 Express
  {
    name: "the token of an S3 Express session under the other name as well",
    honest: express("x-amz-s3session-token", TOKEN),
    attack: instead(express("x-amz-s3session-token", TOKEN, "x-amz-security-token", TOKEN)),
    options: expressOptions,
    code: "InvalidRequest",
  },
  {
    name: "another token of an S3 Express session",
    honest: express("x-amz-s3session-token", TOKEN),
    attack: instead(express("x-amz-s3session-token", `${TOKEN}x`)),
    options: expressOptions,
    code: "InvalidToken",
  },
  {
    name: "the token of an S3 Express session repeated",
    honest: express("x-amz-s3session-token", TOKEN),
    attack: adding("x-amz-s3session-token", TOKEN),
    options: expressOptions,
    code: "IncompleteSignature",
  },
  {
    name: "an S3 Express token in place of the token of another service",
    honest: withToken,
    attack: instead(
      signedAs(withHeaders("x-amz-s3session-token", TOKEN), { signedHeaders: "host;x-amz-date;x-amz-s3session-token" }),
    ),
    options: stored,
    code: "InvalidToken",
  },
  // ---- a token after the signature
  {
    name: "a token after the signature where nobody asked for it",
    honest: late,
    attack: (r) => r,
    options: { ...stored, tokenAfterSignature: true },
    later: { tokenAfterSignature: false },
    code: "SignatureDoesNotMatch",
  },
  {
    name: "another token after the signature",
    honest: late,
    attack: withTarget((t) => `${t}x`),
    options: { ...stored, tokenAfterSignature: true },
    code: "InvalidToken",
  },
  {
    name: "the late token moved before the signature",
    honest: late,
    attack: withTarget((t) => t.replace(/^(.*)(&X-Amz-Signature=.*?)(&X-Amz-Security-Token=.*)$/, "$1$3$2")),
    options: { ...stored, tokenAfterSignature: true },
    code: "SignatureDoesNotMatch",
  },
  {
    name: "another parameter after the signature",
    honest: late,
    attack: withTarget((t) => `${t}&x=y`),
    options: { ...stored, tokenAfterSignature: true },
    code: "SignatureDoesNotMatch",
  },
  // ---- the payload
  {
    name: "another body",
    honest: { ...header, body: "" },
    attack: (r) => ({ ...r, body: "x" }),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "a body that is not the declared one",
    honest: s3Header(sha256("content"), "content"),
    attack: (r) => ({ ...r, body: "Content" }),
    options: s3,
    code: "XAmzContentSHA256Mismatch",
    statusCode: 400,
  },
  {
    name: "UNSIGNED-PAYLOAD where bodies must be signed",
    honest: s3Header(sha256("content"), "content"),
    attack: instead(s3Header("UNSIGNED-PAYLOAD", "content")),
    options: s3,
    code: "AccessDenied",
  },
  {
    name: "a signed hash replaced by UNSIGNED-PAYLOAD",
    honest: s3Header(sha256("content"), "content"),
    attack: replacing(sha256("content"), "UNSIGNED-PAYLOAD"),
    options: { ...s3, payload: "allow-unsigned" },
    code: "SignatureDoesNotMatch",
  },
  {
    name: "X-Amz-Content-Sha256 in query and header, differing",
    honest: presignedAs(
      withHeaders("x-amz-content-sha256", sha256("")),
      { service: "s3", signedHeaders: "host;x-amz-content-sha256" },
      { "X-Amz-Content-Sha256": sha256("") },
    ),
    attack: instead(
      presignedAs(
        withHeaders("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
        { service: "s3", signedHeaders: "host;x-amz-content-sha256" },
        { "X-Amz-Content-Sha256": sha256("") },
      ),
    ),
    options: s3,
    code: "AuthorizationQueryParametersError",
  },
  {
    name: "chunks of the other algorithm",
    honest: v4a,
    attack: instead(
      signedV4aAs(
        {
          ...withHeaders(
            "x-amz-content-sha256",
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            "x-amz-decoded-content-length",
            "0",
          ),
        },
        { signedHeaders: "host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-region-set" },
      ),
    ),
    code: "InvalidRequest",
  },
  {
    name: "a form of payload that is not known",
    honest: s3Header(sha256(""), ""),
    attack: instead(s3Header("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "")),
    options: s3,
    code: "NotImplemented",
    statusCode: 501,
  },
  // ---- SigV4a, and one algorithm taken for the other
  {
    name: "the algorithm's name exchanged, v4 for v4a",
    honest: header,
    attack: replacing("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
    code: "IncompleteSignature",
  },
  {
    name: "the algorithm's name exchanged, v4a for v4",
    honest: v4a,
    attack: replacing("AWS4-ECDSA-P256-SHA256", "AWS4-HMAC-SHA256"),
    code: "IncompleteSignature",
  },
  {
    name: "an ECDSA signature under HMAC's name and scope",
    honest: v4a,
    attack: instead(
      signedV4aAs(plain, { algorithm: "AWS4-HMAC-SHA256", scope: "20150830/us-east-1/service/aws4_request" }),
    ),
    code: "IncompleteSignature",
  },
  {
    name: "an HMAC signature under ECDSA's name and scope",
    honest: v4a,
    attack: replacing(
      /Signature=.*/,
      `Signature=${signature(canonicalRequest(v4a, "host;x-amz-date;x-amz-region-set", "service"), claims())}`,
    ),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "the algorithm's name exchanged in the query",
    honest: v4aQuery,
    attack: withTarget((t) => t.replace("AWS4-ECDSA-P256-SHA256", "AWS4-HMAC-SHA256")),
    code: "AuthorizationQueryParametersError",
  },
  {
    name: "SigV4a where it is not accepted",
    honest: v4a,
    attack: (r) => r,
    later: { algorithms: ["sigv4"] },
    code: "InvalidRequest",
  },
  {
    name: "SigV4 where it is not accepted",
    honest: header,
    attack: (r) => r,
    later: { algorithms: ["sigv4a"] },
    code: "InvalidRequest",
  },
  {
    name: "a region that is not in the set",
    honest: signedV4aAs(plain, { regionSet: "us-*" }),
    attack: (r) => r,
    later: { region: "eu-west-1" },
    code: "SignatureDoesNotMatch",
  },
  { name: "the region set widened", honest: v4a, attack: replacing(/^us-east-1$/, "*"), code: "SignatureDoesNotMatch" },
  {
    name: "the region set taken away",
    honest: v4a,
    attack: instead(signedV4aAs(plain, { regionSet: undefined, signedHeaders: "host;x-amz-date" })),
    code: "IncompleteSignature",
  },
  {
    name: "an empty region set, rightly signed",
    honest: v4a,
    attack: instead(signedV4aAs(plain, { regionSet: "" })),
    code: "IncompleteSignature",
  },
  {
    name: "an empty name in the region set",
    honest: v4a,
    attack: instead(signedV4aAs(plain, { regionSet: "us-east-1,,*" })),
    code: "IncompleteSignature",
  },
  { name: "a second region set", honest: v4a, attack: adding("x-amz-region-set", "*"), code: "IncompleteSignature" },
  {
    name: "a second region set in the query",
    honest: v4aQuery,
    attack: withTarget((t) => `${t}&X-Amz-Region-Set=%2A`),
    code: "AuthorizationQueryParametersError",
  },
  {
    name: "a region set of the query in another case of letters",
    honest: v4aQuery,
    attack: withTarget((t) => t.replace("us-east-1", "US-EAST-1")),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "an ECDSA signature of noughts",
    honest: v4a,
    attack: replacing(/Signature=.*/, `Signature=${derOf(0n, 0n)}`),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "an ECDSA signature of r = 1, s = 0",
    honest: v4a,
    attack: replacing(/Signature=.*/, `Signature=${derOf(1n << 250n, 0n)}`),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "an ECDSA signature whose numbers are beyond the order",
    honest: v4a,
    attack: (r) => {
      const [first, second] = numbersOf(r.rawHeaders.at(-1)?.split("Signature=")[1] ?? "");
      return replacing(/Signature=.*/, `Signature=${derOf(first + ORDER, second)}`)(r);
    },
    code: "SignatureDoesNotMatch",
  },
  {
    name: "an ECDSA signature with bytes after it",
    honest: v4a,
    attack: replacing(/Signature=.*/, `Signature=${derOf(1n << 200n, 1n << 200n)}00`),
    code: "SignatureDoesNotMatch",
  },
  {
    name: "an ECDSA signature in upper case",
    honest: v4a,
    attack: (r) =>
      withRaw((raw) =>
        raw.map((text) => text.replace(/Signature=.*/, (s) => `Signature=${s.slice(10).toUpperCase()}`)),
      )(r),
    code: "IncompleteSignature",
  },
  // ---- replay
  {
    name: "the same request again",
    honest: header,
    attack: (r) => r,
    options: { replay: new ReplayGuard() },
    code: "AccessDenied",
  },
  {
    name: "a presigned URL again",
    honest: query,
    attack: (r) => r,
    options: { replay: new ReplayGuard() },
    code: "AccessDenied",
  },
  {
    name: "the same request in another spelling",
    honest: header,
    attack: (r) =>
      replacing(
        "SignedHeaders=host;x-amz-date, ",
        "SignedHeaders=host;x-amz-date,",
      )(withTarget((t) => t.replace("b=c", "%62=%63"))(r)),
    options: { replay: new ReplayGuard() },
    code: "AccessDenied",
  },
  {
    name: "the same SigV4a request with the other of its two signatures",
    honest: v4a,
    attack: (r) => {
      const [first, second] = numbersOf(r.rawHeaders.at(-1)?.split("Signature=")[1] ?? "");
      return replacing(/Signature=.*/, `Signature=${derOf(first, ORDER - second)}`)(r);
    },
    options: { replay: new ReplayGuard() },
    code: "AccessDenied",
  },
  {
    name: "a fresh request to a guard that is full",
    honest: header,
    attack: instead(signedAs({ ...plain, target: "/b" })),
    options: { replay: new ReplayGuard({ maxEntries: 1 }) },
    code: "ServiceUnavailable",
    statusCode: 503,
  },
];

for (const { name, honest, attack, code, statusCode, options = {}, later = {} } of ATTACKS) {
  test(`${name}: ${code}`, async (t) => {
    t.is((await verify(honest, options)).payload, "verified");
    const error = await t.throwsAsync(verify(attack(honest), { ...options, ...later }), refusal(code));
    if (statusCode !== undefined) t.is((error as { statusCode?: number }).statusCode, statusCode);
  });
}

test("no row is there twice", (t) => {
  t.is(new Set(ATTACKS.map(({ name }) => name)).size, ATTACKS.length);
});
