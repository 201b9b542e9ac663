/** What boto3-refresh-session's tests of custom sessions say, with the same outcomes; a better one stands in the title. */
import test from "ava";
import { BRSCredentialError, type CustomCredentialsMethod, CustomRefreshableSession } from "aws-refresh-session";
import { ManualClock } from "aws-refresh-session/testing";
import { START } from "./role.js";

const END = "2030-01-01T01:00:00+00:00";
const SET = { access_key: "AKIAEXAMPLE123456", secret_key: "secret", token: "token", expiry_time: END };

function open(customCredentialsMethod: () => unknown, options: { deferRefresh?: boolean } = {}) {
  return new CustomRefreshableSession({
    customCredentialsMethod: customCredentialsMethod as CustomCredentialsMethod,
    clock: new ManualClock(START).clock,
    env: {},
    ...options,
  });
}

test("custom: the credentials are those of the function", async (t) => {
  const session = open(() => SET);
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = await session.refreshableCredentials();
  t.deepEqual([accessKeyId, secretAccessKey, sessionToken], [SET.access_key, SET.secret_key, SET.token]);
  t.deepEqual(expiration, new Date(END));
  session.close();
});

test("custom: a Date is the same as its text; better: the function's object stays as it is", async (t) => {
  const given = { ...SET, expiry_time: new Date(END) };
  const session = open(() => given);
  t.deepEqual((await session.refreshableCredentials()).expiration, new Date(END));
  t.true(given.expiry_time instanceof Date);
  session.close();
});

test("custom: a number as end is a credential error", async (t) => {
  const session = open(() => ({ ...SET, expiry_time: 1_893_459_600 }));
  const error = await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSCredentialError });
  t.is((error as BRSCredentialError).param, "expiry_time");
  session.close();
});

test("custom: missing keys are a credential error that names them", async (t) => {
  const session = open(() => ({ access_key: "AKIAEXAMPLE123456", secret_key: "secret" }));
  const error = await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSCredentialError });
  t.deepEqual((error as BRSCredentialError).details, { missing: ["expiry_time", "token"] });
  session.close();
});

test("custom, eager: after an expired first set a second one is fetched; better: ready tells of the first", async (t) => {
  let calls = 0;
  const session = open(
    () =>
      ++calls === 1
        ? { ...SET, access_key: "OLDKEY0000000000", expiry_time: "2029-12-31T23:55:00Z" }
        : { ...SET, access_key: "NEWKEY0000000000" },
    { deferRefresh: false },
  );
  await t.throwsAsync(session.ready, { instanceOf: BRSCredentialError });
  t.is((await session.refreshableCredentials()).accessKeyId, "NEWKEY0000000000");
  t.is(calls, 2);
  session.close();
});

test("custom, deferred and cold: ten callers at once are one call of the function, and no error", async (t) => {
  let calls = 0;
  const session = open(async () => {
    calls++;
    await new Promise(setImmediate);
    return SET;
  });
  const got = await Promise.all(Array.from({ length: 10 }, () => session.refreshableCredentials()));
  t.deepEqual([...new Set(got.map(({ accessKeyId }) => accessKeyId))], [SET.access_key]);
  t.is(calls, 1);
  session.close();
});
