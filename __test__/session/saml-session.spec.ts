/** Tests of sessions of method "saml" against an endpoint that judges assertions as AWS does. */
import { inspect } from "node:util";
import test, { type ExecutionContext } from "ava";
import {
  BRSConfigurationError,
  BRSCredentialError,
  type BRSRequestError,
  BRSValidationError,
  RefreshableSession,
  type SamlSessionOptions,
} from "aws-refresh-session";
import { ManualClock, startTestEndpoint } from "aws-refresh-session/testing";
import { samlAssertion } from "../aws/identity-tokens.js";

const saml = {
  RoleArn: "arn:aws:iam::123456789012:role/reports",
  PrincipalArn: "arn:aws:iam::123456789012:saml-provider/idp",
};

async function start(t: ExecutionContext) {
  const time = new ManualClock(Date.parse("2030-01-01T00:00:00Z"));
  const endpoint = await startTestEndpoint({ clock: time.clock });
  t.teardown(() => endpoint.close());
  const open = (more: Partial<SamlSessionOptions>) => {
    const session = new RefreshableSession({
      method: "saml",
      region: "eu-west-1",
      clock: time.clock,
      env: {},
      saml,
      stsClientConfig: { endpoint: endpoint.stsUrl },
      ...more,
    });
    t.teardown(() => session.close());
    return session;
  };
  const assertion = () => samlAssertion({ notOnOrAfter: new Date(time.now + 300_000) });
  return { time, endpoint, open, assertion };
}

test("asks for an assertion at every refresh, and speaks as the role", async (t) => {
  const { open, endpoint, time, assertion } = await start(t);
  const given: string[] = [];
  const session = open({
    saml: { ...saml, DurationSeconds: 900 },
    samlAssertionProvider: async ({ signal }) => {
      t.false(signal.aborted);
      given.push(assertion());
      return given.at(-1) ?? "";
    },
  });
  t.is(session.refreshMethod, "sts-assume-role-with-saml");
  const first = await session.refreshableCredentials();
  t.is(first.accountId, "123456789012");
  t.is(first.expiration?.toISOString(), "2030-01-01T00:15:00.000Z");
  t.is((await session.whoami()).Arn, "arn:aws:sts::123456789012:assumed-role/reports/jane");
  time.advance(900);
  await session.refreshableCredentials();
  t.is(endpoint.stats.assumeRoleWithSAMLCalls, 2);
  const sent = endpoint.sts.requests.filter(({ Action }) => Action === "AssumeRoleWithSAML");
  t.deepEqual(
    sent.map(({ SAMLAssertion }) => SAMLAssertion),
    given,
  );
  t.is(sent[0]?.PrincipalArn, saml.PrincipalArn);
  await t.throwsAsync(session.sourceIdentity(), { instanceOf: BRSConfigurationError, message: /no source identity/ });
});

test("a fixed assertion serves until AWS finds it too old", async (t) => {
  const { open, time, assertion } = await start(t);
  const SAMLAssertion = assertion();
  const session = open({ saml: { ...saml, SAMLAssertion } });
  t.truthy(await session.refreshableCredentials());
  time.advance(3_600);
  const error = (await t.throwsAsync(session.refreshableCredentials())) as BRSRequestError;
  t.is(error.details?.awsCode, "ExpiredTokenException");
  t.regex(error.message, /within five minutes/);
  t.false(`${inspect(error, { depth: 9, showHidden: true })}${JSON.stringify(error)}`.includes(SAMLAssertion));
});

test("an answer that is no base64 never leaves the process", async (t) => {
  const { open, endpoint } = await start(t);
  const session = open({ samlAssertionProvider: () => "<samlp:Response/>" });
  const error = await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSCredentialError });
  t.is(error?.param, "samlAssertionProvider");
  t.true(error?.retryable);
  t.notRegex(error?.message ?? "", /samlp/);
  t.is(endpoint.sts.requests.length, 0);
});

for (const [what, options, param, kind] of [
  ["no role", { saml: { PrincipalArn: saml.PrincipalArn } }, "saml.RoleArn", BRSValidationError],
  ["no provider", { saml: { RoleArn: saml.RoleArn } }, "saml.PrincipalArn", BRSValidationError],
  [
    "a role for the provider",
    { saml: { ...saml, PrincipalArn: saml.RoleArn } },
    "saml.PrincipalArn",
    BRSValidationError,
  ],
  ["no option at all", { saml: undefined }, "saml", BRSValidationError],
  [
    "a session name, which the assertion has",
    { saml: { ...saml, RoleSessionName: "x1" } },
    "saml.RoleSessionName",
    BRSValidationError,
  ],
  ["no assertion", { samlAssertionProvider: undefined }, "samlAssertionProvider", BRSConfigurationError],
  ["two assertions", { saml: { ...saml, SAMLAssertion: "aGVsbG8=" } }, "saml.SAMLAssertion", BRSConfigurationError],
  ["a text for the function", { samlAssertionProvider: "aGVsbG8=" }, "samlAssertionProvider", BRSValidationError],
] as const) {
  test(`${what} is refused at construction`, async (t) => {
    const { open } = await start(t);
    const given = { samlAssertionProvider: () => "", ...options };
    t.is(t.throws(() => open(given as never), { instanceOf: kind })?.param, param);
  });
}
