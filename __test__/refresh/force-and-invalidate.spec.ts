/** What callers may do themselves: force a refresh, ask whether one is due, and give up a triple that a service refused. */
import test from "ava";
import { BRSValidationError, CredentialsNotReadyError } from "aws-refresh-session";
import {
  fifty,
  frozenOutcome,
  HOUR,
  isPending,
  open,
  openHeld,
  outcome,
  START,
  triple,
  turn,
} from "./counting-source.js";

test("refresh() does nothing when none is due, and waits for one that is", async (t) => {
  const { credentials, source, atRemaining } = open();
  t.is(await outcome(credentials.refresh()), 1);
  t.is(await outcome(credentials.refresh()), 1);
  t.is(await outcome(credentials.refresh({ force: false })), 1);
  t.is(source.calls, 1);
  atRemaining(899);
  t.is(await outcome(credentials.refresh()), 2);
  atRemaining(300);
  t.is(await outcome(credentials.refresh()), 3);
});

test("refresh() takes no option that it does not have", async (t) => {
  const { credentials, source } = await openHeld(HOUR);
  const misspelled = credentials.refresh({ forced: true } as never);
  await t.throwsAsync(misspelled, {
    instanceOf: BRSValidationError,
    message: /^options.forced is not an option; did you mean options.force\?/,
  });
  await t.throwsAsync(credentials.refresh("force" as never), { instanceOf: BRSValidationError });
  t.is(source.calls, 1);
});

test("refresh({ force }) fetches although what is held is fresh", async (t) => {
  const { credentials, source } = await openHeld(HOUR);
  t.is(await outcome(credentials.refresh({ force: true })), 2);
  t.is(frozenOutcome(credentials), 2);
  t.is(source.calls, 2);
});

test("refresh({ force }) ignores every backoff, and its success ends it", async (t) => {
  for (const [remaining, options] of [
    [800, {}],
    [300, {}],
    [300, { onMandatoryFailure: "serve-valid" }],
    [800, { refreshPolicy: "static-stability" }],
    [-60, { refreshPolicy: "static-stability" }],
  ] as const) {
    const { credentials, source } = await openHeld(remaining, options);
    source.outage = new Error("out of order");
    await outcome(credentials.getFrozenCredentials());
    await turn();
    await outcome(credentials.getFrozenCredentials());
    t.is(source.calls, 2, "backing off");
    t.is(await outcome(credentials.refresh({ force: true })), source.outage);
    t.is(source.calls, 3);
    source.outage = undefined;
    t.is(await outcome(credentials.refresh({ force: true })), 4);
    t.is(frozenOutcome(credentials), 4);
    t.false(credentials.refreshNeeded());
  }
});

test("refresh({ force }) that fails while what is held is fresh rejects, and costs nobody anything", async (t) => {
  for (const options of [{}, { onMandatoryFailure: "serve-valid" }, { refreshPolicy: "static-stability" }] as const) {
    const { credentials, source, time } = await openHeld(900, options);
    const error = Object.assign(new Error("out of order"), { retryable: false });
    source.outage = error;
    t.is(await outcome(credentials.refresh({ force: true })), error);
    t.is(frozenOutcome(credentials), 1);
    t.false(credentials.refreshNeeded());
    // The window opens at the next millisecond, and finds no backoff.
    time.advance(0.001);
    source.outage = undefined;
    t.is(await outcome(credentials.getFrozenCredentials()), 1);
    await turn();
    t.is(source.calls, 3);
    t.is(frozenOutcome(credentials), 3);
  }
});

test("refresh({ force }) joins a refresh that is under way", async (t) => {
  const { credentials, source } = await openHeld(899);
  const pending = source.pendNext();
  t.is(await outcome(credentials.getFrozenCredentials()), 1);
  const forced = [credentials.refresh({ force: true }), credentials.refresh({ force: true })].map(outcome);
  t.true(await isPending(Promise.race(forced)));
  pending.give();
  t.deepEqual(await Promise.all(forced), [2, 2]);
  t.is(source.calls, 2);
});

test("callers who have what they need do not wait for a forced refresh", async (t) => {
  const { credentials, source } = await openHeld(HOUR);
  const pending = source.pendNext();
  const forced = outcome(credentials.refresh({ force: true }));
  t.is(await outcome(credentials.getFrozenCredentials()), 1);
  t.is(frozenOutcome(credentials), 1);
  pending.give();
  t.is(await forced, 2);
});

test("refreshNeeded(seconds) asks whether less than that remains", async (t) => {
  const { credentials, source } = await openHeld(700);
  t.true(credentials.refreshNeeded());
  t.false(credentials.refreshNeeded(700));
  t.true(credentials.refreshNeeded(700.001));
  t.false(credentials.refreshNeeded(0));
  t.is(source.calls, 1);
});

