/** One refresh on its way: who waits, who leaves, what ends it, and whom it keeps the process for. */
import { getEventListeners } from "node:events";
import { runInNewContext } from "node:vm";
import test from "ava";
import {
  BRSConnectionError,
  BRSCredentialError,
  type RefreshContext,
  type TemporaryCredentials,
} from "aws-refresh-session";
import { asError, Flight } from "../../dist/refresh/flight.js";
import { CallerHold } from "../../dist/refresh/process-hold.js";
import { isPending, turn } from "./counting-source.js";

const TRIPLE: TemporaryCredentials = { accessKeyId: "AKID", secretAccessKey: "secret" };

/** A flight whose strategy the test settles. */
function takeOff(
  seconds = 3600,
  settle: (fetched: Promise<TemporaryCredentials>) => Promise<TemporaryCredentials> = (fetched) => fetched,
) {
  const contexts: RefreshContext[] = [];
  let give: (credentials: TemporaryCredentials) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const fetched = new Promise<TemporaryCredentials>((resolve, reject) => {
    give = resolve;
    fail = reject;
  });
  const strategy = {
    method: "by hand",
    refresh: (context: RefreshContext) => {
      contexts.push(context);
      return fetched;
    },
  };
  const flight = new Flight((started) => settle(started.fetch(strategy, seconds, false)));
  return { flight, contexts, give, fail };
}

test("it asks the strategy once, and not before whoever started it is done", async (t) => {
  const { flight, contexts, give } = takeOff();
  t.is(contexts.length, 0);
  const waiting = Promise.all([flight.wait(), flight.wait(), flight.wait({})]);
  await turn();
  give(TRIPLE);
  await waiting;
  await flight.wait();
  t.is(contexts.length, 1);
});

test("what was fetched is settled before any waiter goes on, whether it succeeded or failed", async (t) => {
  const error = new Error("out of order");
  for (const failed of [false, true]) {
    const order: string[] = [];
    const { flight, give, fail } = takeOff(3600, (fetched) => fetched.finally(() => order.push("settled")));
    const waiting = [1, 2].map((n) =>
      flight.wait().then(
        () => order.push(`resolved ${n}`),
        (reason) => order.push(`rejected ${n} ${reason === error}`),
      ),
    );
    if (failed) fail(error);
    else give(TRIPLE);
    await Promise.all(waiting);
    t.deepEqual(
      order,
      failed ? ["settled", "rejected 1 true", "rejected 2 true"] : ["settled", "resolved 1", "resolved 2"],
    );
  }
});

test("waiters get the rejection of settle where that refuses what was fetched", async (t) => {
  const refused = new Error("half a triple");
  const { flight, give } = takeOff(3600, (fetched) => fetched.then(() => Promise.reject(refused)));
  give(TRIPLE);
  t.is(await t.throwsAsync(flight.wait()), refused);
});

test("a failure that nobody waits for is no unhandled rejection", async (t) => {
  // ava fails the whole file for a rejection that is still unhandled at its end.
  const { fail } = takeOff();
  fail(new Error("nobody looks"));
  const { flight } = takeOff();
  flight.cancel(new Error("nobody looks at this one either"));
  const { flight: left, fail: failLater } = takeOff();
  const leaving = new AbortController();
  const waiting = left.wait({ signal: leaving.signal });
  leaving.abort();
  await t.throwsAsync(waiting, { any: true, name: "AbortError" });
  failLater(new Error("all have left"));
  await turn();
  t.pass();
});

test("a signal ends the wait of all who came with it, and of nobody else", async (t) => {
  const { flight, contexts, give } = takeOff();
  const [one, other] = [new AbortController(), new AbortController()];
  const leaving = [1, 2, 3].map(() => flight.wait({ signal: one.signal }));
  const staying = [flight.wait(), flight.wait({ signal: other.signal })];
  await turn();
  const reason = new Error("no time");
  one.abort(reason);
  for (const wait of leaving) t.is(await t.throwsAsync(wait), reason);
  t.is(await t.throwsAsync(flight.wait({ signal: one.signal })), reason);
  t.true(await isPending(Promise.race(staying)));
  t.false(contexts[0]?.signal.aborted);
  give(TRIPLE);
  await t.notThrowsAsync(Promise.all(staying));
});

