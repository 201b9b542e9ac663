/** The system's time at will, for identities that users give: they expire by the one clock that nobody can pass in. */
import type { ExecutionContext } from "ava";

/** Sets the time of `Date.now()` until the end of a test. */
export function setSystemTime(t: ExecutionContext, now: number): void {
  const real = Date.now;
  Date.now = () => now;
  t.teardown(() => {
    Date.now = real;
  });
}
