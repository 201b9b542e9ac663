/** Which codes of which devices were sent to AWS of late: it takes each code once, whoever sends it. */
import { createHmac, randomBytes } from "node:crypto";

/** AWS takes the code of the present step, and of the ones before and behind it. */
const REMEMBERED_MS = 90_000;
/** More than are used in that time; the oldest are forgotten first. */
const MAX_REMEMBERED = 1_000;

// Of all sessions of this thread: when each was sent, by the clock of the session that sent it. Clocks may differ, so time
// alone makes nothing be forgotten. Digests under a key that nobody knows, since a million codes are tried out quickly.
const used = new Map<string, number>();
let key: Buffer | undefined;

/** Notes that a code is about to be sent. False when that was done within 90 seconds: then it must not be sent. */
export function takeCode(serialNumber: string, code: string, now: number): boolean {
  const digest = digestOf(serialNumber, code);
  const sentAt = used.get(digest);
  if (sentAt !== undefined && Math.abs(now - sentAt) < REMEMBERED_MS) return false;
  used.delete(digest);
  const [oldest] = used.keys();
  if (used.size >= MAX_REMEMBERED && oldest !== undefined) used.delete(oldest);
  used.set(digest, now);
  return true;
}

/** A digest that tells codes apart and nothing else. */
export function digestOf(serialNumber: string, code: string): string {
  key ??= randomBytes(32);
  return createHmac("sha256", key).update(`${serialNumber}\n${code}`).digest("base64");
}
