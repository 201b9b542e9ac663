/** Presigns lists of URLs: one native call for hundreds of them, on the threads of the pool when there are more. */
import { fromNative, SigningError } from "../errors.js";
import { native } from "../native.js";
import { type Stamp, writeRequest } from "./frame.js";
import type { SignableRequest } from "./request.js";

export interface PresignManyOptions {
  /** Ends the work between two batches. */
  signal?: AbortSignal;
  /** Called after each batch with the number of URLs that are done. */
  onProgress?: (done: number) => void;
}

/** What a list is signed with: one triple, frozen, so that a refresh on the way does not change who signs the rest. */
export interface BatchSigner {
  readonly prefix: string;
  readonly stamp: Stamp;
  /** Signs a request that is more than a plain URL. */
  presignOne(request: SignableRequest | string): string;
}

/** URLs of one native call: enough that the call costs nothing beside them, few enough that progress is smooth. */
const BATCH = 500;
/** Batches under way at once: as many as Node's pool has threads by default. */
const CONCURRENCY = 4;
/** Characters of a record in the answer: what joins the URL to the parameters, then the signature. */
const RECORD = 65;
/** Stands in place of the joining character when a URL has to be signed by itself. */
const BY_ITSELF = " ";

type Item = string | SignableRequest;

export async function presignMany(
  requests: Iterable<string | URL | SignableRequest>,
  options: PresignManyOptions,
  signer: BatchSigner,
): Promise<string[]> {
  const urls: string[] = [];
  const running = new Set<Promise<void>>();
  let done = 0;
  const finish = (start: number, items: readonly Item[], answer: Buffer | undefined) => {
    writeUrls(urls, start, items, answer, signer);
    done += items.length;
    options.onProgress?.(done);
  };
  let start = 0;
  for (const items of batches(requests)) {
    options.signal?.throwIfAborted();
    const lines = items.filter((item) => typeof item === "string");
    const isOnly = start === 0 && items.length < BATCH;
    if (lines.length === 0 || isOnly) {
      finish(start, items, lines.length === 0 ? undefined : presignLines(native.presignBatch, lines, start, signer));
    } else {
      const at = start;
      const task = presignLines(native.presignBatchLater, lines, start, signer).then(
        (answer) => finish(at, items, answer),
        (error) => {
          throw fromPool(error);
        },
      );
      running.add(task);
      // A failure is noticed below; until then it must not count as unhandled.
      task.then(
        () => running.delete(task),
        () => {},
      );
      if (running.size >= CONCURRENCY) await Promise.race(running);
    }
    start += items.length;
  }
  await Promise.all(running);
  options.signal?.throwIfAborted();
  return urls;
}

function* batches(requests: Iterable<string | URL | SignableRequest>): Generator<Item[]> {
  let items: Item[] = [];
  for (const request of requests) {
    items.push(request instanceof URL ? request.href : request);
    if (items.length === BATCH) {
      yield items;
      items = [];
    }
  }
  if (items.length > 0) yield items;
}

type NativeBatch<T> = (frame: Buffer, urls: Uint8Array, firstIndex: number) => T;

function presignLines<T>(call: NativeBatch<T>, lines: string[], firstIndex: number, signer: BatchSigner): T {
  // Of this request the core takes the settings alone.
  const { frame } = writeRequest(signer.prefix, { url: "" }, signer.stamp, 0);
  try {
    return call(frame.bytes, Buffer.from(lines.join("\n")), firstIndex);
  } catch (error) {
    throw fromNative(error);
  }
}

function writeUrls(
  urls: string[],
  start: number,
  items: readonly Item[],
  answer: Buffer | undefined,
  signer: BatchSigner,
): void {
  const text = answer?.toString("latin1") ?? "";
  const firstRecord = text.indexOf("\n") + 1;
  const shared = `${text.slice(0, Math.max(firstRecord - 1, 0))}&X-Amz-Signature=`;
  const lines = items.reduce((count, item) => (typeof item === "string" ? count + 1 : count), 0);
  if (text.length !== firstRecord + lines * RECORD) {
    throw new SigningError("a URL holds a line feed: percent-encode it", { code: "ERR_SIGN_URL", param: "url" });
  }
  let record = firstRecord;
  for (const [index, item] of items.entries()) {
    if (typeof item !== "string") {
      urls[start + index] = signer.presignOne(item);
      continue;
    }
    const joined = text.charAt(record);
    urls[start + index] =
      joined === BY_ITSELF ? signer.presignOne(item) : item + joined + shared + text.slice(record + 1, record + RECORD);
    record += RECORD;
  }
}

/** An error from the pool has no code of its own: the core writes it before the message. */
function fromPool(error: unknown): Error {
  const [code, ...rest] = (error as Error).message.split("\n");
  return rest.length === 0 ? fromNative(error) : fromNative({ code, message: rest.join("\n") });
}
