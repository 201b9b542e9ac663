/** What is told of refreshes: each success, each failure and each end once, and nothing a listener does breaks one. */
import test from "ava";
import type { TemporaryCredentials } from "aws-refresh-session";
import { warningsDuring } from "../support/warnings.js";
import { fifty, frozenOutcome, HOUR, heard, open, openHeld, outcome, START, turn } from "./counting-source.js";

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

test("a listener may start the next refresh, which those who come later join", async (t) => {
  const { credentials, source } = open();
  credentials.events.once("refresh", () => {
    source.pendNext();
    credentials.refresh({ force: true }).catch(() => {});
  });
  await credentials.getFrozenCredentials();
  await turn();
  t.is(source.calls, 2);
  const joining = credentials.refresh({ force: true });
  await turn();
  t.is(credentials.stats.waiters, 2);
  t.is(source.calls, 2);
  credentials.close();
  await t.throwsAsync(joining, { code: "ERR_CLOSED" });
});

test("listeners may change the expiration they are told without effect", async (t) => {
  const { credentials } = await openHeld(0);
  credentials.events.on("expired", ({ expiration }) => expiration.setTime(0));
  credentials.expiration?.setTime(0);
  t.is(credentials.expiration?.getTime(), START + HOUR * 1000);
  t.is(await outcome(credentials.getFrozenCredentials()), 2);
});

test("listeners that throw break nothing, and are told as warnings", async (t) => {
  const warnings = warningsDuring(t);
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
