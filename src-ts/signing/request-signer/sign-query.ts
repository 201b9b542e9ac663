/** Signature Version 4 in the query of a URL, by the rules of botocore: v4-query, s3v4-query and v4-s3express-query. */
import { SigningError } from "../../errors.js";
import { signedHeaderNames } from "../prepared.js";
import { kindOf } from "../request.js";
import { type AuthInput, credentialOf, expressToken, headersToSign } from "./auth-input.js";
import type { AwsRequest } from "./aws-request.js";
import { jsonMembers } from "./json-members.js";
import { encodePairs, hasParams, membersOf, parseQuery } from "./query-encoding.js";
import { isEmpty, isForm } from "./request-data.js";
import { botocoreScope, declaredOr, preparedPayload } from "./sign-headers.js";
import { joinUrl, splitUrl } from "./url-parts.js";

/** What a client sets by itself for a form, and no browser that follows a presigned URL sends. */
const FORM_CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8";

export function signQuery(input: AuthInput): void {
  const { request, settings, triple, timestamp } = input;
  // First, since it refuses bodies: a request that is refused stays as it was.
  const operation = takeOperationQuery(request);
  request.context.timestamp = timestamp;
  dropFormContentType(request);
  const scope = botocoreScope(input);
  const headers = headersToSign(request);
  const auth: Array<[string, string]> = [
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
    ["X-Amz-Credential", credentialOf(input)],
    ["X-Amz-Date", timestamp],
    ["X-Amz-Expires", String(input.expiresIn)],
    ["X-Amz-SignedHeaders", signedHeaderNames(scope, headers)],
  ];
  const token = settings.isExpress ? expressToken(input) : triple.sessionToken;
  if (token !== undefined) auth.push([settings.token.parameter, token]);
  const query = `${operation === undefined ? "" : `${operation}&`}${encodePairs(auth, "credentials")}`;
  const parts = splitUrl(request.url);
  const { signature } = input.sign(triple, scope, input.now, {
    method: request.method,
    path: parts.path,
    query,
    headers,
    payload: preparedPayload(declaredOr(input)),
  });
  // After a fragment too: botocore appends to the URL as a whole.
  request.url = `${joinUrl({ ...parts, query })}&X-Amz-Signature=${signature}`;
}

export function dropFormContentType({ headers }: AwsRequest): void {
  if (headers.get("content-type") === FORM_CONTENT_TYPE) headers.delete("content-type");
}

/** Moves parameters and body of a request into one query, encoded, with what the URL has; of repeated names the last counts.
 * Undefined where there is none of all that. */
export function takeOperationQuery(request: AwsRequest): string | undefined {
  const members = new Map<string, readonly string[]>();
  const { params, data } = request;
  for (const [name, value] of parseQuery(splitUrl(request.url).query)) members.set(name, [value]);
  if (hasParams(params, "params")) for (const [name, values] of membersOf(params, "params")) members.set(name, values);
  if (!isEmpty(data)) for (const [name, values] of dataMembers(data)) members.set(name, values);
  const pairs = [...members].flatMap(([name, values]) => values.map((value) => [name, value] as const));
  const query = encodePairs(pairs, "params");
  request.params = {};
  request.data = isEmpty(data) ? data : "";
  return members.size === 0 ? undefined : query;
}

function dataMembers(data: AwsRequest["data"]): Map<string, readonly string[]> {
  if (isForm(data)) return membersOf(data, "data");
  if (typeof data === "string") return jsonMembers(data);
  if (data instanceof Uint8Array)
    return jsonMembers(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString());
  throw new SigningError(
    `"data" is ${kindOf(data)}, and a presigned URL has no body to carry it: give parameters, or an object of JSON as text`,
    { code: "ERR_SIGN_BODY", param: "data" },
  );
}
