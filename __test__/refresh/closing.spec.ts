/** What closing does to those who wait, to what is held, and to answers that come too late. */
import { runInNewContext } from "node:vm";
import test from "ava";
import { BRSConfigurationError } from "aws-refresh-session";
import { native } from "../../dist/native.js";
import {
  fifty,
  frozenOutcome,
  HOUR,
  handleOf,
  heard,
  open,
  openHeld,
  outcome,
  START,
  turn,
} from "./counting-source.js";

const KEYS = { accessKeyId: "AKID", secretAccessKey: "secret" };

test("closing rejects those who wait, and all who come later", async (t) => {
  const { credentials, source } = open();
  const told = heard(credentials);
  const pending = source.pendNext();
  const signal = new AbortController().signal;
  const callers = [
    credentials.getFrozenCredentials(),
    credentials.getFrozenCredentials({ signal }),
    credentials.refresh(),
    credentials.refresh({ force: true }),
  ].map(outcome);
  await turn();
  credentials.close();
  // Neither on its way nor held: callers of the same turn must not slip in.
  callers.push(...[credentials.getFrozenCredentials(), credentials.refresh({ force: true })].map(outcome));
  for (const error of await Promise.all(callers)) {
    t.true(error instanceof BRSConfigurationError);
    t.is((error as BRSConfigurationError).code, "ERR_CLOSED");
  }
  t.true(source.contexts[0]?.signal.aborted);
  pending.give();
  await turn();
  const closed = { instanceOf: BRSConfigurationError, code: "ERR_CLOSED" };
  await t.throwsAsync(credentials.getFrozenCredentials(), closed);
  await t.throwsAsync(credentials.refresh(), closed);
  await t.throwsAsync(credentials.refresh({ force: true }), closed);
  t.throws(() => credentials.frozen, closed);
  t.throws(() => credentials.invalidate(), closed);
  t.throws(() => credentials.refreshNeeded(), closed);
  t.is(credentials.expiration, undefined);
  t.is(source.calls, 1);
  t.deepEqual(told, [], "neither as a success nor as a failure");
});

test("an answer that came just before closing is discarded", async (t) => {
  const { credentials, source } = open();
  const told = heard(credentials);
  const pending = source.pendNext();
  const caller = outcome(credentials.getFrozenCredentials());
  await turn();
  pending.give();
  credentials.close();
  t.like(await caller, { code: "ERR_CLOSED" });
  t.deepEqual(told, []);
  t.is(credentials.expiration, undefined);
});

test("a failure that came just before closing is discarded", async (t) => {
  const { credentials, source } = open();
  const told = heard(credentials);
  const pending = source.pendNext();
  const caller = outcome(credentials.getFrozenCredentials());
  await turn();
  pending.fail(new Error("out of order"));
  credentials.close();
  t.like(await caller, { code: "ERR_CLOSED" });
  t.deepEqual(told, []);
});

test("closing wipes what is held: the handle names nothing any more, and never will", async (t) => {
  const { credentials } = await openHeld(HOUR);
  const handle = handleOf(credentials);
  t.is(native.decide(handle, START) % 8, 0);
  credentials.close();
  for (const use of [
    () => native.decide(handle, START),
    () => native.publish(handle, 0, { ...KEYS, expirationMs: START + 1, clockOffsetMs: 0 }, START),
    () => native.refreshFailed(handle, 1, START, true, 0, ""),
    () => native.invalidate(handle, null),
  ]) {
    t.throws(use, { code: "ERR_CLOSED" });
  }
  // The slot is used again, the handle is not.
  const others = fifty(() => open().credentials);
  t.false(others.map(handleOf).includes(handle));
  t.throws(() => native.decide(handle, START), { code: "ERR_CLOSED" });
});

test("closing twice is harmless, also to whoever has the place by then", async (t) => {
  const first = await openHeld(HOUR);
  first.credentials.close();
  const others = await Promise.all(fifty(() => openHeld(HOUR)));
  first.credentials.close();
  for (const { credentials } of others) t.is(frozenOutcome(credentials), 1);
});

test("a listener may close while it is told", async (t) => {
  for (const [name, remaining] of [
    ["refresh", 0],
    ["refreshError", 0],
    ["expired", 0],
  ] as const) {
    const { credentials, source } = await openHeld(remaining);
    if (name === "refreshError") source.outage = new Error("out of order");
    credentials.events.on(name, () => credentials.close());
    const seen = await outcome(credentials.getFrozenCredentials());
    t.like(seen, { code: "ERR_CLOSED" }, name);
    await t.throwsAsync(credentials.getFrozenCredentials(), { code: "ERR_CLOSED" });
  }
});

test("credentials that nobody holds any more are wiped in the core too", async (t) => {
  const { setFlagsFromString } = await import("node:v8");
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const handle = await (async () => handleOf((await openHeld(HOUR)).credentials))();
  const isClosed = () => {
    try {
      native.decide(handle, START);
      return false;
    } catch {
      return true;
    }
  };
  for (let round = 0; round < 100 && !isClosed(); round++) {
    collect();
    await turn();
  }
  t.true(isClosed());
});
