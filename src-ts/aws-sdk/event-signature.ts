/** The text that is signed for an event of an event stream. */
import type { SdkEventSigningOptions } from "./sdk-types.js";
import { sha256 } from "./sha256.js";

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
