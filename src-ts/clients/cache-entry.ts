/** One entry of a cache: what is held, the clients that live and end with it, and how it is let go. */
import type { CacheKey } from "./cache-key.js";
import { warnLateUse } from "./cache-warnings.js";
import { ClientLife } from "./client-life.js";
import type { SdkClient } from "./sdk-client.js";

/**
 * Why an entry left: for a newcomer or a smaller size ("size"), since nobody asked for it ("idle"), by `delete`, `clear` or `close`, or
 * since its user destroyed the client ("destroyed").
 */
export type EvictionReason = "size" | "idle" | "deleted" | "cleared" | "closed" | "destroyed";

/** What is to be held. */
export interface Admission<Value, Key extends CacheKey> {
  readonly key: Key;
  readonly value: Value;
  /** The clients that end with it: a client itself, those that a resource was made with, or none. */
  readonly clients: readonly SdkClient[];
  /** Whether the cache made it, and so destroys it. */
  readonly isOwned: boolean;
  /** Is called once it is destroyed. */
  readonly onDestroy?: () => void;
}

/** What an entry tells its cache. */
export interface EntryOwner<Value, Key extends CacheKey> {
  /** Its user destroyed a client of an entry that is held. */
  onUserDestroy(entry: CacheEntry<Value, Key>): void;
  /** It was retired, and the last of its clients is destroyed now. */
  onEnd(entry: CacheEntry<Value, Key>): void;
}

/** What caches made and have not given away. */
const owned = new WeakSet<object>();

/** Whether a cache made this client and will destroy it. */
export const isOwnedByCache = (client: object): boolean => owned.has(client);

export class CacheEntry<Value, Key extends CacheKey> {
  readonly key: Key;
  readonly value: Value;
  readonly isOwned: boolean;
  /** Its place in the index, once it has one. */
  slot = -1;
  /** By the clock of the cache, which keeps it only where entries may be idle. */
  usedAt = 0;
  /** Whether its user destroyed a client of it while it was held. */
  wasDestroyedByUser = false;
  readonly #owner: EntryOwner<Value, Key>;
  readonly #clients: readonly SdkClient[];
  readonly #lives: readonly ClientLife[];
  readonly #onDestroy: (() => void) | undefined;
  #living: number;

  constructor(admission: Admission<Value, Key>, owner: EntryOwner<Value, Key>) {
    this.key = admission.key;
    this.value = admission.value;
    this.isOwned = admission.isOwned;
    this.#owner = owner;
    this.#onDestroy = admission.onDestroy;
    this.#living = admission.clients.length;
    const hooks = {
      onLateUse: () => warnLateUse(this.key.label),
      onUserDestroy: () => this.#userDestroyed(),
      onDestroyed: () => this.#died(),
    };
    this.#clients = admission.clients;
    if (this.isOwned) for (const client of this.#clients) owned.add(client);
    this.#lives = admission.clients.map((client) => new ClientLife(client, hooks));
  }

  /** Whether requests of its clients are under way. */
  get isBusy(): boolean {
    return this.#lives.some(({ inFlight }) => inFlight > 0);
  }

  /**
   * Called once, when it is out of the cache: destroys its clients, each when nothing of it is in flight. What is its user's is
   * only let go.
   */
  retire(): void {
    if (!this.isOwned) this.release();
    else if (this.#living === 0) this.#end();
    else for (const life of this.#lives) life.retire();
  }

  /** Called once in place of `retire`: its clients are their user's from now on. */
  release(): void {
    this.#disown();
    for (const life of this.#lives) life.release();
  }

  #userDestroyed(): void {
    this.#living--;
    this.wasDestroyedByUser = true;
    this.#owner.onUserDestroy(this);
  }

  #died(): void {
    if (--this.#living === 0) this.#end();
  }

  #end(): void {
    this.#disown();
    this.#owner.onEnd(this);
    this.#onDestroy?.();
  }

  #disown(): void {
    if (this.isOwned) for (const client of this.#clients) owned.delete(client);
  }
}
