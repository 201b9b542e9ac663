/** The native index of one cache: which slot of an array a text has, and which entries leave first. */
import { native } from "../native.js";
import type { EvictionPolicy } from "./cache-options.js";

/** Closes the indexes of caches that nobody holds any more. */
let collected: FinalizationRegistry<number> | undefined;

/** The core keeps digests of the texts under a random key, never the texts. A slot that is free again is given to a newcomer. */
export class CacheIndex {
  readonly #handle: number;
  #maxSize: number;

  /** Nothing is checked here. */
  constructor(evictionPolicy: EvictionPolicy, maxSize: number) {
    this.#maxSize = maxSize;
    this.#handle = native.openIndex(evictionPolicy === "LFU", maxSize);
    collected ??= new FinalizationRegistry((handle) => native.closeIndex(handle));
    collected.register(this, this.#handle);
  }

  /** Infinity is no limit. */
  get maxSize(): number {
    return this.#maxSize;
  }

  get size(): number {
    return native.indexSize(this.#handle);
  }

  /** The slot of an entry, which is used thereby; -1 when it is absent. */
  touch(text: string): number {
    return native.touchEntry(this.#handle, text);
  }

  /** The slot of an entry, without using it; -1 when it is absent. */
  peek(text: string): number {
    return native.peekEntry(this.#handle, text);
  }

  /**
   * Adds an entry that is not there: its slot, and those of entries that left for it, whose slots are free then and none of
   * which is the newcomer's. -1 alone when the size is 0.
   */
  add(text: string): number[] {
    return native.addEntry(this.#handle, text);
  }

  /** Takes an entry out; false when the slot has none. */
  remove(slot: number): boolean {
    return native.removeEntry(this.#handle, slot);
  }

  /** Sets how many entries there may be: the slots of those who leave for it, first victim first. */
  resize(maxSize: number): number[] {
    this.#maxSize = maxSize;
    return native.resizeIndex(this.#handle, maxSize);
  }

  /** Takes all entries out: their slots, in the order in which they would have left. */
  clear(): number[] {
    const slots = native.resizeIndex(this.#handle, 0);
    native.resizeIndex(this.#handle, this.#maxSize);
    return slots;
  }

  /** The slots of all entries, next victim first. */
  order(): number[] {
    return native.entryOrder(this.#handle);
  }
}
