/** The requests that `sign()` takes, and what an HTTP client will send of them. */
import { SigningError } from "../../errors.js";
import { type BodyInput, headerPairs, type SignableRequest } from "../../signing/request.js";
import { bodyAtHand } from "../bodies/body.js";
import { nodeBody } from "../bodies/node-body.js";
import { textOfBytes } from "../headers/wire-headers.js";
import type { HttpSigning, OutgoingRequest } from "../outgoing-request.js";

/** A request to sign: also with a body that has to be read into memory first. */
export type ApiGatewayRequest = Omit<SignableRequest, "body"> & {
  body?:
    | SignableRequest["body"]
    | URLSearchParams
    | FormData
    | Blob
    | ReadableStream
    | AsyncIterable<string | Uint8Array>
    | Iterable<string | Uint8Array>;
};

type Headers = Readonly<Record<string, string>>;

/** What is sent as the body, and the type that it has of itself, where the user named none. What was read takes its place. */
export async function readBody(
  request: ApiGatewayRequest,
  settings: HttpSigning,
  signal: AbortSignal | undefined,
): Promise<{ body: BodyInput | null; type: Headers }> {
  const { body = null } = request;
  if (isSignable(body)) return { body, type: {} };
  const isRead = bodyAtHand(body) === undefined;
  if (isRead && Object.isFrozen(request)) {
    throw new SigningError(
      `"body" has to be read to be signed, and the request is frozen, so that it cannot be replaced by what was read`,
      { code: "ERR_SIGN_BODY", param: "body" },
    );
  }
  const { signed, sent, contentType, isForm } = await nodeBody(body, settings, signal);
  if (isRead) (request as { body: unknown }).body = sent;
  const isNamed = [...headerPairs(request.headers)].some(([name]) => name.toLowerCase() === "content-type");
  const type: Headers = contentType === undefined || (isNamed && !isForm) ? {} : { "content-type": contentType };
  return { body: signed, type };
}

/** Text, bytes, or what stands for them; forms and streams of the user's have neither of these fields. */
function isSignable(body: ApiGatewayRequest["body"]): body is BodyInput | null {
  if (typeof body !== "object" || body === null) return true;
  return ArrayBuffer.isView(body) || body instanceof ArrayBuffer || "sha256" in body || "unsigned" in body;
}

export function outgoing(
  { method = "GET", url, headers }: ApiGatewayRequest,
  body: BodyInput | null,
  type: Headers = {},
): OutgoingRequest {
  const href = url instanceof URL ? url.href : url;
  if (typeof href !== "string" || !URL.canParse(href)) {
    throw new SigningError('"url" must be an absolute URL, as text or URL', { code: "ERR_SIGN_URL", param: "url" });
  }
  if (typeof method !== "string") {
    throw new SigningError('"method" must be a text such as GET', { code: "ERR_SIGN_METHOD", param: "method" });
  }
  // Most clients write each character as one byte, so people who send UTF-8 give its bytes as characters; other text is taken to
  // be sent as UTF-8.
  const own = [...headerPairs(headers)]
    .filter(([name]) => !Object.hasOwn(type, name.toLowerCase()))
    .map(([name, value]) => [name, textOfBytes(value) ?? value] as const);
  return { method, url: href, headers: [...own, ...Object.entries(type)], body };
}
