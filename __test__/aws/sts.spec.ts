/** AssumeRole and GetCallerIdentity against the verifying loopback endpoint: right answers, and every way of failing. */
import { inspect } from "node:util";
import test, { type ExecutionContext } from "ava";
import { ManualClock, startTestEndpoint, type TestEndpointOptions } from "aws-refresh-session/testing";
import { StsClient, type StsOptions } from "../../dist/aws/sts.js";
import type { BRSConnectionError, BRSRequestError } from "../../dist/errors.js";

const ROLE = { RoleArn: "arn:aws:iam::123456789012:role/team/reader", RoleSessionName: "test" };
// The source credentials of a chained client are judged by the system clock, so the tests start at the present.
const NOW = new ManualClock().now;

async function setUp(
  t: ExecutionContext,
  options: Partial<StsOptions> = {},
  endpointOptions: TestEndpointOptions = {},
) {
  const time = new ManualClock(NOW);
  const endpoint = await startTestEndpoint({ clock: time.clock, ...endpointOptions });
  const slept: number[] = [];
  const client = new StsClient({
    region: "eu-central-1",
    endpoint: endpoint.stsUrl,
    credentials: endpoint.credentials,
    clock: time.clock,
    random: () => 0.5,
    sleep: async (ms) => {
      slept.push(ms);
    },
    ...options,
  });
  t.teardown(async () => {
    client.close();
    await endpoint.close();
  });
  return { time, endpoint, client, slept };
}

test("AssumeRole gives credentials, their end and their account", async (t) => {
  const { endpoint, client } = await setUp(t);
  const { credentials, assumedRoleArn } = await client.assumeRole({ ...ROLE, DurationSeconds: 2 });
  t.regex(credentials.accessKeyId, /^ASIA[A-Z2-7]{16}$/);
  t.is(credentials.expiration?.getTime(), NOW + 2_000);
  t.is(credentials.accountId, "123456789012");
  t.is(assumedRoleArn, "arn:aws:sts::123456789012:assumed-role/reader/test");
  t.is(endpoint.stats.assumeRoleCalls, 1);
  t.is(client.clockOffset, 0);
});

test("every parameter arrives as it was given", async (t) => {
  const { endpoint, client } = await setUp(t);
  await client.assumeRole({
    ...ROLE,
    DurationSeconds: 900,
    ExternalId: "a+b c/é&=",
    Policy: '{"Version":"2012-10-17"}',
    PolicyArns: [{ arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }],
    Tags: [{ Key: "team", Value: "blue" }],
    TransitiveTagKeys: ["team"],
    SourceIdentity: undefined,
    SerialNumber: "arn:aws:iam::123456789012:mfa/me",
    TokenCode: "123456",
  });
  t.deepEqual(endpoint.sts.requests, [
    {
      Action: "AssumeRole",
      Version: "2011-06-15",
      ...ROLE,
      DurationSeconds: "900",
      ExternalId: "a+b c/é&=",
      Policy: '{"Version":"2012-10-17"}',
      "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
      "Tags.member.1.Key": "team",
      "Tags.member.1.Value": "blue",
      "TransitiveTagKeys.member.1": "team",
      SerialNumber: "arn:aws:iam::123456789012:mfa/me",
      TokenCode: "123456",
    },
  ]);
});

test("a role assumed with the credentials of a role is role chaining", async (t) => {
  const { endpoint, client, time } = await setUp(t);
  const first = await client.assumeRole(ROLE);
  const second = new StsClient({
    endpoint: endpoint.stsUrl,
    credentials: first.credentials,
    clock: time.clock,
  });
  t.teardown(() => second.close());
  t.is((await second.getCallerIdentity()).Arn, first.assumedRoleArn ?? "");
  t.truthy((await second.assumeRole({ ...ROLE, RoleSessionName: "second" })).credentials);
});

test("GetCallerIdentity tells the source user", async (t) => {
  const { client } = await setUp(t);
  const identity = await client.getCallerIdentity();
  t.is(identity.Arn, "arn:aws:iam::000000000000:user/source");
  t.is(identity.Account, "000000000000");
  t.regex(identity.UserId, /^AIDA/);
});

test("a 403 is final, with AWS's code and the request id", async (t) => {
  const { endpoint, client } = await setUp(t, {}, { externalId: "right-one" });
  const error = (await t.throwsAsync(client.assumeRole({ ...ROLE, ExternalId: "wrong-one" }))) as BRSRequestError;
  t.is(error.name, "BRSRequestError");
  t.is(error.code, "ERR_REQUEST");
  t.is(error.statusCode, 403);
  t.is(error.details?.awsCode, "AccessDenied");
  t.regex(String(error.details?.requestId), /^[0-9a-f-]{36}$/);
  t.regex(error.message, /^STS AssumeRole: 127\.0\.0\.1:\d+ answered 403 AccessDenied: User: arn/);
  t.false(error.retryable);
  t.is(endpoint.stats.assumeRoleCalls, 1);
});

