/** Turns what HTTP clients take as a body into what can be signed, and sent more than once. */
import { SigningError } from "../../errors.js";
import { type BodyInput, bytesOf, kindOf } from "../../signing/request.js";
import type { HttpSigning } from "../outgoing-request.js";
import { type BodyReading, readAll } from "./body-reader.js";

/** A body that is ready to be signed and sent. */
export interface SettledBody {
  /** What the client is given to send; undefined for no body. A stream only where streams go unsigned. */
  readonly sent: string | Uint8Array | object | undefined;
  /** What the signature covers. */
  readonly signed: BodyInput | null;
  /** The media type of the body itself, which `fetch` sends when no content-type was set; undefined where there is none. */
  readonly contentType: string | undefined;
  /** Whether `sent` can be sent a second time. */
  readonly canRepeat: boolean;
}

/** What reading a body needs to know. */
export type BodySettings = Pick<HttpSigning, "bufferLimit" | "streamsUnsigned">;

/** The body of a request without one. */
export const NO_BODY: SettledBody = { sent: undefined, signed: null, contentType: undefined, canRepeat: true };
const TEXT_TYPE = "text/plain;charset=UTF-8";
const FORM_TYPE = "application/x-www-form-urlencoded;charset=UTF-8";

/**
 * The body, where nothing has to be awaited: none, text, bytes or URLSearchParams. Undefined for what has to be read first, see
 * {@link settleBody}.
 *
 * Bytes are not copied: whoever changes them before they are sent gets a signature that no server accepts.
 *
 * @throws SigningError (ERR_SIGN_BODY) for bytes in shared memory, and for what is no body
 */
export function bodyAtHand(body: unknown): SettledBody | undefined {
  if (body === undefined || body === null) return NO_BODY;
  if (typeof body === "string") return content(body, TEXT_TYPE);
  if (ArrayBuffer.isView(body)) return content(bytesOf(body, "body"), undefined);
  if (body instanceof ArrayBuffer) return content(new Uint8Array(body), undefined);
  if (body instanceof URLSearchParams) return content(body.toString(), FORM_TYPE);
  if (body instanceof SharedArrayBuffer) bytesOf(new Uint8Array(body), "body");
  if (isReadLater(body)) return undefined;
  const advice = Array.isArray(body) || isPlain(body) ? "write it as text, with JSON.stringify" : "give one of these";
  throw new SigningError(
    `"body" must be text, bytes, URLSearchParams, FormData, a Blob or a stream, found ${kindOf(body)}: ${advice}`,
    { code: "ERR_SIGN_BODY", param: "body" },
  );
}

/**
 * The body of any kind that clients take: those of {@link bodyAtHand}, Blob and File, FormData (written out once, with its
 * boundary), ReadableStream, Node streams, iterables and async iterables of bytes or text.
 *
 * What has to be read is read into memory, no more than `bufferLimit` bytes of it. With `streamsUnsigned` Blobs and streams are
 * left unread, and the signature does not cover them. `signal` ends the reading, and the source with it.
 *
 * Rejects with SigningError (ERR_SIGN_BODY) when the body is longer than the limit, was read or locked before, or is no body,
 * and with whatever the source fails with.
 */
export async function settleBody(body: unknown, settings: BodySettings, signal?: AbortSignal): Promise<SettledBody> {
  const atHand = bodyAtHand(body);
  if (atHand !== undefined) return atHand;
  const reading: BodyReading = { limit: settings.bufferLimit, signal };
  if (isFormData(body)) {
    const written = new Response(ownFormData(body));
    const contentType = written.headers.get("content-type") ?? undefined;
    return content(await readAll(written.body as object, reading), contentType);
  }
  const contentType = isBlob(body) ? body.type || undefined : undefined;
  if (settings.streamsUnsigned) {
    return { sent: body as object, signed: { unsigned: true }, contentType, canRepeat: isBlob(body) };
  }
  if (isBlob(body)) return content(await readAll(body.stream(), { ...reading, length: body.size }), contentType);
  return content(await readAll(body as object, reading), contentType);
}

/** The number of bytes that go over the wire; undefined for a stream. */
export function bodyLength({ sent }: SettledBody): number | undefined {
  if (sent === undefined) return 0;
  if (typeof sent === "string") return Buffer.byteLength(sent);
  if (sent instanceof Uint8Array) return sent.byteLength;
  return isBlob(sent) ? sent.size : undefined;
}

function content(bytes: string | Uint8Array, contentType: string | undefined): SettledBody {
  return { sent: bytes, signed: bytes, contentType, canRepeat: true };
}

function isReadLater(body: unknown): body is object {
  return (
    typeof body === "object" &&
    body !== null &&
    !Array.isArray(body) &&
    (isBlob(body) ||
      isFormData(body) ||
      ["getReader", "pipe", Symbol.asyncIterator, Symbol.iterator].some(
        (name) => typeof (body as Record<PropertyKey, unknown>)[name] === "function",
      ))
  );
}

/** Clients bring classes of their own, so it is the kind that counts. */
function isBlob(body: unknown): body is Blob {
  return isTagged(body, ["Blob", "File"]) && typeof (body as Blob).stream === "function";
}

function isFormData(body: unknown): body is FormData {
  return (
    isTagged(body, ["FormData"]) && typeof (body as FormData).append === "function" && !("pipe" in (body as object))
  );
}

function isTagged(body: unknown, tags: readonly string[]): boolean {
  return (
    typeof body === "object" &&
    body !== null &&
    tags.includes((body as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] ?? "")
  );
}

function isPlain(body: unknown): boolean {
  return typeof body === "object" && body !== null && Object.getPrototypeOf(body) === Object.prototype;
}

/** The fields in a FormData of the platform, which is the one that the platform's Response writes. */
function ownFormData(form: FormData): FormData {
  if (form instanceof FormData) return form;
  const own = new FormData();
  for (const [name, value] of form as Iterable<[string, string | Blob]>) {
    if (typeof value === "string") own.append(name, value);
    else own.append(name, value, (value as File).name);
  }
  return own;
}
