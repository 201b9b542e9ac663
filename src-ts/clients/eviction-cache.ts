/** What caches of clients and of resources have in common: the look at their entries, their limits, and the end of entries. */
import { inspect } from "node:util";
import type { StartTimer } from "../aws/hold.js";
import { BRSConfigurationError } from "../errors.js";
import { Listeners } from "../listeners.js";
import { type Admission, type CacheEntry, type EvictionReason, isOwnedByCache } from "./cache-entry.js";
import { CacheKey } from "./cache-key.js";
import {
  type CacheKind,
  type CacheOptions,
  checkClock,
  checkIdleTimeout,
  checkMaxSize,
  checkPolicy,
  DEFAULT_MAX_SIZE,
  type EvictionPolicy,
  refuseIn,
} from "./cache-options.js";
import { warnUncached } from "./cache-warnings.js";
import { checkConfig } from "./client-making.js";
import type { ClientSetting } from "./client-setting.js";
import { type CacheTarget, configText, targetText } from "./config-key.js";
import { HeldEntries } from "./held-entries.js";
import { keyLabel } from "./key-label.js";
import { ownConfig } from "./own-config.js";
import { destroyAll } from "./quiet-end.js";
import type { ClientConfig, SdkClient } from "./sdk-client.js";
import { UnkeyableError } from "./unkeyable-error.js";

/** What happened in a cache since it was made. */
export interface CacheStatistics {
  /** Look-ups (`get` included) that found an entry. */
  readonly hits: number;
  /** Look-ups that found none. */
  readonly misses: number;
  /** How many were made; callers who wait for the one that is being made for another count none. */
  readonly builds: number;
  /** Entries that left for a newcomer, for a smaller size, or since nobody asked for them. */
  readonly evictions: number;
  /** Entries that left and whose clients the cache has destroyed. */
  readonly destroyed: number;
  /** Entries that left and whose clients still have something in flight. */
  readonly draining: number;
}

/**
 * A bounded set of clients or of resources. The order in which they would leave is exact, and decided in the core; see
 * `EvictionPolicy`. Everything is synchronous, and may be called from within a constructor or a listener.
 */
export abstract class EvictionCache<Target, Value extends object, Key extends CacheKey, Eviction extends object> {
  readonly evictionPolicy: EvictionPolicy;
  /** @internal */
  protected readonly held: HeldEntries<Value, Key>;
  /** @internal */
  protected readonly setting: ClientSetting;
  /** @internal */
  protected readonly kind: CacheKind<Key>;
  #listeners: Listeners<{ evict: Eviction }> | undefined;
  #isClosed = false;

  /** @internal */
  protected constructor(
    kind: CacheKind<Key>,
    options: CacheOptions,
    setting: ClientSetting,
    startTimer: StartTimer | undefined,
  ) {
    this.kind = kind;
    this.setting = setting;
    this.evictionPolicy = checkPolicy(kind, options.evictionPolicy);
    const { maxSize = DEFAULT_MAX_SIZE, idleTimeout, clock } = options;
    this.held = new HeldEntries<Value, Key>(
      ({ key, value }, reason) => this.#listeners?.emit("evict", this.eviction(key, value, reason)),
      {
        evictionPolicy: this.evictionPolicy,
        maxSize: checkMaxSize(kind, maxSize),
        idleMs: checkIdleTimeout(idleTimeout),
        clock: checkClock(clock),
        startTimer,
      },
    );
  }

  /** How many entries it holds. Those that left and still drain are none of them. */
  get size(): number {
    return this.held.size;
  }

  /** How many entries it holds at most, `null` for any number. May be set: what is too much leaves at once. */
  get maxSize(): number | null {
    const { maxSize } = this.held;
    return maxSize === Number.POSITIVE_INFINITY ? null : maxSize;
  }

  set maxSize(value: number | null) {
    this.held.resize(checkMaxSize(this.kind, value));
  }

  /** Seconds after which an entry that nobody asked for leaves; undefined where none does. May be set. */
  get idleTimeout(): number | undefined {
    const { idleMs } = this.held;
    return idleMs === Number.POSITIVE_INFINITY ? undefined : idleMs / 1000;
  }

  set idleTimeout(value: number | undefined) {
    this.held.idleMs = checkIdleTimeout(value);
  }

