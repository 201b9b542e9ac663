/** Refreshable credentials: one refresh for all who ask, whole triples only, and what force, invalidation, limits and closing do. */
import { getEventListeners } from "node:events";
import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import test from "ava";
import {
  BRSConfigurationError,
  BRSConnectionError,
  BRSCredentialError,
  BRSValidationError,
  CredentialsNotReadyError,
  CustomRefreshableSession,
  type RefreshStrategy,
  type TemporaryCredentials,
} from "aws-refresh-session";
import { native } from "../../dist/native.js";
import { RefreshableCredentials } from "../../dist/refresh/refreshable-credentials.js";
import {
  CountingSource,
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

const fifty = <T>(ask: (caller: number) => T) => Array.from({ length: 50 }, (_, caller) => ask(caller));
const handleOf = (credentials: RefreshableCredentials) =>
  (credentials as unknown as { cell: { handle: number } }).cell.handle;

// ---- one refresh for all who ask

test("nothing is fetched before somebody asks", async (t) => {
  const { credentials, source } = open();
  t.true(credentials.refreshNeeded());
  t.true(credentials.refreshNeeded(0));
  t.is(credentials.expiration, undefined);
  t.throws(() => credentials.frozen, { instanceOf: CredentialsNotReadyError, message: /await/ });
  await turn();
  t.is(source.calls, 0);
});

test("fifty callers at once cost one call and get the same object", async (t) => {
  const { credentials, source } = open();
  const pending = source.pendNext();
  const callers = fifty((caller) =>
    caller % 3 === 0 ? credentials.refresh({ force: caller % 2 === 0 }) : credentials.getFrozenCredentials(),
  );
  await turn();
  const late = credentials.getFrozenCredentials();
  pending.give();
  const answers = await Promise.all([...callers, late]);
  t.is(new Set(answers).size, 1);
  t.is(answers[0], credentials.frozen);
  t.is(await credentials.getFrozenCredentials(), answers[0]);
  t.is(source.calls, 1);
});

test("fifty callers of a refresh that fails reject with the same error, after one call", async (t) => {
  const { credentials, source } = open();
  const told = heard(credentials);
  const error = new Error("out of order");
  source.outage = error;
  const answers = await Promise.all(fifty(() => outcome(credentials.getFrozenCredentials())));
  t.true(answers.every((answer) => answer === error));
  t.is(source.calls, 1);
  t.deepEqual(told, [error]);
});

test("fifty callers in each round of expirations cost one call a round", async (t) => {
  const { credentials, source, atRemaining } = open();
  for (let round = 1; round <= 10; round++) {
    const answers = await Promise.all(fifty(() => outcome(credentials.getFrozenCredentials())));
    t.deepEqual(answers, Array(50).fill(round));
    t.is(source.calls, round);
    atRemaining(round % 2 === 0 ? 0 : 300);
  }
});

test("a strategy may throw at once", async (t) => {
  const error = new Error("thrown before any promise");
  const strategy: RefreshStrategy = {
    method: "hasty",
    refresh() {
      throw error;
    },
  };
  const credentials = new RefreshableCredentials(strategy);
  t.is(await t.throwsAsync(credentials.getFrozenCredentials()), error);
  t.is(await t.throwsAsync(credentials.getFrozenCredentials()), error);
});

test("what is thrown and is no Error comes as the cause of one", async (t) => {
  for (const thrown of ["a text", undefined, null, 42, { accessKeyId: "AKID", secretAccessKey: "a secret" }]) {
    const { credentials, source } = open();
    source.answerNext(() => Promise.reject(thrown));
    const error = await t.throwsAsync(credentials.getFrozenCredentials(), { instanceOf: BRSCredentialError });
    t.is(error?.cause, thrown);
    t.regex(error?.message ?? "", /"counted"/);
    t.notRegex(error?.message ?? "", /secret/);
    t.true(error?.retryable, "nothing says that it would fail again");
  }
});

test("an Error of another realm reaches the callers as it is", async (t) => {
  const { credentials, source } = open();
  const error = runInNewContext(`new TypeError("from elsewhere")`);
  t.false(error instanceof Error);
  source.answerNext(() => Promise.reject(error));
  t.is(await outcome(credentials.getFrozenCredentials()), error);
});

test("a strategy that asks for the credentials it is to fetch is called once, and ends by the time limit", async (t) => {
  let calls = 0;
  const credentials: RefreshableCredentials = new RefreshableCredentials(
    {
      method: "circular",
      refresh: () => {
        calls++;
        if (calls > 5) throw new Error("called again and again");
        return credentials.getFrozenCredentials();
      },
    },
    { refreshTimeout: 0.02 },
  );
  await t.throwsAsync(credentials.getFrozenCredentials(), { instanceOf: BRSConnectionError });
  t.is(calls, 1);
});

test("the next triple is asked for as a new one, with a signal of its own", async (t) => {
  const { credentials, source } = await openHeld(0);
  await credentials.getFrozenCredentials();
  const [first, second] = source.contexts;
  t.not(first?.signal, second?.signal);
  t.false(first?.signal.aborted);
  t.false(second?.signal.aborted);
});

// ---- whole triples only

test("readers during refreshes see one triple or the other, never a mix", async (t) => {
  const { credentials, source, time } = open({ lifetime: 40, advisoryTimeout: 20, mandatoryTimeout: 10 });
  let reads = 0;
  let mixed = 0;
  const seen = new Set<number>();
  const look = ({ accessKeyId, secretAccessKey, sessionToken, accountId, expiration }: TemporaryCredentials) => {
    const n = Number(accessKeyId.slice(4));
    const parts = [secretAccessKey, sessionToken, Number(accountId)];
    reads++;
    seen.add(n);
    if (parts[0] !== `secret${n}` || parts[1] !== `token${n}` || parts[2] !== n) mixed++;
    if (expiration === undefined) mixed++;
    // The end that is told apart belongs to the triple that is told apart.
    if (accessKeyId === credentials.frozen.accessKeyId && credentials.expiration?.getTime() !== expiration?.getTime())
      mixed++;
  };
  const reader = async (id: number) => {
    for (let round = 0; round < 60; round++) {
      look(await credentials.getFrozenCredentials());
      if (!credentials.refreshNeeded()) look(credentials.frozen);
      if ((id + round) % 7 === 0) look(await credentials.refresh({ force: true }));
      if (id === 0) time.advance(5);
      await turn();
    }
  };
  await Promise.all(fifty(reader));
  t.is(mixed, 0);
  t.true(reads > 50 * 60, `${reads} reads`);
  t.true(seen.size > 10 && source.calls >= seen.size, `${seen.size} triples of ${source.calls}`);
});

test("what a strategy does to its answer afterwards changes nothing", async (t) => {
  const { credentials, source } = open();
  const answer = triple(1, START + HOUR * 1000);
  source.answerNext(() => answer);
  await credentials.getFrozenCredentials();
  answer.secretAccessKey = "another";
  answer.expiration.setTime(START);
  t.is(credentials.frozen.secretAccessKey, "secret1");
  t.is(credentials.expiration?.getTime(), START + HOUR * 1000);
  t.is(credentials.frozen.expiration?.getTime(), START + HOUR * 1000);
  t.false(credentials.refreshNeeded());
});

const malformed: ReadonlyArray<
  readonly [what: string, change: (due: TemporaryCredentials) => unknown, param?: string]
> = [
  ["undefined", () => undefined, "credentials"],
  ["null", () => null, "credentials"],
  ["a number", () => 42, "credentials"],
  ["text", () => "AKIDTEXT:a-secret-in-text", "credentials"],
  ["an empty object", () => ({}), "accessKeyId"],
  ["a list", () => [], "accessKeyId"],
  ["no key id", ({ accessKeyId: _, ...rest }) => rest, "accessKeyId"],
  ["an empty key id", (due) => ({ ...due, accessKeyId: "" }), "accessKeyId"],
  ["a key id that is no text", (due) => ({ ...due, accessKeyId: 7 }), "accessKeyId"],
  ["no secret", ({ secretAccessKey: _, ...rest }) => rest, "secretAccessKey"],
  ["an empty secret", (due) => ({ ...due, secretAccessKey: "" }), "secretAccessKey"],
  ["a secret that is no text", (due) => ({ ...due, secretAccessKey: Buffer.from("secret") }), "secretAccessKey"],
  ["a token that is no text", (due) => ({ ...due, sessionToken: 7 }), "sessionToken"],
  ["an account id that is no text", (due) => ({ ...due, accountId: 123456789012 }), "accountId"],
  ["an expiration as text", (due) => ({ ...due, expiration: "2031-01-01T00:00:00Z" }), "expiration"],
  ["an expiration as a number", (due) => ({ ...due, expiration: START + HOUR * 1000 }), "expiration"],
  ["an expiration of null", (due) => ({ ...due, expiration: null }), "expiration"],
  ["an invalid date", (due) => ({ ...due, expiration: new Date("garbage") }), "expiration"],
  ["an expired set", (due) => ({ ...due, expiration: new Date(START) })],
  ["a key id with a line feed", (due) => ({ ...due, accessKeyId: "AKID\nX" })],
  ["a key id with a slash", (due) => ({ ...due, accessKeyId: "AKID/20300101" })],
  ["a key id with a comma", (due) => ({ ...due, accessKeyId: "AKID, SignedHeaders=host" })],
  ["a token with a line feed", (due) => ({ ...due, sessionToken: "token\r\nx-injected: 1" })],
  ["a token with NUL", (due) => ({ ...due, sessionToken: "token\0" })],
  ["a token that is not ASCII", (due) => ({ ...due, sessionToken: "tökén" })],
];

for (const [what, change, param] of malformed) {
  test(`an answer with ${what} leaves the held triple usable, and is an error where nothing is held`, async (t) => {
    const { credentials, source } = await openHeld(800);
    const told = heard(credentials);
    source.answerNext(change);
    t.is(await outcome(credentials.getFrozenCredentials()), 1);
    await turn();
    t.is(source.calls, 2);
    t.is(told.length, 1);
    const error = told[0] as BRSCredentialError;
    t.true(error instanceof BRSCredentialError);
    if (param !== undefined) t.is(error.param, param);
    t.true(error.retryable, "the next answer may be right");
    t.notRegex(`${error.message} ${inspect(error)}`, /a-secret|secret2|token2|tökén|x-injected/);
    // Neither part of the new one is anywhere.
    t.deepEqual({ ...credentials.frozen }, triple(1, START + HOUR * 1000));
    t.is(credentials.expiration?.getTime(), START + HOUR * 1000);
    t.is(await outcome(credentials.getFrozenCredentials()), 1);

    const empty = open();
    empty.source.answerNext(change);
    await t.throwsAsync(empty.credentials.getFrozenCredentials(), { instanceOf: BRSCredentialError });
    t.is(empty.credentials.expiration, undefined);
    t.throws(() => empty.credentials.frozen, { instanceOf: CredentialsNotReadyError });
    t.is(await outcome(empty.credentials.getFrozenCredentials()), 2);
  });

  test(`static-stability serves the held triple in spite of an answer with ${what}`, async (t) => {
    const { credentials, source } = await openHeld(-60, { refreshPolicy: "static-stability" });
    source.answerNext(change);
    t.is(await outcome(credentials.getFrozenCredentials()), 1);
    t.is(frozenOutcome(credentials), 1);
    t.is(source.calls, 2);
  });
}

test("a set that ends at this very moment is expired; one that ends a millisecond later is not", async (t) => {
  const { credentials, source } = open();
  source.answerNext((due) => ({ ...due, expiration: new Date(START) }));
  await t.throwsAsync(credentials.getFrozenCredentials(), { code: "ERR_CREDENTIALS_EXPIRED" });
  source.answerNext((due) => ({ ...due, expiration: new Date(START + 1) }));
  t.is(await outcome(credentials.getFrozenCredentials()), 2);
});

test("a token that is empty or null is none", async (t) => {
  for (const sessionToken of ["", null, undefined]) {
    const { credentials, source } = open();
    source.answerNext((due) => ({ ...due, sessionToken }));
    t.false("sessionToken" in (await credentials.getFrozenCredentials()));
  }
});

// ---- refresh, force

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

// ---- invalidate

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

// ---- events

test("each refresh is told once, with the triple that is current by then", async (t) => {
  const { credentials, source } = open();
  const told: TemporaryCredentials[] = [];
  credentials.events.on("refresh", (event) => {
    t.is(event.credentials, credentials.frozen);
    t.true(Object.isFrozen(event.credentials));
    told.push(event.credentials);
  });
  const callers = fifty(() => credentials.getFrozenCredentials());
  const [first] = await Promise.all(callers);
  t.deepEqual(told, [first]);
  await credentials.refresh({ force: true });
  t.is(told.length, 2);
  t.is(source.calls, 2);
});

test("the events come before the callers go on", async (t) => {
  const { credentials, source } = open();
  const order: string[] = [];
  credentials.events.on("refresh", () => order.push("refresh"));
  credentials.events.on("refreshError", () => order.push("refreshError"));
  source.answerNext(() => Promise.reject(new Error("no")));
  await credentials.getFrozenCredentials().catch(() => order.push("rejected"));
  await credentials.getFrozenCredentials().then(() => order.push("resolved"));
  t.deepEqual(order, ["refreshError", "rejected", "refresh", "resolved"]);
});

test("that a triple has expired is told once, before the refresh that replaces it", async (t) => {
  const { credentials, source, time, atRemaining } = await openHeld(0.001);
  const told = heard(credentials);
  const error = new Error("out of order");
  source.outage = error;
  await outcome(credentials.getFrozenCredentials());
  t.deepEqual(told, [error], "a millisecond is left");
  time.advance(1);
  for (let attempt = 0; attempt < 5; attempt++) {
    await Promise.all(fifty(() => outcome(credentials.getFrozenCredentials())));
    time.advance(60);
  }
  t.deepEqual(
    told.filter((event) => event !== error),
    ["expired 2030-01-01T01:00:00.000Z"],
  );
  source.outage = undefined;
  await credentials.getFrozenCredentials();
  atRemaining(0);
  const end = credentials.expiration?.toISOString();
  await credentials.getFrozenCredentials();
  const last = source.calls;
  t.deepEqual(told.slice(-3), [`refresh AKID${last - 1}`, `expired ${end}`, `refresh AKID${last}`]);
});

test("static-stability tells that what it serves has expired", async (t) => {
  const { credentials, source, atRemaining } = await openHeld(30, { refreshPolicy: "static-stability" });
  const told = heard(credentials);
  source.outage = new Error("out of order");
  t.is(await outcome(credentials.getFrozenCredentials()), 1);
  atRemaining(-1);
  t.is(await outcome(credentials.getFrozenCredentials()), 1);
  t.is(frozenOutcome(credentials), 1);
  t.is(source.calls, 2, "backing off");
  t.deepEqual(told, [source.outage, "expired 2030-01-01T01:00:00.000Z"]);
});

test("a listener of expired may ask for credentials, and joins the one refresh", async (t) => {
  const { credentials, source } = await openHeld(0);
  const asked: Array<Promise<unknown>> = [];
  credentials.events.on("expired", () => asked.push(outcome(credentials.getFrozenCredentials())));
  t.is(await outcome(credentials.getFrozenCredentials()), 2);
  t.deepEqual(await Promise.all(asked), [2]);
  t.is(source.calls, 2);
});

test("listeners may change the expiration they are told without effect", async (t) => {
  const { credentials } = await openHeld(0);
  credentials.events.on("expired", ({ expiration }) => expiration.setTime(0));
  credentials.expiration?.setTime(0);
  t.is(credentials.expiration?.getTime(), START + HOUR * 1000);
  t.is(await outcome(credentials.getFrozenCredentials()), 2);
});

test("listeners that throw break nothing, and are told as warnings", async (t) => {
  const warnings: Array<Error & { code?: string }> = [];
  const listen = (warning: Error) => void warnings.push(warning);
  process.on("warning", listen);
  t.teardown(() => process.off("warning", listen));
  const { credentials, source, atRemaining } = open();
  for (const name of ["refresh", "refreshError", "expired"] as const) {
    credentials.events.on(name, () => {
      throw new Error(`listener of ${name}`);
    });
  }
  const told = heard(credentials);
  t.is(await outcome(credentials.getFrozenCredentials()), 1);
  atRemaining(0);
  const error = new Error("out of order");
  source.outage = error;
  t.is(await outcome(credentials.getFrozenCredentials()), error);
  source.outage = undefined;
  t.is(await outcome(credentials.getFrozenCredentials()), 3);
  t.deepEqual(told, ["refresh AKID1", "expired 2030-01-01T01:00:00.000Z", error, "refresh AKID3"]);
  await turn();
  const ours = warnings.filter(({ code }) => code === "BRS_LISTENER_THREW").map(({ message }) => message);
  t.is(ours.length, 4);
  for (const [index, name] of ["refresh", "expired", "refreshError", "refresh"].entries()) {
    t.regex(ours[index] ?? "", new RegExp(`"${name}".*listener of ${name}`));
  }
});

// ---- signals of callers

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

// ---- the time limit

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

// ---- close

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
  t.is(native.decide(handle, START), 0);
  credentials.close();
  for (const use of [
    () => native.decide(handle, START),
    () => native.publish(handle, "AKID", "secret", null, Number.POSITIVE_INFINITY, START),
    () => native.refreshFailed(handle, START, true, 0),
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

// ---- clock offset

test("lifetimes are measured by the corrected clock", async (t) => {
  const { credentials, source, time } = open();
  await credentials.getFrozenCredentials();
  credentials.setClockOffset(2_700_000);
  t.is(credentials.clockOffset, 2_700_000);
  t.is(credentials.now(), time.now + 2_700_000);
  t.false(credentials.refreshNeeded());
  credentials.setClockOffset(2_700_001);
  t.true(credentials.refreshNeeded());
  credentials.setClockOffset(3_100_000);
  t.is(await outcome(credentials.getFrozenCredentials()), 2);
  t.is(source.calls, 2);
});

test("an answer is judged by the corrected clock", async (t) => {
  const { credentials, source } = open();
  credentials.setClockOffset(HOUR * 1000);
  await t.throwsAsync(credentials.getFrozenCredentials(), { code: "ERR_CREDENTIALS_EXPIRED" });
  credentials.setClockOffset(-HOUR * 1000);
  source.answerNext((due) => ({ ...due, expiration: new Date(START - 1000) }));
  t.is(await outcome(credentials.getFrozenCredentials()), 2);
});

test("an offset of more than 24 hours, or none at all, changes nothing", (t) => {
  const { credentials } = open();
  const day = 24 * HOUR * 1000;
  for (const ms of [day, -day, 0, -1.4]) {
    credentials.setClockOffset(ms);
    t.is(credentials.clockOffset, Math.round(ms));
  }
  credentials.setClockOffset(5);
  for (const ms of [day + 1, -day - 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]) {
    credentials.setClockOffset(ms);
    t.is(credentials.clockOffset, 5, String(ms));
  }
});

// ---- the rest

test("two sessions in one process do not disturb each other", async (t) => {
  const calls = [0, 0];
  const sessions = [0, 1].map((which) => {
    let failing: Error | undefined;
    const session = new CustomRefreshableSession({
      env: {},
      customCredentialsMethod: async () => {
        calls[which] = (calls[which] ?? 0) + 1;
        if (failing !== undefined) throw failing;
        // The same key id with another secret: nothing may be kept by key id.
        return {
          access_key: "AKIDSAME",
          secret_key: `secret of ${which}`,
          token: `token${which}`,
          expiry_time: "2100-01-01T00:00:00Z",
        };
      },
    });
    return {
      session,
      fail: (error: Error | undefined) => {
        failing = error;
      },
    };
  });
  const [one, two] = sessions as [(typeof sessions)[0], (typeof sessions)[0]];
  one.fail(new Error("out of order"));
  for (let attempt = 0; attempt < 3; attempt++) await t.throwsAsync(one.session.refreshableCredentials());
  const callsOfOne = calls[0];
  t.is((await two.session.refreshableCredentials()).secretAccessKey, "secret of 1");
  t.is(calls[0], callsOfOne);
  t.is(calls[1], 1);

  one.fail(undefined);
  await one.session.getCredentials().refresh({ force: true });
  const signed = sessions.map(
    ({ session }) =>
      session
        .signer({ service: "execute-api", region: "eu-west-1" })
        .signSync({ url: "https://example.com/" }, { signingDate: new Date(START) }).authorization,
  );
  t.not(signed[0], signed[1]);

  t.true(one.session.getCredentials().invalidate("AKIDSAME"));
  t.is(two.session.getCredentials().frozen.secretAccessKey, "secret of 1");
  one.session.close();
  t.is((await two.session.refreshableCredentials()).secretAccessKey, "secret of 1");
  t.is(calls[1], 1);
});

test("it is named by the option, else by its strategy", (t) => {
  const source = new CountingSource(() => START, HOUR);
  t.is(new RefreshableCredentials(source).method, "counted");
  t.is(new RefreshableCredentials(source, { name: "sts-assume-role" }).method, "sts-assume-role");
});

test("it shows how it is obtained and when it ends, and nothing secret", async (t) => {
  const { credentials } = await openHeld(HOUR);
  const shown = [
    inspect(credentials),
    inspect(credentials, { depth: 10, showHidden: true, getters: true }),
    inspect({ nested: [credentials] }, { depth: 10 }),
    JSON.stringify(credentials),
    JSON.stringify({ ...credentials }),
    String(credentials),
  ];
  for (const text of shown) t.notRegex(text, /secret1|token1/);
  t.regex(
    inspect(credentials),
    /^RefreshableCredentials \{ method: 'counted', expiration: 2030-01-01T01:00:00\.000Z \}$/,
  );
  t.deepEqual(JSON.parse(JSON.stringify(credentials)), { method: "counted", expiration: "2030-01-01T01:00:00.000Z" });
  credentials.close();
  t.deepEqual(JSON.parse(JSON.stringify(credentials)), { method: "counted" });
});
