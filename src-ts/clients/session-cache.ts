/** The four caches of a session: of clients and of resources, each by either policy. */
import { inspect } from "node:util";
import type { StartTimer } from "../aws/hold.js";
import type { Clock } from "../defaults.js";
import {
  type CachedCallOptions,
  CLIENTS,
  checkCallOptions,
  checkPolicy,
  type EvictionPolicy,
  RESOURCES,
} from "./cache-options.js";
import { ClientCache, type ClientTarget } from "./client-cache.js";
import type { ClientSetting } from "./client-setting.js";
import { ResourceCache } from "./resource-cache.js";
import type { SdkClient } from "./sdk-client.js";

const CACHED_CALL_OPTIONS = ["evictionPolicy", "maxSize"] as const satisfies (keyof CachedCallOptions)[];

/** One cache for each policy. They share nothing: what is in one is made anew for the other. */
export class PolicyCaches<Cache extends ClientCache | ResourceCache> {
  readonly #make: (evictionPolicy: EvictionPolicy) => Cache;
  #lru: Cache | undefined;
  #lfu: Cache | undefined;

  /** @internal */
  constructor(make: (evictionPolicy: EvictionPolicy) => Cache) {
    this.#make = make;
  }

  /** The cache whose victim is what was used longest ago. */
  get LRU(): Cache {
    this.#lru ??= this.#make("LRU");
    return this.#lru;
  }

  /** The cache whose victim is what was used least often. */
  get LFU(): Cache {
    this.#lfu ??= this.#make("LFU");
    return this.#lfu;
  }

  /** @internal The one that the options of a call ask for. */
  chosen(kind: Parameters<typeof checkPolicy>[0], options: CachedCallOptions | undefined): Cache {
    if (options === undefined) return this.LRU;
    checkCallOptions(options, CACHED_CALL_OPTIONS);
    return this[checkPolicy(kind, options.evictionPolicy)];
  }

  toJSON(): { LRU: Cache; LFU: Cache } {
    return { LRU: this.LRU, LFU: this.LFU };
  }

  [inspect.custom](): { LRU: Cache; LFU: Cache } {
    return this.toJSON();
  }

  /** @internal Those that somebody asked for. */
  made(): Cache[] {
    return [this.#lru, this.#lfu].filter((cache) => cache !== undefined);
  }
}

/** What the caches of a session have in common. */
export interface SessionCacheOptions {
  readonly clock?: Clock | undefined;
  readonly startTimer?: StartTimer | undefined;
}

/**
 * The caches behind `session.client()` and `session.resource()`: `session.cache.client.LRU` and its sisters. Each holds 10 entries
 * until it is told otherwise.
 */
export class SessionCache {
  readonly client: PolicyCaches<ClientCache>;
  readonly resource: PolicyCaches<ResourceCache>;
  #isClosed = false;

  /** @internal */
  constructor(setting: ClientSetting, { clock, startTimer }: SessionCacheOptions = {}) {
    const opened = <Cache extends ClientCache | ResourceCache>(cache: Cache): Cache => {
      if (this.#isClosed) cache.close();
      return cache;
    };
    this.client = new PolicyCaches((evictionPolicy) =>
      opened(new ClientCache({ evictionPolicy, clock }, setting, startTimer)),
    );
    this.resource = new PolicyCaches((evictionPolicy) =>
      opened(new ResourceCache({ evictionPolicy, clock }, setting, startTimer)),
    );
  }

  /** Closes all four; see `ClientCache.close`. */
  close(): void {
    this.#isClosed = true;
    for (const cache of this.#made()) cache.close();
  }

  toJSON(): { client: PolicyCaches<ClientCache>; resource: PolicyCaches<ResourceCache> } {
    return { client: this.client, resource: this.resource };
  }

  /** @internal The client for `session.client(target, config, options)`. */
  clientFor(target: ClientTarget, config: object | undefined, options: CachedCallOptions | undefined): SdkClient {
    return this.client.chosen(CLIENTS, options).obtain(target, config, options?.maxSize);
  }

  /** @internal The resource for `session.resource(name, config, options)`. */
  resourceFor(name: string, config: object | undefined, options: CachedCallOptions | undefined): object {
    return this.resource.chosen(RESOURCES, options).obtain(name, config, options?.maxSize);
  }

  /** @internal Resolves once all that left any of them is destroyed. */
  async drained(): Promise<void> {
    await Promise.all(this.#made().map((cache) => cache.drained()));
  }

  #made(): (ClientCache | ResourceCache)[] {
    return [...this.client.made(), ...this.resource.made()];
  }
}
