/** Credentials for a token that is to last: refreshed first when they would end before it, if they can be. */
import type { RefreshableCredentials } from "../../refresh/refreshable-credentials.js";
import { currentTriple, type Triple } from "../prepared.js";

/** What earlier attempts to get longer-lived credentials taught; all in milliseconds. */
interface Lesson {
  /** The remaining life below which another attempt is worth it. */
  readonly worthBelow: number;
  /** When an attempt after a failed one may follow. */
  readonly notBefore: number;
}

const lessons = new WeakMap<RefreshableCredentials, Lesson>();
const NOTHING_LEARNED: Lesson = { worthBelow: Number.POSITIVE_INFINITY, notBefore: 0 };
/** How long a source that failed is left alone while what is held still signs. */
const PAUSE_MS = 30_000;

/**
 * The current triple, after a refresh if it lives shorter than `seconds`. A token ends with the credentials that signed it, so
 * one from credentials in their last minute is refused a minute later.
 *
 * Where even fresh credentials live shorter than that, a refresh for each token would ask their source without end: then they
 * are refreshed in the second half of their life. When the refresh fails, the policy of the credentials decides, and the
 * next attempt is made no sooner than half a minute later.
 */
export async function lastingTriple(credentials: RefreshableCredentials, seconds: number): Promise<Triple> {
  const triple = await currentTriple(credentials);
  const { worthBelow, notBefore } = lessons.get(credentials) ?? NOTHING_LEARNED;
  const isLasting = triple.expirationMs - triple.now >= Math.min(seconds * 1000, worthBelow);
  if (isLasting || triple.now < notBefore || credentials.method === "static") return triple;
  try {
    await credentials.refresh({ force: true });
  } catch {
    // A token that ends early serves most callers; those that hold nothing usable reject below.
    lessons.set(credentials, { worthBelow, notBefore: credentials.now() + PAUSE_MS });
    return currentTriple(credentials);
  }
  const fresh = await currentTriple(credentials);
  const life = fresh.expirationMs - fresh.now;
  if (life < seconds * 1000) lessons.set(credentials, { worthBelow: life / 2, notBefore: 0 });
  else lessons.delete(credentials);
  return fresh;
}
