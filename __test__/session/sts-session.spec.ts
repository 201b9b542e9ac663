/** Tests of sessions of method "sts" against an endpoint that verifies every signature. */
import { S3Client } from "@aws-sdk/client-s3";
import test, { type ExecutionContext } from "ava";
import {
  AssumeRoleConfig,
  BRSConfigurationError,
  BRSCredentialError,
  BRSRequestError,
  BRSValidationError,
  RefreshableSession,
  STSRefreshableSession,
} from "aws-refresh-session";
import { startTestEndpoint, type TestEndpointOptions } from "aws-refresh-session/testing";
import { roleSessions } from "./role-sessions.js";

const RoleArn = "arn:aws:iam::123456789012:role/reports";
const assumeRole = { RoleArn };

const start = (t: ExecutionContext, options?: Omit<TestEndpointOptions, "clock">) =>
  roleSessions(t, assumeRole, options);

test("assumes the role, and again when the credentials end", async (t) => {
  const { open, endpoint, time } = await start(t);
  const session = open();
  const first = await session.refreshableCredentials();
  t.is(first.accountId, "123456789012");
  t.is(first.expiration?.toISOString(), "2030-01-01T01:00:00.000Z");
  t.is(session.getCredentials().method, "sts-assume-role");
  time.advance(3600);
  t.not((await session.refreshableCredentials()).accessKeyId, first.accessKeyId);
  t.is(endpoint.stats.assumeRoleCalls, 2);
  t.is(endpoint.sts.requests[0]?.RoleArn, RoleArn);
  t.is(endpoint.sts.requests[0]?.RoleSessionName, "aws-refresh-session");
});

test("a config that is written into gives nobody who shares the credentials another role", async (t) => {
  const { open, endpoint, time } = await start(t);
  const shared = "config";
  const config = new AssumeRoleConfig({ RoleArn });
  const [writer, reader] = [open({ assumeRole: config, shared }), open({ shared })];
  await writer.refreshableCredentials();
  config.RoleArn = "arn:aws:iam::999999999999:role/other";
  config.ExternalId = "other-one";
  time.advance(3600);
  const codes = new Set<unknown>();
  const listen = (warning: Error & { code?: string }) => void codes.add(warning.code);
  process.on("warning", listen);
  t.teardown(() => process.off("warning", listen));
  t.is((await writer.refreshableCredentials()).accountId, "123456789012");
  t.is((await reader.refreshableCredentials()).accountId, "123456789012");
  t.deepEqual(
    endpoint.sts.requests.map((request) => [request.RoleArn, request.ExternalId]),
    [
      [RoleArn, undefined],
      [RoleArn, undefined],
    ],
  );
  t.true(codes.has("BRS_SHARED_CONFIG"));
});

test("its signer is accepted through a refresh", async (t) => {
  const { open, endpoint, time } = await start(t);
  const signer = open().signer({ service: "execute-api" });
  const url = `${endpoint.url}/orders`;
  t.is((await fetch(url, { headers: await signer.sign({ url }) })).status, 200);
  time.advance(3600);
  t.is((await fetch(url, { headers: await signer.sign({ url }) })).status, 200);
  t.is(endpoint.stats.requestsVerified, 2);
});

test("passes on every parameter, as it was at construction", async (t) => {
  const { open, endpoint } = await start(t);
  const parameters = { RoleArn, RoleSessionName: "jane", DurationSeconds: 900, Tags: [{ Key: "team", Value: "blue" }] };
  const session = open({ assumeRole: parameters });
  parameters.RoleSessionName = "changed";
  (parameters.Tags[0] as { Value: string }).Value = "red";
  await session.refreshableCredentials();
  const sent = endpoint.sts.requests[0];
  t.is(sent?.RoleSessionName, "jane");
  t.is(sent?.DurationSeconds, "900");
  t.is(sent?.["Tags.member.1.Value"], "blue");
});

test("identity is that of the role, source identity that of the caller", async (t) => {
  const { open } = await start(t);
  const session = open();
  const role = await session.getIdentity();
  t.is(role.Arn, "arn:aws:sts::123456789012:assumed-role/reports/aws-refresh-session");
  t.is(role.Account, "123456789012");
  t.deepEqual(await session.whoami(), role);
  t.deepEqual(await session.getCallerIdentity(), role);
  t.is((await session.sourceIdentity()).Arn, "arn:aws:iam::000000000000:user/source");
});

