/** A copy of an SDK request with its signature in the headers: what every request of an SDK client costs. */
import { authorizationText, type PreparedRequest, type SigningScope, signPrepared } from "../signing/prepared.js";
import { sha256 } from "../signing/sha256.js";
import { bodyOf, headerLine, headerPairs, isContent, pathOf, queryText, SHA256_HEADER } from "./canonical-input.js";
import { clonedQuery, clonedRequest, isSetAnew, setOwn } from "./http-request.js";
import type { Occasion } from "./occasion.js";
import type { SdkHttpRequest, SdkRequestSigningOptions } from "./sdk-types.js";

const REGION_SET_HEADER = "x-amz-region-set";
const TOKEN_HEADER = "x-amz-security-token";

export interface BodySigning {
  /** Whether the hash of the body is set as `x-amz-content-sha256`. */
  readonly appliesChecksum: boolean;
  /** The hash of a large body, which was made in slices before. */
  readonly large: PreparedRequest["payload"] | undefined;
}

/** Headers of an earlier signature are replaced; the request that was given is left as it is. */
export function signedInHeaders(
  requestToSign: SdkHttpRequest,
  occasion: Occasion,
  options: SdkRequestSigningOptions,
  { appliesChecksum, large }: BodySigning,
): SdkHttpRequest {
  const { triple, scope, millis, date, algorithm, credentialScope } = occasion;
  const { sessionToken } = triple;
  const regionSet = scope.algorithm === "sigv4a" ? scope.region : undefined;
  const copy = copiedHeaders(requestToSign.headers, sessionToken !== undefined, regionSet !== undefined);
  const { headers, declaring } = copy;
  const request = clonedRequest(requestToSign, headers, clonedQuery(requestToSign.query));
  headers["x-amz-date"] = date;
  let lines = `${copy.lines}x-amz-date\n${date}\n`;
  let count = copy.count + 1;
  if (sessionToken !== undefined) {
    headers[TOKEN_HEADER] = sessionToken;
    lines += `${TOKEN_HEADER}\n${sessionToken}\n`;
    count++;
  }
  if (regionSet !== undefined) {
    headers[REGION_SET_HEADER] = regionSet;
    lines += `${REGION_SET_HEADER}\n${regionSet}\n`;
    count++;
  }
  const { unsignableHeaders, signableHeaders } = options;
  const isPlain = !copy.isMixed && unsignableHeaders === undefined && signableHeaders === undefined;
  const addsHash = appliesChecksum && declaring === undefined;
  let payload = large ?? (declaring === undefined ? bodyOf(request.body) : { hash: String(headers[declaring]) });
  // The core makes the hash and signs it as a header in one go, unless the header is to be looked at, or the body is known.
  const addsContentSha256 = addsHash && isPlain && isContent(payload) && payload.length > 0;
  if (addsHash && !addsContentSha256) {
    const hash = isContent(payload) ? sha256(payload) : payload.hash;
    headers[SHA256_HEADER] = hash;
    lines += `${SHA256_HEADER}\n${hash}\n`;
    count++;
    payload = { hash };
  }
  const listed = isPlain ? { lines, count } : headerPairs(headers, unsignableHeaders, signableHeaders);
  const signed = signPrepared(triple, admitting(scope, listed, options), millis, {
    method: request.method,
    path: pathOf(request),
    query: queryText(request.query),
    headers: listed,
    payload,
    addsContentSha256,
  });
  if (signed.contentSha256 !== undefined) headers[SHA256_HEADER] = signed.contentSha256;
  headers.authorization = authorizationText(algorithm, `${triple.accessKeyId}/${credentialScope}`, signed);
  return request;
}

/** What one look at the headers of a request finds: each further look costs as much as the signature's HMAC. */
interface CopiedHeaders {
  /** A copy without those that signing sets anew. */
  readonly headers: SdkHttpRequest["headers"];
  /** Those that have a value and are not about to be replaced, as they cross. */
  readonly lines: string;
  readonly count: number;
  /** The first header that declares the hash of the body, as it is spelled. */
  readonly declaring: string | undefined;
  /** Whether a name has capitals: two may then be one, and the lines are no good. */
  readonly isMixed: boolean;
}

function copiedHeaders(given: SdkHttpRequest["headers"], setsToken: boolean, setsRegions: boolean): CopiedHeaders {
  const headers: SdkHttpRequest["headers"] = {};
  let lines = "";
  let count = 0;
  let declaring: string | undefined;
  let isMixed = false;
  for (const name in given) {
    if (!Object.hasOwn(given, name) || isSetAnew(name)) continue;
    const value: unknown = given[name];
    setOwn(headers, name, value as string);
    const lower = name.toLowerCase();
    isMixed ||= lower !== name;
    if (lower === SHA256_HEADER) declaring ??= name;
    const isReplaced = (setsToken && name === TOKEN_HEADER) || (setsRegions && name === REGION_SET_HEADER);
    if (isMixed || isReplaced || value === undefined || value === null) continue;
    lines += headerLine(name, value);
    count++;
  }
  return { headers, lines, count, declaring, isMixed };
}

/** The scope, and which of the headers are signed although the dialect leaves them out. */
export function admitting(
  scope: SigningScope,
  listed: PreparedRequest["headers"],
  { signableHeaders }: SdkRequestSigningOptions,
): SigningScope {
  if (signableHeaders === undefined || "lines" in listed) return scope;
  return {
    ...scope,
    signableHeaders: Array.from(listed, ([name]) => name).filter((name) => signableHeaders.has(name)),
  };
}
