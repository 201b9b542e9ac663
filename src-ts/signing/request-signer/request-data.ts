/** What a request can carry: content in memory, form parameters, bodies that can be rewound, and streams that cannot. */
import { SigningError, shown } from "../../errors.js";
import { bytesOf, kindOf } from "../request.js";
import { UnseekableStreamError } from "./errors.js";
import { encodeForm, type Params } from "./query-encoding.js";

/**
 * A body that is read piece by piece and can be rewound: a file, for instance. Signing reads it once and seeks back to
 * where it was; `resetStream` seeks to 0.
 */
export interface SeekableBody {
  /** Bytes from the start to the end. */
  readonly size: number;
  /** Where the next `read` begins. */
  tell(): number;
  seek(position: number): void;
  /** At most `bytes` bytes; none at the end. */
  read(bytes: number): Uint8Array | Promise<Uint8Array>;
}

/**
 * The body of a request. An object of parameters (plain, or a `Map`) is sent as a form, and moves into the query of a
 * presigned URL. A stream is any other async iterable: it can be sent, but not signed and not rewound.
 */
export type RequestData =
  | string
  | ArrayBufferView
  | ArrayBuffer
  | SeekableBody
  | AsyncIterable<Uint8Array>
  | Exclude<Params, readonly unknown[]>
  | null
  | undefined;

/** A body in the form in which it is sent. */
export type PreparedBody = string | Uint8Array | SeekableBody | AsyncIterable<Uint8Array> | undefined;

export function isSeekable(data: unknown): data is SeekableBody {
  const { seek, tell, read } = (data ?? {}) as Partial<SeekableBody>;
  return typeof seek === "function" && typeof tell === "function" && typeof read === "function";
}

/** Whether data is parameters by name. */
export function isForm(data: unknown): data is Exclude<Params, readonly unknown[]> {
  if (typeof data !== "object" || data === null || isSeekable(data)) return false;
  const prototype: unknown = Object.getPrototypeOf(data);
  return data instanceof Map || prototype === Object.prototype || prototype === null;
}

/** Whether there is nothing to send, and nothing to sign. */
export function isEmpty(data: RequestData): boolean {
  if (data === undefined || data === null || data === "") return true;
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return data.byteLength === 0;
  if (isForm(data)) return data instanceof Map ? data.size === 0 : Object.keys(data).length === 0;
  return false;
}

/** @throws SigningError for what is no body */
export function preparedBody(data: RequestData): PreparedBody {
  if (data === undefined || data === null) return undefined;
  if (typeof data === "string") return data;
  if (isSeekable(data)) return sized(data);
  if (data instanceof ArrayBuffer) return data.byteLength === 0 ? undefined : new Uint8Array(data);
  if (ArrayBuffer.isView(data)) return data.byteLength === 0 ? undefined : bytesOf(data, "data");
  if (isForm(data)) return encodeForm(data, "data");
  if (typeof data === "object" && Symbol.asyncIterator in data) return data;
  throw new SigningError(
    `"data" must be text, bytes, parameters, a body that can be sought in or a stream, found ${kindOf(data)}`,
    { code: "ERR_SIGN_BODY", param: "data" },
  );
}

function sized(body: SeekableBody): SeekableBody {
  if (Number.isSafeInteger(body.size) && body.size >= 0) return body;
  throw new SigningError(`"data.size" must be a whole number of bytes, found ${shown(body.size)}`, {
    code: "ERR_SIGN_BODY",
    param: "data.size",
    value: body.size,
  });
}

/** Bytes that will be sent, undefined where only the end of a stream will tell. */
export function contentLengthOf(body: PreparedBody): number | undefined {
  if (body === undefined) return 0;
  if (typeof body === "string") return Buffer.byteLength(body);
  if (body instanceof Uint8Array) return body.byteLength;
  return isSeekable(body) ? body.size - body.tell() : undefined;
}

/** Rewinds a body to its first byte. */
export function rewind(body: PreparedBody): void {
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) return;
  try {
    if (!isSeekable(body)) throw new TypeError("it has no seek");
    body.seek(0);
  } catch (cause) {
    throw unseekable(body, cause);
  }
}

function unseekable(body: unknown, cause: unknown): UnseekableStreamError {
  return new UnseekableStreamError(
    `"data" has to be sent again, and ${kindOf(body)} cannot be rewound: give content in memory, or an object with seek, tell and read`,
    { param: "data", cause },
  );
}
