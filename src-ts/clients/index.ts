/** Sub-path `aws-refresh-session/clients`: caches of AWS SDK v3 clients and of resources, with and without a session. */
export {
  BRSConfigurationError,
  BRSError,
  type BRSErrorOptions,
  BRSValidationError,
  ClientCacheError,
  ClientCacheExistsError,
  ClientCacheNotFoundError,
  ResourceCacheError,
  ResourceCacheExistsError,
  ResourceCacheNotFoundError,
} from "../errors.js";
export type { RegisterOptions } from "../registration.js";
export {
  getAvailableResources,
  type ResourceContext,
  type ResourceFactory,
  registerResource,
} from "../resource-registry.js";
export type { EvictionReason } from "./cache-entry.js";
export { type CacheKey, ClientCacheKey, ResourceCacheKey } from "./cache-key.js";
export type { CacheCallOptions, CachedCallOptions, CacheOptions, EvictionPolicy } from "./cache-options.js";
export { ClientCache, type ClientCacheOptions, type ClientEviction } from "./client-cache.js";
export type { CacheStatistics, EvictionCache } from "./eviction-cache.js";
export { ResourceCache, type ResourceEviction } from "./resource-cache.js";
export type {
  ClientArguments,
  ClientClass,
  ClientConfig,
  ClientConfigOf,
  NamedClientConfig,
  SdkClient,
  SdkRequestHandler,
} from "./sdk-client.js";
export type { PolicyCaches, SessionCache } from "./session-cache.js";
