/** Background refresh: one timer for all credentials that want it and were used, ahead of the advisory window, never for a person. */
import { createRequire } from "node:module";
import test from "ava";
import { Signer } from "aws-refresh-session";
import { BackgroundRefresh } from "../../dist/refresh/background.js";
import { type Opened, open, START, turn } from "./counting-source.js";

/** A timer that fires when the test says so, and remembers what it was asked for. */
function handTimer() {
  const asked: number[] = [];
  let pending: (() => void) | undefined;
  let unrefs = 0;
  const background = new BackgroundRefresh((ms, fire) => {
    asked.push(ms);
    pending = fire;
    return {
      ref: () => {},
      unref: () => {
        unrefs++;
      },
      cancel: () => {
        if (pending === fire) pending = undefined;
      },
    };
  });
  return {
    background,
    asked,
    get isArmed() {
      return pending !== undefined;
    },
    get allUnref() {
      return unrefs === asked.length;
    },
    async fire() {
      const due = pending;
      pending = undefined;
      due?.();
      await turn();
    },
  };
}

/** As `deferRefresh: false` does. */
const fetchAhead = (credentials: object) => (credentials as { startAdvised(): void }).startAdvised();

const used = async (opened: Opened) => {
  await opened.credentials.getFrozenCredentials();
  return opened;
};

test("credentials that nobody used are left alone, eager ones too", async (t) => {
  const timer = handTimer();
  const { credentials, source } = open({ backgroundRefresh: timer.background });
  fetchAhead(credentials);
  await turn();
  t.is(source.calls, 1);
  t.false(timer.isArmed);
});

test("the first signature is a use", async (t) => {
  const timer = handTimer();
  const { credentials } = open({ backgroundRefresh: timer.background });
  const signer = new Signer({ service: "s3", region: "eu-west-1", credentials });
  fetchAhead(credentials);
  await turn();
  t.false(timer.isArmed);
  signer.signSync({ url: "https://example.com/" });
  t.true(timer.isArmed);
});

test("it refreshes when the advisory window begins, and waits no longer than half a minute", async (t) => {
  const timer = handTimer();
  const { source, atRemaining, time } = await used(open({ backgroundRefresh: timer.background }));
  await timer.fire();
  t.is(timer.asked.at(-1), 30_000);
  atRemaining(901);
  await timer.fire();
  t.is(source.calls, 1);
  t.is(timer.asked.at(-1), 1_000);
  atRemaining(900);
  await timer.fire();
  t.is(source.calls, 2);
  t.is(source.contexts[1]?.hold?.held, false);
  t.is(time.now, START + 2_700_000);
  t.true(timer.allUnref);
});

test("processes spread: the refresh comes up to a tenth of the fresh time, at most a minute, ahead", async (t) => {
  const early = handTimer();
  const long = await used(open({ backgroundRefresh: early.background, random: () => 0.5 }));
  long.atRemaining(931);
  await early.fire();
  t.is(long.source.calls, 1);
  long.atRemaining(930);
  await early.fire();
  t.is(long.source.calls, 2);

  const shortly = handTimer();
  const brief = await used(open({ backgroundRefresh: shortly.background, random: () => 1, lifetime: 60 }));
  brief.atRemaining(34);
  await shortly.fire();
  t.is(brief.source.calls, 1);
  brief.atRemaining(33);
  await shortly.fire();
  t.is(brief.source.calls, 2);
});

test("an attempt ahead of time that failed is followed by one in the advisory window, and that by the backoff", async (t) => {
  const timer = handTimer();
  const { source, atRemaining, time } = await used(open({ backgroundRefresh: timer.background, random: () => 1 }));
  source.outage = new Error("out of order");
  atRemaining(959);
  await timer.fire();
  t.is(source.calls, 2);
  await timer.fire();
  t.is(source.calls, 2);
  atRemaining(899);
  await timer.fire();
  t.is(source.calls, 3);
  time.advance(59);
  await timer.fire();
  t.is(source.calls, 3);
  time.advance(1);
  source.outage = undefined;
  await timer.fire();
  t.is(source.calls, 4);
});

test("what expired while the machine slept is refreshed at the next look, and on use without it", async (t) => {
  const timer = handTimer();
  const { source, credentials, atRemaining } = await used(open({ backgroundRefresh: timer.background }));
  atRemaining(-3600);
  t.is((await credentials.getFrozenCredentials()).accessKeyId, "AKID2");
  atRemaining(-3600);
  await timer.fire();
  t.is(source.calls, 3);
});

test("a refresh that would ask a person is left to those who wait", async (t) => {
  const timer = handTimer();
  const opened = open({ backgroundRefresh: timer.background });
  Object.assign(opened.source, { prompts: true });
  await used(opened);
  opened.atRemaining(1);
  await timer.fire();
  t.is(opened.source.calls, 1);
  t.false(timer.isArmed);
});

test("one timer serves all, and ends with the last of them", async (t) => {
  const timer = handTimer();
  const all = await Promise.all([1, 2, 3].map(() => used(open({ backgroundRefresh: timer.background }))));
  for (const { atRemaining } of all) atRemaining(10);
  await timer.fire();
  t.deepEqual(
    all.map(({ source }) => source.calls),
    [2, 2, 2],
  );
  t.true(timer.isArmed);
  for (const { credentials } of all) credentials.close();
  await timer.fire();
  t.false(timer.isArmed);
});

test("credentials that never expire need no timer", async (t) => {
  const timer = handTimer();
  const opened = open({ backgroundRefresh: timer.background });
  opened.source.answerNext(({ accessKeyId, secretAccessKey }) => ({ accessKeyId, secretAccessKey }));
  await used(opened);
  await timer.fire();
  t.false(timer.isArmed);
});

test("sessions that were dropped without closing are forgotten", async (t) => {
  const collect = (globalThis as { gc?: () => void }).gc ?? enableGc();
  const timer = handTimer();
  let dropped = new WeakRef(open({ backgroundRefresh: timer.background }).credentials);
  dropped = new WeakRef((await used(open({ backgroundRefresh: timer.background }))).credentials);
  for (let round = 0; round < 20 && dropped.deref() !== undefined; round++) {
    await turn();
    collect();
  }
  t.is(dropped.deref(), undefined);
  await timer.fire();
  t.false(timer.isArmed);
});

function enableGc(): () => void {
  const require = createRequire(import.meta.url);
  require("node:v8").setFlagsFromString("--expose-gc");
  return require("node:vm").runInNewContext("gc");
}
