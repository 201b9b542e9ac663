/** When the windows of refreshing open: strictly below so much remaining lifetime, and never too early in a short one. */
import test from "ava";
import type { RefreshOptions } from "../../dist/refresh/refresh-options.js";
import { HOUR, isPending, open, openHeld, outcome, turn } from "./counting-source.js";
import { POLICIES, SERVE_VALID, STABLE, WINDOWS } from "./policy-kinds.js";

/** Seconds before the end at which the windows open, found by looking at each second and its neighbours of a millisecond. */
async function windowsOf(lifetime: number, options: RefreshOptions, around: readonly number[]) {
  const found = { advisory: 0, mandatory: 0 };
  for (const seconds of around) {
    for (const remaining of [seconds + 0.001, seconds, seconds - 0.001]) {
      if (remaining <= 0) continue;
      const opened = await openHeld(remaining, { ...options, lifetime });
      const pending = opened.source.pendNext();
      const caller = outcome(opened.credentials.getFrozenCredentials());
      const waits = await isPending(caller);
      pending.give();
      await caller;
      // Strict: the window is the first instant at which nothing happens yet.
      if (opened.source.calls === 2 && !waits) found.advisory = Math.max(found.advisory, remaining + 0.001);
      if (waits) found.mandatory = Math.max(found.mandatory, remaining + 0.001);
    }
  }
  return { advisory: Math.round(found.advisory * 1000) / 1000, mandatory: Math.round(found.mandatory * 1000) / 1000 };
}

test("the windows are strict: at exactly 900 and 600 s nothing happens yet", async (t) => {
  for (const policy of [WINDOWS, SERVE_VALID, {}]) {
    t.deepEqual(await windowsOf(HOUR, policy, [901, 900, 601, 600]), { advisory: 900, mandatory: 600 });
  }
});

for (const [remaining, calls, waits] of [
  [901, 1, false],
  [900, 1, false],
  [899, 2, false],
  [601, 2, false],
  [600, 2, false],
  [599, 2, true],
] as const) {
  test(`the defaults with ${remaining} s left: ${calls - 1} refreshes, ${waits ? "awaited" : "awaited by nobody"}`, async (t) => {
    const { credentials, source } = await openHeld(remaining);
    t.is(credentials.refreshNeeded(), calls === 2);
    t.is(source.calls, 1, "asking whether it is needed does not start it");
    t.is(await outcome(credentials.getFrozenCredentials()), waits ? 2 : 1);
    await turn();
    t.is(source.calls, calls);
  });
}

test("windows given as options are kept to the millisecond", async (t) => {
  const options = { advisoryTimeout: 100.5, mandatoryTimeout: 0.25 };
  t.deepEqual(await windowsOf(HOUR, options, [100.5, 0.25]), { advisory: 100.5, mandatory: 0.25 });
  const { credentials, source, time } = await openHeld(0.001, { advisoryTimeout: 0, mandatoryTimeout: 0 });
  t.is(await outcome(credentials.getFrozenCredentials()), 1);
  time.advance(0.001);
  t.is(await outcome(credentials.getFrozenCredentials()), 2);
  t.is(source.calls, 2);
});

test("windows are at most a half and a quarter of the lifetime", async (t) => {
  t.deepEqual(await windowsOf(900, {}, [900, 600, 450, 225]), { advisory: 450, mandatory: 225 });
  t.deepEqual(await windowsOf(1800, {}, [900, 600, 450]), { advisory: 900, mandatory: 450 });
  t.deepEqual(await windowsOf(2, {}, [1, 0.5]), { advisory: 1, mandatory: 0.5 });
  const short = { advisoryTimeout: 20, mandatoryTimeout: 20 };
  t.deepEqual(await windowsOf(60, short, [30, 20, 15]), { advisory: 20, mandatory: 15 });
});

test("credentials of 900 s are not fetched at every access", async (t) => {
  for (const policy of POLICIES) {
    const { credentials, source, time } = open({ ...policy, lifetime: 900 });
    for (let access = 0; access < 5; access++) {
      t.is(await outcome(credentials.getFrozenCredentials()), 1);
      time.advance(1);
    }
    t.is(source.calls, 1);
  }
});

test("windows are fixed when a triple is received, by what is left of it then", async (t) => {
  const { credentials, source, time, atRemaining } = open();
  source.answerNext((due) => ({ ...due, expiration: new Date(time.now + 100_000) }));
  await credentials.getFrozenCredentials();
  atRemaining(50);
  await credentials.getFrozenCredentials();
  t.is(source.calls, 1);
  atRemaining(49.999);
  await credentials.getFrozenCredentials();
  await turn();
  t.is(source.calls, 2);
  // The triple that came now lives an hour, and has the windows of one.
  atRemaining(899);
  await credentials.getFrozenCredentials();
  await turn();
  t.is(source.calls, 3);
});

test("static-stability takes its windows from the lifetime", async (t) => {
  for (const [lifetime, advisory, mandatory] of [
    [120, 60, 30],
    [900, 300, 60],
    [1200, 300, 60],
    [1200.002, 600.001, 60],
    [HOUR, 900, 60],
    [5399.999, 900, 60],
    [5400, 2700, 60],
    [2 * HOUR, HOUR, 60],
    [12 * HOUR, HOUR, 60],
  ] as const) {
    // Windows given beside it do not count.
    const options = { ...STABLE, advisoryTimeout: 10, mandatoryTimeout: 5 };
    t.deepEqual(await windowsOf(lifetime, options, [advisory, mandatory]), { advisory, mandatory }, `${lifetime} s`);
  }
});

test("credentials that never expire are never refreshed, unless it is forced", async (t) => {
  for (const policy of POLICIES) {
    const { credentials, source, time } = open(policy);
    source.answerNext(({ expiration: _, ...lasting }) => lasting);
    t.is((await credentials.getFrozenCredentials()).expiration, undefined);
    for (const days of [1, 365, 100_000]) {
      time.advance(days * 24 * HOUR);
      t.is(await outcome(credentials.getFrozenCredentials()), 1);
      t.is(await outcome(credentials.refresh()), 1);
      t.false(credentials.refreshNeeded());
      t.false(credentials.refreshNeeded(Number.MAX_SAFE_INTEGER));
    }
    t.is(credentials.expiration, undefined);
    t.is(source.calls, 1);
    t.is(await outcome(credentials.refresh({ force: true })), 2);
    t.is(credentials.expiration?.getTime(), time.now + HOUR * 1000);
  }
});
