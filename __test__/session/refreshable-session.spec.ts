/** Tests of what every session does: credentials, signers, identity, closing, and what it shows of itself. */
import { inspect } from "node:util";
import test from "ava";
import {
  BRSConfigurationError,
  BRSValidationError,
  CredentialsNotReadyError,
  RefreshableSession,
  Signer,
} from "aws-refresh-session";
import { ManualClock } from "aws-refresh-session/testing";

/** A session whose n-th refresh gives `AKID<n>` for an hour. */
function openCounting(options: Record<string, unknown> = {}) {
  const time = new ManualClock(Date.parse("2030-01-01T00:00:00Z"));
  const calls = { count: 0 };
  async function counting() {
    const n = ++calls.count;
    return {
      accessKeyId: `AKID${n}`,
      secretAccessKey: `secret${n}`,
      sessionToken: `token${n}`,
      expiration: new Date(time.now + 3_600_000),
    };
  }
  const session = new RefreshableSession({
    method: "custom",
    customCredentialsMethod: counting,
    clock: time.clock,
    env: {},
    ...options,
  });
  return { session, time, calls };
}

test("credentials are fetched at the first use, once, and again when they end", async (t) => {
  const { session, time, calls } = openCounting();
  t.is(calls.count, 0);
  await session.ready;
  t.is(calls.count, 0);
  const several = await Promise.all(Array.from({ length: 5 }, () => session.refreshableCredentials()));
  t.is(calls.count, 1);
  t.deepEqual(
    { ...several[0] },
    {
      accessKeyId: "AKID1",
      secretAccessKey: "secret1",
      sessionToken: "token1",
      expiration: new Date("2030-01-01T01:00:00Z"),
    },
  );
  time.advance(3600);
  t.is((await session.refreshableCredentials()).accessKeyId, "AKID2");
});

test("the windows hold in deferred mode", async (t) => {
  const { session, time, calls } = openCounting({ advisoryTimeout: 100, mandatoryTimeout: 50 });
  await session.refreshableCredentials();
  time.advance(3600 - 100);
  await session.refreshableCredentials();
  t.is(calls.count, 1);
  time.advance(51);
  t.is((await session.refreshableCredentials()).accessKeyId, "AKID2");
});

test("deferRefresh: false fetches at construction, and ready tells when", async (t) => {
  const { session, calls } = openCounting({ deferRefresh: false });
  await session.ready;
  t.is(calls.count, 1);
  t.is(session.getCredentials().frozen.accessKeyId, "AKID1");
});

test("a failed first refresh rejects ready, and is no unhandled rejection", async (t) => {
  const error = new Error("sealed");
  const customCredentialsMethod = () => Promise.reject(error);
  const session = new RefreshableSession({ method: "custom", customCredentialsMethod, deferRefresh: false });
  await new Promise(setImmediate);
  t.is(await t.throwsAsync(session.ready), error);
});

test("the refreshing object is the same each time, and named as in boto3-refresh-session", (t) => {
  const { session } = openCounting();
  t.is(session.getCredentials(), session.getCredentials());
  t.is(session.getCredentials().method, "custom");
  t.throws(() => session.getCredentials().frozen, { instanceOf: CredentialsNotReadyError });
});

test("events tell of refreshes", async (t) => {
  const { session } = openCounting();
  const seen: string[] = [];
  session.events.on("refresh", ({ credentials }) => seen.push(credentials.accessKeyId));
  await session.refreshableCredentials();
  t.deepEqual(seen, ["AKID1"]);
});