test("a wrong secret is refused as AWS refuses it", async (t) => {
  const { endpoint, client } = await setUp(t, { credentials: { accessKeyId: "AKIANOBODY", secretAccessKey: "x" } });
  const unknown = (await t.throwsAsync(client.getCallerIdentity())) as BRSRequestError;
  t.is(unknown.details?.awsCode, "InvalidClientTokenId");
  const { accessKeyId } = endpoint.credentials;
  const liar = new StsClient({
    endpoint: endpoint.stsUrl,
    credentials: { accessKeyId, secretAccessKey: "y" },
    clock: () => NOW,
  });
  t.teardown(() => liar.close());
  const wrong = (await t.throwsAsync(liar.getCallerIdentity())) as BRSRequestError;
  t.is(wrong.details?.awsCode, "SignatureDoesNotMatch");
});

test("500 twice and then 200 is a success after two waits", async (t) => {
  const { endpoint, client, slept } = await setUp(t);
  const fault = { statusCode: 500, code: "InternalFailure" };
  endpoint.sts.failNext(fault, fault);
  t.truthy((await client.assumeRole(ROLE)).credentials);
  t.is(endpoint.stats.assumeRoleCalls, 3);
  t.deepEqual(slept, [50, 100]);
});

test("500 three times is an error that a later call may not meet", async (t) => {
  const { endpoint, client } = await setUp(t);
  const fault = { statusCode: 503, code: "ServiceUnavailable", message: "try later" };
  endpoint.sts.failNext(fault, fault, fault);
  const error = (await t.throwsAsync(client.assumeRole(ROLE))) as BRSRequestError;
  t.is(error.statusCode, 503);
  t.is(error.details?.attempt, 3);
  t.true(error.retryable);
});

test("throttling is tried again", async (t) => {
  const { endpoint, client, slept } = await setUp(t);
  endpoint.sts.failNext({ statusCode: 400, code: "Throttling", message: "Rate exceeded" });
  await client.assumeRole(ROLE);
  t.deepEqual(slept, [250]);
});

test("a closed socket and half an answer are tried again", async (t) => {
  const { endpoint, client } = await setUp(t);
  endpoint.sts.failNext("close", "truncate");
  await client.assumeRole(ROLE);
  t.is(endpoint.stats.assumeRoleCalls, 3);
});

test("sockets closed three times are a connection error", async (t) => {
  const { endpoint, client } = await setUp(t);
  endpoint.sts.failNext("close", "close", "close");
  const error = (await t.throwsAsync(client.assumeRole(ROLE))) as BRSConnectionError;
  t.is(error.name, "BRSConnectionError");
  t.is(error.code, "ERR_CONNECTION");
  t.true(error.retryable);
});

test("an answer that is no XML is a request error, not tried again within the call", async (t) => {
  const { endpoint, client } = await setUp(t);
  endpoint.sts.failNext("garbage");
  const error = (await t.throwsAsync(client.assumeRole(ROLE))) as BRSRequestError;
  t.is(error.name, "BRSRequestError");
  t.is(error.code, "ERR_XML");
  t.is(error.statusCode, 200);
  t.true(error.retryable);
  t.is(endpoint.stats.assumeRoleCalls, 1);
});

test("a silent STS is a time-out, three times", async (t) => {
  // The time-out fires when the endpoint has received the request, instead of after ten seconds.
  const timers = new Set<() => void>();
  const { endpoint, client } = await setUp(t, {
    startTimer: (ms, fire) => {
      if (ms === 10_000) timers.add(fire);
      return { ref() {}, unref() {}, cancel: () => timers.delete(fire) };
    },
  });
  endpoint.sts.failNext("hang", "hang", "hang");
  const calling = client.assumeRole(ROLE);
  for (let attempt = 1; attempt <= 3; attempt++) {
    while (endpoint.stats.assumeRoleCalls < attempt) await new Promise(setImmediate);
    for (const fire of timers) fire();
  }
  const error = (await t.throwsAsync(calling)) as BRSConnectionError;
  t.is(error.code, "ERR_TIMEOUT");
  t.is(timers.size, 0);
});

for (const fault of ["close", { statusCode: 500, code: "InternalFailure" }] as const) {
  test(`a request with a TokenCode is sent once, also after ${JSON.stringify(fault)}`, async (t) => {
    const { endpoint, client, slept } = await setUp(t);
    endpoint.sts.failNext(fault);
    const error = (await t.throwsAsync(
      client.assumeRole({ ...ROLE, SerialNumber: "arn:aws:iam::123456789012:mfa/me", TokenCode: "123456" }),
    )) as BRSRequestError;
    t.true(error.retryable);
    t.is(endpoint.stats.assumeRoleCalls, 1);
    t.deepEqual(slept, []);
  });
}

