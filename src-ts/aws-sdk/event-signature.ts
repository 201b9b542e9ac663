/** The text that is signed for an event of an event stream. */
import { createHash } from "node:crypto";
import type { SdkEventSigningOptions } from "./sdk-types.js";

const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");

/** `AWS4-HMAC-SHA256-PAYLOAD`, date, scope, the signature before, and the hashes of headers and payload, each on a line. */
export function eventStringToSign(
  amzDate: string,
  credentialScope: string,
  priorSignature: SdkEventSigningOptions["priorSignature"],
  headers: Uint8Array,
  payload: string | Uint8Array,
): string {
  return `AWS4-HMAC-SHA256-PAYLOAD\n${amzDate}\n${credentialScope}\n${priorSignature}\n${sha256(headers)}\n${sha256(payload)}`;
}
