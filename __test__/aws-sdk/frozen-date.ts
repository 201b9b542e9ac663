/** A time that stands still for the AWS SDK too, which reads it as `new Date()` in places. */
import type { ExecutionContext } from "ava";

/** Stops `Date` at an instant until the end of a test. */
export function freezeDate(t: ExecutionContext, now: number): void {
  const Real = globalThis.Date;
  globalThis.Date = class extends Real {
    constructor(...args: [] | [number | string | Date]) {
      if (args.length === 0) super(now);
      else super(args[0]);
    }

    static override now(): number {
      return now;
    }
  } as DateConstructor;
  t.teardown(() => {
    globalThis.Date = Real;
  });
}
