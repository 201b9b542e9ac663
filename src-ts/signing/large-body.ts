/** Bodies so large that hashing them at once would stall the event loop: hashed in slices, with turns of the loop between. */
import { createHash } from "node:crypto";
import { payloadOf, type SignableRequest } from "./request.js";

/** About half a millisecond of hashing. */
const SLICE = 1 << 20;

/** Whether a body takes longer than about a millisecond to hash. */
export function isLarge(body: SignableRequest["body"]): boolean {
  if (body === undefined || body === null) return false;
  const length = typeof body === "string" ? body.length : (body as { byteLength?: number }).byteLength;
  return length !== undefined && length > 2 * SLICE;
}

/** Whether the headers name what is signed in place of a hash, such as UNSIGNED-PAYLOAD: then the body is not hashed. */
export function declaresNoHash({ headers }: SignableRequest): boolean {
  if (typeof headers !== "object" || headers === null) return false;
  const pairs: Iterable<unknown> = Symbol.iterator in headers ? headers : Object.entries(headers);
  for (const pair of pairs) {
    const [name, value] = Array.isArray(pair) ? pair : [];
    if (String(name).toLowerCase() === "x-amz-content-sha256" && String(value).trim().length !== 64) return true;
  }
  return false;
}

/** The hash of a large body. Whoever changes the body while it is awaited gets a signature that no server accepts. */
export async function digestInSlices(body: SignableRequest["body"]): Promise<{ sha256: string }> {
  const { bytes = Buffer.alloc(0) } = payloadOf(body);
  const hash = createHash("sha256");
  for (let start = 0; start < bytes.length; start += SLICE) {
    hash.update(bytes.subarray(start, start + SLICE));
    await new Promise((resume) => setImmediate(resume));
  }
  return { sha256: hash.digest("hex") };
}
