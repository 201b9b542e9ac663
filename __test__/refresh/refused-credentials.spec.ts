/** What happens to credentials that services refuse: one refresh for all who were refused, and none within a minute of the last. */
import test from "ava";
import { BRSCredentialError } from "aws-refresh-session";
import { asRefreshable } from "../../dist/refresh/credential-source.js";
import { refusesCredentials, renewRefused } from "../../dist/refresh/refused-credentials.js";
import { fifty, isPending, open, openHeld } from "./counting-source.js";

test("codes of ended and revoked credentials count, those of wrong signatures and missing rights do not", (t) => {
  for (const code of [
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidToken",
    "InvalidClientTokenId",
  ]) {
    t.true(refusesCredentials(code), code);
  }
  for (const code of ["SignatureDoesNotMatch", "AccessDenied", "AccessDeniedException", "Throttling", "", undefined]) {
    t.false(refusesCredentials(code), String(code));
  }
});

test("fifty callers who are refused together wait for one refresh", async (t) => {
  const { credentials, source } = await openHeld(3_000);
  const renewals = await Promise.all(fifty(() => renewRefused(credentials, "AKID1")));
  t.deepEqual(new Set(renewals), new Set([true]));
  t.is(source.calls, 2);
  t.true(source.contexts[1]?.force);
});

test("who is refused with a key that is no longer held takes the current one", async (t) => {
  const { credentials, source } = await openHeld(3_000);
  await credentials.refresh({ force: true });
  t.true(await renewRefused(credentials, "AKID1"));
  t.is(source.calls, 2);
});

test("a second refusal within a minute is the caller's, a later one is not", async (t) => {
  const { credentials, source, time } = await openHeld(3_000);
  t.true(await renewRefused(credentials, "AKID1"));
  time.advance(59);
  t.false(await renewRefused(credentials, "AKID2"));
  t.is(source.calls, 2);
  t.is(credentials.frozen.accessKeyId, "AKID2");
  time.advance(1);
  t.true(await renewRefused(credentials, "AKID2"));
  t.is(source.calls, 3);
});

test("the refresh's own failure is what callers get", async (t) => {
  const { credentials, source } = await openHeld(3_000);
  const outage = new Error("STS is down");
  source.outage = outage;
  await t.throwsAsync(renewRefused(credentials, "AKID1"), { is: outage });
});

test("a source that gives the refused key again earns no second request", async (t) => {
  const { credentials, source } = await openHeld(3_000);
  source.answerNext((due) => ({ ...due, accessKeyId: "AKID1" }));
  t.false(await renewRefused(credentials, "AKID1"));
});

test("keys that never change are given up once and asked for no more", async (t) => {
  const credentials = asRefreshable({ accessKeyId: "AKIDSTATIC", secretAccessKey: "secret" });
  t.false(await renewRefused(credentials, "AKIDSTATIC"));
  t.is((await credentials.getFrozenCredentials()).accessKeyId, "AKIDSTATIC");
});

test("a signal ends the wait, not the refresh", async (t) => {
  const { credentials, source } = await openHeld(3_000);
  const pending = source.pendNext();
  const controller = new AbortController();
  const left = renewRefused(credentials, "AKID1", { signal: controller.signal });
  const stays = renewRefused(credentials, "AKID1");
  t.true(await isPending(left));
  controller.abort(new BRSCredentialError("left"));
  await t.throwsAsync(left, { message: "left" });
  pending.give();
  t.true(await stays);
  t.is(source.calls, 2);
});

test("nothing was held yet: the refusal of another's key only waits", async (t) => {
  const { credentials, source } = open();
  t.true(await renewRefused(credentials, "AKIDOTHER"));
  t.is(source.calls, 1);
});
