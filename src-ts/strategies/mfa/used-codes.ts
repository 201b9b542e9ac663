/** Which codes of which devices were sent to AWS of late: it takes each code once, whoever sends it. */
import { keyedDigest } from "../../keyed-digest.js";
import { native } from "../../native.js";

/**
 * Notes that a code is about to be sent. False when any session of the process did that within 90 seconds: then it must not
 * be sent.
 */
export function takeCode(serialNumber: string, code: string, now: number): boolean {
  return native.takeCode(digestOf(serialNumber, code), now);
}

/** A digest that tells codes of devices apart and nothing else. */
export function digestOf(serialNumber: string, code: string): string {
  return keyedDigest(`${serialNumber}\n${code}`);
}
