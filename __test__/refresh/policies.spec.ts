/** The table of when to refresh, as callers see it: who waits, what they get when it fails, and for how long nobody asks again. */
import test from "ava";
import { CredentialsNotReadyError } from "aws-refresh-session";
import {
  frozenOutcome,
  HOUR,
  heard,
  isPending,
  type Opened,
  open,
  openHeld,
  outcome,
  turn,
} from "./counting-source.js";
import { NAMES, POLICIES, SERVE_VALID, STABLE, WINDOWS } from "./policy-kinds.js";

/** The highest number below 1. */
const ALMOST_ONE = 1 - Number.EPSILON / 2;

const threeCallers = ({ credentials }: Opened) => [1, 2, 3].map(() => outcome(credentials.getFrozenCredentials()));

/** Fails once where it stands, with callers that see it. */
async function failOnce(opened: Opened, error: unknown): Promise<unknown> {
  opened.source.outage = error;
  const seen = await outcome(opened.credentials.getFrozenCredentials());
  await turn();
  return seen;
}

for (const [policy, remaining, waits] of [
  [WINDOWS, 899, false],
  [WINDOWS, 600, false],
  [WINDOWS, 599, true],
  [WINDOWS, 0, true],
  [WINDOWS, -HOUR, true],
  [SERVE_VALID, 899, false],
  [SERVE_VALID, 600, false],
  [SERVE_VALID, 599, true],
  [SERVE_VALID, 0, true],
  [SERVE_VALID, -HOUR, true],
  [STABLE, 899, false],
  [STABLE, 60, false],
  [STABLE, 59, true],
  [STABLE, 0, true],
  [STABLE, -HOUR, true],
] as const) {
  test(`${NAMES.get(policy)}, ${remaining} s left: ${waits ? "callers wait for" : "nobody waits for"} the refresh`, async (t) => {
    const opened = await openHeld(remaining, policy);
    const { credentials, source } = opened;
    const pending = source.pendNext();
    const callers = threeCallers(opened);
    t.is(await isPending(Promise.race(callers)), waits);
    if (waits) t.throws(() => credentials.frozen, { instanceOf: CredentialsNotReadyError });
    else t.is(frozenOutcome(credentials), 1);
    t.is(source.calls, 2);
    pending.give();
    t.deepEqual(await Promise.all(callers), Array(3).fill(waits ? 2 : 1));
    await turn();
    t.is(await outcome(credentials.getFrozenCredentials()), 2);
    t.is(frozenOutcome(credentials), 2);
    t.is(source.calls, 2);
  });
}

for (const policy of POLICIES) {
  test(`${NAMES.get(policy)}, nothing held: all wait for one refresh`, async (t) => {
    const opened = open(policy);
    const { credentials, source } = opened;
    const pending = source.pendNext();
    const callers = threeCallers(opened);
    t.true(await isPending(Promise.race(callers)));
    t.throws(() => credentials.frozen, { instanceOf: CredentialsNotReadyError });
    pending.give();
    t.deepEqual(await Promise.all(callers), [1, 1, 1]);
    t.is(source.calls, 1);
  });
}

for (const [policy, remaining, served] of [
  [WINDOWS, 899, true],
  [WINDOWS, 600, true],
  [WINDOWS, 599, false],
  [WINDOWS, 1, false],
  [WINDOWS, 0, false],
  [WINDOWS, -HOUR, false],
  [SERVE_VALID, 899, true],
  [SERVE_VALID, 599, true],
  [SERVE_VALID, 1, true],
  [SERVE_VALID, 0, false],
  [SERVE_VALID, -HOUR, false],
  [STABLE, 899, true],
  [STABLE, 59, true],
  [STABLE, 0, true],
  [STABLE, -24 * HOUR, true],
] as const) {
  const what = served ? "callers get the held triple" : "callers reject with the failure";
  test(`${NAMES.get(policy)}, ${remaining} s left: when the refresh fails, ${what}`, async (t) => {
    const opened = await openHeld(remaining, policy);
    const told = heard(opened.credentials);
    const error = new Error("out of order");
    const pending = opened.source.pendNext();
    const callers = threeCallers(opened);
    await turn();
    pending.fail(error);
    t.deepEqual(await Promise.all(callers), Array(3).fill(served ? 1 : error));
    await turn();
    t.is(opened.source.calls, 2);
    t.deepEqual(
      told.filter((event) => event === error),
      [error],
      "told once",
    );
  });
}