  /** Counts of what happened until now. */
  get statistics(): CacheStatistics {
    const { hits, misses, builds, evictions, destroyed, draining } = this.held;
    return { hits, misses, builds, evictions, destroyed, draining };
  }

  /** The keys of all entries, the next victim first. Reading them is no use. */
  keys(): Key[] {
    return this.held.inOrder().map(({ key }) => key);
  }

  /** All that is held, the next victim first. Reading it is no use. */
  values(): Value[] {
    return this.held.inOrder().map(({ value }) => value);
  }

  /** All keys, each with what is held under it, the next victim first. Reading them is no use. */
  entries(): [Key, Value][] {
    return this.held.inOrder().map(({ key, value }) => [key, value]);
  }

  /** As `entries()`: what is there now, whatever happens meanwhile. */
  [Symbol.iterator](): IterableIterator<[Key, Value]> {
    return this.entries()[Symbol.iterator]();
  }

  /**
   * Takes the next victim out of the cache. It is not destroyed: its taker does that.
   *
   * @throws ClientCacheNotFoundError or ResourceCacheNotFoundError when the cache is empty
   */
  takeNext(): [Key, Value] {
    const entry = this.held.next();
    if (entry === undefined) throw new this.kind.NotFoundError(`no ${this.kind.noun} is in the cache`);
    this.held.release(entry);
    return [entry.key, entry.value];
  }

  /** Empties the cache. What it made is destroyed as soon as nothing of it is in flight. */
  clear(): void {
    this.held.clear("cleared");
  }

  /**
   * Empties the cache as `clear` does, for good: who asks it for what it would have to make gets BRSConfigurationError
   * (ERR_CLOSED). Calling it again does nothing.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.held.clear("closed");
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Closes, and waits until all that left is destroyed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.drained();
  }

  /**
   * Adds a listener that is told of each entry that left, unless it was taken; the function returned removes it. It is called at
   * once, and the client may have requests in flight still. A listener that throws is reported as a process warning.
   */
  on(name: "evict", listener: (event: Eviction) => void): () => void {
    return this.#listening().add(name, listener, false);
  }

  /** As `on`, for the next entry that leaves alone. */
  once(name: "evict", listener: (event: Eviction) => void): () => void {
    return this.#listening().add(name, listener, true);
  }

  off(name: "evict", listener: (event: Eviction) => void): void {
    this.#listening().remove(name, listener);
  }

  toJSON(): { evictionPolicy: EvictionPolicy; maxSize: number | null; keys: Key[] } {
    return { evictionPolicy: this.evictionPolicy, maxSize: this.maxSize, keys: this.keys() };
  }

  [inspect.custom](_depth: number, options: object): string {
    return `${this.constructor.name} ${inspect(this.toJSON(), options)}`;
  }

  /** @internal Resolves once all that left is destroyed. */
  drained(): Promise<void> {
    return this.held.drained();
  }

  /** @internal What listeners are told. */
  protected abstract eviction(key: Key, value: Value, reason: EvictionReason): Eviction;

  /** @internal What counts of a target. */
  protected abstract resolve(target: Target): CacheTarget;

  /** @internal The text under which something is held. Throws UnkeyableError for a config that has none. */
  protected textOf(target: Target, config: object | undefined): string {
    return targetText(this.resolve(target)) + configText(config, this.setting.defaults);
  }

  /** @internal As `textOf`; of a config that has none, why. */
  protected textFor(target: Target, config: object | undefined): string | UnkeyableError {
    try {
      return this.textOf(target, config);
    } catch (error) {
      if (error instanceof UnkeyableError) return error;
      throw error;
    }
  }

