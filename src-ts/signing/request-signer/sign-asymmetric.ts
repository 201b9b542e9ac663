/** Signature Version 4A in headers and in the query, by the rules of the AWS CRT, which alone has it: v4a and s3v4a. */
import { authorizationText, type SigningScope, signedHeaderNames } from "../prepared.js";
import { type AuthInput, credentialOf, headersToSign, replaceHeader } from "./auth-input.js";
import { hashText } from "./payload-rule.js";
import { encodePairs, hasParams, pairsOf } from "./query-encoding.js";
import { preparedPayload } from "./sign-headers.js";
import { dropFormContentType, takeOperationQuery } from "./sign-query.js";
import { joinUrl, splitUrl } from "./url-parts.js";
import { dropWrittenTokens } from "./written-tokens.js";

const ALGORITHM = "AWS4-ECDSA-P256-SHA256";

/** What an earlier signature left; CRT drops it from queries too. */
const OWN_HEADERS = ["Authorization", "X-Amz-Date", "X-Amz-Content-SHA256", "X-Amz-Security-Token", "X-Amz-Region-Set"];

/** Never signed by botocore. */
const UNSIGNED: ReadonlySet<string> = new Set([
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
]);

export function signAsymmetricHeaders(input: AuthInput): void {
  const { request, settings, triple, timestamp, region } = input;
  const { headers } = request;
  begin(input);
  if (triple.sessionToken !== undefined) headers.add("X-Amz-Security-Token", triple.sessionToken);
  headers.add("X-Amz-Date", timestamp);
  headers.add("X-Amz-Region-Set", region);
  if (settings.rawPath || typeof input.payload === "string") {
    headers.add("x-amz-content-sha256", hashText(input.payload));
  }
  const { params } = request;
  const { path, query } = splitUrl(request.url);
  const signed = input.sign(triple, scopeOf(input), input.now, {
    method: request.method,
    path: path === "" ? "/" : path,
    query: literalPlus(hasParams(params, "params") ? encodePairs(pairsOf(params, "params"), "params") : query),
    headers: headersToSign(request),
    payload: preparedPayload(input.payload),
  });
  headers.add("Authorization", authorizationText(ALGORITHM, credentialOf(input), signed));
}

export function signAsymmetricQuery(input: AuthInput): void {
  const { request, triple, timestamp, region } = input;
  const operation = takeOperationQuery(request);
  begin(input);
  dropFormContentType(request);
  const scope = scopeOf(input);
  const auth: Array<[string, string]> = [
    ["X-Amz-Algorithm", ALGORITHM],
    ["X-Amz-Credential", credentialOf(input)],
    ["X-Amz-Date", timestamp],
    ["X-Amz-SignedHeaders", signedHeaderNames(scope, headersToSign(request))],
    ["X-Amz-Expires", String(input.expiresIn)],
  ];
  if (triple.sessionToken !== undefined) auth.push(["X-Amz-Security-Token", triple.sessionToken]);
  auth.push(["X-Amz-Region-Set", region]);
  const query = `${operation ? `${operation}&` : ""}${encodePairs(auth, "credentials")}`;
  const parts = splitUrl(request.url);
  const { signature } = input.sign(triple, scope, input.now, {
    method: request.method,
    path: parts.path === "" ? "/" : parts.path,
    query,
    headers: headersToSign(request),
    payload: preparedPayload(input.payload),
  });
  request.url = joinUrl({ ...parts, query: `${query}&X-Amz-Signature=${signature}` });
}

function begin({ request, timestamp }: AuthInput): void {
  request.context.timestamp = timestamp;
  for (const name of OWN_HEADERS) request.headers.delete(name);
  dropWrittenTokens(request);
  const host = headersToSign(request).find(([name]) => name.toLowerCase() === "host");
  if (host !== undefined && !request.headers.has("host")) replaceHeader(request.headers, "host", host[1]);
}

/** The smithy dialect reads white space and queries as CRT does; which headers are signed is decided here. */
function scopeOf({ request, region, service, settings }: AuthInput): SigningScope {
  const { rawPath } = settings;
  const names = [...request.headers].map(([name]) => name.toLowerCase());
  return {
    region,
    service,
    dialect: "smithy",
    algorithm: "sigv4a",
    doubleEncodePath: !rawPath,
    normalizePath: !rawPath,
    signableHeaders: names.filter((name) => !UNSIGNED.has(name)),
  };
}

/** CRT takes "+" in a query for itself, not for a space. */
function literalPlus(query: string): string {
  return query.replaceAll("+", "%2B");
}
