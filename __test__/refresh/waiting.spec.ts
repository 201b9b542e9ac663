/** How a wait ends: by the signal of its caller, who leaves alone, or by the time limit, for all. */
import { getEventListeners } from "node:events";
import test from "ava";
import { BRSConnectionError, CredentialsNotReadyError } from "aws-refresh-session";
import {
  fifty,
  frozenOutcome,
  HOUR,
  heard,
  isPending,
  open,
  openHeld,
  outcome,
  START,
  triple,
  turn,
} from "./counting-source.js";

test("a signal ends the wait of its caller, not the refresh that others share", async (t) => {
  const { credentials, source } = open();
  const pending = source.pendNext();
  const leaving = new AbortController();
  const impatient = [
    credentials.getFrozenCredentials({ signal: leaving.signal }),
    credentials.refresh({ signal: leaving.signal }),
    credentials.refresh({ force: true, signal: leaving.signal }),
  ].map(outcome);
  const patient = outcome(credentials.getFrozenCredentials());
  t.true(await isPending(Promise.race(impatient)));
  const reason = new Error("no time");
  leaving.abort(reason);
  t.deepEqual(await Promise.all(impatient), [reason, reason, reason]);
  t.true(await isPending(patient));
  t.false(source.contexts[0]?.signal.aborted);
  pending.give();
  t.is(await patient, 1);
  t.is(source.calls, 1);
});

test("when all callers have left the refresh goes on, and its triple is kept", async (t) => {
  const { credentials, source } = open();
  const pending = source.pendNext();
  const leaving = new AbortController();
  const caller = outcome(credentials.getFrozenCredentials({ signal: leaving.signal }));
  await turn();
  leaving.abort();
  t.is(((await caller) as Error).name, "AbortError");
  t.false(source.contexts[0]?.signal.aborted);
  pending.give();
  await turn();
  t.is(frozenOutcome(credentials), 1);
});

test("a caller that has left gets nothing any more, though the refresh ends in the same turn", async (t) => {
  for (const end of ["give", "fail"] as const) {
    const { credentials, source } = await openHeld(300, { onMandatoryFailure: "serve-valid" });
    const pending = source.pendNext();
    const leaving = new AbortController();
    const caller = outcome(credentials.getFrozenCredentials({ signal: leaving.signal }));
    const other = outcome(credentials.getFrozenCredentials());
    await turn();
    const reason = new Error("no time");
    leaving.abort(reason);
    pending[end](end === "give" ? triple(2, START + 2 * HOUR * 1000) : new Error("out of order"));
    t.is(await caller, reason);
    t.is(await other, end === "give" ? 2 : 1);
  }
});

test("a signal that has aborted already starts nothing", async (t) => {
  const { credentials, source } = open();
  const reason = new Error("too late");
  const signal = AbortSignal.abort(reason);
  t.is(await outcome(credentials.getFrozenCredentials({ signal })), reason);
  t.is(await outcome(credentials.refresh({ signal })), reason);
  t.is(await outcome(credentials.refresh({ signal, force: true })), reason);
  await turn();
  t.is(source.calls, 0);
});

test("a caller with a signal gets the failure of the refresh when that comes first", async (t) => {
  const { credentials, source } = open();
  const error = new Error("out of order");
  source.outage = error;
  const leaving = new AbortController();
  t.is(await outcome(credentials.getFrozenCredentials({ signal: leaving.signal })), error);
  leaving.abort();
});

test("a signal that lives long gathers no listeners", async (t) => {
  const { credentials } = open();
  const { signal } = new AbortController();
  await Promise.all(fifty(() => credentials.getFrozenCredentials({ signal })));
  for (let round = 0; round < 20; round++) await credentials.refresh({ force: true, signal });
  t.is(getEventListeners(signal, "abort").length, 0);
});

test("a refresh that does not settle fails all who wait by refreshTimeout, and its signal aborts", async (t) => {
  const { credentials, source } = open({ refreshTimeout: 0.02 });
  const told = heard(credentials);
  source.pendNext();
  const errors = await Promise.all(fifty(() => outcome(credentials.getFrozenCredentials())));
  const [error] = errors as [BRSConnectionError];
  t.true(errors.every((each) => each === error));
  t.true(error instanceof BRSConnectionError);
  t.like(error, { code: "ERR_REFRESH_TIMEOUT", param: "refreshTimeout", retryable: true });
  t.regex(error.message, /"counted".*0\.02 s.*"refreshTimeout"/);
  t.deepEqual(told, [error]);
  const signal = source.contexts[0]?.signal;
  t.true(signal?.aborted);
  t.is(signal?.reason, error);
  t.is(await outcome(credentials.getFrozenCredentials()), 2);
});

test("what comes after the time limit is discarded, whatever it is", async (t) => {
  const { credentials, source } = open({ refreshTimeout: 0.02 });
  const told = heard(credentials);
  const late = source.pendNext();
  const error = await outcome(credentials.getFrozenCredentials());
  late.give();
  await turn();
  t.throws(() => credentials.frozen, { instanceOf: CredentialsNotReadyError });
  t.deepEqual(told, [error]);

  // A later one must not be overwritten, nor counted as failed.
  const laterStill = source.pendNext();
  const second = await outcome(credentials.getFrozenCredentials());
  t.true(second instanceof BRSConnectionError);
  t.is(await outcome(credentials.refresh({ force: true })), 3);
  laterStill.fail(new Error("an unhandled rejection would fail this file"));
  await turn();
  t.is(frozenOutcome(credentials), 3);
  t.deepEqual(told, [error, second, "refresh AKID3"]);
});

test("a late answer does not take the place of a refresh that is under way", async (t) => {
  const { credentials, source } = open({ refreshTimeout: 0.02 });
  const late = source.pendNext();
  await outcome(credentials.getFrozenCredentials());
  const pending = source.pendNext();
  const caller = outcome(credentials.getFrozenCredentials());
  late.give();
  t.true(await isPending(caller));
  pending.give();
  t.is(await caller, 2);
});

test("where nobody waits the time limit is told by an event, and what is held is served", async (t) => {
  const { credentials, source } = await openHeld(800, { refreshTimeout: 0.02 });
  source.pendNext();
  const told = new Promise<Error>((resolve) => credentials.events.once("refreshError", ({ error }) => resolve(error)));
  t.is(await outcome(credentials.getFrozenCredentials()), 1);
  // The timer of a refresh that nobody awaits does not keep the process, so this test has to.
  const keep = setInterval(() => {}, 1000);
  t.like(await told, { code: "ERR_REFRESH_TIMEOUT" });
  clearInterval(keep);
  t.is(await outcome(credentials.getFrozenCredentials()), 1);
  t.is(source.calls, 2);
});
