/** The options of caches, and the checks that say what is wrong with one. */
import type { Clock } from "../defaults.js";
import {
  type BRSErrorOptions,
  ClientCacheError,
  ClientCacheExistsError,
  ClientCacheNotFoundError,
  ResourceCacheError,
  ResourceCacheExistsError,
  ResourceCacheNotFoundError,
} from "../errors.js";
import {
  checkFunction,
  checkNames,
  checkRecord,
  checkSeconds,
  describe,
  isRecord,
  LONGEST_TIMER_SECONDS,
} from "../strategies/option-checks.js";
import { type CacheKey, ClientCacheKey, ResourceCacheKey } from "./cache-key.js";

/**
 * Which entry makes room for a newcomer: the one that was used longest ago ("LRU"), or the one that was used least often, among
 * equals the one that reached its count first ("LFU").
 */
export type EvictionPolicy = "LRU" | "LFU";

/** What may be said with a single call of a cache. */
export interface CacheCallOptions {
  /**
   * How many entries the cache holds from now on; what is too much leaves before the look-up. `null` takes any number, 0 keeps
   * nothing: each call then makes a new one, which its caller destroys. Left out, the size stays as it is.
   */
  maxSize?: number | null | undefined;
}

/** As `CacheCallOptions`, where one of two caches is chosen. */
export interface CachedCallOptions extends CacheCallOptions {
  /** Which of the two caches is asked; they share nothing. The default is "LRU". */
  evictionPolicy?: EvictionPolicy | undefined;
}

/** What a cache is made with. */
export interface CacheOptions {
  /** The default is "LRU". A cache keeps its policy. */
  evictionPolicy?: EvictionPolicy | undefined;
  /** How many entries it holds: 10 unless given, `null` for any number, 0 for none. */
  maxSize?: number | null | undefined;
  /** Seconds after which an entry that nobody asked for leaves; without it none does. Fractions are taken. */
  idleTimeout?: number | undefined;
  /** Milliseconds since the epoch, by which `idleTimeout` is measured. The default is the system's clock. */
  clock?: Clock | undefined;
}

/** What is said differently of clients and of resources. */
export interface CacheKind<Key extends CacheKey> {
  readonly noun: "client" | "resource";
  readonly Key: new (text: string, label: string) => Key;
  readonly CacheError: new (message: string, options?: BRSErrorOptions) => ClientCacheError | ResourceCacheError;
  readonly ExistsError: new (message: string, options?: BRSErrorOptions) => ClientCacheError | ResourceCacheError;
  readonly NotFoundError: new (message: string, options?: BRSErrorOptions) => ClientCacheError | ResourceCacheError;
}

export const CLIENTS: CacheKind<ClientCacheKey> = {
  noun: "client",
  Key: ClientCacheKey,
  CacheError: ClientCacheError,
  ExistsError: ClientCacheExistsError,
  NotFoundError: ClientCacheNotFoundError,
};

export const RESOURCES: CacheKind<ResourceCacheKey> = {
  noun: "resource",
  Key: ResourceCacheKey,
  CacheError: ResourceCacheError,
  ExistsError: ResourceCacheExistsError,
  NotFoundError: ResourceCacheNotFoundError,
};

export const DEFAULT_MAX_SIZE = 10;

/** Names of the options of a cache, and of a call of one. */
export const CACHE_OPTIONS = [
  "evictionPolicy",
  "maxSize",
  "idleTimeout",
  "clock",
] as const satisfies (keyof CacheOptions)[];
export const CALL_OPTIONS = ["maxSize"] as const satisfies (keyof CacheCallOptions)[];

/** Throws the error of a cache that names the option, says what was found and what it takes. */
export function refuseIn(
  kind: Pick<CacheKind<CacheKey>, "CacheError">,
  param: string,
  expected: string,
  value: unknown,
): never {
  const found = describe(value);
  throw new kind.CacheError(`${param} must be ${expected}, but is ${found}`, { param, value: found });
}

export function checkPolicy(kind: Pick<CacheKind<CacheKey>, "CacheError">, value: unknown): EvictionPolicy {
  if (value === undefined) return "LRU";
  return value === "LRU" || value === "LFU" ? value : refuseIn(kind, "evictionPolicy", '"LRU" or "LFU"', value);
}

/** The number of entries; Infinity where any number is taken. */
export function checkMaxSize(kind: Pick<CacheKind<CacheKey>, "CacheError">, value: unknown): number {
  if (value === null) return Number.POSITIVE_INFINITY;
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  return refuseIn(kind, "maxSize", "a whole number, 0 or more, or null for any number of entries", value);
}

/** Milliseconds; Infinity where no entry leaves for being idle. */
export function checkIdleTimeout(value: unknown): number {
  if (value === undefined) return Number.POSITIVE_INFINITY;
  return checkSeconds("idleTimeout", value, { above: true, max: LONGEST_TIMER_SECONDS }) * 1000;
}

export function checkClock(value: unknown): Clock | undefined {
  return value === undefined ? undefined : (checkFunction("clock", value) as Clock);
}

/**
 * Refuses the names that a call does not take, and what is no object. On the way of every hit, so it allocates nothing but to say
 * what is wrong.
 */
export function checkCallOptions(options: unknown, known: readonly string[]): void {
  if (!isRecord(options)) checkRecord("options", options, "{ maxSize: 20 }");
  for (const name in options as object) {
    if (!known.includes(name)) checkNames("", options as object, known);
  }
}
