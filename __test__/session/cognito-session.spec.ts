/** Tests of sessions of method "cognito" against the identity pools of the test endpoint. */
import { inspect } from "node:util";
import test, { type ExecutionContext } from "ava";
import {
  BRSConfigurationError,
  BRSCredentialError,
  type BRSRequestError,
  BRSValidationError,
  type CognitoSessionOptions,
  RefreshableSession,
} from "aws-refresh-session";
import { ManualClock, startTestEndpoint, type TestEndpointOptions } from "aws-refresh-session/testing";
import { jwt } from "../aws/identity-tokens.js";

const IdentityPoolId = "eu-central-1:11111111-2222-3333-4444-555555555555";
const PROVIDER = "accounts.google.com";

async function start(t: ExecutionContext, options: Omit<TestEndpointOptions, "clock"> = {}) {
  const time = new ManualClock(Date.parse("2030-01-01T00:00:00Z"));
  const endpoint = await startTestEndpoint({ clock: time.clock, ...options });
  t.teardown(() => endpoint.close());
  const open = (more: Partial<CognitoSessionOptions> = {}) => {
    const session = new RefreshableSession({
      method: "cognito",
      clock: time.clock,
      env: { AWS_ENDPOINT_URL: endpoint.url },
      cognito: { IdentityPoolId },
      ...more,
    });
    t.teardown(() => session.close());
    return session;
  };
  const token = (sub = "user-7", seconds = 3_600) => jwt({ sub, exp: Math.floor(time.now / 1_000) + seconds });
  return { time, endpoint, open, token };
}

test("a guest keeps the identity over refreshes, and speaks as the role of guests", async (t) => {
  const { open, endpoint, time } = await start(t);
  const session = open();
  t.is(session.refreshMethod, "cognito-identity");
  const first = await session.refreshableCredentials();
  t.is(first.expiration?.toISOString(), "2030-01-01T01:00:00.000Z");
  t.regex(
    (await session.whoami()).Arn ?? "",
    /^arn:aws:sts::000000000000:assumed-role\/Cognito_Unauth_Role\/CognitoIdentityCredentials$/,
  );
  time.advance(3_600);
  t.not((await session.refreshableCredentials()).accessKeyId, first.accessKeyId);
  t.is(endpoint.stats.cognitoGetIdCalls, 1);
  t.is(endpoint.stats.cognitoGetCredentialsForIdentityCalls, 2);
  const [getId, ...fetched] = endpoint.cognito.requests;
  t.deepEqual(getId, { Action: "GetId", IdentityPoolId });
  t.is(new Set(fetched.map(({ IdentityId }) => IdentityId)).size, 1);
  t.regex(String(fetched[0]?.IdentityId), /^eu-central-1:/);
  await t.throwsAsync(session.sourceIdentity(), { instanceOf: BRSConfigurationError, message: /no source identity/ });
});

test("tokens of a function are asked for at every refresh and go to both calls", async (t) => {
  const { open, endpoint, time, token } = await start(t);
  let asked = 0;
  const session = open({
    cognitoLoginsProvider: async ({ signal }) => {
      t.false(signal.aborted);
      asked++;
      return { [PROVIDER]: token() };
    },
  });
  await Promise.all(Array.from({ length: 10 }, () => session.refreshableCredentials()));
  t.is(asked, 1);
  t.regex((await session.whoami()).Arn ?? "", /Cognito_Auth_Role/);
  time.advance(3_600);
  await session.refreshableCredentials();
  t.is(asked, 2);
  t.deepEqual(
    endpoint.cognito.requests.map(({ Logins }) => Logins),
    [{ [PROVIDER]: token("user-7", 0) }, { [PROVIDER]: token("user-7", 0) }, { [PROVIDER]: token() }],
  );
});

