/** Caches of resources: what factories make by name and config, with clients that live and end with it. */
import type { StartTimer } from "../aws/hold.js";
import { findResource } from "../resource-registry.js";
import { checkNames, checkRecord, isRecord } from "../strategies/option-checks.js";
import type { EvictionReason } from "./cache-entry.js";
import type { ResourceCacheKey } from "./cache-key.js";
import {
  CACHE_OPTIONS,
  CALL_OPTIONS,
  type CacheCallOptions,
  type CacheOptions,
  checkCallOptions,
  RESOURCES,
  refuseIn,
} from "./cache-options.js";
import { isSdkClient, standaloneSetting } from "./client-making.js";
import type { ClientSetting } from "./client-setting.js";
import { EvictionCache } from "./eviction-cache.js";
import { identity } from "./identity.js";
import { isThenable, ResourceMaking } from "./resource-making.js";
import type { SdkClient } from "./sdk-client.js";
import type { UnkeyableError } from "./unkeyable-error.js";

/** What listeners of "evict" are told. */
export interface ResourceEviction {
  readonly key: ResourceCacheKey;
  /** As `resource()` gave it: the promise where the factory is asynchronous. */
  readonly resource: object;
  readonly reason: EvictionReason;
}

/**
 * Resources by name and config, as `ClientCache` holds clients. A resource has clients of its own, which count in no cache of
 * clients, and are destroyed with it when nothing of them is in flight.
 *
 * Where a factory is asynchronous, its promise is what is held: callers who come while it works share it, it holds up nobody else,
 * it enters the cache when it is fulfilled, and what it rejects with is held by nobody. One that is fulfilled after `clear` or
 * `delete` is its callers' own; after `close` they get ERR_CLOSED.
 *
 * @example
 * ```ts
 * import { ResourceCache } from "aws-refresh-session/clients";
 * import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
 *
 * const cache = new ResourceCache({ maxSize: 5 });
 * const documents = cache.resource<DynamoDBDocumentClient>("dynamodb", { region: "eu-west-1" });
 * ```
 */
export class ResourceCache extends EvictionCache<string, object, ResourceCacheKey, ResourceEviction> {
  /** By text. What is made of secrets in it is digested, as in the keys. */
  readonly #pending = new Map<string, Promise<object>>();

  /** @throws ResourceCacheError, or BRSValidationError for unknown options and times that are none */
  constructor(options?: CacheOptions);
  /** @internal */
  constructor(options?: CacheOptions, setting?: ClientSetting, startTimer?: StartTimer);
  constructor(options: CacheOptions = {}, setting?: ClientSetting, startTimer?: StartTimer) {
    checkNames("", checkRecord("options", options, '{ evictionPolicy: "LRU", maxSize: 20 }'), CACHE_OPTIONS);
    super(RESOURCES, options, setting ?? standaloneSetting(undefined), startTimer);
  }

  /**
   * The resource of a name and a config: the one that is there, or a new one.
   *
   * @throws what the factory throws, and then nothing is cached; ResourceCacheError for a name that nobody registered;
   * BRSConfigurationError (ERR_CLOSED) when the cache is closed
   */
  resource<Resource extends SdkClient = SdkClient>(
    name: "dynamodb",
    config?: object,
    options?: CacheCallOptions,
  ): Resource;
  resource<Resource extends object = object>(name: string, config?: object, options?: CacheCallOptions): Resource;
  resource(name: string, config?: object, options?: CacheCallOptions): object {
    if (options !== undefined) checkCallOptions(options, CALL_OPTIONS);
    return this.obtain(name, config, options?.maxSize);
  }

  /** @internal As `resource`, where the names of the options are checked. */
  obtain(name: string, config: object | undefined, maxSize: number | null | undefined): object {
    if (maxSize !== undefined) this.resize(maxSize);
    const text = this.textFor(name, config);
    const entry = this.use(text);
    if (entry !== undefined) return entry.value;
    return (typeof text === "string" && this.#pending.get(text)) || this.#make(name, config, text);
  }

  /**
   * What a name and a config are cached under. It shows no secret.
   *
   * @throws ResourceCacheError for a config that has no key
   */
  key(name: string, config?: object): ResourceCacheKey {
    return this.keyOf(name, config);
  }

  /** Whether there is a resource; no use of it. */
  has(keyOrName: ResourceCacheKey | string, config?: object): boolean {
    return this.find(keyOrName, config) !== undefined;
  }

  /** The resource that is there, as `resource()` gave it; a use of it. Makes none. */
  get<Resource extends object = object>(keyOrName: ResourceCacheKey | string, config?: object): Resource | undefined {
    return this.getValue(keyOrName, config) as Resource | undefined;
  }

  /** Lets a resource go, whose clients are destroyed when nothing of them is in flight; false when there is none, made or being made. */
  delete(keyOrName: ResourceCacheKey | string, config?: object): boolean {
    const text = this.knownText(keyOrName, config);
    const wasPending = typeof text === "string" && this.#pending.delete(text);
    return this.deleteEntry(keyOrName, config) || wasPending;
  }

  /**
   * Takes a resource out of the cache. Its clients are not destroyed: its taker does that.
   *
   * @throws ResourceCacheNotFoundError when there is none
   */
  take<Resource extends object = object>(keyOrName: ResourceCacheKey | string, config?: object): Resource {
    return this.takeValue(keyOrName, config) as Resource;
  }

  /**
   * Holds a resource of the caller's, which the cache never destroys. With `maxSize: 0` it does nothing.
   *
   * @throws ResourceCacheExistsError when the key is taken; ResourceCacheError for what is no key or no resource
   */
  add(key: ResourceCacheKey, resource: object): void {
    if (!isRecord(resource) && typeof resource !== "function") refuseIn(RESOURCES, "resource", "an object", resource);
    this.addValue(key, resource, isSdkClient(resource) ? [resource] : []);
  }

  override clear(): void {
    this.#pending.clear();
    super.clear();
  }

  /** @internal */
  protected override eviction(key: ResourceCacheKey, resource: object, reason: EvictionReason): ResourceEviction {
    return { key, resource, reason };
  }

  /** @internal */
  protected override resolve(name: string): string {
    return name;
  }

  /** @internal With the factory in it: one that takes the place of another makes resources of its own. */
  protected override textOf(name: string, config: object | undefined): string {
    return identity(findResource(name)) + super.textOf(name, config);
  }

  #make(name: string, given: object | undefined, found: string | UnkeyableError): object {
    const { text, config } = this.plan(name, given, found);
    const making = new ResourceMaking(this.setting);
    const made = making.make(name, config);
    const enter = (value: object): object => {
      this.held.builds++;
      if (text === undefined) return value;
      const { clients, ended: onDestroy } = making;
      return this.admit(text, { key: this.newKey(text, name, config), value, clients, isOwned: true, onDestroy });
    };
    return isThenable(made) ? this.#whenMade(made, text, enter) : enter(made);
  }

  #whenMade(made: Promise<object>, text: string | undefined, enter: (value: object) => object): Promise<object> {
    // Where nothing is held each caller has one of his own.
    const isShared = text !== undefined && this.held.maxSize > 0;
    const pending: Promise<object> = made.then((resource) => {
      if (isShared && this.#pending.get(text) !== pending && !this.isClosed) return resource;
      const held = enter(pending);
      return held === pending ? resource : held;
    });
    if (!isShared) return pending;
    this.#pending.set(text, pending);
    const settled = () => {
      if (this.#pending.get(text) === pending) this.#pending.delete(text);
    };
    pending.then(settled, settled);
    return pending;
  }
}
