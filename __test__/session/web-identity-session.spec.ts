/** Tests of sessions of method "web-identity" against an endpoint that judges tokens as AWS does. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import test, { type ExecutionContext } from "ava";
import {
  BRSConfigurationError,
  BRSCredentialError,
  BRSRequestError,
  BRSValidationError,
  RefreshableSession,
  type WebIdentitySessionOptions,
} from "aws-refresh-session";
import { ManualClock, startTestEndpoint } from "aws-refresh-session/testing";
import { jwt } from "../aws/identity-tokens.js";

const RoleArn = "arn:aws:iam::123456789012:role/reports";

async function start(t: ExecutionContext) {
  const time = new ManualClock(Date.parse("2030-01-01T00:00:00Z"));
  const endpoint = await startTestEndpoint({ clock: time.clock });
  const folder = await mkdtemp(join(tmpdir(), "web-identity-"));
  t.teardown(async () => {
    await endpoint.close();
    await rm(folder, { recursive: true });
  });
  const open = (more: Partial<WebIdentitySessionOptions>) => {
    const session = new RefreshableSession({
      method: "web-identity",
      region: "eu-west-1",
      clock: time.clock,
      env: {},
      webIdentity: { RoleArn },
      stsClientConfig: { endpoint: endpoint.stsUrl },
      ...more,
    });
    t.teardown(() => session.close());
    return session;
  };
  /** A token that lives for so many seconds from now. */
  const token = (seconds = 3_600, claims = {}) => jwt({ exp: Math.floor(time.now / 1_000) + seconds, ...claims });
  return { time, endpoint, folder, file: join(folder, "token"), open, token };
}

const shownWhole = (value: unknown) => `${inspect(value, { depth: 9, showHidden: true })}${JSON.stringify(value)}`;

test("exchanges the token of a file, and reads it again at every refresh", async (t) => {
  const { open, endpoint, time, file, token } = await start(t);
  await writeFile(file, `${token(3_600, { sub: "first" })}\n`);
  const session = open({ webIdentityTokenFile: file });
  t.is(session.refreshMethod, "sts-assume-role-with-web-identity");
  const first = await session.refreshableCredentials();
  t.is(first.accountId, "123456789012");
  t.is(first.expiration?.toISOString(), "2030-01-01T01:00:00.000Z");
  time.advance(3_600);
  const second = token(3_600, { sub: "second" });
  await writeFile(file, second);
  t.not((await session.refreshableCredentials()).accessKeyId, first.accessKeyId);
  t.is(endpoint.stats.assumeRoleWithWebIdentityCalls, 2);
  t.is(endpoint.sts.requests[1]?.WebIdentityToken, second);
  t.is(endpoint.sts.requests[1]?.RoleSessionName, "aws-refresh-session");
  t.is(endpoint.stats.stsRequestsRefused, 0);
});

test("asks a function for the token at every refresh, once however many wait", async (t) => {
  const { open, endpoint, time, token } = await start(t);
  const signals: AbortSignal[] = [];
  const webIdentityTokenProvider = async ({ signal }: { signal: AbortSignal }) => {
    signals.push(signal);
    return token();
  };
  const session = open({ webIdentityTokenProvider });
  await Promise.all(Array.from({ length: 20 }, () => session.refreshableCredentials()));
  t.is(signals.length, 1);
  t.true(signals[0] instanceof AbortSignal);
  time.advance(3_600);
  await session.refreshableCredentials();
  t.is(signals.length, 2);
  t.is(endpoint.stats.assumeRoleWithWebIdentityCalls, 2);
});

test("a function may answer at once", async (t) => {
  const { open, token } = await start(t);
  const session = open({ webIdentityTokenProvider: () => token() });
  t.regex((await session.refreshableCredentials()).accessKeyId, /^ASIA/);
});

test("what the options leave out comes from the environment, key by key", async (t) => {
  const { open, endpoint, file, token, time } = await start(t);
  await writeFile(file, token());
  const env = {
    AWS_WEB_IDENTITY_TOKEN_FILE: file,
    AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/other",
    AWS_ROLE_SESSION_NAME: "pod",
  };
  const all = new RefreshableSession({
    method: "web-identity",
    env,
    stsClientConfig: { endpoint: endpoint.stsUrl },
    clock: time.clock,
  });
  t.teardown(() => all.close());
  await all.refreshableCredentials();
  t.is(endpoint.sts.requests[0]?.RoleArn, env.AWS_ROLE_ARN);
  t.is(endpoint.sts.requests[0]?.RoleSessionName, "pod");
  await open({ env }).refreshableCredentials();
  t.is(endpoint.sts.requests[1]?.RoleArn, RoleArn);
  t.is(endpoint.sts.requests[1]?.RoleSessionName, "pod");
  await open({ env, webIdentity: { RoleArn, RoleSessionName: "mine" } }).refreshableCredentials();
  t.is(endpoint.sts.requests[2]?.RoleSessionName, "mine");
  await open({ env, webIdentityTokenProvider: () => token(60) }).refreshableCredentials();
  t.is(endpoint.sts.requests[3]?.WebIdentityToken, token(60));
});

test("a leading ~ is the home directory of the session", async (t) => {
  const { open, folder, file, token } = await start(t);
  await writeFile(file, token());
  const session = open({ webIdentityTokenFile: "~/token", homeDir: folder });
  t.regex((await session.refreshableCredentials()).accessKeyId, /^ASIA/);
});