test("fixed logins and a custom role are passed on", async (t) => {
  const { open, endpoint, token } = await start(t);
  const CustomRoleArn = "arn:aws:iam::123456789012:role/admins";
  const Logins = { [PROVIDER]: token() };
  const session = open({ cognito: { IdentityPoolId, AccountId: "123456789012", Logins, CustomRoleArn } });
  t.regex((await session.whoami()).Arn ?? "", /^arn:aws:sts::123456789012:assumed-role\/admins\//);
  const [getId, fetched] = endpoint.cognito.requests;
  t.deepEqual(getId, { Action: "GetId", AccountId: "123456789012", IdentityPoolId, Logins });
  t.is(fetched?.CustomRoleArn, CustomRoleArn);
});

test("an identity that is known needs no GetId", async (t) => {
  const { open, endpoint, token } = await start(t);
  const Logins = { [PROVIDER]: token() };
  await open({ cognito: { IdentityPoolId, Logins } }).refreshableCredentials();
  const IdentityId = String(endpoint.cognito.requests.at(-1)?.IdentityId);
  await open({ cognito: { IdentityId, Logins } }).refreshableCredentials();
  t.is(endpoint.stats.cognitoGetIdCalls, 1);
  t.is(endpoint.stats.cognitoGetCredentialsForIdentityCalls, 2);
});

test("an identity that is gone, or another user's, is asked for anew in the same refresh", async (t) => {
  const { open, endpoint, time, token } = await start(t);
  let user = "first";
  const session = open({ cognitoLoginsProvider: () => ({ [PROVIDER]: token(user) }) });
  await session.refreshableCredentials();
  endpoint.cognito.forgetIdentities();
  time.advance(3_600);
  await session.refreshableCredentials();
  t.is(endpoint.stats.cognitoGetIdCalls, 2);
  user = "second";
  time.advance(3_600);
  await session.refreshableCredentials();
  t.is(endpoint.stats.cognitoGetIdCalls, 3);
  t.not(endpoint.cognito.requests.at(-1)?.IdentityId, endpoint.cognito.requests.at(-3)?.IdentityId);
});

test("an expired token is AWS's error without the token, and the next one may be taken", async (t) => {
  const { open, token } = await start(t);
  const old = token("user-7", -1);
  let given = old;
  const session = open({ cognitoLoginsProvider: () => ({ [PROVIDER]: given }) });
  const error = (await t.throwsAsync(session.refreshableCredentials())) as BRSRequestError;
  t.is(error.code, "ERR_REQUEST");
  t.is(error.details?.awsCode, "NotAuthorizedException");
  t.is(error.statusCode, 400);
  t.regex(error.message, /^Cognito GetId: 127\.0\.0\.1:\d+ answered 400 NotAuthorizedException: Invalid login token/);
  t.true(error.retryable);
  given = token();
  t.truthy(await session.refreshableCredentials());
});

test("tokens that the service quotes are taken out of the error", async (t) => {
  const { open, endpoint, token } = await start(t);
  const given = token();
  endpoint.cognito.failNext({
    statusCode: 400,
    code: "com.amazon#InvalidParameterException:http://x/",
    message: given,
  });
  const session = open({ cognito: { IdentityPoolId, Logins: { [PROVIDER]: given } } });
  const error = (await t.throwsAsync(session.refreshableCredentials())) as BRSRequestError;
  t.is(error.details?.awsCode, "InvalidParameterException");
  const text = `${inspect(error, { depth: 9, showHidden: true })}${JSON.stringify(error)}`;
  t.false(text.includes(given));
  t.regex(text, /<redacted>/);
});

test("what a service says to a terminal does not reach it by the error", async (t) => {
  const { open, endpoint } = await start(t);
  endpoint.cognito.failNext({ statusCode: 400, code: "InvalidParameterException", message: "\x1b[2Jall is\r\nwell" });
  const error = (await t.throwsAsync(open().refreshableCredentials())) as BRSRequestError;
  t.notRegex(error.message, /\p{Cc}/u);
  t.regex(error.message, /all is well$/);
});

for (const code of ["constructor", "__proto__", "toString"]) {
  test(`a service that names its error ${code} gets no advice by that name`, async (t) => {
    const { open, endpoint } = await start(t);
    endpoint.cognito.failNext({ statusCode: 400, code, message: "no" });
    const error = (await t.throwsAsync(open().refreshableCredentials())) as BRSRequestError;
    t.true(error.message.endsWith(`answered 400 ${code}: no`), error.message);
  });
}

test("throttling and broken connections are tried again, garbage is told", async (t) => {
  const { open, endpoint } = await start(t);
  endpoint.cognito.failNext({ statusCode: 400, code: "TooManyRequestsException" }, "close");
  t.truthy(await open().refreshableCredentials());
  t.is(endpoint.stats.cognitoGetIdCalls, 3);
  endpoint.cognito.failNext("garbage");
  const error = (await t.throwsAsync(open().refreshableCredentials())) as BRSRequestError;
  t.regex(error.message, /something that is no JSON; check that the endpoint is Cognito/);
});

for (const answer of [undefined, "token", [], { [PROVIDER]: 7 }, { [PROVIDER]: "" }]) {
  test(`a function that gives ${inspect(answer)} is told so`, async (t) => {
    const { open, endpoint } = await start(t);
    const session = open({ cognitoLoginsProvider: () => answer as Record<string, string> });
    const error = await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSCredentialError });
    t.is(error?.param, "cognitoLoginsProvider");
    t.true(error?.retryable);
    t.is(endpoint.cognito.requests.length, 0);
  });
}

