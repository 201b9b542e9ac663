/** The request that users give to a signer, and what may stand in it. */
import { SigningError, shown } from "../errors.js";

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

/** A body in the form the core takes it in. */
export type Payload =
  | { readonly kind: "absent" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "digest"; readonly text: string }
  | { readonly kind: "unsigned" };

const ABSENT: Payload = { kind: "absent" };
const UNSIGNED: Payload = { kind: "unsigned" };

export function payloadOf(body: BodyInput | null | undefined): Payload {
  if (body === undefined || body === null) return ABSENT;
  if (typeof body === "string") return { kind: "text", text: body };
  if (ArrayBuffer.isView(body)) return { kind: "bytes", bytes: bytesOf(body) };
  if (body instanceof ArrayBuffer) return { kind: "bytes", bytes: new Uint8Array(body) };
  if (typeof body === "object") {
    if ("sha256" in body && typeof body.sha256 === "string") return { kind: "digest", text: body.sha256 };
    if ("unsigned" in body && body.unsigned === true) return UNSIGNED;
  }
  throw new SigningError(
    `"body" must be a string, bytes, { sha256 } or { unsigned: true }, found ${shown(body)}: a stream, Blob or FormData is not ` +
      "signed as it is, and never silently left unsigned; give its hash, or read it into memory first",
    { code: "ERR_SIGN_BODY", param: "body" },
  );
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  if (view.buffer instanceof SharedArrayBuffer) {
    throw new SigningError(`"body" lies in shared memory, which could change while it is signed: copy it first`, {
      code: "ERR_SIGN_BODY",
      param: "body",
    });
  }
  return view instanceof Uint8Array ? view : new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
