/** Credentials for a token that is to last: refreshed first when they would end before it, if they can be. */
import type { RefreshableCredentials } from "../../refresh/refreshable-credentials.js";
import { currentTriple, type Triple } from "../prepared.js";

/** How many milliseconds fresh credentials lived for, where that was shorter than a token. */
const shortLives = new WeakMap<RefreshableCredentials, number>();

/**
 * The current triple, after a refresh if it lives shorter than `seconds`. A token ends with the credentials that signed it, so
 * one from credentials in their last minute is refused a minute later.
 *
 * Where even fresh credentials live shorter than that, a refresh for each token would ask their source without end: then they
 * are refreshed in the second half of their life. When the refresh fails, the policy of the credentials decides.
 */
export async function lastingTriple(credentials: RefreshableCredentials, seconds: number): Promise<Triple> {
  const triple = await currentTriple(credentials);
  const wanted = Math.min(seconds * 1000, (shortLives.get(credentials) ?? Number.POSITIVE_INFINITY) / 2);
  if (triple.expirationMs - triple.now >= wanted || credentials.method === "static") return triple;
  try {
    await credentials.refresh({ force: true });
  } catch {
    // A token that ends early serves most callers; those that hold nothing usable reject below.
    return currentTriple(credentials);
  }
  const fresh = await currentTriple(credentials);
  const life = fresh.expirationMs - fresh.now;
  if (life < seconds * 1000) shortLives.set(credentials, life);
  else shortLives.delete(credentials);
  return fresh;
}
