/** One refresh on its way: shared by all who wait for it, ended by its time limit, keeping the process for callers only. */
import { types } from "node:util";
import { follow, systemTimer } from "../aws/hold.js";
import { BRSConnectionError, BRSCredentialError } from "../errors.js";
import type { ProcessHold, RefreshStrategy, TemporaryCredentials } from "../strategies/strategy.js";
import { CallerHold } from "./process-hold.js";

/** How a caller waits. */
export interface WaitOptions {
  signal?: AbortSignal | undefined;
  hold?: ProcessHold | undefined;
}

export class Flight {
  readonly #hold = new CallerHold();
  readonly #controller = new AbortController();
  readonly #result: Promise<void>;
  readonly #leavings = new Map<AbortSignal, Promise<never>>();
  #waiters = 0;

  /**
   * @param work settles everything before any waiter goes on, so that they find the new triple published, or the failure
   * counted; it has to end when {@link Flight.signal} aborts
   */
  constructor(work: (flight: Flight) => Promise<unknown>) {
    // Later than now: a strategy is the user's code, which may ask for these very credentials, or sign something, while
    // whoever started this is halfway through a signature.
    this.#result = Promise.resolve().then(async () => {
      this.signal.throwIfAborted();
      await work(this);
    });
    // Nobody may be waiting: then the failure is told by an event alone.
    this.#result.catch(() => {});
  }

  /** Aborts when the flight is cancelled. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether anybody waits. */
  get hold(): ProcessHold {
    return this.#hold;
  }

  /**
   * Asks the strategy, for no longer than its time limit.
   *
   * @param force whether the source has to ask anew, see {@link RefreshContext}
   */
  async fetch(strategy: RefreshStrategy, timeoutSeconds: number, force: boolean): Promise<TemporaryCredentials> {
    const attempt = new AbortController();
    const { signal } = attempt;
    const onCancel = () => attempt.abort(this.signal.reason);
    this.signal.addEventListener("abort", onCancel, { once: true });
    const timer = systemTimer(timeoutSeconds * 1000, () => attempt.abort(timedOut(strategy, timeoutSeconds)));
    const release = follow(this.#hold, timer);
    const ended = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    try {
      return await Promise.race([strategy.refresh({ signal, hold: this.#hold, force }), ended]);
    } finally {
      timer.cancel();
      release();
      this.signal.removeEventListener("abort", onCancel);
    }
  }

  /**
   * Waits for the result. The caller keeps the process alive, unless it works itself for a refresh that nobody awaits:
   * then `hold` says so. `signal` ends the wait, never the refresh.
   */
  async wait({ signal, hold }: WaitOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    let leave = hold === undefined || hold.held ? this.#hold.enter() : undefined;
    this.#waiters++;
    const unfollow = hold?.onChange((held) => {
      leave?.();
      leave = held ? this.#hold.enter() : undefined;
    });
    try {
      await (signal === undefined ? this.#result : Promise.race([this.#result, this.#leaving(signal)]));
    } finally {
      this.#waiters--;
      unfollow?.();
      leave?.();
    }
  }

  /** How many callers wait now. */
  get waiters(): number {
    return this.#waiters;
  }

  /** Rejects when the signal aborts. All who wait with the same signal share one listener: Node warns of more than ten. */
  #leaving(signal: AbortSignal): Promise<never> {
    let leaving = this.#leavings.get(signal);
    if (leaving === undefined) {
      leaving = new Promise<never>((_, reject) => {
        const onAbort = () => reject(signal.reason);
        const forget = () => signal.removeEventListener("abort", onAbort);
        signal.addEventListener("abort", onAbort, { once: true });
        this.#result.then(forget, forget);
      });
      this.#leavings.set(signal, leaving);
    }
    return leaving;
  }

  /** Ends the refresh for everybody. */
  cancel(reason: Error): void {
    this.#controller.abort(reason);
  }
}

function timedOut(strategy: RefreshStrategy, seconds: number): BRSConnectionError {
  return new BRSConnectionError(
    `the refresh by method "${strategy.method}" did not settle within ${seconds} s: see why its source is slow, or raise "refreshTimeout"`,
    { code: "ERR_REFRESH_TIMEOUT", param: "refreshTimeout", retryable: true },
  );
}

/** A strategy may throw anything; callers get an Error. */
export function asError(thrown: unknown, method: string): Error {
  // Errors of another realm (a vm context, a test runner) are errors, too.
  if (thrown instanceof Error || types.isNativeError(thrown)) return thrown;
  return new BRSCredentialError(`the refresh by method "${method}" threw something that is not an Error; see cause`, {
    cause: thrown,
    retryable: true,
  });
}
