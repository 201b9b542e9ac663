/** The clock of tests moves only when told. */
import test from "ava";
import { ManualClock } from "aws-refresh-session/testing";

test("a manual clock starts where it is told and moves by seconds", (t) => {
  const time = new ManualClock(1_000);
  const { clock } = time;
  t.is(clock(), 1_000);
  time.advance(2.5);
  t.is(clock(), 3_500);
  time.advance(-1);
  t.is(time.now, 2_500);
  time.set(7);
  t.is(clock(), 7);
});

test("without a start it stands at the present", (t) => {
  t.true(new ManualClock().now > Date.UTC(2026, 0, 1));
});
