/** S3 Express: the credentials of a bucket come from CreateSession once, are shared and refreshed, and sign its requests. */
import { inspect } from "node:util";
import test, { type ExecutionContext } from "ava";
import { BRSRequestError } from "aws-refresh-session";
import {
  AwsRequest,
  BRSConfigurationError,
  BRSValidationError,
  RequestSigner,
  type RequestSignOptions,
  type S3ExpressIdentityOptions,
  S3ExpressIdentityResolver,
  SigningError,
  SigningEvents,
} from "aws-refresh-session/signing";
import { CALLER, REGION, type S3Stub, startS3Stub } from "./s3-stub.js";

const BUCKET = "reports--usw2-az1--x-s3";
const NOW = Date.parse("2030-01-01T00:00:00Z");

interface SetUp {
  readonly stub: S3Stub;
  readonly resolver: S3ExpressIdentityResolver;
  readonly signer: RequestSigner;
  /** Milliseconds since the epoch. */
  readonly time: { now: number };
}

async function setUp(t: ExecutionContext, options: Partial<S3ExpressIdentityOptions> = {}): Promise<SetUp> {
  const time = { now: NOW };
  const clock = () => time.now;
  const stub = await startS3Stub(clock);
  const resolver = new S3ExpressIdentityResolver({
    region: REGION,
    credentials: CALLER,
    endpoint: stub.endpoint,
    clock,
    random: () => 0,
    sleep: async () => {},
    ...options,
  });
  const events = new SigningEvents();
  resolver.register(events);
  t.teardown(async () => {
    resolver.close();
    await stub.close();
  });
  const signer = new RequestSigner({
    serviceId: "S3",
    region: REGION,
    signingName: "s3express",
    signatureVersion: "v4-s3express",
    events,
    clock,
  });
  return { stub, resolver, signer, time };
}

const requestFor = (bucket = BUCKET) =>
  new AwsRequest({ method: "GET", url: `https://${bucket}.s3express-usw2-az1.us-west-2.amazonaws.com/key` });

async function tokenOf(
  signer: RequestSigner,
  request = requestFor(),
  options?: RequestSignOptions,
): Promise<string | undefined> {
  await signer.sign("GetObject", request, options);
  return request.headers.get("x-amz-s3session-token");
}

test("requests of one bucket share one session, and each bucket has its own", async (t) => {
  const { stub, signer } = await setUp(t);
  const first = await Promise.all(Array.from({ length: 20 }, () => tokenOf(signer)));
  t.deepEqual(new Set(first), new Set(["token-1"]));
  t.deepEqual(stub.asked, [BUCKET]);
  t.is(await tokenOf(signer, requestFor("other--usw2-az1--x-s3")), "token-2");
  t.deepEqual(stub.asked, [BUCKET, "other--usw2-az1--x-s3"]);
});

test("a signed request names the session's key and no token of STS", async (t) => {
  const { signer } = await setUp(t);
  const request = requestFor();
  request.headers.add("X-Amz-Security-Token", "stale");
  await signer.sign("GetObject", request);
  t.regex(request.headers.get("authorization") ?? "", /Credential=ASIA1\/20300101\/us-west-2\/s3express\/aws4_request/);
  t.false(request.headers.has("x-amz-security-token"));
});

test("the last 45 seconds refresh beside the requests, the last 10 before them", async (t) => {
  const { stub, signer, time, resolver } = await setUp(t);
  await tokenOf(signer);
  time.now = NOW + 254_000;
  t.is(await tokenOf(signer), "token-1");
  t.is(stub.asked.length, 1, "46 seconds are left");
  time.now = NOW + 256_000;
  t.is(await tokenOf(signer), "token-1", "44 seconds are left: nobody waits");
  await resolver.cache.getCredentials(BUCKET).refresh({ force: true });
  t.is(await tokenOf(signer), "token-2");
  t.is(stub.asked.length, 2, "one refresh, which the forced one joined");
  time.now += 291_000;
  t.is(await tokenOf(signer), "token-3", "9 seconds were left");
});

test("signing the same request again after a refresh sends the new token; one of the caller stays", async (t) => {
  const { signer, time } = await setUp(t);
  const request = requestFor();
  t.is(await tokenOf(signer, request), "token-1");
  time.now = NOW + 299_000;
  t.is(await tokenOf(signer, request), "token-2");
  t.is(request.headers.getAll("x-amz-s3session-token").length, 1);
  time.now += 299_000;
  t.is(await tokenOf(signer, request.copy()), "token-3");
  const own = requestFor();
  own.headers.add("x-amz-s3session-token", "mine");
  t.is(await tokenOf(signer, own), "mine");
});

test("URLs carry the session's token and 300 seconds, policies its field", async (t) => {
  const { signer } = await setUp(t);
  const presigned = requestFor();
  await signer.sign("GetObject", presigned, { signingType: "presign-url" });
  t.regex(presigned.url, /X-Amz-Expires=300&X-Amz-SignedHeaders=host&X-Amz-S3session-Token=token-1&X-Amz-Signature=/);
  const posted = requestFor();
  await signer.sign("PostObject", posted, { signingType: "presign-post" });
  t.is(posted.context.s3PresignPostFields?.["X-Amz-S3session-Token"], "token-1");
});

