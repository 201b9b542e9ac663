/** The contract between a session and whatever fetches credentials for it: what a strategy receives and what it answers. */

/**
 * One set of AWS credentials.
 *
 * Sets handed out by the package are plain, spreadable objects whose `util.inspect` is masked.
 *
 * @property expiration - the end of validity; absent for credentials that never expire, which are never refreshed
 * @property accountId - the account that the credentials belong to, where the source told it
 */
export interface TemporaryCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration?: Date;
  accountId?: string;
}

/**
 * Who the credentials of a session speak as.
 *
 * A strategy that has no AWS identity (a callable of the user) fills `method` and `source`; one that has it fills the
 * three fields of STS GetCallerIdentity, in AWS's own spelling.
 */
export interface Identity {
  method?: string;
  source?: string;
  Account?: string;
  Arn?: string;
  UserId?: string;
}

/**
 * Tells a transport whether anybody waits for the refresh it works for.
 *
 * A refresh that nobody awaits must not keep the process alive, so its socket and timers are unref'd; one that somebody
 * awaits must, so they are ref'd. The answer changes while the refresh runs.
 */
export interface ProcessHold {
  /** True while at least one caller awaits the refresh. */
  readonly held: boolean;
  /**
   * Calls `listener` at each change of {@link ProcessHold.held}, synchronously.
   *
   * @returns a function that removes the listener
   */
  onChange(listener: (held: boolean) => void): () => void;
}

/**
 * What one refresh gives its strategy.
 *
 * @property signal - aborts when the refresh timed out or the session was closed; never by one caller who left
 * @property hold - whether any caller awaits the refresh; absent means that somebody does
 * @property force - true when a caller forced the refresh or what was held was invalidated: a source that keeps answers
 * has to ask anew
 */
export interface RefreshContext {
  signal: AbortSignal;
  hold?: ProcessHold;
  force?: boolean;
}

/**
 * Fetches one set of credentials, and decides nothing else: when to fetch, how often and for whom is the session's matter.
 *
 * A rejection reaches the callers as it is. An error with `retryable === false` is unrecoverable: the same call would
 * fail again, whatever the time.
 *
 * @example
 * ```ts
 * import type { RefreshStrategy } from "aws-refresh-session";
 *
 * const vault: RefreshStrategy = {
 *   method: "vault",
 *   async refresh({ signal }) {
 *     const response = await fetch("http://127.0.0.1:8200/v1/aws/creds/app", { signal });
 *     const { data } = (await response.json()) as { data: { access_key: string; secret_key: string } };
 *     return { accessKeyId: data.access_key, secretAccessKey: data.secret_key };
 *   },
 * };
 * ```
 */
export interface RefreshStrategy {
  /** The name that `RefreshableSession` knows the strategy by: "sts", "custom" or one of the user's own. */
  readonly method: string;
  /** Whether a refresh asks a person, such as for an MFA code: then no refresh starts in the background. */
  readonly prompts?: boolean;
  /** Fetches one set of credentials; `context.signal` aborts it. */
  refresh(context: RefreshContext): Promise<TemporaryCredentials>;
  /** Tells who the strategy's own identity is, where that needs no refreshed credentials. */
  getIdentity?(): Promise<Identity>;
}
