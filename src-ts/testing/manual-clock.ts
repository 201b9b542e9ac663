/** A clock that moves only when a test says so. */
import { type Clock, systemClock } from "../defaults.js";

/**
 * A clock for tests: it stands still until `advance` or `set`.
 *
 * Give `clock` to whatever takes one: a session, a signer, a verifier, the test endpoint.
 *
 * @example
 * const time = new ManualClock();
 * const endpoint = await startTestEndpoint({ clock: time.clock });
 * time.advance(3600); // every credential vended for an hour has expired
 */
export class ManualClock {
  #now: number;

  /** Starts at the given epoch milliseconds; by default at the present. */
  constructor(start: number = systemClock()) {
    this.#now = start;
  }

  /** Epoch milliseconds, as a function that can be passed on. */
  readonly clock: Clock = () => this.#now;

  /** Epoch milliseconds. */
  get now(): number {
    return this.#now;
  }

  /** Moves by this many seconds; a negative number moves back. */
  advance(seconds: number): void {
    this.#now += seconds * 1_000;
  }

  /** Moves to these epoch milliseconds. */
  set(now: number): void {
    this.#now = now;
  }
}