test("an invalidated triple is served to nobody; the next caller waits for a new one", async (t) => {
  for (const rejected of ["AKID1", { accessKeyId: "AKID1" }, triple(1, START), undefined]) {
    for (const remaining of [HOUR, 800, 300]) {
      const { credentials, source } = await openHeld(remaining);
      t.true(credentials.invalidate(rejected));
      t.is(credentials.expiration, undefined);
      t.true(credentials.refreshNeeded());
      t.true(credentials.refreshNeeded(0));
      t.throws(() => credentials.frozen, { instanceOf: CredentialsNotReadyError });
      t.is(source.calls, 1, "nothing is fetched before somebody asks");
      const pending = source.pendNext();
      const caller = outcome(credentials.getFrozenCredentials());
      t.true(await isPending(caller));
      pending.give();
      t.is(await caller, 2);
    }
  }
});

test("invalidate() acts only if that key id is still current", async (t) => {
  const { credentials, source, first } = await openHeld(HOUR);
  for (const other of ["AKID", "AKID11", "akid1", "", "AKID1 ", { accessKeyId: "AKID2" }]) {
    t.false(credentials.invalidate(other));
    t.is(credentials.frozen, first);
  }
  await credentials.refresh({ force: true });
  // The complaint about the first comes late.
  t.false(credentials.invalidate(first));
  t.is(frozenOutcome(credentials), 2);
  t.is(source.calls, 2);
});

test("invalidate() with nothing held does nothing", (t) => {
  const { credentials } = open();
  t.false(credentials.invalidate());
  t.false(credentials.invalidate("AKID1"));
});

test("invalidate() refuses what names no key, so that a slip does not drop a good triple", async (t) => {
  const { credentials, first } = await openHeld(HOUR);
  for (const rejected of [null, {}, { accessKeyId: undefined }, 7, { AccessKeyId: "AKID1" }, new Error("403")]) {
    const error = t.throws(() => credentials.invalidate(rejected as never), { instanceOf: BRSValidationError });
    t.is(error?.param, "rejected");
    t.is(credentials.frozen, first);
  }
});

test("fifty complaints about one triple cost one new one", async (t) => {
  const { credentials, source, first } = await openHeld(HOUR);
  const answers = await Promise.all(
    fifty(async () => {
      credentials.invalidate(first);
      return outcome(credentials.getFrozenCredentials());
    }),
  );
  t.deepEqual(answers, Array(50).fill(2));
  t.is(source.calls, 2);
});

test("an invalidated triple is replaced at once although a refresh failed just before", async (t) => {
  for (const [remaining, options] of [
    [800, {}],
    [300, {}],
    [300, { onMandatoryFailure: "serve-valid" }],
    [-60, { refreshPolicy: "static-stability" }],
  ] as const) {
    const { credentials, source } = await openHeld(remaining, options);
    source.answerNext(() => Promise.reject(new Error("out of order")));
    await outcome(credentials.getFrozenCredentials());
    await turn();
    t.true(credentials.invalidate());
    t.is(await outcome(credentials.getFrozenCredentials()), 3);
  }
});

test("invalidation during a refresh: the next caller waits for that one", async (t) => {
  const { credentials, source, first } = await openHeld(800);
  const pending = source.pendNext();
  await credentials.getFrozenCredentials();
  t.true(credentials.invalidate(first));
  const caller = outcome(credentials.getFrozenCredentials());
  t.true(await isPending(caller));
  pending.give();
  t.is(await caller, 2);
  t.is(source.calls, 2);
});

test("a source that gives from its cache what was given up while it was asked is asked anew in the same refresh", async (t) => {
  const { credentials, source } = await openHeld(800);
  const held = source.pendNext();
  const before = credentials.frozen;
  await turn();
  t.true(credentials.invalidate(before.accessKeyId));
  const waiting = credentials.getFrozenCredentials();
  held.give(triple(1, START + HOUR * 1000));
  t.is((await waiting).accessKeyId, "AKID3");
  t.deepEqual(
    source.contexts.map(({ force }) => force),
    [false, false, true],
  );
});

test("who keeps an identity that was given up reads in it that it has ended, and who was given another does not", async (t) => {
  const { credentials } = await openHeld(HOUR);
  const first = credentials.frozen;
  const end = first.expiration?.getTime();
  t.false(credentials.invalidate("AKID2"));
  t.is(first.expiration?.getTime(), end);
  t.true(credentials.invalidate("AKID1"));
  t.is(first.expiration?.getTime(), 0);
  const second = await credentials.getFrozenCredentials();
  t.is(second.expiration?.getTime(), end);
  credentials.close();
  t.is(second.expiration?.getTime(), end, "closing refuses nothing");
});

test("the keys that were held last are known, whatever became of them", async (t) => {
  const { credentials } = await openHeld(HOUR);
  await credentials.refresh({ force: true });
  credentials.invalidate();
  const { cell } = credentials as unknown as { readonly cell: { hasHeld(accessKeyId: string): boolean } };
  t.deepEqual(
    ["AKID1", "AKID2", "AKID3"].map((key) => cell.hasHeld(key)),
    [true, true, false],
  );
  for (let more = 0; more < 15; more++) await credentials.refresh({ force: true });
  t.false(cell.hasHeld("AKID1"));
  t.true(cell.hasHeld("AKID2"));
});
