/** What can be changed about a signed request or a presigned URL, and how each S3 server answers to it. */
import { createHash } from "node:crypto";
import type { RawRequest } from "../raw-request.js";
import type { ServerName } from "./s3-server.js";

/** Tells for each server its status and error code. */
export interface Tampering extends Readonly<Record<ServerName, string>> {
  readonly what: string;
  /** Takes the request that would be accepted. */
  change(right: RawRequest): RawRequest;
}

const MISMATCH = "403 SignatureDoesNotMatch";

/** MinIO answers as VersityGW does where nothing else is said. */
function row(what: string, change: Tampering["change"], versityGw = MISMATCH, minio = versityGw): Tampering {
  return { what, change, VersityGW: versityGw, MinIO: minio };
}

type Replacement = string | ((found: string) => string);

/** Fails when there is nothing to replace: a tampering that changes nothing would prove nothing. */
function replaced(text: string, found: string | RegExp, replacement: Replacement): string {
  const changed = typeof replacement === "string" ? text.replace(found, replacement) : text.replace(found, replacement);
  if (changed === text) throw new Error(`${found} changes nothing in ${text}`);
  return changed;
}

const otherDigit = (digit: string): string => (digit === "0" ? "1" : "0");
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const withUrl = (found: string | RegExp, replacement: Replacement) => (right: RawRequest) => ({
  ...right,
  url: replaced(right.url, found, replacement),
});

const withHeader = (name: string, value: string) => (right: RawRequest) => ({
  ...right,
  headers: { ...right.headers, [name]: value },
});

const withoutHeader = (name: string) => (right: RawRequest) => {
  const { [name]: dropped, ...headers } = right.headers ?? {};
  if (dropped === undefined) throw new Error(`there is no header ${name}`);
  return { ...right, headers };
};

const changedHeader = (name: string, found: string | RegExp, replacement: Replacement) => (right: RawRequest) =>
  withHeader(name, replaced(right.headers?.[name] ?? "", found, replacement))(right);

const changedAuthorization = (found: string | RegExp, replacement: Replacement) =>
  changedHeader("authorization", found, replacement);

