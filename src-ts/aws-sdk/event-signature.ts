/** The signature of an event, whatever text stands for the signature before it. */
import { fromNative } from "../errors.js";
import { native } from "../native.js";
import { bytesOf } from "../signing/events/sign-event.js";
import { type SigningScope, scopeFrame, type Triple } from "../signing/prepared.js";
import { bodyOf, isContent } from "./canonical-input.js";
import type { SdkFormattedEvent } from "./sdk-types.js";

/** 64 hex digits. `signingDate` is milliseconds since the epoch. */
export function eventSignature(
  triple: Triple,
  scope: SigningScope,
  signingDate: number,
  priorSignature: string,
  event: SdkFormattedEvent,
): string {
  // An absent payload is an empty one, and a text is its UTF-8, as for a request.
  const payload = bodyOf(event.payload);
  const content = isContent(payload) ? payload : "";
  const frame = scopeFrame(triple, scope, signingDate);
  try {
    return native.signEvent(
      frame.bytes,
      priorSignature,
      bytesOf(event.headers, "headers"),
      typeof content === "string" ? Buffer.from(content) : content,
    );
  } catch (error) {
    throw fromNative(error);
  }
}
