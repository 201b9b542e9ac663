/** Refreshable credentials: one refresh for all who ask, whatever its strategy throws, by a clock that answers correct. */
import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import test from "ava";
import {
  BRSConnectionError,
  BRSCredentialError,
  CredentialsNotReadyError,
  CustomRefreshableSession,
  type RefreshStrategy,
} from "aws-refresh-session";
import { RefreshableCredentials } from "../../dist/refresh/refreshable-credentials.js";
import { CountingSource, fifty, HOUR, heard, open, openHeld, outcome, START, turn } from "./counting-source.js";

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
