/** A ready STSClient of the SDK as `stsClientConfig`: what it sends, what becomes of its errors, and that it stays the user's. */
import Module from "node:module";
import { inspect } from "node:util";
import { STS, STSClient, type STSClientConfig } from "@aws-sdk/client-sts";
import test, { type ExecutionContext } from "ava";
import {
  BRSConfigurationError,
  BRSConnectionError,
  BRSRequestError,
  RefreshableSession,
  STSRefreshableSession,
  type StsSessionOptions,
} from "aws-refresh-session";
import { ManualClock, startTestEndpoint, type TestEndpointOptions } from "aws-refresh-session/testing";
import { jwt, samlAssertion } from "../aws/identity-tokens.js";

const RoleArn = "arn:aws:iam::123456789012:role/reports";

async function start(t: ExecutionContext, options: TestEndpointOptions = {}) {
  // The SDK signs by the system's clock.
  const time = new ManualClock();
  const endpoint = await startTestEndpoint({ clock: time.clock, ...options });
  const connect = (more: STSClientConfig = {}, Client: typeof STSClient = STSClient) => {
    const client = new Client({
      region: "eu-west-1",
      endpoint: endpoint.stsUrl,
      credentials: endpoint.credentials,
      ...more,
    });
    t.teardown(() => client.destroy());
    return client;
  };
  t.teardown(() => endpoint.close());
  const open = (stsClientConfig: STSClient, more: Partial<StsSessionOptions> = {}) => {
    const session = new STSRefreshableSession({
      clock: time.clock,
      env: {},
      assumeRole: { RoleArn },
      stsClientConfig,
      ...more,
    });
    t.teardown(() => session.close());
    return session;
  };
  return { time, endpoint, connect, open };
}

const shownWhole = (value: unknown) => `${inspect(value, { depth: 9, showHidden: true })}${JSON.stringify(value)}`;

for (const Client of [STSClient, STS]) {
  test(`${Client.name} assumes the role at every refresh`, async (t) => {
    // Short lives: the SDK would answer a clock that jumps by an hour with a request of its own.
    const { connect, open, endpoint, time } = await start(t, { credentialLifetime: 60 });
    const session = open(connect({}, Client));
    const first = await session.refreshableCredentials();
    t.is(first.accountId, "123456789012");
    t.is(first.expiration?.getTime(), time.now + 60_000);
    time.advance(60);
    t.not((await session.refreshableCredentials()).accessKeyId, first.accessKeyId);
    t.is(endpoint.stats.assumeRoleCalls, 2);
    t.is(endpoint.sts.requests[0]?.RoleSessionName, "aws-refresh-session");
  });
}

test("the refreshed identity is the role, asked at the client's own endpoint; the source is the client", async (t) => {
  const { connect, open } = await start(t);
  const session = open(connect());
  t.is((await session.getIdentity()).Arn, "arn:aws:sts::123456789012:assumed-role/reports/aws-refresh-session");
  t.is((await session.sourceIdentity()).Arn, "arn:aws:iam::000000000000:user/source");
});

