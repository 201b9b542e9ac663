/** One refresh on its way: shared by all who wait for it, ended by its time limit, keeping the process for callers only. */
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

  /**
   * @param settle runs before any waiter does, so that they find the new triple published, or the failure counted
   */
  constructor(
    strategy: RefreshStrategy,
    timeoutSeconds: number,
    settle: (fetched: Promise<TemporaryCredentials>) => Promise<TemporaryCredentials>,
  ) {
    const { signal } = this.#controller;
    const timer = setTimeout(() => this.cancel(timedOut(strategy, timeoutSeconds)), timeoutSeconds * 1000).unref();
    this.#hold.onChange((held) => (held ? timer.ref() : timer.unref()));
    const ended = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    // A strategy that throws before its first await must not throw out of here.
    const fetched = new Promise<TemporaryCredentials>((resolve) =>
      resolve(strategy.refresh({ signal, hold: this.#hold })),
    );
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
    const unfollow = hold?.onChange((held) => {
      leave?.();
      leave = held ? this.#hold.enter() : undefined;
    });
    let onAbort: (() => void) | undefined;
    try {
      if (signal === undefined) return void (await this.#result);
      const left = new Promise<never>((_, reject) => {
        onAbort = () => reject(signal.reason);
        signal.addEventListener("abort", onAbort, { once: true });
      });
      await Promise.race([this.#result, left]);
    } finally {
      if (onAbort !== undefined) signal?.removeEventListener("abort", onAbort);
      unfollow?.();
      leave?.();
    }
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
  if (thrown instanceof Error) return thrown;
  return new BRSCredentialError(`the refresh by method "${method}" threw something that is not an Error`, {
    cause: thrown,
  });
}
