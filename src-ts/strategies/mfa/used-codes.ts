/** Which codes of which devices were sent to AWS of late: it takes each code once, whoever sends it. */
import { createHmac, randomBytes } from "node:crypto";

/** AWS takes the code of the present step, and of the ones before and behind it. */
const REMEMBERED_MS = 90_000;
/** Far more than devices are used in that time; the oldest are forgotten first. */
const MAX_REMEMBERED = 10_000;

// All sessions of this thread. A digest under a key that nobody knows, since a million codes are tried out quickly.
const used = new Map<string, number>();
let key: Buffer | undefined;

/** Notes that a code is about to be sent. False when that was done before within 90 seconds: then it must not be sent. */
export function takeCode(serialNumber: string, code: string, now: number): boolean {
  for (const [digest, until] of used) {
    // An end further away than the time of remembering was noted by another clock, or before this one was set back.
    if (until <= now || until > now + REMEMBERED_MS) used.delete(digest);
  }
  const digest = digestOf(serialNumber, code);
  if (used.has(digest)) return false;
  const [oldest] = used.keys();
  if (used.size >= MAX_REMEMBERED && oldest !== undefined) used.delete(oldest);
  used.set(digest, now + REMEMBERED_MS);
  return true;
}

/** A digest that tells codes apart and nothing else. */
export function digestOf(serialNumber: string, code: string): string {
  key ??= randomBytes(32);
  return createHmac("sha256", key).update(`${serialNumber}\n${code}`).digest("base64");
}