test("an error of AWS becomes a BRSRequestError without the SDK's raw answer", async (t) => {
  const { connect, open, endpoint } = await start(t, { externalId: "right-one" });
  const session = open(connect(), { assumeRole: { RoleArn, ExternalId: "wrong-one" } });
  const error = (await t.throwsAsync(session.refreshableCredentials())) as BRSRequestError;
  t.true(error instanceof BRSRequestError);
  t.is(error.statusCode, 403);
  t.is(error.details?.awsCode, "AccessDenied");
  t.is(error.details?.attempt, 1);
  t.regex(String(error.details?.requestId), /^[0-9a-f-]{36}$/);
  t.regex(
    error.message,
    /^STS AssumeRole: the SDK client answered 403 AccessDenied: User: .* \(check the trust policy/,
  );
  t.is(error.cause, undefined);
  t.false(error.retryable);
  endpoint.sts.failNext({ statusCode: 400, code: "ValidationError", message: "ExternalId wrong-one" });
  const quoting = await t.throwsAsync(session.getCredentials().refresh({ force: true }));
  t.false(shownWhole(quoting).includes("wrong-one"));
});

test("a session token that STS quotes is taken out of the error", async (t) => {
  const { connect, open, endpoint } = await start(t);
  const sessionToken = "IQoJb3JpZ2luX2VjEXAMPLETOKEN//////////wEaDGV1";
  const session = open(connect({ credentials: { ...endpoint.credentials, sessionToken } }));
  const message = `The Canonical String for this request should have been 'POST\n/\n\nx-amz-security-token:${sessionToken}\n'`;
  endpoint.sts.failNext({ statusCode: 403, code: "SignatureDoesNotMatch", message });
  const error = (await t.throwsAsync(session.refreshableCredentials())) as BRSRequestError;
  t.regex(error.message, /x-amz-security-token:<redacted>/);
  t.false(shownWhole(error).includes(sessionToken));
});

test("the client's own retries are its own, and what is left of them can be retried later", async (t) => {
  const { connect, open, endpoint } = await start(t);
  const fault = { statusCode: 503, code: "ServiceUnavailable" };
  const session = open(connect({ maxAttempts: 2 }));
  endpoint.sts.failNext(fault, fault);
  const error = (await t.throwsAsync(session.refreshableCredentials())) as BRSRequestError;
  t.is(error.statusCode, 503);
  t.is(error.details?.attempt, 2);
  t.true(error.retryable);
  t.is(endpoint.stats.assumeRoleCalls, 2);
});

test("no answer is a BRSConnectionError", async (t) => {
  const { connect, open, endpoint } = await start(t);
  endpoint.sts.failNext("close");
  const error = await t.throwsAsync(open(connect({ maxAttempts: 1 })).refreshableCredentials(), {
    instanceOf: BRSConnectionError,
  });
  t.is(error?.details?.reason, "ECONNRESET");
  t.true(error?.retryable);
});

test("an answer that the SDK cannot read is told without its content", async (t) => {
  const { connect, open, endpoint } = await start(t);
  endpoint.sts.failNext("garbage");
  const error = (await t.throwsAsync(open(connect()).refreshableCredentials())) as BRSRequestError;
  t.true(error instanceof BRSRequestError);
  t.regex(error.message, /something that the SDK cannot read/);
  t.notRegex(shownWhole(error), /hotel/);
});

test("what the client's source of credentials rejects with is passed on", async (t) => {
  const { connect, open } = await start(t);
  const failure = new TypeError("vault is sealed");
  const session = open(connect({ credentials: () => Promise.reject(failure) }));
  t.is(await t.throwsAsync(session.refreshableCredentials()), failure);
});

test("a request with a code is sent once, whatever the client's retries", async (t) => {
  const { connect, open, endpoint } = await start(t);
  const fault = { statusCode: 500, code: "InternalFailure", message: "code 314159 was fine" };
  endpoint.sts.failNext(fault);
  const SerialNumber = "arn:aws:iam::000000000000:mfa/sdk";
  const session = open(connect({ maxAttempts: 3 }), { assumeRole: { RoleArn, SerialNumber, TokenCode: "314159" } });
  const error = (await t.throwsAsync(session.refreshableCredentials())) as BRSRequestError;
  t.is(endpoint.stats.assumeRoleCalls, 1);
  t.is(error.statusCode, 500);
  t.false(shownWhole(error).includes("314159"));
});

test("closing the session leaves the client to its user, and aborts what is under way", async (t) => {
  const { connect, open, endpoint } = await start(t);
  const client = connect();
  let destroyed = 0;
  const destroy = client.destroy.bind(client);
  client.destroy = () => {
    destroyed++;
    destroy();
  };
  const session = open(client);
  endpoint.sts.failNext("hang");
  const waiting = session.refreshableCredentials();
  waiting.catch(() => {});
  while (endpoint.stats.assumeRoleCalls === 0) await new Promise((resolve) => setImmediate(resolve));
  session.close();
  await t.throwsAsync(waiting, { code: "ERR_CLOSED" });
  t.is(destroyed, 0);
  await t.notThrowsAsync(open(client).refreshableCredentials());
});

test("every method that calls STS takes a client", async (t) => {
  const { connect, endpoint, time } = await start(t);
  const stsClientConfig = connect();
  const common = { env: {}, clock: time.clock, stsClientConfig };
  const soon = new Date(time.now + 300_000);
  const sessions = [
    new RefreshableSession({
      ...common,
      method: "web-identity",
      webIdentity: { RoleArn },
      webIdentityTokenProvider: () => jwt({ exp: soon.getTime() / 1_000 }),
    }),
    new RefreshableSession({
      ...common,
      method: "saml",
      saml: { RoleArn, PrincipalArn: "arn:aws:iam::123456789012:saml-provider/idp" },
      samlAssertionProvider: () => samlAssertion({ notOnOrAfter: soon }),
    }),
    new RefreshableSession({ ...common, method: "session-token" }),
    new RefreshableSession({ ...common, method: "federation-token", federationToken: { Name: "jane" } }),
  ];
  for (const session of sessions) {
    t.teardown(() => session.close());
    t.regex((await session.refreshableCredentials()).accessKeyId, /^ASIA/);
    t.truthy((await session.whoami()).Arn);
  }
  t.is(endpoint.stats.credentialsVended, 4);
});

test("without @aws-sdk/client-sts a client is refused at construction, and the package is named", async (t) => {
  const { connect, open } = await start(t);
  const client = connect();
  const resolver = Module as unknown as { _resolveFilename(request: string, ...rest: unknown[]): string };
  const resolve = resolver._resolveFilename;
  resolver._resolveFilename = (request, ...rest) => {
    if (request === "@aws-sdk/client-sts") throw Object.assign(new Error("not here"), { code: "MODULE_NOT_FOUND" });
    return resolve.call(Module, request, ...rest);
  };
  try {
    t.throws(() => open(client), {
      instanceOf: BRSConfigurationError,
      message: /needs the package @aws-sdk\/client-sts, which is not installed: npm install/,
    });
  } finally {
    resolver._resolveFilename = resolve;
  }
});