test("a custom session asks STS who it is, where the environment points", async (t) => {
  const { endpoint, time } = await start(t);
  const session = new RefreshableSession({
    method: "custom",
    customCredentialsMethod: () => ({
      ...endpoint.credentials,
      sessionToken: null,
      expiration: new Date(time.now + 3_600_000),
    }),
    clock: time.clock,
    env: { AWS_ENDPOINT_URL_STS: endpoint.stsUrl },
  });
  t.is((await session.getCallerIdentity()).Arn, "arn:aws:iam::000000000000:user/source");
  session.close();
});

test("the source may be a provider function, a session, or a session's provider", async (t) => {
  const { open, endpoint, stsClientConfig } = await start(t);
  let asked = 0;
  const provider = async () => {
    asked++;
    return endpoint.credentials;
  };
  await open({ stsClientConfig: { ...stsClientConfig, credentials: provider } }).refreshableCredentials();
  t.is(asked, 1);

  const source = open();
  const chained = open({ stsClientConfig: { ...stsClientConfig, credentials: source } });
  t.is((await chained.sourceIdentity()).Arn, (await source.getIdentity()).Arn);
  const other = open({ stsClientConfig: { ...stsClientConfig, credentials: source.credentials } });
  t.is((await other.sourceIdentity()).Arn, (await source.getIdentity()).Arn);
});

test("a source that expires is asked again by the clock of the session", async (t) => {
  const { open, endpoint, stsClientConfig, time } = await start(t);
  let asked = 0;
  const provider = async () => {
    asked++;
    return { ...endpoint.credentials, expiration: new Date(time.now + 3_600_000) };
  };
  const session = open({ stsClientConfig: { ...stsClientConfig, credentials: provider } });
  await session.refreshableCredentials();
  time.advance(3600);
  await session.refreshableCredentials();
  t.is(asked, 2);

  const ended = { ...endpoint.credentials, expiration: new Date(time.now) };
  await t.throwsAsync(open({ stsClientConfig: { ...stsClientConfig, credentials: ended } }).refreshableCredentials(), {
    instanceOf: BRSCredentialError,
    message: /^stsClientConfig.credentials answered credentials that ended at 2030/,
  });
});

test("sessions of one provider function ask it once", async (t) => {
  const endpoint = await startTestEndpoint();
  t.teardown(() => endpoint.close());
  let asked = 0;
  const credentials = async () => {
    asked++;
    return endpoint.credentials;
  };
  const open = () =>
    new STSRefreshableSession({
      assumeRole,
      region: "eu-west-1",
      stsClientConfig: { endpoint: endpoint.stsUrl, credentials },
    });
  const sessions = [open(), open(), open()];
  await Promise.all(sessions.map((session) => session.refreshableCredentials()));
  t.is(asked, 1);
  for (const session of sessions) session.close();
});

test("the source is the environment when none is given", async (t) => {
  const { open, endpoint } = await start(t);
  const { accessKeyId, secretAccessKey } = endpoint.credentials;
  const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  await open({ env, stsClientConfig: { endpoint: endpoint.stsUrl } }).refreshableCredentials();
  await open({ env: { ...env, AWS_ENDPOINT_URL: endpoint.stsUrl }, stsClientConfig: {} }).refreshableCredentials();
  t.is(endpoint.stats.assumeRoleCalls, 2);
});

test("missing and half credentials of the environment are named at the first refresh", async (t) => {
  const { open, endpoint } = await start(t);
  const stsClientConfig = { endpoint: endpoint.stsUrl };
  const none = await t.throwsAsync(
    open({ env: {}, homeDir: "/nowhere", region: "eu-west-1", stsClientConfig }).refreshableCredentials(),
    { instanceOf: BRSCredentialError },
  );
  t.regex(none?.message ?? "", /AWS_ACCESS_KEY_ID is not set/);
  const half = open({ env: { AWS_ACCESS_KEY_ID: "AKID" }, stsClientConfig });
  await t.throwsAsync(half.refreshableCredentials(), {
    instanceOf: BRSCredentialError,
    message: /AWS_SECRET_ACCESS_KEY/,
  });
  t.is(endpoint.stats.assumeRoleCalls, 0);
});