test("every parameter is passed on", async (t) => {
  const { open, endpoint, token } = await start(t);
  const given = token();
  const webIdentity = {
    RoleArn,
    RoleSessionName: "jane",
    ProviderId: "www.amazon.com",
    PolicyArns: [{ arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }],
    Policy: '{"Version":"2012-10-17"}',
    DurationSeconds: 900,
  };
  await open({ webIdentity, webIdentityTokenProvider: () => given }).refreshableCredentials();
  t.deepEqual(endpoint.sts.requests, [
    {
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn,
      RoleSessionName: "jane",
      ProviderId: "www.amazon.com",
      "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
      Policy: '{"Version":"2012-10-17"}',
      DurationSeconds: "900",
      WebIdentityToken: given,
    },
  ]);
});

test("identity is that of the role; there is no source identity", async (t) => {
  const { open, token } = await start(t);
  const session = open({ webIdentityTokenProvider: () => token() });
  const identity = await session.getIdentity();
  t.is(identity.Arn, "arn:aws:sts::123456789012:assumed-role/reports/aws-refresh-session");
  t.deepEqual(await session.whoami(), identity);
  t.deepEqual(await session.getCallerIdentity(), identity);
  const error = await t.throwsAsync(session.sourceIdentity(), { instanceOf: BRSConfigurationError });
  t.regex(error?.message ?? "", /method "web-identity" has no source identity/);
});

test("an expired token is AWS's error, and does not end static stability", async (t) => {
  const { open, endpoint, token, time } = await start(t);
  let given = token(-1);
  const refused = open({ webIdentityTokenProvider: () => given });
  const error = (await t.throwsAsync(refused.refreshableCredentials())) as BRSRequestError;
  t.true(error instanceof BRSRequestError);
  t.is(error.details?.awsCode, "ExpiredTokenException");
  t.true(error.retryable);
  t.false(shownWhole(error).includes(given));
  given = token();
  t.truthy(await refused.refreshableCredentials());

  const stable = open({ webIdentityTokenProvider: () => given, refreshPolicy: "static-stability" });
  const first = await stable.refreshableCredentials();
  time.advance(3_600);
  given = token(-1);
  t.is((await stable.refreshableCredentials()).accessKeyId, first.accessKeyId);
  t.is(endpoint.stats.stsRequestsRefused, 2);
});

test("a file that is not there, or is empty, is told by name and may be there next time", async (t) => {
  const { open, file, token } = await start(t);
  const session = open({ webIdentityTokenFile: file });
  const absent = await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSCredentialError });
  t.is(absent?.param, "webIdentityTokenFile");
  t.is(absent?.details?.reason, "ENOENT");
  t.true(absent?.message.includes(file));
  t.true(absent?.retryable);
  await writeFile(file, " \n");
  const empty = await t.throwsAsync(session.getCredentials().refresh({ force: true }));
  t.true(empty instanceof BRSCredentialError);
  t.regex(empty?.message ?? "", /webIdentityTokenFile .* must be a token of 4 to 20000 characters/);
  await writeFile(file, token());
  t.truthy(await session.getCredentials().refresh({ force: true }));
});

for (const answer of [undefined, null, 7, "", "x".repeat(20_001), {}]) {
  test(`a function that gives ${inspect(answer)?.slice(0, 20)} is told so`, async (t) => {
    const { open, endpoint } = await start(t);
    const session = open({ webIdentityTokenProvider: () => answer as string });
    const error = await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSCredentialError });
    t.is(error?.param, "webIdentityTokenProvider");
    t.true(error?.retryable);
    t.false(shownWhole(error).includes("xxxx"));
    t.is(endpoint.sts.requests.length, 0);
  });
}

test("the error of a function is what callers get", async (t) => {
  const { open } = await start(t);
  const failure = new TypeError("no network");
  const session = open({ webIdentityTokenProvider: () => Promise.reject(failure) });
  t.is(await t.throwsAsync(session.refreshableCredentials()), failure);
});

for (const [what, options, param, kind] of [
  ["no role", { webIdentity: {} }, "webIdentity.RoleArn", BRSConfigurationError],
  ["a role that is none", { webIdentity: { RoleArn: "reports" } }, "webIdentity.RoleArn", BRSValidationError],
  [
    "a variable that is no role",
    { webIdentity: {}, env: { AWS_ROLE_ARN: "reports" } },
    "AWS_ROLE_ARN",
    BRSValidationError,
  ],
  [
    "an unknown parameter",
    { webIdentity: { RoleArn, ExternalId: "x1" } },
    "webIdentity.ExternalId",
    BRSValidationError,
  ],
  ["null for an object", { webIdentity: null }, "webIdentity", BRSValidationError],
  ["no token", { webIdentityTokenFile: undefined }, "webIdentityTokenFile", BRSConfigurationError],
  ["two tokens", { webIdentityTokenProvider: () => "" }, "webIdentityTokenProvider", BRSConfigurationError],
  ["an empty path", { webIdentityTokenFile: "" }, "webIdentityTokenFile", BRSValidationError],
  [
    "a token for a function",
    { webIdentityTokenFile: undefined, webIdentityTokenProvider: "e30.e30.e30" },
    "webIdentityTokenProvider",
    BRSValidationError,
  ],
  [
    "credentials that sign nothing",
    { stsClientConfig: { credentials: { accessKeyId: "a", secretAccessKey: "b" } } },
    "stsClientConfig.credentials",
    BRSConfigurationError,
  ],
  ["an option of another method", { assumeRole: { RoleArn } }, "assumeRole", BRSValidationError],
] as const) {
  test(`${what} is refused at construction`, async (t) => {
    const { open } = await start(t);
    const error = t.throws(() => open({ webIdentityTokenFile: "token", ...options } as never), { instanceOf: kind });
    t.is(error?.param, param);
  });
}
