/** Counting those who wait: the process is held from the first of them to the last. */
import test from "ava";
import { CallerHold } from "../../dist/refresh/process-hold.js";

function counted() {
  const hold = new CallerHold();
  const changes: boolean[] = [];
  const stop = hold.onChange((held) => {
    changes.push(held);
  });
  return { hold, changes, stop };
}

test("nobody waits at first", (t) => {
  const { hold, changes } = counted();
  t.false(hold.held);
  t.deepEqual(changes, []);
});

test("it is held from the first caller to the last, and changes are told once", (t) => {
  const { hold, changes } = counted();
  const leaves = Array.from({ length: 50 }, () => hold.enter());
  t.true(hold.held);
  t.deepEqual(changes, [true]);
  for (const [index, leave] of leaves.entries()) {
    t.true(hold.held, `${50 - index} are left`);
    leave();
  }
  t.false(hold.held);
  t.deepEqual(changes, [true, false]);
});

test("callers may come again after all have left", (t) => {
  const { hold, changes } = counted();
  hold.enter()();
  const leave = hold.enter();
  t.true(hold.held);
  hold.enter()();
  t.true(hold.held);
  leave();
  t.deepEqual(changes, [true, false, true, false]);
});

test("a listener reads the new state, and hears nothing after it was removed", (t) => {
  const { hold, changes, stop } = counted();
  const read: boolean[] = [];
  hold.onChange(() => read.push(hold.held));
  const leave = hold.enter();
  stop();
  leave();
  t.deepEqual(read, [true, false]);
  t.deepEqual(changes, [true]);
});

test("a listener may remove itself, or add another, while it is told", (t) => {
  const hold = new CallerHold();
  const told: string[] = [];
  const stop = hold.onChange(() => {
    told.push("first");
    stop();
    hold.onChange(() => told.push("added"));
  });
  hold.onChange(() => told.push("second"));
  hold.enter()();
  t.deepEqual(told, ["first", "second", "second", "added"]);
});
