/** Caches of AWS SDK v3 clients: one for each class and config, destroyed when it has left and nothing of it is in flight. */
import type { StartTimer } from "../aws/hold.js";
import { checkNames, checkRecord, checkRequestHandler } from "../strategies/option-checks.js";
import type { EvictionReason } from "./cache-entry.js";
import type { ClientCacheKey } from "./cache-key.js";
import {
  CACHE_OPTIONS,
  CALL_OPTIONS,
  type CacheCallOptions,
  type CacheOptions,
  CLIENTS,
  checkCallOptions,
  refuseIn,
} from "./cache-options.js";
import { classOf, isSdkClient, makeClient, standaloneSetting } from "./client-making.js";
import type { ClientSetting } from "./client-setting.js";
import { EvictionCache } from "./eviction-cache.js";
import { endConnections } from "./quiet-end.js";
import type {
  ClientArguments,
  ClientClass,
  ClientConfigOf,
  NamedClientConfig,
  SdkClient,
  SdkRequestHandler,
} from "./sdk-client.js";
import type { UnkeyableError } from "./unkeyable-error.js";

export interface ClientCacheOptions extends CacheOptions {
  /**
   * One connection handler for all clients whose config gives none, such as `new NodeHttpHandler({ httpsAgent })`. The end of a
   * client leaves it open; it is destroyed when the cache is closed and all clients are that it held. What is in flight on others
   * (those that were taken, or never held) ends with it.
   */
  requestHandler?: SdkRequestHandler | undefined;
}

/** What listeners of "evict" are told. */
export interface ClientEviction {
  readonly key: ClientCacheKey;
  readonly client: SdkClient;
  readonly reason: EvictionReason;
}

/** A class of clients, or the name of a service. */
export type ClientTarget = ClientClass | string;

/** What clients of a target are made with. */
export type ConfigOfTarget<Target> = Target extends ClientClass ? ClientConfigOf<Target> : object;

/**
 * Clients of the AWS SDK for JavaScript v3 by class and config: equal configs give the same client, in whatever order their
 * members stand. `session.client()` has two such caches in `session.cache`; one without a session makes clients as `new` does.
 *
 * What the cache made and lets go, it destroys: exactly once, when all requests are done and the bodies of all answers are read.
 * A client that its user destroyed leaves the cache. A config that has no key (one that contains itself, say) is served with a
 * client that is not cached, and a process warning (BRS_CONFIG_NOT_CACHED).
 *
 * @example
 * ```ts
 * import { S3Client } from "@aws-sdk/client-s3";
 * import { ClientCache } from "aws-refresh-session/clients";
 *
 * const cache = new ClientCache({ evictionPolicy: "LFU", maxSize: 50 });
 * const s3 = cache.client(S3Client, { region: "eu-west-1" });
 * console.log(s3 === cache.client(S3Client, { region: "eu-west-1" })); // true
 * ```
 */
export class ClientCache extends EvictionCache<ClientTarget, SdkClient, ClientCacheKey, ClientEviction> {
  #requestHandler: SdkRequestHandler | undefined;

  /** @throws ClientCacheError, or BRSValidationError for unknown options and times that are none */
  constructor(options?: ClientCacheOptions);
  /** @internal */
  constructor(options?: ClientCacheOptions, setting?: ClientSetting, startTimer?: StartTimer);
  constructor(options: ClientCacheOptions = {}, setting?: ClientSetting, startTimer?: StartTimer) {
    checkNames("", checkRecord("options", options, '{ evictionPolicy: "LRU", maxSize: 20 }'), OPTIONS);
    const { requestHandler } = options;
    if (requestHandler !== undefined) checkRequestHandler("requestHandler", requestHandler);
    super(CLIENTS, options, setting ?? standaloneSetting(requestHandler), startTimer);
    this.#requestHandler = requestHandler;
  }

  /**
   * The client of a class and a config: the one that is there, or a new one.
   *
   * @throws what the constructor of the class throws, and then nothing is cached; ClientCacheError for what is no class of clients;
   * BRSConfigurationError for a service whose package is not installed, and (ERR_CLOSED) when the cache is closed
   */
  client<Client extends SdkClient = SdkClient>(
    service: string,
    config?: NamedClientConfig<Client>,
    options?: CacheCallOptions,
  ): Client;
  // The last: the compiler tells what is wrong by this one.
  client<Class extends ClientClass>(
    target: Class,
    ...configAndOptions: ClientArguments<Class, CacheCallOptions>
  ): InstanceType<Class>;
  client(target: ClientTarget, config?: object, options?: CacheCallOptions): SdkClient {
    if (options !== undefined) checkCallOptions(options, CALL_OPTIONS);
    return this.obtain(target, config, options?.maxSize);
  }

