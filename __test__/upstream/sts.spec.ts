/** What boto3-refresh-session's tests of sessions of a role say, with the same outcomes; a better one stands in the title. */
import test from "ava";
import {
  BRSValidationError,
  CustomRefreshableSession,
  RefreshableSession,
  STSRefreshableSession,
} from "aws-refresh-session";
import { openRole, ROLE } from "./role.js";

test("sts, deferred: the credentials are those of AssumeRole, which got exactly what was given", async (t) => {
  const { session, endpoint } = await openRole(t, { deferRefresh: true });
  t.is(endpoint.stats.assumeRoleCalls, 0);
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = await session.refreshableCredentials();
  t.deepEqual(endpoint.sts.requests, [{ Action: "AssumeRole", Version: "2011-06-15", ...ROLE }]);
  t.is(expiration?.toISOString(), "2030-01-01T01:00:00.000Z");
  t.regex(accessKeyId, /^ASIA/);
  t.true(secretAccessKey.length > 0 && (sessionToken ?? "").length > 0);
});

test("sts: getIdentity has the account; better: of the role and not of who assumed it", async (t) => {
  const { session } = await openRole(t);
  const identity = await session.getIdentity();
  t.is(identity.Account, "123456789012");
  t.is(identity.Arn, "arn:aws:sts::123456789012:assumed-role/TestRole/unit-test");
  t.deepEqual(await session.whoami(), identity);
  t.not((await session.sourceIdentity()).Arn, identity.Arn);
});

test("factory: a method by position is refused; better: as an error of the package", (t) => {
  const construct = RefreshableSession as unknown as new (...positional: unknown[]) => object;
  t.throws(() => new construct("sts", ROLE), { instanceOf: BRSValidationError });
});

test("factory: a config in place of the method, or of the options, is refused", (t) => {
  const construct = RefreshableSession as unknown as new (options: unknown) => object;
  t.throws(() => new construct({ method: ROLE }), { instanceOf: BRSValidationError });
  t.throws(() => new construct(ROLE), { instanceOf: BRSValidationError });
});

test("factory: the methods are those that are registered; better: a method of the user is one of them", (t) => {
  const methods = RefreshableSession.getAvailableMethods();
  for (const method of ["custom", "iot", "sts"]) t.true(methods.includes(method), method);
  t.false(methods.includes("vault"));
  RefreshableSession.register("vault", () => ({ method: "vault", refresh: async () => Promise.reject(new Error()) }));
  t.deepEqual(RefreshableSession.getAvailableMethods(), [...methods, "vault"].sort());
  const session = new RefreshableSession({ method: "vault" });
  t.is(session.refreshMethod, "vault");
  session.close();
});

test("refreshMethod: sts-assume-role and custom", (t) => {
  const role = new RefreshableSession({ method: "sts", assumeRole: ROLE, region: "us-east-1" });
  t.true(role instanceof STSRefreshableSession);
  t.is(role.refreshMethod, "sts-assume-role");
  t.is(role.getCredentials().method, "sts-assume-role");
  role.close();
  const custom = new RefreshableSession({ method: "custom", customCredentialsMethod: () => ({}) as never });
  t.true(custom instanceof CustomRefreshableSession);
  t.is(custom.refreshMethod, "custom");
  custom.close();
});

test("getCredentials().getFrozenCredentials() gives the refreshed triple, not that of the environment", async (t) => {
  const env = {
    AWS_ACCESS_KEY_ID: "AKIDENVIRONMENT",
    AWS_SECRET_ACCESS_KEY: "environment",
    AWS_SESSION_TOKEN: "environment",
    AWS_DEFAULT_REGION: "us-east-1",
  };
  const { session } = await openRole(t, { env });
  const frozen = await session.getCredentials().getFrozenCredentials();
  t.deepEqual(frozen, await session.refreshableCredentials());
  t.not(frozen.accessKeyId, env.AWS_ACCESS_KEY_ID);
  t.not(frozen.secretAccessKey, env.AWS_SECRET_ACCESS_KEY);
  t.not(frozen.sessionToken, env.AWS_SESSION_TOKEN);
});

test("sts with a function for MFA codes: AssumeRole gets the code and the device", async (t) => {
  const SerialNumber = "arn:aws:iam::123456789012:mfa/test-user";
  const { session, endpoint } = await openRole(t, {
    assumeRole: { ...ROLE, SerialNumber },
    mfaTokenProvider: () => "123456",
  });
  await session.refreshableCredentials();
  t.deepEqual(endpoint.sts.requests, [
    { Action: "AssumeRole", Version: "2011-06-15", ...ROLE, SerialNumber, TokenCode: "123456" },
  ]);
});

test("sts: a TokenCode that is no code is refused at construction", (t) => {
  const assumeRole = { ...ROLE, SerialNumber: "arn:aws:iam::123456789012:mfa/test-user", TokenCode: "bad" };
  const error = t.throws(() => new RefreshableSession({ method: "sts", assumeRole, region: "us-east-1" }), {
    instanceOf: BRSValidationError,
  });
  t.is(error?.param, "assumeRole.TokenCode");
});
