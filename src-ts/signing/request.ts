/** The request that users give to a signer, and what may stand in it. */
import { masked, SigningError } from "../errors.js";
import { BODY_BYTES, BODY_DIGEST, BODY_TEXT, BODY_UNSIGNED } from "./flags.js";

/** A header value; a list is sent as repeated headers, undefined as none. */
export type HeaderValue = string | number | readonly string[] | undefined;

/** Headers in any form HTTP clients use: an object, a `Headers`, a `Map`, or pairs. */
export type HeadersInput = Readonly<Record<string, HeaderValue>> | Iterable<readonly [string, string]>;

/**
 * A body: text and bytes are always content. `{ sha256 }` gives the hash (64 hex digits) of a body that is sent otherwise, such as
 * a stream; `{ unsigned: true }` leaves it unsigned, which S3 allows over TLS.
 */
export type BodyInput =
  | string
  | ArrayBufferView
  | ArrayBuffer
  | { readonly sha256: string }
  | { readonly unsigned: true };

/** A request to sign. `method` defaults to GET; the URL must be absolute, as it will be sent. */
export interface SignableRequest {
  readonly method?: string;
  readonly url: string | URL;
  readonly headers?: HeadersInput;
  readonly body?: BodyInput | null;
}

/** A body in the form the core takes it in: text after the head of the frame, or bytes beside it. */
export interface Payload {
  /** One of the flags that tell what the body is; 0 for none. */
  readonly flag: number;
  readonly text: string;
  readonly bytes: Uint8Array | undefined;
}

/** Text longer than this is hashed as bytes, so that it need not fit into a frame. */
const MAX_INLINE_TEXT = 1 << 13;

export function payloadOf(body: BodyInput | null | undefined): Payload {
  if (typeof body === "string") {
    if (body.length <= MAX_INLINE_TEXT) return { flag: BODY_TEXT, text: body, bytes: undefined };
    return { flag: BODY_BYTES, text: "", bytes: Buffer.from(body) };
  }
  if (body === undefined || body === null) return { flag: 0, text: "", bytes: undefined };
  if (ArrayBuffer.isView(body)) return { flag: BODY_BYTES, text: "", bytes: bytesOf(body, "body") };
  if (body instanceof ArrayBuffer) return { flag: BODY_BYTES, text: "", bytes: new Uint8Array(body) };
  if (typeof body === "object") {
    if ("sha256" in body && typeof body.sha256 === "string") {
      return { flag: BODY_DIGEST, text: body.sha256, bytes: undefined };
    }
    if ("unsigned" in body && body.unsigned === true) return { flag: BODY_UNSIGNED, text: "", bytes: undefined };
  }
  throw new SigningError(
    `"body" must be a string, bytes, { sha256 } or { unsigned: true }, found ${kindOf(body)}: ${adviceOn(body)}`,
    { code: "ERR_SIGN_BODY", param: "body" },
  );
}

/** What to do with a body that cannot be signed. */
function adviceOn(body: unknown): string {
  const prototype = typeof body === "object" && body !== null ? Object.getPrototypeOf(body) : undefined;
  if (prototype === Object.prototype || prototype === Array.prototype) return "write it as text, with JSON.stringify";
  return (
    "a stream, Blob or FormData is not signed as it is, and never silently left unsigned; give its hash, read it into memory " +
    "first, or for S3 sign it with signStream()"
  );
}

/** What a body is, without any of its content. */
export function kindOf(body: unknown): string {
  const name = typeof body === "object" && body !== null ? body.constructor?.name : undefined;
  return name === undefined ? `a ${typeof body}` : `an object of class ${name}`;
}

/**
 * The request with headers that can be read more than once: a refresh may come between two readings, and an iterator,
 * such as `headers.entries()`, would be empty at the second.
 */
export function withLastingHeaders(request: SignableRequest): SignableRequest {
  const headers = request?.headers;
  if (typeof (headers as { next?: unknown } | undefined | null)?.next !== "function") return request;
  const { method = "GET", url, body = null } = request;
  return { method, url, headers: [...(headers as Iterable<readonly [string, string]>)], body };
}

/** The bytes of a view that nobody else can change while they are signed. */
export function bytesOf(view: ArrayBufferView, param: string): Uint8Array {
  if (view.buffer instanceof SharedArrayBuffer) {
    throw new SigningError(`"${param}" lies in shared memory, which could change while it is signed: copy it first`, {
      code: "ERR_SIGN_BODY",
      param,
    });
  }
  return view instanceof Uint8Array ? view : new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** The error about what cannot be a header; what was found is masked. */
type Refusal = (param: string, expected: string, found: string) => SigningError;

/** Headers as pairs, a list as repeated headers. */
export function* headerPairs(
  headers: HeadersInput | null | undefined,
  refused: Refusal = malformedHeaders,
): Generator<[name: string, value: string]> {
  if (headers === undefined || headers === null) return;
  if (typeof headers !== "object") throw refused("headers", "an object, a Headers, a Map or pairs", masked(headers));
  const pairs: Iterable<unknown> = Symbol.iterator in headers ? headers : Object.entries(headers);
  for (const pair of pairs) {
    if (!Array.isArray(pair)) throw refused("headers", "pairs of a name and a value", masked(pair));
    const [name, value] = pair;
    if (typeof name !== "string") throw refused("headers", "pairs of a name and a value", masked(name));
    if (value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) {
      const text = typeof each === "number" && Number.isFinite(each) ? String(each) : each;
      if (typeof text !== "string") {
        throw refused(`headers: ${name}`, "a string, a number or a list of strings", masked(each));
      }
      yield [name, text];
    }
  }
}

function malformedHeaders(param: string, expected: string, found: string): SigningError {
  return new SigningError(`"${param}" must be ${expected}, found ${found}`, { code: "ERR_SIGN_REQUEST", param });
}