test("maxAttempts: 1 tries nothing again", async (t) => {
  const { endpoint, client } = await setUp(t, { maxAttempts: 1 });
  endpoint.sts.failNext({ statusCode: 500, code: "InternalFailure" });
  await t.throwsAsync(client.assumeRole(ROLE));
  t.is(endpoint.stats.assumeRoleCalls, 1);
});

for (const minutes of [5, -5, 60 * 23]) {
  test(`a local clock ${minutes} minutes off is set right by the refusal, and the call succeeds`, async (t) => {
    const offsets: number[] = [];
    const wrong = NOW - minutes * 60_000;
    const { endpoint, client, slept } = await setUp(
      t,
      { clock: () => wrong, onClockOffset: (ms) => offsets.push(ms) },
      { maxSkew: 240 },
    );
    const { credentials } = await client.assumeRole(ROLE);
    t.is(credentials.expiration?.getTime(), NOW + 3_600_000);
    t.is(endpoint.stats.assumeRoleCalls, 2);
    t.deepEqual(slept, []);
    t.true(Math.abs(client.clockOffset - minutes * 60_000) <= 1_000);
    t.deepEqual(offsets, [client.clockOffset]);
    await client.getCallerIdentity();
    t.is(endpoint.stats.stsRequestsRefused, 1);
  });
}

test("a local clock five minutes off is learned from a success too", async (t) => {
  const { endpoint, client } = await setUp(t, { clock: () => NOW - 300_000 });
  await client.assumeRole(ROLE);
  t.is(endpoint.stats.assumeRoleCalls, 1);
  t.true(Math.abs(client.clockOffset - 300_000) <= 1_000);
});

test("a clock that stays wrong is refused after one correction", async (t) => {
  const { endpoint, client } = await setUp(t, { clock: () => NOW - 25 * 3_600_000 });
  const error = (await t.throwsAsync(client.assumeRole(ROLE))) as BRSRequestError;
  t.is(error.statusCode, 403);
  t.is(endpoint.stats.assumeRoleCalls, 1);
});

test("nothing secret is in an error, whatever the service quotes", async (t) => {
  const { endpoint, client, time } = await setUp(t);
  const { credentials } = await client.assumeRole(ROLE);
  const chained = new StsClient({ endpoint: endpoint.stsUrl, credentials, clock: time.clock });
  t.teardown(() => chained.close());
  const { secretAccessKey, sessionToken = "" } = credentials;
  const Policy = '{"Statement":"hidden policy"}';
  const secrets = [secretAccessKey, sessionToken, "654321", "external-secret", Policy];
  const quoted = [...secrets, ...secrets.map(encodeURIComponent), JSON.stringify(Policy)].join("\n");
  const parameters = { ...ROLE, ExternalId: "external-secret", TokenCode: "654321", Policy };
  for (const fault of [
    { statusCode: 403, code: "SignatureDoesNotMatch", message: `The canonical string should have been ${quoted}` },
    { statusCode: 403, code: secretAccessKey.replace(/\W/g, ""), message: quoted },
    { statusCode: 500, code: "InternalFailure", message: quoted },
    "close",
    "garbage",
  ] as const) {
    endpoint.sts.failNext(fault);
    const error = await t.throwsAsync(chained.assumeRole(parameters));
    const own = Object.getOwnPropertyNames(error).map((name) => String(Reflect.get(error as object, name)));
    for (const text of [error?.message, error?.stack, inspect(error, { depth: 9 }), JSON.stringify(error), ...own]) {
      for (const secret of secrets) t.false(text?.includes(secret), `${JSON.stringify(fault)}: ${text}`);
      t.false(text?.includes(encodeURIComponent(sessionToken)));
    }
  }
  t.false(inspect([client, chained, endpoint], { depth: 9, showHidden: true }).includes(secretAccessKey));
  t.false(inspect([client, endpoint], { depth: 9 }).includes(endpoint.credentials.secretAccessKey));
});

test("an abort leaves the call with the signal's reason", async (t) => {
  const { endpoint, client } = await setUp(t);
  endpoint.sts.failNext("hang");
  const abort = new AbortController();
  const reason = new Error("left");
  const calling = client.assumeRole(ROLE, { signal: abort.signal });
  while (endpoint.stats.assumeRoleCalls === 0) await new Promise(setImmediate);
  abort.abort(reason);
  t.is(await t.throwsAsync(calling), reason);
});

test("a source that fails is the caller's error, and nothing is sent", async (t) => {
  const broken = new Error("no credentials today");
  const { endpoint, client } = await setUp(t, { credentials: () => Promise.reject(broken) });
  t.is(await t.throwsAsync(client.assumeRole(ROLE)), broken);
  t.is(endpoint.stats.assumeRoleCalls, 0);
});

test("a closed client refuses to call", async (t) => {
  const { client } = await setUp(t);
  client.close();
  await t.throwsAsync(client.getCallerIdentity(), { code: "ERR_CLOSED" });
});
