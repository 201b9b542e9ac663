/** Signature Version 4 in the headers of a request, by the rules of botocore: v4, s3v4 and v4-s3express. */
import { authorizationText, type SigningScope } from "../prepared.js";
import { type AuthInput, credentialOf, expressToken, headersToSign, replaceHeader } from "./auth-input.js";
import { hashText, type Payload, UNSIGNED_PAYLOAD } from "./payload-rule.js";
import { encodePairs, hasParams, pairsOf } from "./query-encoding.js";
import { splitUrl } from "./url-parts.js";
import { dropWrittenTokens, isWritten, rememberToken } from "./written-tokens.js";

export function signHeaders(input: AuthInput): void {
  const { request, settings, triple, timestamp } = input;
  const { headers, context } = request;
  context.timestamp = timestamp;
  // What an earlier attempt left is replaced.
  headers.delete("Authorization");
  dropWrittenTokens(request, settings.isExpress ? settings.token.header : undefined);
  setDate(input);
  if (triple.sessionToken && !settings.isExpress) {
    replaceHeader(headers, "X-Amz-Security-Token", triple.sessionToken);
    rememberToken(request, "X-Amz-Security-Token", triple.sessionToken);
  }
  if (context.payloadSigningEnabled === false) replaceHeader(headers, "X-Amz-Content-SHA256", UNSIGNED_PAYLOAD);
  if (settings.rawPath) replaceHeader(headers, "X-Amz-Content-SHA256", hashText(input.payload));
  if (settings.isExpress) setExpressToken(input);

  const { path, query } = splitUrl(request.url);
  const { params } = request;
  const signed = input.sign(triple, botocoreScope(input), input.now, {
    method: request.method,
    path,
    query: hasParams(params, "params") ? encodePairs(pairsOf(params, "params"), "params") : query,
    headers: headersToSign(request),
    payload: preparedPayload(declaredOr(input)),
  });
  headers.add("Authorization", authorizationText("AWS4-HMAC-SHA256", credentialOf(input), signed));
}

export function botocoreScope({ region, service, settings }: AuthInput): SigningScope {
  const { rawPath } = settings;
  return { region, service, dialect: "botocore", doubleEncodePath: !rawPath, normalizePath: !rawPath };
}

/** A declared hash wins over that of the body. */
export function declaredOr({ request, payload }: AuthInput): Payload {
  return request.headers.get("X-Amz-Content-SHA256") ?? payload;
}

/** A payload as the core takes it. */
export function preparedPayload(payload: Payload): { readonly hash: string } | Uint8Array {
  return typeof payload === "string" ? { hash: payload } : payload;
}

/** A Date header of the caller is signed in place of X-Amz-Date, with the time of the signature. */
function setDate({ request: { headers }, now, timestamp }: AuthInput): void {
  headers.delete("X-Amz-Date");
  if (headers.has("Date")) replaceHeader(headers, "Date", new Date(now).toUTCString().replace("GMT", "-0000"));
  else headers.add("X-Amz-Date", timestamp);
}

function setExpressToken(input: AuthInput): void {
  const { request } = input;
  const { header } = input.settings.token;
  const token = expressToken(input);
  if (!request.headers.has(header) || isWritten(request, header)) {
    request.headers.set(header, token);
    rememberToken(request, header, token);
  }
  request.headers.delete("X-Amz-Security-Token");
}
