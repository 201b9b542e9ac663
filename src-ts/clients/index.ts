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
