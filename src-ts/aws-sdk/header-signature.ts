/** A copy of an SDK request with its signature in the headers: what every request of an SDK client costs. */
import { type PreparedRequest, type SigningScope, signPrepared } from "../signing/prepared.js";
import { sha256 } from "../signing/sha256.js";
import {
  bodyOf,
  declaringName,
  headerLines,
  headerPairs,
  isContent,
  pathOf,
  queryText,
  SHA256_HEADER,
} from "./canonical-input.js";
import { clonedQuery, clonedRequest, unsignedHeaders } from "./http-request.js";
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
  const headers = unsignedHeaders(requestToSign.headers);
  const request = clonedRequest(requestToSign, headers, clonedQuery(requestToSign.query));
  headers["x-amz-date"] = date;
  if (triple.sessionToken !== undefined) headers[TOKEN_HEADER] = triple.sessionToken;
  if (scope.algorithm === "sigv4a") headers[REGION_SET_HEADER] = scope.region;
  const declaring = declaringName(headers);
  let payload = large ?? (declaring === undefined ? bodyOf(request.body) : { hash: String(headers[declaring]) });
  if (appliesChecksum && declaring === undefined) {
    const hash = isContent(payload) ? sha256(payload) : payload.hash;
    headers[SHA256_HEADER] = hash;
    payload = { hash };
  }
  const { unsignableHeaders, signableHeaders } = options;
  const lines = signableHeaders === undefined ? headerLines(headers, unsignableHeaders) : undefined;
  const listed = lines ?? headerPairs(headers, unsignableHeaders, signableHeaders);
  const { signedHeaders, signature } = signPrepared(triple, admitting(scope, listed, options), millis, {
    method: request.method,
    path: pathOf(request),
    query: queryText(request.query),
    headers: listed,
    payload,
  });
  headers.authorization = `${algorithm} Credential=${triple.accessKeyId}/${credentialScope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  return request;
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