for (const policy of POLICIES) {
  test(`${NAMES.get(policy)}, nothing held: all reject with the same failure, and a first one is not kept`, async (t) => {
    const opened = open(policy);
    const error = new Error("out of order");
    opened.source.outage = error;
    t.deepEqual(await Promise.all(threeCallers(opened)), [error, error, error]);
    t.is(opened.source.calls, 1);
    opened.source.outage = undefined;
    t.is(await outcome(opened.credentials.getFrozenCredentials()), 2);
  });
}

for (const [policy, remaining, random, seconds, served] of [
  [WINDOWS, 899, 0, 30, true],
  [WINDOWS, 899, 0.5, 45, true],
  [WINDOWS, 899, ALMOST_ONE, 59.999, true],
  [WINDOWS, 599, 0, 1, false],
  [WINDOWS, 599, ALMOST_ONE, 1, false],
  [SERVE_VALID, 899, 0, 30, true],
  [SERVE_VALID, 899, ALMOST_ONE, 59.999, true],
  [SERVE_VALID, 599, 0, 1, true],
  [SERVE_VALID, 599, ALMOST_ONE, 1, true],
  [STABLE, 899, 0, 300, true],
  [STABLE, 899, 0.5, 450, true],
  [STABLE, 899, ALMOST_ONE, 599.999, true],
  [STABLE, 59, 0, 300, true],
  [STABLE, 0, 0.5, 450, true],
  [STABLE, -24 * HOUR, ALMOST_ONE, 599.999, true],
] as const) {
  const what = served ? "the held triple is served" : "the kept failure is told";
  test(`${NAMES.get(policy)}, ${remaining} s left, random ${random}: for ${seconds} s after a failure ${what} at once`, async (t) => {
    const opened = await openHeld(remaining, { ...policy, random: () => random });
    const { credentials, source, time } = opened;
    const error = new Error("out of order");
    const within = served ? 1 : error;
    t.is(await failOnce(opened, error), within);
    source.outage = undefined;
    for (const wait of [0, seconds / 2, seconds / 2 - 0.001]) {
      time.advance(wait);
      t.is(await outcome(credentials.getFrozenCredentials()), within);
      t.is(await outcome(credentials.refresh()), within);
      t.is(frozenOutcome(credentials), within);
      t.is(source.calls, 2);
    }
    time.advance(0.001);
    await outcome(credentials.getFrozenCredentials());
    await turn();
    t.is(source.calls, 3);
    t.is(await outcome(credentials.getFrozenCredentials()), 3);
  });
}

for (const [policy, name, prepare, within, backoffs] of [
  [WINDOWS, "599 s left", () => openHeld(599, WINDOWS), "failure", [1, 2, 4, 8, 16, 30, 30, 30]],
  [SERVE_VALID, "599 s left", () => openHeld(599, SERVE_VALID), "held", [1, 2, 4, 8, 16, 30, 30, 30]],
  [WINDOWS, "expired", () => openHeld(0, WINDOWS), "failure", [0, 1, 2, 4, 8, 16, 30, 30]],
  [SERVE_VALID, "expired", () => openHeld(0, SERVE_VALID), "failure", [0, 1, 2, 4, 8, 16, 30, 30]],
  [WINDOWS, "nothing held", () => open(WINDOWS), "failure", [0, 1, 2, 4, 8, 16, 30, 30]],
  [SERVE_VALID, "nothing held", () => open(SERVE_VALID), "failure", [0, 1, 2, 4, 8, 16, 30, 30]],
  [STABLE, "nothing held", () => open(STABLE), "failure", [0, 1, 2, 4, 8, 16, 30, 30]],
] as const) {
  test(`${NAMES.get(policy)}, ${name}: failures in a row double the time until the next attempt`, async (t) => {
    const opened = await prepare();
    const { credentials, source, time } = opened;
    for (const seconds of backoffs) {
      const error = new Error(`the failure that is kept for ${seconds} s`);
      const expected = within === "held" ? 1 : error;
      t.is(await failOnce(opened, error), expected);
      const calls = source.calls;
      if (seconds > 0) {
        time.advance(seconds - 0.001);
        t.is(await outcome(credentials.getFrozenCredentials()), expected);
        t.is(frozenOutcome(credentials), expected);
        time.advance(0.001);
      }
      t.is(source.calls, calls);
    }
    // A success ends the row.
    source.outage = undefined;
    t.is(await outcome(credentials.getFrozenCredentials()), source.calls);
    opened.atRemaining(599);
    const error = new Error("the first of another row");
    if (policy === STABLE) return;
    await failOnce(opened, error);
    time.advance(1);
    const calls = source.calls;
    await failOnce(opened, error);
    t.is(source.calls, calls + 1);
  });
}