test("keys that STS does not know any more are asked for again, and used within the same refresh", async (t) => {
  const { open, endpoint, stsClientConfig } = await start(t);
  const answers = [{ accessKeyId: "AKIDOLD", secretAccessKey: "rotated" }, endpoint.credentials];
  const provider = async () => answers.shift() as typeof endpoint.credentials;
  const session = open({ stsClientConfig: { ...stsClientConfig, credentials: provider } });
  t.truthy((await session.refreshableCredentials()).accessKeyId);
  t.is(answers.length, 0);
});

test("a source that insists on keys that STS does not know is refused once a refresh", async (t) => {
  const { open, endpoint, stsClientConfig } = await start(t);
  let asked = 0;
  const provider = async () => {
    asked++;
    return { accessKeyId: "AKIDOLD", secretAccessKey: "rotated" };
  };
  const session = open({ stsClientConfig: { ...stsClientConfig, credentials: provider } });
  const error = await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSRequestError });
  t.is(error?.details?.awsCode, "InvalidClientTokenId");
  t.is(endpoint.stats.assumeRoleCalls, 1);
  t.is(asked, 2);
});

test("keys that were rotated under a prompt wait for the next refresh", async (t) => {
  const { open, endpoint, stsClientConfig } = await start(t);
  const answers = [{ accessKeyId: "AKIDOLD", secretAccessKey: "rotated" }, endpoint.credentials];
  let prompts = 0;
  const session = open({
    assumeRole: { RoleArn, SerialNumber: "arn:aws:iam::123456789012:mfa/rotated" },
    mfaTokenProvider: () => String(500_000 + prompts++),
    stsClientConfig: { ...stsClientConfig, credentials: async () => answers.shift() as typeof endpoint.credentials },
  });
  await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSRequestError });
  t.is(prompts, 1);
  await session.refreshableCredentials();
  t.is(prompts, 2);
});

test("a refusal of STS reaches the caller", async (t) => {
  const { open } = await start(t, { externalId: "customer-17" });
  const error = await t.throwsAsync(open().refreshableCredentials(), { instanceOf: BRSRequestError });
  t.is(error?.details?.awsCode, "AccessDenied");
  t.is(error?.statusCode, 403);
  await t.notThrowsAsync(open({ assumeRole: { RoleArn, ExternalId: "customer-17" } }).refreshableCredentials());
});

test("a fixed TokenCode serves one refresh", async (t) => {
  const { open, endpoint, time } = await start(t);
  const SerialNumber = "arn:aws:iam::123456789012:mfa/jane";
  const session = open({ assumeRole: { RoleArn, SerialNumber, TokenCode: "123456" } });
  await session.refreshableCredentials();
  t.is(endpoint.sts.requests[0]?.TokenCode, "123456");
  time.advance(3600);
  const error = await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSConfigurationError });
  t.regex(error?.message ?? "", /^assumeRole\.TokenCode was used already/);
  t.false(error?.retryable);
  t.notRegex(error?.message ?? "", /123456/);
  t.is(endpoint.stats.assumeRoleCalls, 1);
});

test("a TokenCode that STS failed on is not sent again", async (t) => {
  const { open, endpoint } = await start(t);
  endpoint.sts.failNext({ statusCode: 500, code: "InternalFailure" });
  const session = open({ assumeRole: { RoleArn, SerialNumber: "GAHT12345678", TokenCode: "123456" } });
  await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSRequestError });
  await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSConfigurationError });
  t.is(endpoint.stats.assumeRoleCalls, 1);
});

test("a source without credentials does not cost the TokenCode", async (t) => {
  const { open, endpoint } = await start(t);
  const env: Record<string, string> = {};
  const parameters = { RoleArn, SerialNumber: "GAHT87654321", TokenCode: "123456" };
  const session = open({ env, assumeRole: parameters, stsClientConfig: { endpoint: endpoint.stsUrl } });
  await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSCredentialError });
  env.AWS_ACCESS_KEY_ID = endpoint.credentials.accessKeyId;
  env.AWS_SECRET_ACCESS_KEY = endpoint.credentials.secretAccessKey;
  await t.notThrowsAsync(session.refreshableCredentials());
});

test("a clock that is five minutes off is corrected by STS's answer", async (t) => {
  const { open, time } = await start(t, { maxSkew: 60 });
  const session = open({ clock: () => time.now - 300_000 });
  const { expiration } = await session.refreshableCredentials();
  t.is(expiration?.toISOString(), "2030-01-01T01:00:00.000Z");
  t.true(Math.abs(session.getCredentials().now() - time.now) <= 1_000);
});

