/** The STS calls beside AssumeRole: for tokens of identity providers, unsigned, and for the keys of users. */
import { inspect } from "node:util";
import test, { type ExecutionContext } from "ava";
import { ManualClock, startTestEndpoint, type TestEndpointOptions } from "aws-refresh-session/testing";
import { StsClient, type StsOptions } from "../../dist/aws/sts.js";
import type { BRSError, BRSRequestError } from "../../dist/errors.js";
import { jwt, samlAssertion } from "./identity-tokens.js";

const NOW = new ManualClock().now;
const IN_AN_HOUR = Math.floor(NOW / 1_000) + 3_600;
const RoleArn = "arn:aws:iam::123456789012:role/team/reader";
const PrincipalArn = "arn:aws:iam::123456789012:saml-provider/idp";

async function setUp(
  t: ExecutionContext,
  options: Partial<StsOptions> = {},
  endpointOptions: TestEndpointOptions = {},
) {
  const time = new ManualClock(NOW);
  const endpoint = await startTestEndpoint({ clock: time.clock, ...endpointOptions });
  t.teardown(() => endpoint.close());
  const open = (more: Partial<StsOptions> = {}) => {
    const client = new StsClient({
      region: "eu-central-1",
      endpoint: endpoint.stsUrl,
      clock: time.clock,
      random: () => 0.5,
      sleep: async () => {},
      ...options,
      ...more,
    });
    t.teardown(() => client.close());
    return client;
  };
  const { credentials } = endpoint;
  return { time, endpoint, open, anonymous: open(), user: open({ credentials }) };
}

/** Everything of an error that a log could show. */
const shownWhole = (error: unknown) => `${inspect(error, { depth: 9, showHidden: true })}${JSON.stringify(error)}`;

test("a web identity gives credentials of a role without any signature", async (t) => {
  const { endpoint, anonymous } = await setUp(t);
  const token = jwt({ exp: IN_AN_HOUR, "https://aws.amazon.com/source_identity": "jane" });
  const role = await anonymous.assumeRoleWithWebIdentity({
    RoleArn,
    RoleSessionName: "web",
    WebIdentityToken: token,
    DurationSeconds: 2,
    PolicyArns: [{ arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }],
    Policy: '{"Version":"2012-10-17"}',
  });
  t.is(role.credentials.expiration?.getTime(), NOW + 2_000);
  t.is(role.credentials.accountId, "123456789012");
  t.is(role.assumedRoleArn, "arn:aws:sts::123456789012:assumed-role/reader/web");
  t.is(role.subject, "user-7");
  t.is(role.audience, "sts.amazonaws.com");
  t.is(role.provider, "https://idp.example.com");
  t.is(role.sourceIdentity, "jane");
  t.is(role.packedPolicySize, 1);
  t.is(endpoint.stats.assumeRoleWithWebIdentityCalls, 1);
  t.is(endpoint.stats.credentialsVended, 1);
  t.deepEqual(endpoint.sts.requests, [
    {
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn,
      RoleSessionName: "web",
      WebIdentityToken: token,
      DurationSeconds: "2",
      "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
      Policy: '{"Version":"2012-10-17"}',
    },
  ]);
});

test("what a web identity gave signs as the role", async (t) => {
  const { open, anonymous } = await setUp(t);
  const { credentials, assumedRoleArn } = await anonymous.assumeRoleWithWebIdentity({
    RoleArn,
    RoleSessionName: "web",
    WebIdentityToken: jwt({ exp: IN_AN_HOUR }),
  });
  t.is((await open({ credentials }).getCallerIdentity()).Arn, assumedRoleArn ?? "");
});

test("a client that has credentials sends a web identity unsigned all the same, and asks nobody for them", async (t) => {
  const { open } = await setUp(t);
  const client = open({ credentials: () => Promise.reject(new Error("asked")) });
  const parameters = { RoleArn, RoleSessionName: "web", WebIdentityToken: jwt({ exp: IN_AN_HOUR }) };
  t.truthy((await client.assumeRoleWithWebIdentity(parameters)).credentials);
});

