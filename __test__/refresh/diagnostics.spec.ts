/** What monitoring sees: counters, and messages on diagnostics channels that hold no credential. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { inspect } from "node:util";
import test from "ava";
import type { RefreshMessage } from "../../dist/refresh/diagnostics.js";
import { open, outcome } from "./counting-source.js";

const CHANNELS = ["refresh:start", "refresh:end", "refresh:error", "expired"];

/** Names and messages, in order. */
function listen(t: { teardown(fn: () => void): void }): Array<[string, RefreshMessage]> {
  const heard: Array<[string, RefreshMessage]> = [];
  for (const name of CHANNELS) {
    const listener = (message: unknown) => heard.push([name, message as RefreshMessage]);
    subscribe(`aws-refresh-session:${name}`, listener);
    t.teardown(() => unsubscribe(`aws-refresh-session:${name}`, listener));
  }
  return heard;
}

test.serial("each refresh is told at its start and its end, with the time it took", async (t) => {
  const heard = listen(t);
  const { credentials, source, time } = open();
  const pending = source.pendNext();
  const waiting = credentials.getFrozenCredentials();
  await new Promise(setImmediate);
  time.advance(2);
  pending.give();
  await waiting;
  t.deepEqual(
    heard.map(([name]) => name),
    ["refresh:start", "refresh:end"],
  );
  const [[, start], [, end]] = heard as [[string, RefreshMessage], [string, RefreshMessage]];
  t.is(start.method, "counted");
  t.is(start.stats.refreshes, 0);
  t.is(start.durationMs, undefined);
  t.is(end.durationMs, 2_000);
  t.is(end.stats.refreshes, 1);
  t.is(end.stats.remaining, 3_598);
  t.is(end.stats.age, 0);
});

test.serial("a failure is told with the error that the callers get", async (t) => {
  const heard = listen(t);
  const { credentials, source } = open();
  const error = new Error("out of order");
  source.outage = error;
  t.is(await outcome(credentials.getFrozenCredentials()), error);
  t.deepEqual(
    heard.map(([name]) => name),
    ["refresh:start", "refresh:error"],
  );
  t.is(heard[1]?.[1].error, error);
  t.is(heard[1]?.[1].stats.failures, 1);
});

test.serial("expiration is told once", async (t) => {
  const { credentials, atRemaining, source } = open();
  await credentials.getFrozenCredentials();
  const heard = listen(t);
  source.outage = new Error("out of order");
  atRemaining(-1);
  await outcome(credentials.getFrozenCredentials());
  await outcome(credentials.getFrozenCredentials());
  t.is(heard.filter(([name]) => name === "expired").length, 1);
});

test.serial("no message holds a credential", async (t) => {
  const heard = listen(t);
  const { credentials } = open();
  await credentials.getFrozenCredentials();
  const text = inspect(heard, { depth: 9, showHidden: true });
  for (const secret of ["AKID1", "secret1", "token1"]) t.false(text.includes(secret), secret);
});

test("the counters of credentials: refreshes, failures, waiters, age and what remains", async (t) => {
  const { credentials, source, time } = open();
  t.deepEqual(credentials.stats, { refreshes: 0, failures: 0, waiters: 0, age: undefined, remaining: undefined });
  const pending = source.pendNext();
  const waiting = [1, 2, 3].map(() => credentials.getFrozenCredentials());
  await new Promise(setImmediate);
  t.is(credentials.stats.waiters, 3);
  pending.give();
  await Promise.all(waiting);
  time.advance(60);
  t.deepEqual(credentials.stats, { refreshes: 1, failures: 0, waiters: 0, age: 60, remaining: 3_540 });
  source.outage = new Error("out of order");
  await outcome(credentials.refresh({ force: true }));
  t.is(credentials.stats.failures, 1);
  credentials.invalidate();
  t.is(credentials.stats.age, undefined);
});