test("fifty callers with one signal put one listener on it, which is gone when the flight has ended", async (t) => {
  const { signal } = new AbortController();
  for (const failed of [false, true]) {
    const { flight, give, fail } = takeOff();
    const waiting = Array.from({ length: 50 }, () => flight.wait({ signal }));
    t.is(getEventListeners(signal, "abort").length, 1);
    if (failed) fail(new Error("out of order"));
    else give(TRIPLE);
    await Promise.allSettled(waiting);
    t.is(getEventListeners(signal, "abort").length, 0);
  }
});

test("the time limit ends it for all, and aborts the strategy's signal with the same error", async (t) => {
  const { flight, contexts, give } = takeOff(0.02);
  const errors = await Promise.all(
    [1, 2, 3].map(() => t.throwsAsync(flight.wait(), { instanceOf: BRSConnectionError })),
  );
  t.is(new Set(errors).size, 1);
  t.is(errors[0]?.code, "ERR_REFRESH_TIMEOUT");
  t.is(contexts[0]?.signal.reason, errors[0]);
  // Whatever comes now is too late.
  give(TRIPLE);
  t.true((await t.throwsAsync(flight.wait())) === errors[0]);
});

test("the time limit of a refresh that has ended aborts nothing", async (t) => {
  for (const end of ["give", "fail"] as const) {
    const ended = takeOff(0.02);
    await turn();
    if (end === "give") ended.give(TRIPLE);
    else ended.fail(new Error("out of order"));
    await Promise.allSettled([ended.flight.wait()]);
    // Timers of one length fire in order: when this one has, that of the other would have.
    await t.throwsAsync(takeOff(0.02).flight.wait(), { code: "ERR_REFRESH_TIMEOUT" });
    t.false(ended.contexts[0]?.signal.aborted);
  }
});

test("cancel ends it for all, and aborts the strategy's signal", async (t) => {
  const { flight, contexts } = takeOff();
  const waiting = [flight.wait(), flight.wait({ signal: new AbortController().signal })];
  await turn();
  const reason = new Error("the session is closed");
  flight.cancel(reason);
  for (const wait of waiting) t.is(await t.throwsAsync(wait), reason);
  t.is(contexts[0]?.signal.reason, reason);
  flight.cancel(new Error("a second time"));
  t.is(await t.throwsAsync(flight.wait()), reason);
});

test("cancelled at once, it does not even ask the strategy", async (t) => {
  const { flight, contexts } = takeOff();
  const reason = new Error("the session is closed");
  flight.cancel(reason);
  t.is(await t.throwsAsync(flight.wait()), reason);
  t.is(contexts.length, 0);
});

test("cancelling after it has ended changes nothing", async (t) => {
  const { flight, give } = takeOff();
  give(TRIPLE);
  await flight.wait();
  flight.cancel(new Error("too late"));
  await t.notThrowsAsync(flight.wait());
});

/** What the strategy sees of the hold, now and at each change. */
function watch({ hold }: RefreshContext) {
  const seen = [hold?.held];
  hold?.onChange((held) => seen.push(held));
  return seen;
}

test("the strategy sees the process held from the first waiter to the last", async (t) => {
  const { flight, contexts, give } = takeOff();
  await turn();
  const [context] = contexts as [RefreshContext];
  const seen = watch(context);
  const leaving = new AbortController();
  const leaver = flight.wait({ signal: leaving.signal });
  const waiter = flight.wait();
  leaving.abort();
  await t.throwsAsync(leaver, { any: true });
  t.deepEqual(seen, [false, true]);
  give(TRIPLE);
  await waiter;
  t.deepEqual(seen, [false, true, false]);
});

test("who waits from the start is seen from the start", async (t) => {
  const { flight, contexts, give } = takeOff();
  const waiter = flight.wait();
  await turn();
  t.true(contexts[0]?.hold?.held);
  give(TRIPLE);
  await waiter;
  t.false(contexts[0]?.hold?.held);
});

