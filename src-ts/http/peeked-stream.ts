/** Reads the beginning of an answer without taking it from whoever reads it next. */
import type { Readable } from "node:stream";
import { LONGEST_REFUSAL } from "./refusal.js";

export interface Peeked {
  readonly beginning: Buffer;
  /** A stream with all of it, from its first byte; what goes wrong with the answer goes wrong with this. */
  readonly stream: Readable;
}

/** Reads no more than a refusal is long. The stream that was given is not to be used any more, and ends with the new one. */
export async function peekStream(given: Readable): Promise<Peeked> {
  const { Readable: NewReadable } = require("node:stream") as typeof import("node:stream");
  const chunks: Buffer[] = [];
  const rest = given[Symbol.asyncIterator]();
  let failure: { readonly error: unknown } | undefined;
  try {
    for (let size = 0; size < LONGEST_REFUSAL; ) {
      const next = await rest.next();
      if (next.done === true) break;
      const chunk = Buffer.from(next.value);
      chunks.push(chunk);
      size += chunk.length;
    }
  } catch (error) {
    failure = { error };
  }
  async function* all() {
    yield* chunks;
    if (failure !== undefined) throw failure.error;
    yield* { [Symbol.asyncIterator]: () => rest };
  }
  const stream = NewReadable.from(all(), { objectMode: false });
  // Whoever gives it up before reading never reaches the one that was given.
  stream.once("close", () => given.destroy());
  return { beginning: Buffer.concat(chunks), stream };
}

/** The same of one half of a web stream, which is given up then; what goes wrong is left for the other half to tell. */
export async function beginningOfHalf(half: ReadableStream): Promise<Buffer> {
  const reader = half.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    while (size < LONGEST_REFUSAL) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      size += value.byteLength;
    }
  } catch {
    // Read what came before it.
  }
  // Settles only once the other half has been read or cancelled, too.
  reader.cancel().catch(() => {});
  return Buffer.concat(chunks, size);
}
