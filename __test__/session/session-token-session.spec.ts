/** Tests of sessions of methods "session-token" and "federation-token", and of one MFA code for the roles of many sessions. */
import test, { type ExecutionContext } from "ava";
import {
  BRSConfigurationError,
  type BRSRequestError,
  BRSValidationError,
  type FederationTokenSessionOptions,
  RefreshableSession,
  type SessionTokenSessionOptions,
  STSRefreshableSession,
} from "aws-refresh-session";
import { ManualClock, startTestEndpoint, type TestEndpointOptions } from "aws-refresh-session/testing";

const SerialNumber = "arn:aws:iam::000000000000:mfa/jane";
const mfa = { serialNumber: SerialNumber, secret: "JBSWY3DPEHPK3PXP" };
const mfaTokenProvider = { totp: { secret: mfa.secret } };

let started = 0;

async function start(t: ExecutionContext, options: Omit<TestEndpointOptions, "clock"> = {}) {
  // A code is used once in the whole process, so each test has a time of its own.
  const time = new ManualClock(Date.parse("2030-01-01T00:00:00Z") + started++ * 10 * 86_400_000);
  const endpoint = await startTestEndpoint({ clock: time.clock, ...options });
  t.teardown(() => endpoint.close());
  const common = {
    region: "eu-west-1",
    clock: time.clock,
    env: {},
    stsClientConfig: { endpoint: endpoint.stsUrl, credentials: endpoint.credentials },
  };
  const open = (more: Partial<SessionTokenSessionOptions> = {}) => {
    const session = new RefreshableSession({ method: "session-token", ...common, ...more });
    t.teardown(() => session.close());
    return session;
  };
  const federate = (more: Partial<FederationTokenSessionOptions> = {}) => {
    const federationToken = { Name: "jane" };
    const session = new RefreshableSession({ method: "federation-token", ...common, federationToken, ...more });
    t.teardown(() => session.close());
    return session;
  };
  const role = (credentials: RefreshableSession, name = "reports") => {
    const session = new STSRefreshableSession({
      ...common,
      assumeRole: { RoleArn: `arn:aws:iam::123456789012:role/${name}` },
      stsClientConfig: { endpoint: endpoint.stsUrl, credentials },
    });
    t.teardown(() => session.close());
    return session;
  };
  return { time, endpoint, open, federate, role };
}

test("gets a session token of the user, and another when it ends", async (t) => {
  const { open, endpoint, time } = await start(t);
  const session = open();
  t.is(session.refreshMethod, "sts-get-session-token");
  const first = await session.refreshableCredentials();
  t.is((first.expiration?.getTime() ?? 0) - time.now, 43_200_000);
  t.is((await session.whoami()).Arn, "arn:aws:iam::000000000000:user/source");
  t.deepEqual(await session.sourceIdentity(), await session.getIdentity());
  time.advance(43_200);
  t.not((await session.refreshableCredentials()).accessKeyId, first.accessKeyId);
  t.is(endpoint.stats.getSessionTokenCalls, 2);
});

test("parameters are passed on, and the account of the source is kept", async (t) => {
  const { open, endpoint } = await start(t);
  const session = open({
    sessionToken: { DurationSeconds: 900, SerialNumber, TokenCode: "271828" },
    stsClientConfig: {
      endpoint: endpoint.stsUrl,
      credentials: async () => ({ ...endpoint.credentials, accountId: "000000000000" }),
    },
  });
  t.is((await session.refreshableCredentials()).accountId, "000000000000");
  t.deepEqual(endpoint.sts.requests, [
    {
      Action: "GetSessionToken",
      Version: "2011-06-15",
      DurationSeconds: "900",
      SerialNumber,
      TokenCode: "271828",
    },
  ]);
});

test("one session with a code is the source of many roles: one prompt", async (t) => {
  const { open, endpoint, role, time } = await start(t, { mfa });
  let prompts = 0;
  const user = open({
    sessionToken: { SerialNumber },
    mfaTokenProvider: async () => {
      prompts++;
      const { TotpCodes } = await import("../../dist/strategies/mfa/totp.js");
      return new TotpCodes({ secret: mfa.secret }, time.clock).ask();
    },
  });
  const roles = Array.from({ length: 12 }, (_, index) => role(user, `role-${index}`));
  const both = await Promise.all(
    roles.flatMap((session) => [session.refreshableCredentials(), session.refreshableCredentials()]),
  );
  t.is(new Set(both.map(({ accessKeyId }) => accessKeyId)).size, 12);
  t.is(prompts, 1);
  t.is(endpoint.stats.getSessionTokenCalls, 1);
  t.is(endpoint.stats.assumeRoleCalls, 12);
  // The roles end each hour; the user was asked for twelve.
  time.advance(3_600);
  await Promise.all(roles.map((session) => session.refreshableCredentials()));
  t.is(endpoint.stats.assumeRoleCalls, 24);
  t.is(prompts, 1);
  time.advance(12 * 3_600);
  await Promise.all(roles.map((session) => session.refreshableCredentials()));
  t.is(prompts, 2);
  t.is(endpoint.stats.stsRequestsRefused, 0);
});

