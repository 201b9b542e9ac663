/** The caches of clients and of resources behind one face, so that what is said of one is tested of both. */
import { Client } from "@smithy/core/client";
import {
  ClientCache,
  ClientCacheError,
  ClientCacheExistsError,
  ClientCacheKey,
  ClientCacheNotFoundError,
  ResourceCache,
  ResourceCacheError,
  ResourceCacheExistsError,
  ResourceCacheKey,
  ResourceCacheNotFoundError,
  registerResource,
} from "aws-refresh-session/clients";

export type Policy = "LRU" | "LFU";
export const POLICIES: readonly Policy[] = ["LRU", "LFU"];

type Config = Readonly<Record<string, unknown>>;

export interface Key {
  readonly label: string;
  equals(other: unknown): boolean;
}

interface Eviction {
  readonly key: Key;
  readonly client?: object;
  readonly resource?: object;
  readonly reason: string;
}

/** What both caches have. */
export interface Cache extends Iterable<[Key, object]> {
  readonly size: number;
  readonly evictionPolicy: Policy;
  maxSize: number | null;
  key(target: unknown, config?: Config): Key;
  has(key: Key): boolean;
  get(key: Key): object | undefined;
  delete(key: Key): boolean;
  add(key: Key, value: object): void;
  take(key: Key): object;
  takeNext(): [Key, object];
  clear(): void;
  close(): void;
  keys(): Key[];
  values(): object[];
  entries(): Array<[Key, object]>;
  on(name: "evict", listener: (eviction: Eviction) => void): void;
}

type Options = Readonly<{ evictionPolicy?: unknown; maxSize?: unknown }>;

/** A client of the SDK in all but the service. */
export class Service extends Client<object, never, never, never> {
  /** How often it was destroyed. */
  destroyed = 0;
  readonly given: Config;

  constructor(config: Config = {}) {
    super({ ...config } as never);
    this.given = config;
  }

  override destroy(): void {
    this.destroyed++;
    super.destroy();
  }
}

export class OtherService extends Service {}

/** What a registered factory makes. */
export class Thing {
  readonly given: Config;

  constructor(config: Config = {}) {
    this.given = config;
  }
}

export const THING = "upstream-thing";
export const OTHER_THING = "upstream-other-thing";
for (const name of [THING, OTHER_THING]) registerResource(name, ({ config }) => new Thing(config));

type ErrorClass = new (...given: never[]) => Error;

export interface Kind {
  readonly name: "client" | "resource";
  readonly cacheClass: new (...given: never[]) => object;
  readonly keyClass: abstract new (...given: never[]) => object;
  readonly target: unknown;
  readonly otherTarget: unknown;
  readonly errors: Readonly<{ base: ErrorClass; exists: ErrorClass; notFound: ErrorClass }>;
  newCache(options?: Options): Cache;
  newValue(): object;
  /** What left the cache. */
  left(eviction: Eviction): object;
  /** The one that is held, or a new one. */
  build(cache: Cache, config?: Config, options?: Options): object;
}

const clients: Kind = {
  name: "client",
  cacheClass: ClientCache,
  keyClass: ClientCacheKey,
  target: Service,
  otherTarget: OtherService,
  errors: { base: ClientCacheError, exists: ClientCacheExistsError, notFound: ClientCacheNotFoundError },
  newCache: (options) => new ClientCache(options as never) as unknown as Cache,
  newValue: () => new Service(),
  left: ({ client }) => client as object,
  build: (cache, config, options) =>
    (cache as unknown as ClientCache).client(Service as never, config as never, options as never) as object,
};

const resources: Kind = {
  name: "resource",
  cacheClass: ResourceCache,
  keyClass: ResourceCacheKey,
  target: THING,
  otherTarget: OTHER_THING,
  errors: { base: ResourceCacheError, exists: ResourceCacheExistsError, notFound: ResourceCacheNotFoundError },
  newCache: (options) => new ResourceCache(options as never) as unknown as Cache,
  newValue: () => new Thing(),
  left: ({ resource }) => resource as object,
  build: (cache, config, options) =>
    (cache as unknown as ResourceCache).resource(THING as never, config as never, options as never) as object,
};

export const KINDS: readonly Kind[] = [clients, resources];