test("a token that has expired is refused as AWS does, and the next one may be taken", async (t) => {
  const { endpoint, anonymous } = await setUp(t);
  const token = jwt({ exp: Math.floor(NOW / 1_000) });
  const refused = anonymous.assumeRoleWithWebIdentity({ RoleArn, RoleSessionName: "web", WebIdentityToken: token });
  const error = (await t.throwsAsync(refused)) as BRSRequestError;
  t.is(error.statusCode, 400);
  t.is(error.details?.awsCode, "ExpiredTokenException");
  t.regex(error.message, /whoever issues it must renew it/);
  t.true(error.retryable);
  t.is(endpoint.stats.assumeRoleWithWebIdentityCalls, 1);
  t.false(shownWhole(error).includes(token));
});

for (const [what, token] of [
  ["no JWT", "abcdefgh"],
  ["two parts", "e30.e30"],
  ["no JSON", "e30.bm90anNvbg.c2ln"],
  ["no subject", jwt({ exp: IN_AN_HOUR, sub: undefined })],
  ["no end", jwt({})],
] as const) {
  test(`a token with ${what} is an InvalidIdentityToken`, async (t) => {
    const { anonymous, endpoint } = await setUp(t);
    const refused = anonymous.assumeRoleWithWebIdentity({ RoleArn, RoleSessionName: "web", WebIdentityToken: token });
    const error = (await t.throwsAsync(refused)) as BRSRequestError;
    t.is(error.details?.awsCode, "InvalidIdentityToken");
    t.is(endpoint.stats.stsRequestsRefused, endpoint.stats.assumeRoleWithWebIdentityCalls);
  });
}

test("a SAML assertion gives credentials of a role without any signature", async (t) => {
  const { endpoint, anonymous } = await setUp(t);
  const SAMLAssertion = samlAssertion({ notOnOrAfter: new Date(NOW + 300_000) });
  const role = await anonymous.assumeRoleWithSAML({ RoleArn, PrincipalArn, SAMLAssertion, DurationSeconds: 900 });
  t.is(role.credentials.expiration?.getTime(), NOW + 900_000);
  t.is(role.credentials.accountId, "123456789012");
  t.is(role.assumedRoleArn, "arn:aws:sts::123456789012:assumed-role/reader/jane");
  t.is(role.subject, "jane@example.com");
  t.is(role.subjectType, "persistent");
  t.is(role.issuer, "https://idp.example.com/saml");
  t.is(role.audience, "https://signin.aws.amazon.com/saml");
  t.regex(role.nameQualifier ?? "", /^[\w+/]{27}=$/);
  t.is(endpoint.stats.assumeRoleWithSAMLCalls, 1);
  t.is(endpoint.sts.requests[0]?.SAMLAssertion, SAMLAssertion);
});

test("an assertion that is too old, or none at all, is refused", async (t) => {
  const { anonymous, time } = await setUp(t);
  const SAMLAssertion = samlAssertion({ notOnOrAfter: new Date(NOW + 300_000) });
  time.advance(300);
  const old = await t.throwsAsync(anonymous.assumeRoleWithSAML({ RoleArn, PrincipalArn, SAMLAssertion }));
  t.is((old as BRSRequestError).details?.awsCode, "ExpiredTokenException");
  t.true((old as BRSError).retryable);
  t.regex(old?.message ?? "", /ask for a new one/);
  t.false(shownWhole(old).includes(SAMLAssertion));
  const none = await t.throwsAsync(anonymous.assumeRoleWithSAML({ RoleArn, PrincipalArn, SAMLAssertion: "aGVsbG8=" }));
  t.is((none as BRSRequestError).details?.awsCode, "InvalidIdentityToken");
});

test("GetSessionToken gives the user twelve hours, with or without MFA", async (t) => {
  const { endpoint, open, user } = await setUp(t);
  const { credentials } = await user.getSessionToken();
  t.is(credentials.expiration?.getTime(), NOW + 43_200_000);
  t.is((await open({ credentials }).getCallerIdentity()).Arn, "arn:aws:iam::000000000000:user/source");
  const SerialNumber = "arn:aws:iam::000000000000:mfa/me";
  await user.getSessionToken({ DurationSeconds: 900, SerialNumber, TokenCode: "123456" });
  t.deepEqual(endpoint.sts.requests.at(-1), {
    Action: "GetSessionToken",
    Version: "2011-06-15",
    DurationSeconds: "900",
    SerialNumber,
    TokenCode: "123456",
  });
  t.is(endpoint.stats.getSessionTokenCalls, 2);
});