  /** @internal As `client`, where the names of the options are checked. */
  obtain(target: ClientTarget, config: object | undefined, maxSize: number | null | undefined): SdkClient {
    if (maxSize !== undefined) this.resize(maxSize);
    const text = this.textFor(target, config);
    const entry = this.use(text);
    return entry === undefined ? this.#make(target, config, text) : entry.value;
  }

  /**
   * What a target and a config are cached under. It shows no secret.
   *
   * @throws ClientCacheError for a config that has no key
   */
  key<Target extends ClientTarget>(target: Target, config?: ConfigOfTarget<Target>): ClientCacheKey {
    return this.keyOf(target, config);
  }

  /** Whether there is a client; no use of it. */
  has(key: ClientCacheKey): boolean;
  has<Target extends ClientTarget>(target: Target, config?: ConfigOfTarget<Target>): boolean;
  has(keyOrTarget: ClientCacheKey | ClientTarget, config?: object): boolean {
    return this.find(keyOrTarget, config) !== undefined;
  }

  /** The client that is there; a use of it. Makes none. */
  get(key: ClientCacheKey): SdkClient | undefined;
  get<Client extends SdkClient>(service: string, config?: object): Client | undefined;
  get<Class extends ClientClass>(target: Class, config?: ClientConfigOf<Class>): InstanceType<Class> | undefined;
  get(keyOrTarget: ClientCacheKey | ClientTarget, config?: object): SdkClient | undefined {
    return this.getValue(keyOrTarget, config);
  }

  /** Lets a client go, which is destroyed when nothing of it is in flight; false when there is none. */
  delete(key: ClientCacheKey): boolean;
  delete<Target extends ClientTarget>(target: Target, config?: ConfigOfTarget<Target>): boolean;
  delete(keyOrTarget: ClientCacheKey | ClientTarget, config?: object): boolean {
    return this.deleteEntry(keyOrTarget, config);
  }

  /**
   * Takes a client out of the cache. It is not destroyed: its taker does that. This is how to keep one.
   *
   * @throws ClientCacheNotFoundError when there is none
   */
  take(key: ClientCacheKey): SdkClient;
  take<Client extends SdkClient>(service: string, config?: object): Client;
  take<Class extends ClientClass>(target: Class, config?: ClientConfigOf<Class>): InstanceType<Class>;
  take(keyOrTarget: ClientCacheKey | ClientTarget, config?: object): SdkClient {
    return this.takeValue(keyOrTarget, config);
  }

  /**
   * Holds a client of the caller's, which the cache never destroys. With `maxSize: 0` it does nothing.
   *
   * @throws ClientCacheExistsError when the key is taken; ClientCacheError for what is no key or no client, and for a client that
   * a cache made and still has
   */
  add(key: ClientCacheKey, client: SdkClient): void {
    if (!isSdkClient(client)) refuseIn(CLIENTS, "client", "a client of the AWS SDK v3", client);
    this.addValue(key, client, [client]);
  }

  override close(): void {
    super.close();
    const handler = this.#requestHandler;
    if (handler === undefined) return;
    this.#requestHandler = undefined;
    void this.drained().then(() => endConnections(handler));
  }

  /** @internal */
  protected override eviction(key: ClientCacheKey, client: SdkClient, reason: EvictionReason): ClientEviction {
    return { key, client, reason };
  }

  /** @internal */
  protected override resolve(target: ClientTarget): ClientClass {
    return classOf(target);
  }

  #make(target: ClientTarget, given: object | undefined, found: string | UnkeyableError): SdkClient {
    const { text, config } = this.plan(target, given, found);
    const client = makeClient(this.setting, this.resolve(target), config);
    this.held.builds++;
    if (text === undefined) return client;
    return this.admit(text, {
      key: this.newKey(text, target, config),
      value: client,
      clients: [client],
      isOwned: true,
    });
  }
}

const OPTIONS = [...CACHE_OPTIONS, "requestHandler"];
