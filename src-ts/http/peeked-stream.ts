/** Reads the beginning of an answer without taking it from whoever reads it next. */
import type { Readable } from "node:stream";
import { LONGEST_REFUSAL } from "./refusal.js";

export interface Peeked {
  readonly beginning: Buffer;
  /** A stream with all of it, from its first byte. */
  readonly stream: Readable;
}

/** Reads no more than a refusal is long. The stream that was given is not to be used any more. */
export async function peekStream(stream: Readable): Promise<Peeked> {
  const { Readable: NewReadable } = require("node:stream") as typeof import("node:stream");
  const chunks: Buffer[] = [];
  const rest = stream[Symbol.asyncIterator]();
  for (let size = 0; size < LONGEST_REFUSAL; ) {
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