  /** @internal */
  protected newKey(text: string, target: Target, config: object | undefined): Key {
    return new this.kind.Key(text, this.#labelOf(target, config));
  }

  /** @internal */
  protected keyOf(target: Target, config: object | undefined): Key {
    const text = this.textFor(target, config);
    if (typeof text === "string") return this.newKey(text, target, config);
    checkConfig(config);
    throw new this.kind.CacheError(`${text.message}, so the config has no key`, { param: text.path });
  }

  /** @internal The entry of a text, used by this. */
  protected use(text: string | UnkeyableError): CacheEntry<Value, Key> | undefined {
    if (typeof text === "string") return this.held.use(text);
    this.held.misses++;
    return undefined;
  }

  /**
   * @internal What to make something of that is not there: a copy of the config, and the text of that, since the look-up may have
   * run listeners, who may have changed the config; where there is no text the config itself, and a warning.
   */
  protected plan(
    target: Target,
    given: unknown,
    text: string | UnkeyableError,
  ): { text: string | undefined; config: ClientConfig } {
    this.assertOpen();
    const config = checkConfig(given);
    try {
      if (typeof text !== "string") throw text;
      const own = ownConfig(config);
      return { text: this.textOf(target, own), config: own };
    } catch (error) {
      if (!(error instanceof UnkeyableError)) throw error;
      warnUncached(this.kind.noun, error);
      return { text: undefined, config };
    }
  }

  /** @internal The entry of a key, or of what makes one; no use. */
  protected find(keyOrTarget: Key | Target, config: object | undefined): CacheEntry<Value, Key> | undefined {
    const text = this.knownText(keyOrTarget, config);
    return typeof text === "string" ? this.held.peek(text) : undefined;
  }

  /** @internal */
  protected getValue(keyOrTarget: Key | Target, config: object | undefined): Value | undefined {
    return this.use(this.knownText(keyOrTarget, config))?.value;
  }

  /** @internal */
  protected deleteEntry(keyOrTarget: Key | Target, config: object | undefined): boolean {
    const entry = this.find(keyOrTarget, config);
    if (entry !== undefined) this.held.remove(entry, "deleted");
    return entry !== undefined;
  }

  /** @internal */
  protected takeValue(keyOrTarget: Key | Target, config: object | undefined): Value {
    const entry = this.find(keyOrTarget, config);
    if (entry === undefined) {
      const { noun, Key, NotFoundError } = this.kind;
      const label = keyOrTarget instanceof Key ? keyOrTarget.label : this.#labelOf(keyOrTarget as Target, config);
      throw new NotFoundError(`the cache holds no ${noun} under ${label}; has() tells before`, { param: "key" });
    }
    this.held.release(entry);
    return entry.value;
  }

  /** @internal Holds what its user made. */
  protected addValue(key: Key, value: Value, clients: readonly SdkClient[]): void {
    const { noun, Key, CacheError, ExistsError } = this.kind;
    if (!(key instanceof Key)) refuseIn(this.kind, "key", `what key() of a cache of ${noun}s gives`, key);
    this.assertOpen();
    const text = CacheKey.textOf(key);
    if (this.held.peek(text) !== undefined) {
      throw new ExistsError(`the cache holds a ${noun} under ${key}: delete() or take() that one first`, {
        param: "key",
      });
    }
    if (clients.some(isOwnedByCache)) {
      throw new CacheError(`a cache made this ${noun} and will destroy it: take() it from there first`, {
        param: noun,
      });
    }
    this.held.enter(text, { key, value, clients, isOwned: false });
  }

  /** @internal Holds what the cache made; gives what is held under the text, which a constructor may have asked for meanwhile. */
  protected admit(text: string, made: Admission<Value, Key>): Value {
    const other = this.#isClosed ? undefined : this.held.peek(text);
    if (other === undefined && !this.#isClosed) {
      this.held.enter(text, made);
      return made.value;
    }
    destroyAll(made.clients);
    made.onDestroy?.();
    this.assertOpen();
    return (other as CacheEntry<Value, Key>).value;
  }

  /** @internal */
  protected get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @internal */
  protected resize(maxSize: number | null): void {
    this.held.resize(checkMaxSize(this.kind, maxSize));
  }

  /** @internal */
  protected assertOpen(): void {
    if (!this.#isClosed) return;
    throw new BRSConfigurationError(`the cache of ${this.kind.noun}s is closed; open a new one`, {
      code: "ERR_CLOSED",
    });
  }

  /** @internal The text of a key, or of what makes one. */
  protected knownText(keyOrTarget: Key | Target, config: object | undefined): string | UnkeyableError {
    return keyOrTarget instanceof this.kind.Key
      ? CacheKey.textOf(keyOrTarget)
      : this.textFor(keyOrTarget as Target, config);
  }

  #labelOf(target: Target, config: object | undefined): string {
    return keyLabel(this.resolve(target), config, this.setting.defaults);
  }

  #listening(): Listeners<{ evict: Eviction }> {
    this.#listeners ??= new Listeners<{ evict: Eviction }>(["evict"]);
    return this.#listeners;
  }
}
