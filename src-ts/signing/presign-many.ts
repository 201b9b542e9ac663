/** Presigns lists of URLs: one native call for hundreds of them, on the threads of the pool when there are more. */

import { checkFunction, checkSignal } from "../strategies/option-checks.js";
import { itemReader, type ListItem, type ListOptions } from "./presigning/list-items.js";
import { BATCH, type Batch, type BatchSigner, type Item, linesOf, presignBatch } from "./presigning/presign-batch.js";

export interface PresignManyOptions extends ListOptions {
  /** Ends the work between two batches. */
  signal?: AbortSignal;
  /** Called after each batch with the number of URLs that are done. */
  onProgress?: (done: number) => void;
}

/** Batches under way at once: as many as Node's pool has threads by default. */
export const CONCURRENCY = 4;

/** Refuses what cannot watch a list, and begins none whose signal has ended it. */
export function checkWatching({ signal, onProgress }: { signal?: unknown; onProgress?: unknown }): void {
  if (onProgress !== undefined) checkFunction("onProgress", onProgress);
  if (signal !== undefined) checkSignal("signal", signal).throwIfAborted();
}

export async function presignMany(
  requests: Iterable<ListItem>,
  options: PresignManyOptions,
  signer: BatchSigner,
): Promise<string[]> {
  const urls: string[] = [];
  const running = new Set<Promise<void>>();
  let done = 0;
  let failure: { readonly start: number; readonly error: unknown } | undefined;
  const presignItems = async (batch: Batch) => {
    const { start, items } = batch;
    const signed = await presignBatch(batch, start === 0 && items.length < BATCH, signer);
    for (let index = 0; index < signed.length; index++) urls[start + index] = signed[index] as string;
    done += items.length;
    options.onProgress?.(done);
  };
  try {
    for (const batch of batches(requests, itemReader(options))) {
      options.signal?.throwIfAborted();
      const { start, items } = batch;
      const task = presignItems(batch)
        .catch((error) => {
          // All batches before this one were begun: of several failures the first of the list is told, not of the clock.
          if (failure === undefined || start < failure.start) failure = { start, error };
        })
        .finally(() => running.delete(task));
      running.add(task);
      if (linesOf(items, signer).length === 0) await task;
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

function* batches(requests: Iterable<ListItem>, read: (item: ListItem) => Item): Generator<Batch> {
  let start = 0;
  let items: Item[] = [];
  for (const request of requests) {
    items.push(read(request));
    if (items.length === BATCH) {
      yield { start, items };
      start += BATCH;
      items = [];
    }
  }
  if (items.length > 0) yield { start, items };
}
