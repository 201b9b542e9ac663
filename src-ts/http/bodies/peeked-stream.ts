/** Reads the beginning of an answer without taking it from whoever reads it next. */
import type { Readable } from "node:stream";
import { LONGEST_REFUSAL } from "../refusal.js";

export interface Peeked {
  readonly beginning: Buffer;
  /** A stream with all of it, from its first byte; what goes wrong with the answer goes wrong with this. */
  readonly stream: Readable;
}

/**
 * Reads no more than a refusal is long. The stream that was given is not to be used any more, and ends with the new one. The signal
 * ends it too, and rejects with its reason.
 */
export async function peekStream(given: Readable, signal?: AbortSignal): Promise<Peeked> {
  const { Readable: NewReadable } = require("node:stream") as typeof import("node:stream");
  const chunks: Buffer[] = [];
  const rest = given[Symbol.asyncIterator]();
  let failure: { readonly error: unknown } | undefined;
  const unfollow = onceAborted(signal, () => given.destroy());
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
  unfollow();
  signal?.throwIfAborted();
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
export async function beginningOfHalf(half: ReadableStream, signal?: AbortSignal): Promise<Buffer> {
  const reader = half.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Settles only once the other half has been read or cancelled, too.
  const giveUp = () => void reader.cancel().catch(() => {});
  const unfollow = onceAborted(signal, giveUp);
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
  unfollow();
  giveUp();
  signal?.throwIfAborted();
  return Buffer.concat(chunks, size);
}

/** Clients whose answer has come do not always listen to the signal any more. */
function onceAborted(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal?.aborted === true) act();
  signal?.addEventListener("abort", act, { once: true });
  return () => signal?.removeEventListener("abort", act);
}