test("waiters that leave, fail or time out no longer hold the process", async (t) => {
  for (const end of [
    ({ fail }: ReturnType<typeof takeOff>) => fail(new Error("out of order")),
    ({ flight }: ReturnType<typeof takeOff>) => flight.cancel(new Error("closed")),
    (_: unknown, leaving: AbortController) => leaving.abort(),
  ]) {
    const taken = takeOff();
    const leaving = new AbortController();
    const waiting = [1, 2].map(() => taken.flight.wait({ signal: leaving.signal }));
    await turn();
    t.true(taken.contexts[0]?.hold?.held);
    end(taken, leaving);
    await Promise.allSettled(waiting);
    t.false(taken.contexts[0]?.hold?.held);
  }
});

test("a signal that had aborted before does not hold the process for a moment", async (t) => {
  const { flight, contexts, give } = takeOff();
  await turn();
  const seen = watch(contexts[0] as RefreshContext);
  await t.throwsAsync(flight.wait({ signal: AbortSignal.abort() }), { any: true });
  t.deepEqual(seen, [false]);
  give(TRIPLE);
});

test("a waiter that works for a refresh itself holds the process while that one is awaited", async (t) => {
  const { flight, contexts, give } = takeOff();
  const outer = new CallerHold();
  const chained = flight.wait({ hold: outer });
  await turn();
  const seen = watch(contexts[0] as RefreshContext);
  const leaves = [outer.enter(), outer.enter()];
  t.deepEqual(seen, [false, true]);
  for (const leave of leaves) leave();
  t.deepEqual(seen, [false, true, false]);
  const leave = outer.enter();
  t.deepEqual(seen, [false, true, false, true]);
  give(TRIPLE);
  await chained;
  t.deepEqual(seen, [false, true, false, true, false]);
  leave();
  outer.enter();
  t.deepEqual(seen, [false, true, false, true, false], "the flight is over");
});

test("a waiter that works for an awaited refresh holds the process from the start", async (t) => {
  const { flight, contexts, give } = takeOff();
  const outer = new CallerHold();
  outer.enter();
  const chained = flight.wait({ hold: outer });
  await turn();
  t.true(contexts[0]?.hold?.held);
  give(TRIPLE);
  await chained;
  t.false(contexts[0]?.hold?.held);
});

test("a waiter whose wait is over no longer follows the refresh that it worked for", async (t) => {
  for (const end of ["give", "leave"] as const) {
    const { flight, contexts, give } = takeOff();
    const outer = new CallerHold();
    const leaving = new AbortController();
    const chained = flight.wait({ hold: outer, signal: leaving.signal });
    await turn();
    const seen = watch(contexts[0] as RefreshContext);
    if (end === "give") give(TRIPLE);
    else leaving.abort();
    await Promise.allSettled([chained]);
    outer.enter();
    t.deepEqual(seen, [false]);
    give(TRIPLE);
  }
});

test("a chained waiter adds to those who wait by themselves", async (t) => {
  const { flight, contexts, give } = takeOff();
  const outer = new CallerHold();
  const leave = outer.enter();
  const leaving = new AbortController();
  const waiting = [flight.wait({ hold: outer }), flight.wait({ signal: leaving.signal })];
  await turn();
  const seen = watch(contexts[0] as RefreshContext);
  leave();
  t.deepEqual(seen, [true]);
  leaving.abort();
  await Promise.allSettled([waiting[1]]);
  t.deepEqual(seen, [true, false]);
  outer.enter();
  t.deepEqual(seen, [true, false, true]);
  give(TRIPLE);
  await waiting[0];
});

test("what is thrown reaches the callers as an Error", (t) => {
  const error = new TypeError("no");
  t.is(asError(error, "custom"), error);
  const foreign = runInNewContext(`new RangeError("from elsewhere")`);
  t.is(asError(foreign, "custom"), foreign);
  for (const thrown of [undefined, null, "text with a secret", 0, {}, { message: "looks like one, with a secret" }]) {
    const wrapped = asError(thrown, "custom") as BRSCredentialError;
    t.true(wrapped instanceof BRSCredentialError);
    t.is(wrapped.cause, thrown);
    t.true(wrapped.retryable);
    t.regex(wrapped.message, /"custom"/);
    t.notRegex(wrapped.message, /secret/);
  }
});
