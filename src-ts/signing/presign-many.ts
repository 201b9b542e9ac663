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
  let failure: { readonly start: number; readonly error: unknown } | undefined;
  const presignItems = async (start: number, items: readonly Item[], lines: readonly string[]) => {
    const isOnly = start === 0 && items.length < BATCH;
    let answer: Buffer | undefined;
    if (lines.length === 0) {
      // These are signed on this thread: the event loop gets its turn between two batches.
      if (!isOnly) await new Promise((resume) => setImmediate(resume));
    } else {
      const settings = settingsOf(signer);
      const text = Buffer.from(lines.join("\n"));
      try {
        answer = await (isOnly ? native.presignBatch : native.presignBatchLater)(settings, text, start);
      } catch (error) {
        throw firstError(start, items, signer) ?? fromPool(error);
      }
    }
    writeUrls(urls, start, items, answer, signer);
    done += items.length;
    options.onProgress?.(done);
  };
  let start = 0;
  try {
    for (const items of batches(requests)) {
      options.signal?.throwIfAborted();
      const at = start;
      start += items.length;
      const lines = items.filter((item) => typeof item === "string");
      const task = presignItems(at, items, lines)
        .catch((error) => {
          // All batches before this one were begun: of several failures the first of the list is told, not of the clock.
          if (failure === undefined || at < failure.start) failure = { start: at, error };
        })
        .finally(() => running.delete(task));
      running.add(task);
      if (lines.length === 0) await task;
      else if (running.size >= CONCURRENCY) await Promise.race(running);
      if (failure !== undefined) break;
    }
  } finally {
    // However this ends, nothing of it goes on afterwards.
    await Promise.all(running);
  }
  if (failure !== undefined) throw failure.error;
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

/** A frame of which the core takes the settings alone. */
function settingsOf(signer: BatchSigner): Buffer {
  return writeRequest(signer.prefix, { url: "" }, signer.stamp, 0).frame.bytes;
}

/** The error of the first item that cannot be presigned: signed again one by one, since the core saw a part of them. */
function firstError(start: number, items: readonly Item[], signer: BatchSigner): unknown {
  for (const [index, item] of items.entries()) {
    try {
      presignOne(start + index, item, signer);
    } catch (error) {
      return error;
    }
  }
  return undefined;
}

function presignOne(index: number, item: Item, signer: BatchSigner): string {
  try {
    return signer.presignOne(item);
  } catch (error) {
    if (!(error instanceof SigningError)) throw error;
    const { code, param, message } = error;
    throw new SigningError(`request ${index}: ${message}`, { code, ...(param !== undefined && { param }) });
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
  // A URL with a line feed in it makes two records.
  if (text.length !== firstRecord + lines * RECORD) throw firstError(start, items, signer);
  let record = firstRecord;
  let index = start - 1;
  // Without entries(): a pair for each of thousands of URLs would cost more than putting it together.
  for (const item of items) {
    index++;
    if (typeof item !== "string") {
      urls[index] = presignOne(index, item, signer);
      continue;
    }
    const joined = text.charAt(record);
    urls[index] =
      joined === BY_ITSELF
        ? presignOne(index, item, signer)
        : item + joined + shared + text.slice(record + 1, record + RECORD);
    record += RECORD;
  }
}

/** An error from the pool has no code of its own: the core writes it before the message. */
function fromPool(error: unknown): Error {
  const [code, ...rest] = (error as Error).message.split("\n");
  return rest.length === 0 ? fromNative(error) : fromNative({ code, message: rest.join("\n") });
}
