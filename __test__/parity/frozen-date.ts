/** A stopped clock for peers that read `new Date()` themselves. */
import type { ExecutionContext } from "ava";

/** Stops `new Date()` and `Date.now()` until the end of a test, which must run alone. */
export function freezeDate(t: ExecutionContext, now: () => number): void {
  const Real = Date;
  class Frozen extends Real {
    constructor(...given: unknown[]) {
      super(...((given.length === 0 ? [now()] : given) as [number]));
    }
    static override now(): number {
      return now();
    }
  }
  globalThis.Date = Frozen as DateConstructor;
  t.teardown(() => {
    globalThis.Date = Real;
  });
}
