/** Reads the beginning of an answer without taking it from whoever reads it next. */
import type { Readable } from "node:stream";

/** No error of a service is longer, and no answer is held in memory beyond it. */
const MOST_BYTES = 64 * 1024;

export interface Peeked {
  readonly beginning: Buffer;
  /** A stream with all of it, from its first byte. */
  readonly stream: Readable;
}

/** Reads up to 64 KiB. The stream that was given is not to be used any more. */
export async function peekStream(stream: Readable): Promise<Peeked> {
  const { Readable: NewReadable } = require("node:stream") as typeof import("node:stream");
  const chunks: Buffer[] = [];
  const rest = stream[Symbol.asyncIterator]();
  for (let size = 0; size < MOST_BYTES; ) {
    const next = await rest.next();
    if (next.done === true) break;
    const chunk = Buffer.from(next.value);
    chunks.push(chunk);
    size += chunk.length;
  }
  async function* all() {
    yield* chunks;
    yield* { [Symbol.asyncIterator]: () => rest };
  }
  return { beginning: Buffer.concat(chunks), stream: NewReadable.from(all(), { objectMode: false }) };
}