/** Changes to `PUT tampered?x-id=PutObject` with content-type, x-amz-meta-owner: me and the body "pay 10". */
export const HEADER_FORM: readonly Tampering[] = [
  row("the method", (right) => ({ ...right, method: "DELETE" })),
  row("a byte of the path", withUrl("/tampered?", "/tamperee?")),
  row("the bucket", withUrl("/bucket/", "/bucked/")),
  row("a query value", withUrl("x-id=PutObject", "x-id=GetObject")),
  row("a query parameter added", withUrl("x-id=PutObject", "x-id=PutObject&more=1")),
  row(
    "a query parameter that changes the operation",
    withUrl("x-id=PutObject", "x-id=PutObject&tagging="),
    MISMATCH,
    "500 InternalError",
  ),
  row("the query removed", withUrl("?x-id=PutObject", "")),
  row("the value of an x-amz header", withHeader("x-amz-meta-owner", "you")),
  row("the letter case of a value", withHeader("x-amz-meta-owner", "Me")),
  row("the value of another signed header", withHeader("content-type", "text/html")),
  row("a signed header removed", withoutHeader("content-type"), MISMATCH, "400 AccessDenied"),
  row("an x-amz header removed", withoutHeader("x-amz-meta-owner"), MISMATCH, "400 AccessDenied"),
  // MinIO reads x-amz headers that nobody signed, as long as they come with the header form.
  row("an x-amz header added", withHeader("x-amz-meta-added", "yes"), "403 AccessDenied", "200"),
  row(
    "an x-amz header that changes the operation",
    withHeader("x-amz-copy-source", "/bucket/other"),
    "403 AccessDenied",
    "404 NoSuchKey",
  ),
  row("the host", withHeader("host", "localhost:1")),
  row("a byte of the body", (right) => ({ ...right, body: "pay 11" }), "400 XAmzContentSHA256Mismatch"),
  row("the body and its hash", (right) => ({
    ...withHeader("x-amz-content-sha256", sha256("pay 99"))(right),
    body: "pay 99",
  })),
  row("the hash declared unsigned", withHeader("x-amz-content-sha256", "UNSIGNED-PAYLOAD")),
  row("the hash removed", withoutHeader("x-amz-content-sha256"), "400 InvalidRequest", "400 AccessDenied"),
  row("a digit of the signature", changedAuthorization(/.$/, otherDigit)),
  row("the signature cut short", changedAuthorization(/.$/, "")),
  row("the signature emptied", changedAuthorization(/Signature=\w+/, "Signature="), MISMATCH, "400 MissingFields"),
  row("the authorization removed", withoutHeader("authorization"), "403 AccessDenied"),
  row(
    "the algorithm",
    changedAuthorization("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"),
    "400 InvalidArgument",
    "400 MissingFields",
  ),
  row("the date by a second", changedHeader("x-amz-date", /\d(?=Z$)/, otherDigit)),
  row("the date removed", withoutHeader("x-amz-date"), "403 AccessDenied", "400 AccessDenied"),
  row(
    "the day of the scope",
    changedAuthorization(/\/\d{8}\//, "/20200101/"),
    "400 AuthorizationHeaderMalformed",
    MISMATCH,
  ),
  row(
    "the region of the scope",
    changedAuthorization("/us-east-1/", "/eu-west-1/"),
    "400 AuthorizationHeaderMalformed",
  ),
  row(
    "the service of the scope",
    changedAuthorization("/s3/", "/sts/"),
    "400 AuthorizationHeaderMalformed",
    "400 AuthorizationParametersError",
  ),
  row(
    "the end of the scope",
    changedAuthorization("/aws4_request", "/aws5_request"),
    "400 AuthorizationHeaderMalformed",
    "400 AuthorizationQueryParametersError",
  ),
  row("the access key id", changedAuthorization("AKIAROOT", "AKIAFOOT"), "403 InvalidAccessKeyId"),
  row("a name struck from SignedHeaders", changedAuthorization("content-type;", "")),
  // Both sort the names themselves, so that the signature is still that of this request.
  row("SignedHeaders reordered", changedAuthorization("content-type;host;", "host;content-type;"), "200"),
  row(
    "a name added to SignedHeaders",
    changedAuthorization("SignedHeaders=", "SignedHeaders=accept;"),
    MISMATCH,
    "400 AccessDenied",
  ),
  row("a token added", withHeader("x-amz-security-token", "not a token"), "400 InvalidToken", "403 InvalidTokenId"),
];

/** Changes to a URL of `GET presigned?response-content-type=text/csv` that is valid for 60 seconds and signs a range. */
export const PRESIGNED_FORM: readonly Tampering[] = [
  row("the method", (right) => ({ ...right, method: "DELETE" })),
  row("a byte of the path", withUrl("/presigned?", "/presignee?")),
  row("the bucket", withUrl("/bucket/", "/bucked/")),
  row("a query value", withUrl("text%2Fcsv", "text%2Fhtml")),
  row("a query parameter added", withUrl(/$/, "&versionId=1"), MISMATCH, "400 InvalidArgument"),
  row("a response-* parameter added", withUrl(/$/, "&response-cache-control=no-store")),
  row("a query parameter removed", withUrl("response-content-type=text%2Fcsv&", "")),
  row("a query parameter repeated", withUrl(/$/, "&response-content-type=text%2Fhtml")),
  row("the value of a signed header", withHeader("range", "bytes=0-9")),
  row("a signed header removed", withoutHeader("range"), MISMATCH, "400 AccessDenied"),
  // MinIO reads x-amz headers that nobody signed, as long as they come with the header form.
  row("an x-amz header added", withHeader("x-amz-meta-added", "yes"), "403 AccessDenied", "400 AccessDenied"),
  row("the host", withHeader("host", "localhost:1")),
  row("a digit of the signature", withUrl(/(?<=X-Amz-Signature=\w{63})\w/, otherDigit)),
  row("the signature cut short", withUrl(/(?<=X-Amz-Signature=\w{63})\w/, "")),
  row(
    "the signature emptied",
    withUrl(/(?<=X-Amz-Signature=)\w+/, ""),
    "400 AuthorizationQueryParametersError",
    "400 MissingFields",
  ),
  row("the signature removed", withUrl(/&X-Amz-Signature=\w+/, ""), "400 AuthorizationQueryParametersError"),
  row("the algorithm", withUrl("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"), "400 AuthorizationQueryParametersError"),
  row("the date by a second", withUrl(/(?<=X-Amz-Date=\w{14})\d/, otherDigit)),
  row("the date removed", withUrl(/&X-Amz-Date=\w+/, ""), "400 AuthorizationQueryParametersError"),
  row("the life prolonged", withUrl("X-Amz-Expires=60", "X-Amz-Expires=600")),
  row(
    "the life prolonged beyond seven days",
    withUrl("X-Amz-Expires=60", "X-Amz-Expires=604801"),
    "400 AuthorizationQueryParametersError",
  ),
  row("the life removed", withUrl("&X-Amz-Expires=60", ""), "400 AuthorizationQueryParametersError"),
  row(
    "the day of the scope",
    withUrl(/%2F\d{8}%2F/, "%2F20200101%2F"),
    "400 AuthorizationQueryParametersError",
    MISMATCH,
  ),
  row(
    "the region of the scope",
    withUrl("us-east-1", "eu-west-1"),
    "400 AuthorizationQueryParametersError",
    "400 AuthorizationHeaderMalformed",
  ),
  row(
    "the service of the scope",
    withUrl("%2Fs3%2F", "%2Fsts%2F"),
    "400 AuthorizationQueryParametersError",
    "400 AuthorizationParametersError",
  ),
  row("the end of the scope", withUrl("aws4_request", "aws5_request"), "400 AuthorizationQueryParametersError"),
  row("the access key id", withUrl("AKIAROOT", "AKIAFOOT"), "403 InvalidAccessKeyId"),
  row("a name struck from SignedHeaders", withUrl("host%3Brange", "host")),
  row("host struck from SignedHeaders", withUrl("host%3Brange", "range"), "403 AccessDenied", "400 AccessDenied"),
  row("a token added", withUrl(/$/, "&X-Amz-Security-Token=not-a-token"), "400 InvalidToken", "403 InvalidTokenId"),
];
