/** The entries of one cache: found by their text, in the order that the native index keeps, and let go in one place. */
import type { StartTimer } from "../aws/hold.js";
import type { Clock } from "../defaults.js";
import { type Admission, CacheEntry, type EntryOwner, type EvictionReason } from "./cache-entry.js";
import { CacheIndex } from "./cache-index.js";
import type { CacheKey } from "./cache-key.js";
import type { EvictionPolicy } from "./cache-options.js";
import { IdleWatch } from "./idle-watch.js";

/** Told of each entry that left, which is out of the cache by then. */
export type OnLeave<Value, Key extends CacheKey> = (entry: CacheEntry<Value, Key>, reason: EvictionReason) => void;

/** Maximum size and idle time are Infinity for "no limit"; nothing is checked here. */
export interface HeldEntriesOptions {
  readonly evictionPolicy: EvictionPolicy;
  readonly maxSize: number;
  readonly idleMs: number;
  readonly clock?: Clock | undefined;
  readonly startTimer?: StartTimer | undefined;
}

export class HeldEntries<Value, Key extends CacheKey> {
  readonly #index: CacheIndex;
  /** By slot. */
  readonly #entries: (CacheEntry<Value, Key> | undefined)[] = [];
  readonly #onLeave: OnLeave<Value, Key>;
  readonly #owner: EntryOwner<Value, Key>;
  readonly #idle: IdleWatch;
  readonly #onDrained: (() => void)[] = [];
  hits = 0;
  misses = 0;
  builds = 0;
  evictions = 0;
  destroyed = 0;
  draining = 0;

  constructor(onLeave: OnLeave<Value, Key>, options: HeldEntriesOptions) {
    const { evictionPolicy, maxSize, idleMs, clock, startTimer } = options;
    this.#onLeave = onLeave;
    this.#index = new CacheIndex(evictionPolicy, maxSize);
    this.#idle = new IdleWatch(idleMs, () => this.#removeIdle(), clock, startTimer);
    this.#owner = {
      onUserDestroy: (entry) => this.remove(entry, "destroyed"),
      onEnd: (entry) => this.#ended(entry),
    };
  }

  get maxSize(): number {
    return this.#index.maxSize;
  }

  get idleMs(): number {
    return this.#idle.idleMs;
  }

  set idleMs(idleMs: number) {
    this.#idle.change(idleMs, this.#entries);
  }

  get size(): number {
    this.dropIdle();
    return this.#index.size;
  }

  /** The entry of a text, used by this. Counts a hit or a miss. */
  use(text: string): CacheEntry<Value, Key> | undefined {
    const slot = this.#index.touch(text);
    if (slot >= 0) {
      const entry = this.#entries[slot] as CacheEntry<Value, Key>;
      if (!this.#idle.isOn || this.#idle.isUsedAgain(entry)) {
        this.hits++;
        return entry;
      }
      this.remove(entry, "idle");
    }
    this.misses++;
    return undefined;
  }

  /** The entry of a text; no use. */
  peek(text: string): CacheEntry<Value, Key> | undefined {
    this.dropIdle();
    return this.#entries[this.#index.peek(text)];
  }

  /** The next victim; no use. */
  next(): CacheEntry<Value, Key> | undefined {
    return this.inOrder()[0];
  }

  /** All entries, the next victim first; no use. */
  inOrder(): CacheEntry<Value, Key>[] {
    this.dropIdle();
    return this.#index.order().map((slot) => this.#entries[slot] as CacheEntry<Value, Key>);
  }

  /** Holds something new under a text that `peek` found free just now, unless the size is 0. What it takes the place of leaves. */
  enter(text: string, admission: Admission<Value, Key>): void {
    if (this.maxSize === 0) return;
    // First, since a client may refuse to be watched; nothing has changed then.
    const entry = new CacheEntry(admission, this.#owner);
    const [slot, ...victims] = this.#index.add(text) as [number, ...number[]];
    const evicted = this.#vacate(victims);
    entry.slot = slot;
    this.#entries[slot] = entry;
    this.#idle.entered(entry);
    this.#letGo(evicted, "size");
  }

  /** Takes an entry out, and destroys what the cache made as soon as nothing of it is in flight. */
  remove(entry: CacheEntry<Value, Key>, reason: EvictionReason): void {
    if (this.#takeOut(entry)) this.#letGo([entry], reason);
  }

  /** Takes an entry out; what it holds is its user's from now on. */
  release(entry: CacheEntry<Value, Key>): void {
    if (this.#takeOut(entry)) entry.release();
  }

  resize(maxSize: number): void {
    if (maxSize === this.maxSize) return;
    this.#letGo(this.#vacate(this.#index.resize(maxSize)), "size");
  }

  clear(reason: EvictionReason): void {
    this.#idle.stop();
    this.#letGo(this.#vacate(this.#index.clear()), reason);
  }

  /** Lets the entries go that nobody asked for in the time allowed. */
  dropIdle(): void {
    if (this.#idle.isDue()) this.#removeIdle();
  }

  /** Resolves once everything that left is destroyed. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      if (this.draining === 0) resolve();
      else this.#onDrained.push(resolve);
    });
  }

  #removeIdle(): void {
    for (const entry of this.#idle.select(this.#entries)) this.remove(entry, "idle");
  }

  #vacate(slots: readonly number[]): CacheEntry<Value, Key>[] {
    return slots.map((slot) => {
      const entry = this.#entries[slot] as CacheEntry<Value, Key>;
      this.#entries[slot] = undefined;
      return entry;
    });
  }

  /** False when it is out already. */
  #takeOut(entry: CacheEntry<Value, Key>): boolean {
    if (this.#entries[entry.slot] !== entry) return false;
    this.#entries[entry.slot] = undefined;
    return this.#index.remove(entry.slot);
  }

  #letGo(entries: readonly CacheEntry<Value, Key>[], reason: EvictionReason): void {
    for (const entry of entries) {
      if (reason === "size" || reason === "idle") this.evictions++;
      if (entry.isOwned) this.draining++;
      entry.retire();
    }
    // Told when all is done: a listener may use the cache.
    for (const entry of entries) this.#onLeave(entry, reason);
  }

  #ended({ wasDestroyedByUser }: CacheEntry<Value, Key>): void {
    if (!wasDestroyedByUser) this.destroyed++;
    if (--this.draining > 0) return;
    for (const resolve of this.#onDrained.splice(0)) resolve();
  }
}