test("a role that wants a code is refused to a session without one", async (t) => {
  const { open, role } = await start(t, { mfa });
  const error = (await t.throwsAsync(role(open()).refreshableCredentials())) as BRSRequestError;
  t.is(error.details?.awsCode, "AccessDenied");
});

test("codes can come from the secret of the device", async (t) => {
  const { open, role } = await start(t, { mfa });
  const user = open({ sessionToken: { SerialNumber }, mfaTokenProvider });
  t.truthy(await role(user).refreshableCredentials());
});

test("a role asks for its source in the same refresh when STS has forgotten the source", async (t) => {
  const { open, endpoint, role } = await start(t);
  const user = open();
  const session = role(user);
  await session.refreshableCredentials();
  endpoint.sts.failNext({ statusCode: 403, code: "InvalidClientTokenId" });
  await session.getCredentials().refresh({ force: true });
  t.is(endpoint.stats.getSessionTokenCalls, 2);
});

test("a federated user is refreshed like a role", async (t) => {
  const { federate, endpoint, time } = await start(t);
  const Policy = '{"Version":"2012-10-17"}';
  const session = federate({
    federationToken: {
      Name: "jane",
      DurationSeconds: 3_600,
      Policy,
      PolicyArns: [{ arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }],
      Tags: [{ Key: "team", Value: "blue" }],
    },
  });
  t.is(session.refreshMethod, "sts-get-federation-token");
  const first = await session.refreshableCredentials();
  t.is(first.accountId, "000000000000");
  t.is((await session.whoami()).Arn, "arn:aws:sts::000000000000:federated-user/jane");
  t.is((await session.sourceIdentity()).Arn, "arn:aws:iam::000000000000:user/source");
  time.advance(3_600);
  t.not((await session.refreshableCredentials()).accessKeyId, first.accessKeyId);
  t.is(endpoint.stats.getFederationTokenCalls, 2);
  t.deepEqual(endpoint.sts.requests[0], {
    Action: "GetFederationToken",
    Version: "2011-06-15",
    Name: "jane",
    Policy,
    "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
    DurationSeconds: "3600",
    "Tags.member.1.Key": "team",
    "Tags.member.1.Value": "blue",
  });
});

test("a session as the source is refused by AWS, for both", async (t) => {
  const { open, federate, endpoint } = await start(t);
  const stsClientConfig = { endpoint: endpoint.stsUrl, credentials: open() };
  for (const session of [open({ stsClientConfig }), federate({ stsClientConfig })]) {
    const error = (await t.throwsAsync(session.refreshableCredentials())) as BRSRequestError;
    t.regex(error.message, /with session credentials/);
  }
});

for (const [what, options, param, kind] of [
  ["a device without a code", { sessionToken: { SerialNumber } }, "sessionToken.TokenCode", BRSConfigurationError],
  [
    "a code without a device",
    { sessionToken: { TokenCode: "123456" } },
    "sessionToken.SerialNumber",
    BRSConfigurationError,
  ],
  ["a provider without a device", { mfaTokenProvider }, "sessionToken.SerialNumber", BRSConfigurationError],
  ["a parameter of roles", { sessionToken: { RoleArn: "x" } }, "sessionToken.RoleArn", BRSValidationError],
  ["no whole seconds", { sessionToken: { DurationSeconds: 0.5 } }, "sessionToken.DurationSeconds", BRSValidationError],
  ["null for an object", { sessionToken: null }, "sessionToken", BRSValidationError],
] as const) {
  test(`session-token: ${what} is refused at construction`, async (t) => {
    const { open } = await start(t);
    t.is(t.throws(() => open(options as never), { instanceOf: kind })?.param, param);
  });
}

for (const [what, federationToken, param] of [
  ["no name", {}, "federationToken.Name"],
  ["a name of 33 characters", { Name: "x".repeat(33) }, "federationToken.Name"],
  ["a space in the name", { Name: "jane doe" }, "federationToken.Name"],
  ["a policy that is an object", { Name: "jane", Policy: {} }, "federationToken.Policy"],
  ["a device", { Name: "jane", SerialNumber }, "federationToken.SerialNumber"],
  ["nothing", undefined, "federationToken"],
] as const) {
  test(`federation-token: ${what} is refused at construction`, async (t) => {
    const { federate } = await start(t);
    const error = t.throws(() => federate({ federationToken } as never), { instanceOf: BRSValidationError });
    t.is(error?.param, param);
  });
}
