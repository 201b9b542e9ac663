/** Presigns sets that do not fit in memory: URLs come out in order while the next batches are read and signed. */
import { BatchReader, checkSource, type ItemSource } from "./batch-reader.js";
import { itemReader, type ListOptions } from "./list-items.js";
import { type Batch, type BatchSigner, presignBatch, presignBefore } from "./presign-batch.js";

/**
 * How a stream is presigned, besides what single URLs take.
 *
 * @example
 * ```ts
 * import { Signer } from "aws-refresh-session/signing";
 *
 * export async function* links(signer: Signer, keys: AsyncIterable<string>) {
 *   const base = "https://bucket.s3.eu-west-1.amazonaws.com/";
 *   for await (const url of signer.presignStream(keys, { base, expiresIn: 3_600 })) yield `${url}\n`;
 * }
 * ```
 */
export interface PresignStreamOptions extends ListOptions {
  /** Ends the stream at once: it rejects with the signal's reason, also while it waits for the source. */
  signal?: AbortSignal;
  /** Called before the URLs of a batch are handed out, with the number of URLs that are done by then. */
  onProgress?: (done: number) => void;
}

/** A signer for one batch, and what to do when the batch is signed. */
export interface StreamSigner extends BatchSigner {
  close(): void;
}

/** Waits for credentials where it has to; the signal ends that wait. */
export type NewStreamSigner = (signal: AbortSignal) => Promise<StreamSigner>;

/** Batches that are signed or being signed: what a slow consumer keeps in memory. */
const LOOK_AHEAD = 4;
/** Below this a batch takes less time to sign than to send to another thread. */
const WORTH_A_THREAD = 50;

/** A batch as far as it could be signed, and the error that ends the stream behind it. */
interface Signed {
  readonly urls: readonly string[];
  readonly failure?: { readonly error: unknown };
}

/**
 * The URLs of a source, in its order. No more than about 2 500 of them are read ahead of the consumer.
 *
 * An error, of the source or of an item, comes after the URLs of all items before it.
 *
 * @param newSigner called once for each batch: which credentials are current, and which date it is, is settled there
 */
export function presignStream(
  requests: ItemSource,
  options: PresignStreamOptions,
  newSigner: NewStreamSigner,
): AsyncGenerator<string, void, undefined> {
  checkSource(requests);
  return run(new BatchReader(requests, itemReader(options)), options, newSigner);
}

async function* run(
  reader: BatchReader,
  { signal, onProgress }: PresignStreamOptions,
  newSigner: NewStreamSigner,
): AsyncGenerator<string, void, undefined> {
  const signing: Promise<Signed>[] = [];
  const stop = new AbortController();
  let reading: Promise<undefined> | undefined;
  const readNext = async (): Promise<undefined> => {
    try {
      const batch = await reader.next();
      if (batch !== undefined) signing.push(signed(batch, newSigner, stop.signal));
    } catch (error) {
      signing.push(Promise.resolve({ urls: [], failure: { error } }));
    }
    reading = undefined;
  };
  const wait = waitUnless(signal);
  let done = 0;
  try {
    for (;;) {
      if (reading === undefined && !reader.isDone && signing.length < LOOK_AHEAD) reading = readNext();
      const first = signing[0];
      if (first === undefined && reading === undefined) break;
      // While the first batch is being signed, the next ones are read.
      const next = await wait.for(first, reading);
      if (next === undefined) continue;
      signing.shift();
      done += next.urls.length;
      if (next.urls.length > 0) onProgress?.(done);
      for (const url of next.urls) {
        signal?.throwIfAborted();
        yield url;
      }
      if (next.failure !== undefined) throw next.failure.error;
    }
    signal?.throwIfAborted();
  } finally {
    wait.end();
    stop.abort();
    await reader.close();
    // However this ends, nothing of it goes on afterwards.
    await Promise.all(signing);
  }
}

/** Never rejects: what went wrong is told in its place of the order. */
async function signed(batch: Batch, newSigner: NewStreamSigner, stop: AbortSignal): Promise<Signed> {
  let signer: StreamSigner;
  try {
    signer = await newSigner(stop);
  } catch (error) {
    return { urls: [], failure: { error } };
  }
  try {
    return { urls: await presignBatch(batch, batch.items.length < WORTH_A_THREAD, signer) };
  } catch (error) {
    return { urls: presignBefore(error, batch, signer), failure: { error } };
  } finally {
    signer.close();
  }
}

/** Waits that end when the signal aborts. A race with one promise for all of them would grow with every wait. */
function waitUnless(signal: AbortSignal | undefined) {
  let interrupt: ((reason: unknown) => void) | undefined;
  const onAbort = () => interrupt?.(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  return {
    for: <T>(...promises: (Promise<T> | undefined)[]): Promise<T> =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        interrupt = reject;
        for (const promise of promises) promise?.then(resolve, reject);
      }),
    end: () => signal?.removeEventListener("abort", onAbort),
  };
}