for (const [what, stsClientConfig, param] of [
  ["null", null, "stsClientConfig"],
  ["text", "https://sts.amazonaws.com", "stsClientConfig"],
  ["an unknown name", { regionName: "eu-west-1" }, "stsClientConfig.regionName"],
  ["a name that is not for users", { startTimer: () => {} }, "stsClientConfig.startTimer"],
  ["a bad region", { region: "a/b" }, "stsClientConfig.region"],
  ["a relative endpoint", { endpoint: "/sts" }, "stsClientConfig.endpoint"],
  ["an endpoint of another kind", { endpoint: 7 }, "stsClientConfig.endpoint"],
  ["an agent of another kind", { agent: {} }, "stsClientConfig.agent"],
  ["a timeout of 0", { requestTimeout: 0 }, "stsClientConfig.requestTimeout"],
  ["0 attempts", { maxAttempts: 0 }, "stsClientConfig.maxAttempts"],
  ["text for a flag", { useFips: "yes" }, "stsClientConfig.useFips"],
  ["credentials of another kind", { credentials: "AKID:wJalrXUtnFEMI" }, "stsClientConfig.credentials"],
] as const) {
  test(`stsClientConfig: refuses ${what}`, (t) => {
    const open = () => new STSRefreshableSession({ assumeRole, env: {}, stsClientConfig } as never);
    const error = t.throws(open, { instanceOf: BRSValidationError });
    t.is(error?.param, param);
    t.notRegex(error?.message ?? "", /wJalrXUtnFEMI/);
  });
}

test("stsClientConfig: refuses half an identity, and a bad one, at construction", (t) => {
  const open = (credentials: unknown) => () =>
    new STSRefreshableSession({ assumeRole, env: {}, stsClientConfig: { credentials } } as never);
  const half = t.throws(open({ accessKeyId: "AKID" }), { instanceOf: BRSCredentialError });
  t.deepEqual(half?.details?.missing, ["secretAccessKey"]);
  const other = t.throws(open({ secretAccessKey: "wJalrXUtnFEMI" }), { instanceOf: BRSCredentialError });
  t.deepEqual(other?.details?.missing, ["accessKeyId"]);
  t.notRegex(other?.message ?? "", /wJalrXUtnFEMI/);
  t.is(
    t.throws(open({ accessKeyId: 7, secretAccessKey: "x" }), { instanceOf: BRSCredentialError })?.param,
    "accessKeyId",
  );
});

test("stsClientConfig: a client of another service is refused by name", (t) => {
  const stsClientConfig = new S3Client({ region: "eu-west-1" });
  t.throws(() => new STSRefreshableSession({ assumeRole, stsClientConfig }), {
    instanceOf: BRSValidationError,
    message: /is a client of 'S3'; give one of STS/,
  });
});

test("stsClientConfig: plain http to another machine is refused, from a variable too", (t) => {
  const endpoint = "http://sts.example.com";
  t.throws(() => new STSRefreshableSession({ assumeRole, env: {}, stsClientConfig: { endpoint } }), {
    instanceOf: BRSConfigurationError,
    message: /allowInsecureEndpoint/,
  });
  const error = t.throws(() => new STSRefreshableSession({ assumeRole, env: { AWS_ENDPOINT_URL_STS: endpoint } }), {
    instanceOf: BRSConfigurationError,
  });
  t.is(error?.param, "AWS_ENDPOINT_URL_STS");
  const ignored = { AWS_ENDPOINT_URL_STS: endpoint, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" };
  t.notThrows(() => new STSRefreshableSession({ assumeRole, env: ignored }));
  t.notThrows(
    () => new STSRefreshableSession({ assumeRole, stsClientConfig: { endpoint, allowInsecureEndpoint: true } }),
  );
});

test("assumeRole is checked at construction", (t) => {
  t.is(t.throws(() => new STSRefreshableSession({} as never), { instanceOf: BRSValidationError })?.param, "assumeRole");
  t.is(
    t.throws(() => new STSRefreshableSession({ assumeRole: { ...assumeRole, roleName: "x" } } as never), {
      instanceOf: BRSValidationError,
    })?.param,
    "assumeRole.roleName",
  );
});