test("a signer follows the session: its region, its clock and its refreshes", async (t) => {
  const { session, time } = openCounting({ region: "eu-west-1" });
  const signer = session.signer({ service: "execute-api" });
  t.true(signer instanceof Signer);
  const request = { url: "https://example.com/orders" };
  t.regex((await signer.sign(request)).authorization ?? "", /AKID1\/20300101\/eu-west-1\/execute-api\//);
  time.advance(3600);
  t.regex((await signer.sign(request)).authorization ?? "", /AKID2\//);
  const elsewhere = session.signer({ service: "execute-api", region: "us-east-2" });
  t.regex((await elsewhere.sign(request)).authorization ?? "", /\/us-east-2\//);
});

test("a signer without any region is refused by name", (t) => {
  const { session } = openCounting();
  const error = t.throws(() => session.signer({ service: "s3" }), { instanceOf: BRSConfigurationError });
  t.is(error?.param, "region");
  t.regex(error?.message ?? "", /AWS_REGION/);
});

test("create takes no option of waiting that it does not have", async (t) => {
  const options = { method: "custom", customCredentialsMethod: () => t.fail() as never } as const;
  const error = await t.throwsAsync(RefreshableSession.create(options, { timeout: 3 } as never), {
    instanceOf: BRSValidationError,
  });
  t.is(error?.param, "waiting.timeout");
});

test("a signer takes an object of options", (t) => {
  const { session } = openCounting();
  for (const given of [undefined, "s3"]) {
    const error = t.throws(() => session.signer(given as never), { instanceOf: BRSValidationError });
    t.regex(error?.message ?? "", /^options must be an object such as \{ service: "execute-api" \}/);
  }
});

test("two sessions in one process share nothing", async (t) => {
  const one = openCounting();
  const two = openCounting();
  await one.session.refreshableCredentials();
  one.time.advance(3600);
  await one.session.refreshableCredentials();
  t.is((await two.session.refreshableCredentials()).accessKeyId, "AKID1");
  one.session.close();
  t.is((await two.session.refreshableCredentials()).accessKeyId, "AKID1");
  t.is(two.calls.count, 1);
});

test("the identity of a custom session is its function, without a call", async (t) => {
  const { session, calls } = openCounting();
  t.deepEqual(await session.getIdentity(), { method: "custom", source: "counting" });
  t.deepEqual(await session.whoami(), { method: "custom", source: "counting" });
  t.is(calls.count, 0);
});

test("a custom session has no source identity, and says so", async (t) => {
  const { session } = openCounting();
  await t.throwsAsync(session.sourceIdentity(), { instanceOf: BRSConfigurationError, message: /getIdentity\(\)/ });
});

test("partitions", (t) => {
  const { session } = openCounting();
  t.is(session.getAvailablePartitions()[0], "aws");
  t.true(session.getAvailablePartitions().includes("aws-cn"));
  t.is(session.getPartitionForRegion("eu-central-1"), "aws");
  t.is(session.getPartitionForRegion("us-gov-west-1"), "aws-us-gov");
  t.is(session.getPartitionForRegion("cn-north-9"), "aws-cn");
  for (const region of ["nowhere", "", 7, undefined]) {
    const error = t.throws(() => session.getPartitionForRegion(region as string), { instanceOf: BRSValidationError });
    t.is(error?.param, "region");
  }
});

test("a closed session refuses to work, and closing twice is harmless", async (t) => {
  const { session } = openCounting({ region: "eu-west-1" });
  await session.refreshableCredentials();
  session.close();
  session.close();
  const closed = { code: "ERR_CLOSED" };
  await t.throwsAsync(session.refreshableCredentials(), closed);
  await t.throwsAsync(session.credentials(), closed);
  await t.throwsAsync(session.getIdentity(), closed);
  await t.throwsAsync(session.getCallerIdentity(), closed);
  await t.throwsAsync(session.sourceIdentity(), closed);
});

test("closing aborts a refresh under way", async (t) => {
  let resolve: (signal: AbortSignal) => void = () => {};
  const promise = new Promise<AbortSignal>((settle) => {
    resolve = settle;
  });
  const session = new RefreshableSession({
    method: "custom",
    customCredentialsMethod: (_args, { signal }) => {
      resolve(signal);
      return new Promise<never>(() => {});
    },
  });
  const waiting = t.throwsAsync(session.refreshableCredentials(), { code: "ERR_CLOSED" });
  const signal = await promise;
  t.false(signal.aborted);
  session.close();
  t.true(signal.aborted);
  await waiting;
});

test("the signal of a session closes it", async (t) => {
  const ending = new AbortController();
  const { session } = openCounting({ signal: ending.signal });
  await session.refreshableCredentials();
  ending.abort();
  await t.throwsAsync(session.refreshableCredentials(), { code: "ERR_CLOSED" });
});

test("using closes at the end of the block", async (t) => {
  const { session } = openCounting();
  session[Symbol.dispose]();
  await t.throwsAsync(session.refreshableCredentials(), { code: "ERR_CLOSED" });
  const other = openCounting().session;
  await other[Symbol.asyncDispose]();
  await t.throwsAsync(other.refreshableCredentials(), { code: "ERR_CLOSED" });
});

test("it shows class, method, region and end, and no secret", async (t) => {
  const { session } = openCounting({ region: "eu-west-1" });
  t.is(inspect(session), "CustomRefreshableSession { method: 'custom', region: 'eu-west-1', state: 'open' }");
  await session.refreshableCredentials();
  t.deepEqual(JSON.parse(JSON.stringify(session)), {
    method: "custom",
    region: "eu-west-1",
    state: "credentials until 2030-01-01T01:00:00.000Z",
  });
  session.close();
  t.regex(inspect(session), /state: 'closed'/);
});

test("a signer of a session takes no other credentials, and the regions of SigV4a", (t) => {
  const session = new RefreshableSession({ method: "custom", customCredentialsMethod: () => ({}) as never });
  const credentials = { accessKeyId: "AKID", secretAccessKey: "hunter2" };
  const error = t.throws(() => session.signer({ service: "s3", region: "eu-west-1", credentials } as never), {
    instanceOf: BRSConfigurationError,
    message: /leave "credentials" out/,
  });
  t.is(error?.param, "credentials");
  t.false(inspect(error).includes("hunter2"));
  t.notThrows(() => session.signer({ service: "s3", algorithm: "sigv4a", region: ["us-east-1", "eu-*"] }));
  session.close();
});
