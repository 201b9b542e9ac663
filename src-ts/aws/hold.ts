/** Timers and sockets that keep the process alive only while somebody waits for them. */
import type { Sleep } from "../defaults.js";
import type { ProcessHold } from "../strategies/strategy.js";

/** What a handle of Node offers for this: a socket or a timer. */
interface Refable {
  ref(): unknown;
  unref(): unknown;
}

/** A timer that was started; `cancel` after it fired does nothing. */
export interface Timer extends Refable {
  cancel(): void;
}

/** Starts a timer. Injectable, so that time-outs are tested without waiting for them. */
export type StartTimer = (ms: number, fire: () => void) => Timer;

export const systemTimer: StartTimer = (ms, fire) => {
  const timeout = setTimeout(fire, ms);
  return { ref: () => timeout.ref(), unref: () => timeout.unref(), cancel: () => clearTimeout(timeout) };
};

/**
 * Keeps `target` ref'd exactly while `hold` is held, until the returned function is called. Without a hold somebody is
 * taken to wait, and nothing is changed.
 */
export function follow(hold: ProcessHold | undefined, target: Refable): () => void {
  if (hold === undefined) return () => {};
  const apply = (held: boolean) => {
    if (held) target.ref();
    else target.unref();
  };
  apply(hold.held);
  return hold.onChange(apply);
}

/** A sleep that follows a hold; it rejects with the reason of the signal as soon as that aborts. */
export function heldSleep(startTimer: StartTimer, hold: ProcessHold | undefined): Sleep {
  return (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const finish = (settle: () => void) => {
        timer.cancel();
        release();
        signal?.removeEventListener("abort", onAbort);
        settle();
      };
      const onAbort = () => finish(() => reject(signal?.reason));
      const timer = startTimer(ms, () => finish(resolve));
      const release = follow(hold, timer);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
}
