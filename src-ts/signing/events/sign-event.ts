/** Signs single events and messages, for callers who keep the chain of signatures themselves. */
import { fromNative, masked, SigningError } from "../../errors.js";
import { native } from "../../native.js";
import { type ChainSeed, seedFrame } from "../streams/chain-seed.js";
import { type EventHeaders, encodeEventHeaders } from "./event-headers.js";

/** An event as bytes: its encoded headers, `:date` as a rule, and what it carries. */
export interface FormattedEvent {
  readonly headers: Uint8Array;
  readonly payload: Uint8Array;
}

/** A message of an event stream. */
export interface EventMessage {
  readonly headers: EventHeaders;
  readonly body: Uint8Array;
}

/** A message and the signature before it, as the AWS SDK's message signers take them. */
export interface SignableMessage<M extends EventMessage = EventMessage> {
  readonly message: M;
  readonly priorSignature: string;
}

export interface SignedMessage<M extends EventMessage = EventMessage> {
  readonly message: M;
  readonly signature: string;
}

/** The signature of an event, as 64 hex digits. */
export function signEvent(
  event: FormattedEvent,
  priorSignature: string,
  seed: Pick<ChainSeed, "prefix" | "stamp">,
): string {
  const headers = bytesOf(event?.headers, "headers");
  const payload = bytesOf(event?.payload, "payload");
  const previous = checkedSignature(priorSignature);
  try {
    return native.signEvent(seedFrame(seed), previous, headers, payload);
  } catch (error) {
    throw fromNative(error);
  }
}

/** As {@link signEvent}, for a message whose headers are still to be encoded. */
export function signMessage<M extends EventMessage>(
  signable: SignableMessage<M>,
  seed: Pick<ChainSeed, "prefix" | "stamp">,
): SignedMessage<M> {
  const { message, priorSignature } = signable ?? {};
  if (typeof message !== "object" || message === null) {
    throw refused("message", "{ headers, body }", masked(message));
  }
  const headers = encodeEventHeaders(message.headers);
  return { message, signature: signEvent({ headers, payload: message.body }, priorSignature, seed) };
}

/** A signature as it stands in `authorization` or in `X-Amz-Signature`. */
export function checkedSignature(signature: unknown): string {
  if (typeof signature === "string" && /^[0-9a-f]{64}$/.test(signature)) return signature;
  throw refused("priorSignature", "the 64 lower-case hex digits of the signature before", masked(signature));
}

/** Bytes that nobody else can change while they are signed. */
export function bytesOf(bytes: unknown, param: string): Uint8Array {
  if (bytes instanceof Uint8Array && !(bytes.buffer instanceof SharedArrayBuffer)) return bytes;
  throw refused(param, "a Uint8Array", bytes instanceof Uint8Array ? "shared memory" : masked(bytes));
}

function refused(param: string, expected: string, found: string): SigningError {
  return new SigningError(`"${param}" must be ${expected}, found ${found}`, { code: "ERR_SIGN_EVENT", param });
}