test("a GetSessionToken with a code is sent once", async (t) => {
  const { endpoint, user } = await setUp(t);
  const SerialNumber = "arn:aws:iam::000000000000:mfa/me";
  endpoint.sts.failNext({ statusCode: 500, code: "InternalFailure", message: "code 123456 was fine" });
  const error = await t.throwsAsync(user.getSessionToken({ SerialNumber, TokenCode: "123456" }));
  t.is(endpoint.stats.getSessionTokenCalls, 1);
  t.regex(error?.message ?? "", /code <redacted> was fine/);
});

test("GetFederationToken gives credentials of a federated user of the account", async (t) => {
  const { endpoint, open, user } = await setUp(t);
  const federated = await user.getFederationToken({
    Name: "jane",
    DurationSeconds: 900,
    Policy: '{"Version":"2012-10-17"}',
    PolicyArns: [{ arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }],
    Tags: [{ Key: "team", Value: "blue" }],
  });
  const { credentials } = federated;
  t.is(federated.federatedUserArn, "arn:aws:sts::000000000000:federated-user/jane");
  t.is(federated.federatedUserId, "000000000000:jane");
  t.is(federated.packedPolicySize, 1);
  t.is(credentials.accountId, "000000000000");
  t.is((await open({ credentials }).getCallerIdentity()).Arn, federated.federatedUserArn ?? "");
  t.is(endpoint.stats.getFederationTokenCalls, 1);
  t.is(endpoint.sts.requests[0]?.["Tags.member.1.Key"], "team");
});

test("sessions get neither session tokens nor federation tokens", async (t) => {
  const { open, user } = await setUp(t);
  const { credentials } = await user.getSessionToken();
  const session = open({ credentials });
  for (const call of [session.getSessionToken(), session.getFederationToken({ Name: "jane" })]) {
    const error = (await t.throwsAsync(call)) as BRSRequestError;
    t.is(error.details?.awsCode, "AccessDenied");
    t.regex(error.message, /with session credentials/);
  }
});

test("a signed call of a client without credentials says that they are missing", async (t) => {
  const { anonymous, endpoint } = await setUp(t);
  for (const call of [
    anonymous.getCallerIdentity(),
    anonymous.getSessionToken(),
    anonymous.getFederationToken({ Name: "jane" }),
    anonymous.assumeRole({ RoleArn, RoleSessionName: "test" }),
  ]) {
    const error = (await t.throwsAsync(call)) as BRSError;
    t.is(error.code, "ERR_CONFIGURATION");
    t.regex(error.message, /made without credentials/);
  }
  t.is(endpoint.sts.requests.length, 0);
});

test("no secret of a request is in any error, although the service quotes all of them", async (t) => {
  const { endpoint, anonymous, user } = await setUp(t);
  const token = jwt({ exp: IN_AN_HOUR });
  const SAMLAssertion = samlAssertion({ notOnOrAfter: new Date(NOW + 300_000) });
  const Policy = '{"Version":"2012-10-17","Statement":[]}';
  const calls = [
    [
      [token, Policy],
      () => anonymous.assumeRoleWithWebIdentity({ RoleArn, RoleSessionName: "web", WebIdentityToken: token, Policy }),
    ],
    [[SAMLAssertion, Policy], () => anonymous.assumeRoleWithSAML({ RoleArn, PrincipalArn, SAMLAssertion, Policy })],
    [[endpoint.credentials.secretAccessKey, Policy], () => user.getFederationToken({ Name: "jane", Policy })],
  ] as const;
  for (const [secrets, call] of calls) {
    const forms = secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]);
    endpoint.sts.failNext({ statusCode: 400, code: "ValidationError", message: forms.join(" ") });
    const text = shownWhole(await t.throwsAsync(call()));
    for (const form of forms) t.false(text.includes(form), form);
    t.regex(text, /ValidationError: <redacted> <redacted> <redacted> <redacted>/);
  }
});

test("an unsigned call learns the time of STS", async (t) => {
  const { time, open } = await setUp(t);
  const offsets: number[] = [];
  const slow = open({ clock: () => time.now - 60_000, onClockOffset: (ms) => offsets.push(ms) });
  await slow.assumeRoleWithWebIdentity({
    RoleArn,
    RoleSessionName: "web",
    WebIdentityToken: jwt({ exp: IN_AN_HOUR }),
  });
  t.is(offsets.length, 1);
  t.true(Math.abs((offsets[0] ?? 0) - 60_000) < 2_000);
});
