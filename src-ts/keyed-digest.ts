/** Digests that tell texts apart in this process, in all its threads, and mean nothing outside it. */
import { createHmac, randomBytes } from "node:crypto";
import { native } from "./native.js";

let key: string | undefined;

/** Keyed, so that a short secret, such as a code of six digits, cannot be found by trying all of them. */
export function keyedDigest(text: string): string {
  key ??= native.processKey(randomBytes(32).toString("hex"));
  return createHmac("sha256", key).update(text).digest("base64url");
}
