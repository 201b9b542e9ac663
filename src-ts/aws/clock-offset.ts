/** How far the local clock is from AWS's, learned from the Date header of its answers. */
import type { Clock } from "../defaults.js";

/** Date headers count whole seconds, and the way there and back takes time: below this a difference means nothing. */
const RESOLUTION_MS = 2_000;
/** A server further away than this is not believed. */
const LIMIT_MS = 24 * 60 * 60 * 1_000;
/** From here on AWS may refuse a signature for its time even when the error does not say so. */
export const REFUSAL_MS = 4 * 60 * 1_000;

/** Codes that name the time as the reason. */
const TIME_CODES: ReadonlySet<string> = new Set(["RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed"]);
/** Codes that a wrong time causes among other things. */
const AMBIGUOUS_CODES: ReadonlySet<string> = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "AuthFailure",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
]);
const TIME_MESSAGE = /signature (expired|not yet current)|request (has|is) expired|current time and the/i;

/** A clock that is the local one until an answer shows that it is wrong. */
export class ClockOffset {
  readonly #clock: Clock;
  readonly #onChange: ((ms: number) => void) | undefined;
  #ms = 0;

  constructor(clock: Clock, onChange?: (ms: number) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Milliseconds to add to the local clock. */
  get ms(): number {
    return this.#ms;
  }

  /** The local clock, uncorrected. */
  local(): number {
    return this.#clock();
  }

  /** The time as AWS sees it. */
  now(): number {
    return this.#clock() + this.#ms;
  }

  /**
   * Takes the Date header of an answer that was asked for at `sentAt` and came at `receivedAt`, both by the local clock.
   * Every readable header counts, of successes too, so a clock that is set right later is followed; differences under two
   * seconds, those that the time on the way explains, and those above 24 hours change nothing.
   */
  observe(date: string | undefined, sentAt: number, receivedAt: number): void {
    const server = date === undefined ? Number.NaN : Date.parse(date);
    if (Number.isNaN(server)) return;
    // The header has lost half a second on average, and was written about half way between asking and receiving.
    const measured = Math.round(server + 500 - (sentAt + receivedAt) / 2);
    // Of a request that took long, such as an upload, it may as well have been written at either end.
    const doubt = RESOLUTION_MS + (receivedAt - sentAt) / 2;
    if (Math.abs(measured) > LIMIT_MS || Math.abs(measured - this.#ms) <= doubt) return;
    this.#ms = Math.abs(measured) <= RESOLUTION_MS ? 0 : measured;
    this.#onChange?.(this.#ms);
  }

  /**
   * Whether a request signed with the offset `signedWith` was refused for its time, and would now be signed with a better
   * one. A code or message that names the time is believed at any difference, others from four minutes on.
   */
  explains(awsCode: string | undefined, message: string, signedWith: number): boolean {
    const moved = Math.abs(this.#ms - signedWith);
    if (awsCode === undefined || moved === 0) return false;
    if (TIME_CODES.has(awsCode) || TIME_MESSAGE.test(message)) return true;
    return AMBIGUOUS_CODES.has(awsCode) && moved >= REFUSAL_MS;
  }
}
