/** Digests that tell texts apart in this process, in all its threads, and mean nothing outside it. */
import { native } from "./native.js";

/** Keyed, so that a short secret, such as a code of six digits, cannot be found by trying all of them. */
export function keyedDigest(text: string): string {
  return native.keyedDigest(text);
}
