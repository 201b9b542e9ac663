/** Storms: while a source is out of order many callers ask all the time, and it is asked at most once per backoff. */
import test from "ava";
import { Signer } from "aws-refresh-session/signing";
import { frozenOutcome, HOUR, type Opened, open, openHeld, outcome, turn } from "./counting-source.js";
import { NAMES, SERVE_VALID, STABLE, WINDOWS } from "./policy-kinds.js";

/** Between two waves of callers, in seconds: a whole fraction of every backoff that is not jittered. */
const STEP = 0.25;

/** Twenty callers come at each step for so long; resolves to the seconds at which the source was asked. */
async function storm({ credentials, source, time }: Opened, seconds: number, step = STEP): Promise<number[]> {
  source.outage ??= new Error("out of order");
  const signer = new Signer({ service: "sqs", region: "eu-west-1", credentials });
  const asked: number[] = [];
  for (let second = 0; second < seconds; second += step) {
    const before = source.calls;
    const waiting = Array.from({ length: 20 }, async (_, caller) => {
      if (caller % 4 === 0) return outcome(credentials.getFrozenCredentials());
      if (caller % 4 === 1) return signer.sign({ url: "https://example.com/" }).catch((error) => error);
      if (caller % 4 === 2) return frozenOutcome(credentials);
      return outcome(credentials.refresh());
    });
    await Promise.all(waiting);
    await turn();
    if (source.calls > before) asked.push(second);
    if (source.calls > before + 1) throw new Error(`asked ${source.calls - before} times at second ${second}`);
    time.advance(step);
  }
  return asked;
}

const gaps = (asked: readonly number[]) => asked.slice(1).map((second, index) => second - (asked[index] ?? 0));

for (const policy of [WINDOWS, SERVE_VALID]) {
  for (const random of [0, 0.37, 0.999]) {
    test(`${NAMES.get(policy)}, random ${random}: from the advisory window over the end, once per backoff`, async (t) => {
      const opened = await openHeld(899, { ...policy, random: () => random });
      const asked = await storm(opened, 899 + 300);
      t.is(asked[0], 0);
      const mandatory = asked.findIndex((second) => second > 299);
      // The backoff of the advisory window ends where callers begin to wait, but for that it is kept in full.
      for (const gap of gaps(asked.slice(0, mandatory))) {
        t.true(gap >= 30 + 30 * random && gap < 30 + 30 * random + STEP, `${gap} s`);
      }
      t.is(asked[mandatory], 299 + STEP);
      const waited = gaps(asked.slice(mandatory));
      t.deepEqual(waited.slice(0, 5), [1, 2, 4, 8, 16]);
      t.true(waited.length > 20);
      t.true(
        waited.slice(5).every((gap) => gap === 30),
        String(waited),
      );
    });
  }
}

for (const policy of [WINDOWS, SERVE_VALID, STABLE]) {
  test(`${NAMES.get(policy)}, nothing held: twice, then once per backoff`, async (t) => {
    const asked = await storm(open(policy), 200);
    t.deepEqual(gaps(asked), [STEP, 1, 2, 4, 8, 16, 30, 30, 30, 30, 30]);
  });
}

for (const policy of [WINDOWS, SERVE_VALID]) {
  test(`${NAMES.get(policy)}, expired: twice, then once per backoff`, async (t) => {
    const asked = await storm(await openHeld(0, policy), 200);
    t.deepEqual(gaps(asked), [STEP, 1, 2, 4, 8, 16, 30, 30, 30, 30, 30]);
  });
}

for (const [zone, remaining] of [
  ["advisory", 899],
  ["mandatory", 59],
  ["expired", -HOUR],
] as const) {
  for (const random of [0, 0.999]) {
    test(`${NAMES.get(STABLE)}, ${zone}, random ${random}: once in 5 to 10 minutes, whatever zone comes next`, async (t) => {
      const asked = await storm(await openHeld(remaining, { ...STABLE, random: () => random }), 2 * HOUR, 2);
      t.true(asked.length > 10);
      for (const gap of gaps(asked)) t.true(gap >= 300 + 300 * random && gap < 300 + 300 * random + 2, `${gap} s`);
    });
  }
}

test("static-stability, a failure that time does not cure: once in 1 to 5 s where callers wait", async (t) => {
  for (const random of [0, 0.5, 0.999]) {
    const opened = await openHeld(59, { ...STABLE, random: () => random });
    opened.source.outage = Object.assign(new Error("the role is gone"), { retryable: false });
    const asked = await storm(opened, 120);
    t.true(asked.length > 20);
    for (const gap of gaps(asked)) t.true(gap >= 1 + 4 * random && gap < 1 + 4 * random + STEP, `${gap} s`);
  }
});

test("callers who force a refresh ask the source once each time, and no others do", async (t) => {
  const opened = await openHeld(300, WINDOWS);
  const { credentials, source, time } = opened;
  source.outage = new Error("out of order");
  for (let round = 1; round <= 20; round++) {
    const forced = Array.from({ length: 50 }, () => outcome(credentials.refresh({ force: true })));
    const others = Array.from({ length: 50 }, () => outcome(credentials.getFrozenCredentials()));
    for (const seen of await Promise.all([...forced, ...others])) t.is(seen, source.outage);
    t.is(source.calls, 1 + round);
    time.advance(0.01);
  }
});
