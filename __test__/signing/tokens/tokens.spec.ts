/** Tests of database tokens: which credentials sign them, when those are refreshed first, and what is refused. */
import test from "ava";
import { BRSError, RefreshableSession } from "aws-refresh-session";
import {
  BRSValidationError,
  type DbAuthTokenOptions,
  type DbConnectAuthTokenOptions,
  generateDbAuthToken,
  generateDbConnectAdminAuthToken,
  generateDbConnectAuthToken,
} from "aws-refresh-session/signing";
import { asRefreshable } from "../../../dist/refresh/credential-source.js";
import { clock, field, KEYS, NOW, SESSION_KEYS } from "../examples.js";

const RDS: DbAuthTokenOptions = {
  hostname: "db.eu-west-1.rds.amazonaws.com",
  port: 5432,
  username: "app",
  region: "eu-west-1",
  credentials: KEYS,
  clock,
};
const DSQL: DbConnectAuthTokenOptions = {
  hostname: "abc.dsql.eu-west-1.on.aws",
  region: "eu-west-1",
  credentials: KEYS,
  clock,
};

/** A session whose credentials live for so many seconds, with a count of what its source was asked. */
function sessionOf(lifetimes: readonly number[], source: { fails?: boolean } = {}) {
  const state = { now: NOW, calls: 0, asked: 0 };
  const session = new RefreshableSession({
    method: "custom",
    advisoryTimeout: 0,
    mandatoryTimeout: 0,
    clock: () => state.now,
    customCredentialsMethod: () => {
      state.asked++;
      if (source.fails && state.calls > 0) throw new Error("the source is down");
      const lifetime = lifetimes[Math.min(state.calls, lifetimes.length - 1)] as number;
      state.calls++;
      return {
        access_key: `AKID${state.calls}`,
        secret_key: "secret",
        token: "token",
        expiry_time: new Date(state.now + lifetime * 1_000),
      };
    },
  });
  return { state, session };
}

const keyOf = (token: string) => field(token, "X-Amz-Credential").split("%2F")[0];

test("credentials that live as long as the token are not refreshed", async (t) => {
  const { state, session } = sessionOf([3_600]);
  state.now += 2_700_000;
  for (let round = 0; round < 3; round++) await generateDbAuthToken({ ...RDS, credentials: session });
  t.is(state.calls, 1);
  session.close();
});

test("credentials that live shorter than the token are refreshed first", async (t) => {
  const { state, session } = sessionOf([3_600]);
  t.is(keyOf(await generateDbAuthToken({ ...RDS, credentials: session })), "AKID1");
  state.now += 2_701_000;
  t.is(keyOf(await generateDbAuthToken({ ...RDS, credentials: session })), "AKID2");
  t.is(state.calls, 2);
  session.close();
});

test("a DSQL token asks for credentials as long as itself", async (t) => {
  const { state, session } = sessionOf([3_600]);
  await generateDbConnectAuthToken({ ...DSQL, credentials: session });
  state.now += 1_801_000;
  await generateDbConnectAuthToken({ ...DSQL, credentials: session, expiresIn: 60 });
  t.is(state.calls, 1);
  t.is(keyOf(await generateDbConnectAdminAuthToken({ ...DSQL, credentials: session, expiresIn: 1_800 })), "AKID2");
  session.close();
});

test("a source of short-lived credentials is not asked for each token", async (t) => {
  const { state, session } = sessionOf([600]);
  for (let round = 0; round < 20; round++) await generateDbAuthToken({ ...RDS, credentials: session });
  t.is(state.calls, 2, "the first credentials, and one attempt to get longer ones");
  state.now += 299_000;
  await generateDbAuthToken({ ...RDS, credentials: session });
  t.is(state.calls, 2, "the first half of their life");
  state.now += 2_000;
  for (let round = 0; round < 20; round++) await generateDbAuthToken({ ...RDS, credentials: session });
  t.is(state.calls, 3);
  session.close();
});

test("many tokens at once share one refresh", async (t) => {
  const { state, session } = sessionOf([600, 3_600]);
  await session.getCredentials().getFrozenCredentials();
  const tokens = await Promise.all(
    Array.from({ length: 50 }, () => generateDbAuthToken({ ...RDS, credentials: session })),
  );
  t.deepEqual(new Set(tokens.map(keyOf)), new Set(["AKID2"]));
  t.is(state.calls, 2);
  session.close();
});

test("when the refresh fails, credentials that are still valid sign", async (t) => {
  const { session } = sessionOf([600], { fails: true });
  t.is(keyOf(await generateDbAuthToken({ ...RDS, credentials: session })), "AKID1");
  session.close();
});

