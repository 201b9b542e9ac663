/** What to do about credentials that a service refused: give them up and fetch others, once, for all who were refused. */
import type { RefreshableCredentials } from "./refreshable-credentials.js";

/** Codes that say that the credentials have ended or were revoked, in the words of all protocols. */
const REFUSALS: ReadonlySet<string> = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidToken",
  "RequestExpired",
  "TokenRefreshRequired",
  "UnrecognizedClientException",
]);

/** A service that refuses whatever it is given must not make us ask the source all the time. */
const PAUSE_MS = 60_000;

/** When credentials were last given up here, in milliseconds by their own clock. */
const givenUpAt = new WeakMap<RefreshableCredentials, number>();

/** Whether a service's error code says that other credentials may be accepted. */
export function refusesCredentials(awsCode: string | undefined): boolean {
  return awsCode !== undefined && REFUSALS.has(awsCode);
}

/**
 * Resolves true when a request that was refused with the access key `refused` may be signed again with another triple: one that
 * came meanwhile, or one that is fetched now. At most one is fetched so in 60 seconds for the same credentials, and callers who
 * are refused together wait for the same refresh.
 *
 * Rejects with the failure of the refresh, or with the signal's reason.
 */
export async function renewRefused(
  credentials: RefreshableCredentials,
  refused: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<boolean> {
  options.signal?.throwIfAborted();
  if (!giveUpRefused(credentials, refused)) return false;
  const { accessKeyId } = await credentials.getFrozenCredentials(options);
  return accessKeyId !== refused;
}

/**
 * As {@link renewRefused} for a request that cannot be sent again: whoever asks next waits for other credentials. False when
 * `refused` is what is held, and has to stay because others were given up less than 60 seconds ago.
 */
export function giveUpRefused(credentials: RefreshableCredentials, refused: string): boolean {
  const { cell } = credentials;
  if (cell.current?.accessKeyId !== refused) {
    cell.end(refused);
    return true;
  }
  const now = credentials.now();
  const last = givenUpAt.get(credentials);
  if (last !== undefined && now - last < PAUSE_MS && now >= last) return false;
  givenUpAt.set(credentials, now);
  credentials.invalidate(refused);
  return true;
}
