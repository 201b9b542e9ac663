/** Cuts a source of any length into batches, and tells the source when no more is wanted. */
import { BRSValidationError, masked } from "../../errors.js";
import type { ListItem } from "./list-items.js";
import { BATCH, type Batch, type Item } from "./presign-batch.js";

export type ItemSource = AsyncIterable<ListItem> | Iterable<ListItem>;

/** Refuses what is no list; a string is iterable, but one of characters. */
export function checkList(requests: unknown): void {
  if (typeof requests === "object" && requests !== null) {
    if (Symbol.iterator in requests) return;
    if (Symbol.asyncIterator in requests) {
      throw new BRSValidationError(
        '"requests" must be an iterable, found an async iterable: presignStream() takes those',
        { param: "requests" },
      );
    }
  }
  const hint = typeof requests === "string" ? ": give a list, or presign() a single URL" : "";
  throw new BRSValidationError(`"requests" must be an iterable, found ${masked(requests)}${hint}`, {
    param: "requests",
  });
}

/** Refuses what cannot be read item by item; a string could, but holds characters. */
export function checkSource(requests: unknown): void {
  if (typeof requests === "object" && requests !== null) {
    const { [Symbol.asyncIterator]: open, [Symbol.iterator]: openSync } = requests as Partial<
      AsyncIterable<unknown> & Iterable<unknown>
    >;
    if (typeof open === "function" || typeof openSync === "function") return;
  }
  throw new BRSValidationError(`"requests" must be an iterable or async iterable, found ${masked(requests)}`, {
    param: "requests",
  });
}

/**
 * Reads batches of up to 500 items. From an asynchronous source a batch holds what comes without waiting: it ends with the turn of
 * the event loop in which its first item came, so that a slow source does not hold up its own beginning.
 */
export class BatchReader {
  readonly #source: ItemSource;
  readonly #read: (item: ListItem) => Item;
  #iterator: AsyncIterator<ListItem> | Iterator<ListItem> | undefined;
  #start = 0;
  /** The item that is being waited for, from one batch to the next. */
  #pending: Promise<IteratorResult<ListItem>> | undefined;
  /** What the source threw, kept until the items before it are out. */
  #failure: { readonly error: unknown } | undefined;
  /** Whether the source ended, by itself or by what it threw. */
  #hasEnded = false;
  #isClosed = false;

  constructor(source: ItemSource, read: (item: ListItem) => Item) {
    this.#source = source;
    this.#read = read;
  }

  /** Whether there is nothing left to be told. */
  get isDone(): boolean {
    return this.#isClosed || (this.#hasEnded && this.#failure === undefined);
  }

  /** The next batch; undefined at the end. What the source throws comes after the items before it. */
  async next(): Promise<Batch | undefined> {
    const items: Item[] = [];
    if (!this.#hasEnded) {
      try {
        await this.#fill(items);
      } catch (error) {
        this.#hasEnded = true;
        this.#failure = { error };
      }
    }
    if (this.#isClosed) return undefined;
    if (items.length === 0) {
      const failure = this.#failure;
      this.#failure = undefined;
      if (failure !== undefined) throw failure.error;
      return undefined;
    }
    const start = this.#start;
    this.#start += items.length;
    return { start, items };
  }

  /** Tells the source that no more is wanted; an item that is being waited for is not waited for any longer. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#hasEnded || this.#iterator === undefined) return;
    const closing = this.#iterator.return?.();
    if (this.#pending === undefined) await closing;
    else Promise.resolve(closing).catch(() => {});
  }

  #fill(items: Item[]): Promise<void> | void {
    if (this.#iterator === undefined) {
      const open = (this.#source as Partial<AsyncIterable<ListItem>>)[Symbol.asyncIterator];
      this.#iterator =
        open === undefined ? (this.#source as Iterable<ListItem>)[Symbol.iterator]() : open.call(this.#source);
    }
    if (Symbol.asyncIterator in this.#source) return this.#fillInTurn(items, this.#iterator as AsyncIterator<ListItem>);
    const iterator = this.#iterator as Iterator<ListItem>;
    while (items.length < BATCH && this.#take(iterator.next(), items));
  }

  async #fillInTurn(items: Item[], iterator: AsyncIterator<ListItem>): Promise<void> {
    let turn: Promise<undefined> | undefined;
    while (items.length < BATCH && !this.#isClosed) {
      this.#pending ??= Promise.resolve(iterator.next());
      if (items.length > 0) turn ??= new Promise((resolve) => setImmediate(resolve, undefined));
      const step = await (turn === undefined ? this.#pending : Promise.race([this.#pending, turn]));
      if (step === undefined) return;
      this.#pending = undefined;
      if (!this.#take(step, items)) return;
    }
  }

  #take(step: IteratorResult<ListItem>, items: Item[]): boolean {
    if (step.done === true) {
      this.#hasEnded = true;
      return false;
    }
    items.push(this.#read(step.value));
    return true;
  }
}