test("windows: a backoff that began while nobody waited ends where callers begin to wait", async (t) => {
  const opened = await openHeld(610, { ...WINDOWS, random: () => ALMOST_ONE });
  const { credentials, source } = opened;
  t.is(await failOnce(opened, new Error("out of order")), 1);
  opened.atRemaining(600);
  t.is(await outcome(credentials.getFrozenCredentials()), 1);
  t.is(source.calls, 2);
  source.outage = undefined;
  opened.atRemaining(599.999);
  t.is(await outcome(credentials.getFrozenCredentials()), 3);
});

test("windows: a refresh that nobody waited for at first rejects those who came to wait for it", async (t) => {
  const opened = await openHeld(601);
  const { credentials, source } = opened;
  const pending = source.pendNext();
  const early = outcome(credentials.getFrozenCredentials());
  opened.atRemaining(599);
  const late = outcome(credentials.getFrozenCredentials());
  t.is(await early, 1);
  t.true(await isPending(late));
  const error = new Error("out of order");
  pending.fail(error);
  t.is(await late, error);
  t.is(source.calls, 2);
});

test("serve-valid: a triple that ends while backing off is no longer served", async (t) => {
  const opened = await openHeld(0.5, SERVE_VALID);
  const { credentials, source, time } = opened;
  const error = new Error("out of order");
  t.is(await failOnce(opened, error), 1);
  time.advance(0.499);
  t.is(await outcome(credentials.getFrozenCredentials()), 1);
  time.advance(0.001);
  t.is(await outcome(credentials.getFrozenCredentials()), error);
  t.is(frozenOutcome(credentials), error);
  t.is(source.calls, 2);
});

test("static-stability: an outage of a day is not noticed, and the source is spared", async (t) => {
  const opened = await openHeld(899, STABLE);
  const { credentials, source, time } = opened;
  source.outage = new Error("out of order");
  for (let minute = 0; minute < 24 * 60; minute++) {
    t.is(await outcome(credentials.getFrozenCredentials()), 1);
    time.advance(60);
  }
  t.true(source.calls - 1 <= (24 * 60) / 5, `${source.calls} calls`);
  source.outage = undefined;
  time.advance(600);
  const calls = source.calls;
  t.is(await outcome(credentials.getFrozenCredentials()), calls + 1);
});

test("static-stability: a failure that time does not cure reaches those who wait, and is kept for 1 to 5 s", async (t) => {
  for (const [random, seconds] of [
    [0, 1],
    [0.5, 3],
    [ALMOST_ONE, 4.999],
  ] as const) {
    const opened = await openHeld(59, { ...STABLE, random: () => random });
    const { credentials, source, time } = opened;
    const refused = Object.assign(new Error("the role is gone"), { retryable: false });
    t.is(await failOnce(opened, refused), refused);
    time.advance(seconds - 0.001);
    t.is(await outcome(credentials.getFrozenCredentials()), refused);
    t.is(frozenOutcome(credentials), refused);
    t.is(source.calls, 2);
    time.advance(0.001);
    // What cannot be told apart from an outage is served over again.
    t.is(await failOnce(opened, new Error("out of order")), 1);
    t.is(source.calls, 3);
    time.advance(299.999);
    t.is(await outcome(credentials.getFrozenCredentials()), 1);
    t.is(source.calls, 3);
  }
});

test("static-stability: where nobody waits a failure that time does not cure is told by the event alone", async (t) => {
  const opened = await openHeld(899, STABLE);
  const told = heard(opened.credentials);
  const refused = Object.assign(new Error("the role is gone"), { retryable: false });
  t.is(await failOnce(opened, refused), 1);
  t.is(await outcome(opened.credentials.getFrozenCredentials()), 1);
  t.deepEqual(told, [refused]);
});

test("windows and serve-valid make no difference between failures that time cures and others", async (t) => {
  for (const retryable of [true, false]) {
    const error = Object.assign(new Error("no"), { retryable });
    t.is(await failOnce(await openHeld(599, WINDOWS), error), error);
    t.is(await failOnce(await openHeld(599, SERVE_VALID), error), 1);
  }
});