test("a source that is down is not asked for each token", async (t) => {
  const { state, session } = sessionOf([600], { fails: true });
  for (let round = 0; round < 20; round++) await generateDbAuthToken({ ...RDS, credentials: session });
  t.is(state.asked, 2);
  state.now += 30_000;
  for (let round = 0; round < 20; round++) await generateDbAuthToken({ ...RDS, credentials: session });
  t.is(state.asked, 3);
  session.close();
});

test("when nothing valid is held, the failure of the refresh is told", async (t) => {
  const { state, session } = sessionOf([600], { fails: true });
  await generateDbAuthToken({ ...RDS, credentials: session });
  state.now += 601_000;
  await t.throwsAsync(generateDbAuthToken({ ...RDS, credentials: session }), { message: /the source is down/ });
  session.close();
});

test("an identity that nobody can refresh signs as it is", async (t) => {
  const identity = { ...SESSION_KEYS, expiration: new Date(Date.now() + 60_000) };
  asRefreshable(identity).events.on("refreshError", () => t.fail("it was asked for better ones"));
  const token = await generateDbAuthToken({ ...RDS, credentials: identity });
  t.is(decodeURIComponent(field(token, "X-Amz-Security-Token")), SESSION_KEYS.sessionToken);
});

test("a provider function is a source as well", async (t) => {
  let calls = 0;
  const provider = async () => {
    calls++;
    return { ...KEYS, expiration: new Date(Date.now() + (calls === 1 ? 400 : 4_000) * 1_000) };
  };
  await generateDbAuthToken({ ...RDS, credentials: provider });
  await generateDbAuthToken({ ...RDS, credentials: provider });
  t.is(calls, 2);
});

test("without a clock the one of the credentials dates the token", async (t) => {
  const { session } = sessionOf([3_600]);
  const { clock: _, ...options } = RDS;
  t.is(field(await generateDbAuthToken({ ...options, credentials: session }), "X-Amz-Date"), "20150830T123600Z");
  session.close();
});

const WRONG: readonly (readonly [param: string, value: unknown])[] = [
  ...["", "https://db", "db:5432", "db/x", "db?x", "me@db", "d b", "db\n", "-", "[::1", 7, undefined, null].map(
    (value) => ["hostname", value] as const,
  ),
  ...[0, -1, 65_536, 1.5, "5432", Number.NaN, undefined].map((value) => ["port", value] as const),
  ...["", "\ud800", 7, undefined, null].map((value) => ["username", value] as const),
  ...["", "eu/west", "eu west", "eu\n", 7, undefined].map((value) => ["region", value] as const),
  ...[null, undefined, "AKID", 7, {}].map((value) => ["credentials", value] as const),
  ...[7, "now"].map((value) => ["clock", value] as const),
  ["hostName", "db"],
];

for (const [param, value] of WRONG) {
  test(`an RDS token with ${param} ${JSON.stringify(value) ?? value} is refused by that name`, async (t) => {
    await t.throwsAsync(generateDbAuthToken({ ...RDS, [param]: value }), { instanceOf: BRSValidationError });
    const error = await t.throwsAsync<BRSError>(generateDbAuthToken({ ...RDS, [param]: value }));
    t.is(error.param, param);
    t.true(error.message.includes(`"${param}"`), error.message);
  });
}

for (const generate of [generateDbConnectAuthToken, generateDbConnectAdminAuthToken]) {
  for (const [param, value] of [
    ...WRONG.filter(([param]) => ["hostname", "region", "credentials", "clock"].includes(param)),
    ...[0, -5, 604_801, 3_600.5, "900", null].map((value) => ["expiresIn", value] as const),
    ["port", 5432],
  ]) {
    test(`${generate.name} with ${param} ${JSON.stringify(value) ?? value} is refused by that name`, async (t) => {
      const error = await t.throwsAsync<BRSError>(generate({ ...DSQL, [param as string]: value }), {
        instanceOf: BRSError,
      });
      t.is(error.param, param as string);
    });
  }
}

test("options that are no object are refused", async (t) => {
  for (const wrong of [undefined, null, "db", 7]) {
    for (const generate of [generateDbAuthToken, generateDbConnectAuthToken]) {
      await t.throwsAsync(generate(wrong as never), { instanceOf: BRSValidationError });
    }
  }
});

test("an error shows no secret", async (t) => {
  for (const [param, value] of WRONG) {
    const error = await t.throwsAsync(generateDbAuthToken({ ...RDS, credentials: SESSION_KEYS, [param]: value }));
    t.false(error.message.includes(SESSION_KEYS.secretAccessKey) || error.message.includes(SESSION_KEYS.sessionToken));
  }
});

test("IPv6 addresses and names that end in a dot are hosts", async (t) => {
  for (const hostname of ["[::1]", "db.example.com.", "db_1"]) {
    t.true((await generateDbAuthToken({ ...RDS, hostname })).startsWith(`${hostname}:5432/?Action=connect&`));
  }
});
