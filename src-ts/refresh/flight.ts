/** One refresh on its way: shared by all who wait for it, ended by its time limit, keeping the process for callers only. */
import { types } from "node:util";
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
  /** Settles after `settle` has; a rejection is that of the strategy, the time limit, {@link cancel} or `settle`. */
  readonly #result: Promise<TemporaryCredentials>;
  readonly #leavings = new Map<AbortSignal, Promise<never>>();
  #waiters = 0;

  /**
   * @param force whether the source has to ask anew, see {@link RefreshContext}
   * @param settle runs before any waiter does, so that they find the new triple published, or the failure counted
   */
  constructor(
    strategy: RefreshStrategy,
    timeoutSeconds: number,
    force: boolean,
    settle: (fetched: Promise<TemporaryCredentials>) => Promise<TemporaryCredentials>,
  ) {
    const { signal } = this.#controller;
    const timer = setTimeout(() => this.cancel(timedOut(strategy, timeoutSeconds)), timeoutSeconds * 1000).unref();
    this.#hold.onChange((held) => (held ? timer.ref() : timer.unref()));
    const ended = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    // Later than now: the strategy is the user's code, which may ask for these very credentials, or sign something, while
    // whoever started this is halfway through a signature.
    const fetched = Promise.resolve().then(() => {
      signal.throwIfAborted();
      return strategy.refresh({ signal, hold: this.#hold, force });
    });
    this.#result = settle(Promise.race([fetched, ended]).finally(() => clearTimeout(timer)));
    // Nobody may be waiting: then the failure is told by an event alone.
    this.#result.catch(() => {});
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