const IdentityId = IdentityPoolId;
for (const [what, options, param, kind] of [
  ["nothing", { cognito: undefined }, "cognito", BRSValidationError],
  ["neither pool nor identity", { cognito: {} }, "cognito.IdentityPoolId", BRSConfigurationError],
  ["both", { cognito: { IdentityPoolId, IdentityId } }, "cognito.IdentityId", BRSConfigurationError],
  ["a pool without region", { cognito: { IdentityPoolId: "1111-2222" } }, "cognito.IdentityPoolId", BRSValidationError],
  ["an unknown name", { cognito: { identityPoolId: IdentityPoolId } }, "cognito.identityPoolId", BRSValidationError],
  [
    "a role that is none",
    { cognito: { IdentityPoolId, CustomRoleArn: "x" } },
    "cognito.CustomRoleArn",
    BRSValidationError,
  ],
  ["an account that is none", { cognito: { IdentityPoolId, AccountId: "1" } }, "cognito.AccountId", BRSValidationError],
  [
    "a login without token",
    { cognito: { IdentityPoolId, Logins: { [PROVIDER]: "" } } },
    `cognito.Logins["${PROVIDER}"]`,
    BRSValidationError,
  ],
  [
    "two sources of logins",
    { cognito: { IdentityPoolId, Logins: {} }, cognitoLoginsProvider: () => ({}) },
    "cognitoLoginsProvider",
    BRSConfigurationError,
  ],
  ["a map for the function", { cognitoLoginsProvider: {} }, "cognitoLoginsProvider", BRSValidationError],
  ["credentials", { cognitoClientConfig: { credentials: {} } }, "cognitoClientConfig.credentials", BRSValidationError],
  [
    "no seconds",
    { cognitoClientConfig: { requestTimeout: 0 } },
    "cognitoClientConfig.requestTimeout",
    BRSValidationError,
  ],
  [
    "plain http to another machine",
    { cognitoClientConfig: { endpoint: "http://cognito.example.com" } },
    "cognitoClientConfig.endpoint",
    BRSConfigurationError,
  ],
] as const) {
  test(`${what} is refused at construction`, async (t) => {
    const { open } = await start(t);
    t.is(t.throws(() => open(options as never), { instanceOf: kind })?.param, param);
  });
}
