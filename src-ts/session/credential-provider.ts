/** `session.credentials`: the session as a credential provider of AWS SDK v3 clients. */
import type { RefreshableCredentials } from "../refresh/refreshable-credentials.js";
import type { TemporaryCredentials } from "../strategies/strategy.js";

/**
 * A credential provider function as AWS SDK v3 clients take it: `new S3Client({ credentials: session.credentials })`.
 *
 * It answers from memory while the credentials are fresh. `memoized` keeps each client from putting a cache of its own
 * with its own single window in front; the SDK then asks twice per request, which costs next to nothing here.
 */
export interface SessionCredentialProvider {
  (properties?: { forceRefresh?: boolean }): Promise<TemporaryCredentials>;
  readonly memoized: true;
  /** The credentials behind the function, for signers and other sessions of this package. */
  getCredentials(): RefreshableCredentials;
}

export function createCredentialProvider(credentials: RefreshableCredentials): SessionCredentialProvider {
  const provide = (properties?: { forceRefresh?: boolean }): Promise<TemporaryCredentials> =>
    properties?.forceRefresh === true ? credentials.refresh({ force: true }) : credentials.getFrozenCredentials();
  // Not enumerable: SDK clients copy and print their configuration.
  return Object.defineProperties(provide, {
    memoized: { value: true },
    getCredentials: { value: () => credentials },
  }) as SessionCredentialProvider;
}