test("the hundred buckets used last are kept", async (t) => {
  const { resolver } = await setUp(t);
  const { cache } = resolver;
  const nameOf = (index: number) => `b${index}--usw2-az1--x-s3`;
  const first = cache.getCredentials(nameOf(0));
  const second = cache.getCredentials(nameOf(1));
  for (let index = 2; index < 100; index++) cache.getCredentials(nameOf(index));
  t.is(cache.getCredentials(nameOf(0)), first);
  cache.getCredentials(nameOf(100));
  t.is(cache.size, 100);
  t.is(cache.getCredentials(nameOf(0)), first, "used a moment ago");
  t.not(cache.getCredentials(nameOf(1)), second, "used longest ago");
});

test("an outage is tried again; a refusal is not, and shows no secret", async (t) => {
  const { stub, signer } = await setUp(t);
  stub.faults.push({ status: 503, body: "<Error><Code>SlowDown</Code></Error>" });
  t.is(await tokenOf(signer), "token-2");
  stub.faults.push({
    status: 403,
    body: `<Error><Code>AccessDenied</Code><Message>not for ${CALLER.secretAccessKey}</Message></Error>`,
  });
  const error = await t.throwsAsync(tokenOf(signer, requestFor("other--usw2-az1--x-s3")), {
    instanceOf: BRSRequestError,
  });
  t.is(error?.statusCode, 403);
  t.is(error?.details?.awsCode, "AccessDenied");
  t.false(inspect(error).includes(CALLER.secretAccessKey));
  t.is(stub.asked.length, 3);
});

for (const [what, body] of [
  ["no XML", "oops"],
  ["no token", "<CreateSessionResult><Credentials><AccessKeyId>A</AccessKeyId></Credentials></CreateSessionResult>"],
  [
    "no date",
    "<CreateSessionResult><Credentials><SessionToken>t</SessionToken><SecretAccessKey>s</SecretAccessKey>" +
      "<AccessKeyId>A</AccessKeyId><Expiration>soon</Expiration></Credentials></CreateSessionResult>",
  ],
] as const) {
  test(`an answer with ${what} is refused`, async (t) => {
    const { stub, signer } = await setUp(t);
    stub.faults.push({ status: 200, body });
    await t.throwsAsync(tokenOf(signer), { instanceOf: BRSRequestError, message: /S3 CreateSession: .* answered 200/ });
  });
}

test("the session mode is asked for when given", async (t) => {
  const { stub, signer } = await setUp(t, { sessionMode: "ReadOnly" });
  await tokenOf(signer);
  t.deepEqual(stub.modes, ["ReadOnly"]);
});

test("a key of the context wins over the bucket of the URL, and other requests are left alone", async (t) => {
  const { stub, signer } = await setUp(t);
  const request = new AwsRequest({
    url: "https://example.com/",
    context: { signing: { cacheKey: "named--usw2-az1--x-s3" } },
  });
  await tokenOf(signer, request);
  t.deepEqual(stub.asked, ["named--usw2-az1--x-s3"]);
  const plain = new AwsRequest({ url: "https://example.com/", context: { authType: "none" } });
  await signer.sign("GetObject", plain);
  t.is(plain.context.signing, undefined);
});

test("requests that share a context, or get another URL, are signed for the bucket of their own URL", async (t) => {
  const { stub, signer } = await setUp(t);
  const context = { signing: { signingName: "s3express" } };
  const [one, other, third] = ["one", "other", "third"].map((name) => `${name}--usw2-az1--x-s3`) as [
    string,
    string,
    string,
  ];
  const { url } = requestFor(one);
  await tokenOf(signer, new AwsRequest({ url, context }));
  const request = new AwsRequest({ url: requestFor(other).url, context });
  t.is(await tokenOf(signer, request), "token-2");
  request.url = requestFor(third).url;
  t.is(await tokenOf(signer, request.copy()), "token-3");
  t.deepEqual(stub.asked, [one, other, third]);
});

test("without a resolver the error names what is missing", async (t) => {
  const signer = new RequestSigner({
    serviceId: "S3",
    region: REGION,
    signingName: "s3express",
    signatureVersion: "v4-s3express",
  });
  const error = await t.throwsAsync(signer.sign("GetObject", requestFor()), { instanceOf: SigningError });
  t.is(error?.param, "context.signing.identityCache");
});

test("bad names, bad options and a closed resolver are told apart", async (t) => {
  const { resolver, signer } = await setUp(t);
  for (const bucket of ["plain", "", "A--usw2-az1--x-s3", "x--x-s3", "a/b--usw2-az1--x-s3", 5]) {
    const error = t.throws(() => resolver.cache.getCredentials(bucket as string), { instanceOf: BRSValidationError });
    t.is(error?.param, "bucket");
  }
  const options = { region: REGION, credentials: CALLER };
  for (const [param, wrong] of [
    ["nonsense", { nonsense: 1 }],
    ["region", { region: "a.b" }],
    ["region", { region: 5 }],
    ["endpoint", { endpoint: "nowhere" }],
    ["sessionMode", { sessionMode: "All" }],
    ["agent", { agent: {} }],
    ["maxAttempts", { maxAttempts: 0 }],
    ["requestTimeout", { requestTimeout: -1 }],
    ["clock", { clock: 5 }],
    ["credentials", { credentials: 5 }],
    ["allowInsecureEndpoint", { allowInsecureEndpoint: "yes" }],
  ] as const) {
    const error = t.throws(() => new S3ExpressIdentityResolver({ ...options, ...wrong } as never), {
      instanceOf: BRSValidationError,
    });
    t.is(error?.param, param, inspect(wrong));
  }
  t.throws(() => new S3ExpressIdentityResolver({ ...options, endpoint: "http://example.com" }), {
    instanceOf: BRSConfigurationError,
  });
  resolver.close();
  await t.throwsAsync(tokenOf(signer), { code: "ERR_CLOSED" });
});
