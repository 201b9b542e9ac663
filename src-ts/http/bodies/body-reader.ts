/** Reads the body of a request to come, whatever it is a stream of, into memory. */
import { PassThrough, Readable } from "node:stream";
import { SigningError } from "../../errors.js";
import { bytesOf, kindOf } from "../../signing/request.js";

export interface BodyReading {
  /** Most bytes that are read. */
  readonly limit: number;
  /** Ends the reading, and the source. */
  readonly signal?: AbortSignal | undefined;
  /** The number of bytes, where it is known beforehand. */
  readonly length?: number;
}

/** All bytes of a source, which is ended when there are too many of them, when a chunk is none of bytes, and on abort. */
export async function readAll(source: object, { limit, signal, length = 0 }: BodyReading): Promise<Uint8Array> {
  refuseUsed(source);
  const stream = asReadable(source);
  let leave = () => {};
  try {
    signal?.throwIfAborted();
    if (length > limit) throw tooLong(limit);
    const reading = bytesFrom(stream, limit);
    if (signal === undefined) return await reading;
    const aborted = new Promise<never>((_, reject) => {
      const onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      leave = () => signal.removeEventListener("abort", onAbort);
    });
    // Not left to the stream alone: a generator that awaits something ends only after that.
    return await Promise.race([reading, aborted]);
  } catch (error) {
    stream.on("error", () => {}).destroy(error as Error);
    throw error;
  } finally {
    leave();
  }
}

async function bytesFrom(stream: AsyncIterable<unknown>, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = bytesOfChunk(chunk);
    size += bytes.byteLength;
    if (size > limit) throw tooLong(limit);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, size);
}

/** Ends a stream that is not going to be sent: nobody else would. */
export function endUnread(source: unknown, reason: unknown): void {
  if (source instanceof ReadableStream) source.cancel(reason).catch(() => {});
  else if (source instanceof Readable) source.on("error", () => {}).destroy(reason as Error);
}

/** Nobody can tell what the bytes were that somebody else has read. */
function refuseUsed(source: object): void {
  const { locked, destroyed } = source as { locked?: boolean; destroyed?: boolean };
  const isUsed = locked === true || destroyed === true || Readable.isDisturbed(source as Readable);
  if (isUsed) {
    throw new SigningError(
      `"body" was read, locked or destroyed before the request was sent: give a body that is unread`,
      {
        code: "ERR_SIGN_BODY",
        param: "body",
      },
    );
  }
}

/** A stream that ends its source when it is destroyed. */
function asReadable(source: object): Readable {
  if (source instanceof ReadableStream) return Readable.fromWeb(source);
  const { destroy } = source as { destroy?: unknown };
  if (Symbol.asyncIterator in source && typeof destroy === "function") return source as Readable;
  if (Symbol.asyncIterator in source || Symbol.iterator in source) return Readable.from(source as Iterable<unknown>);
  // A stream of the first kind, as form-data still makes them.
  const old = source as Readable;
  const through = new PassThrough();
  through.on("close", () => old.destroy?.());
  old.on("error", (error) => through.destroy(error));
  return old.pipe(through);
}

function bytesOfChunk(chunk: unknown): Uint8Array {
  if (typeof chunk === "string") return Buffer.from(chunk);
  if (ArrayBuffer.isView(chunk)) return bytesOf(chunk, "body");
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  throw new SigningError(`a chunk of "body" must be bytes or text, found ${kindOf(chunk)}`, {
    code: "ERR_SIGN_BODY",
    param: "body",
  });
}

function tooLong(limit: number): SigningError {
  return new SigningError(
    `"body" is longer than ${limit} bytes, the most that is read into memory to be signed: raise "bufferLimit"; or for S3 sign ` +
      `with payload: "unsigned", where streams are not read, or with signStream() of a Signer; or sign() with { sha256 } where the ` +
      "hash is known",
    { code: "ERR_SIGN_BODY", param: "bufferLimit", value: limit },
  );
}
