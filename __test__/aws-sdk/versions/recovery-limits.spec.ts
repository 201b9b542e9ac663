/** Where recovery ends: what is not sent again, what surfaces and how, and whose requests are left alone. */
import { Readable } from "node:stream";
import test from "ava";
import { RefreshableSession } from "aws-refresh-session";
import { BRSValidationError, expiredTokenRecovery, SignatureV4 } from "aws-refresh-session/aws-sdk";
import { turn } from "../../refresh/counting-source.js";
import { AnsweringHandler, type Told } from "./answering-handler.js";
import { EXPIRED, open, send, serviceOf } from "./recovering.js";
import { keyOf, REGION, type SdkService, VERSIONS } from "./sdk-versions.js";

const EXPIRED_ERROR = { name: "ExpiredTokenException" };

const EXPRESS_SESSION =
  "<CreateSessionResult><Credentials><SessionToken>express-token</SessionToken><SecretAccessKey>secret</SecretAccessKey>" +
  "<AccessKeyId>ASIAEXPRESS</AccessKeyId><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></CreateSessionResult>";

for (const version of Object.keys(VERSIONS)) {
  const sts = serviceOf(version, "sts");
  const s3 = serviceOf(version, "s3");

  test(`${version}: a body that is a stream is not sent again, but the next request has new credentials`, async (t) => {
    const recovering = open(t);
    recovering.revoked.set("AKID1", EXPIRED);
    const { client, handler } = recovering.client(s3, { maxAttempts: 3 });
    const put = s3.command() as { input: Record<string, unknown> };
    Object.assign(put.input, { Body: Readable.from(["read once"]), ContentLength: 9 });
    const error = await t.throwsAsync(client.send(put as never), EXPIRED_ERROR);
    t.is(error?.cause, undefined);
    t.is(handler.sent.length, 1);
    t.is(recovering.made(), 1, "nobody needs them yet");
    await send(client, s3);
    t.deepEqual(handler.sent.map(keyOf), ["AKID1", "AKID2"]);
  });

  test(`${version}: a second refusal surfaces as it is, and no more are fetched for it in a minute`, async (t) => {
    const recovering = open(t);
    for (const key of ["AKID1", "AKID2"]) recovering.revoked.set(key, { code: "InvalidClientTokenId" });
    const { client, handler } = recovering.client(sts);
    const error = await t.throwsAsync(send(client, sts), { name: "InvalidClientTokenId" });
    t.is((error as unknown as { $metadata: { attempts: number } }).$metadata.attempts, 2);
    t.is(error?.cause, undefined);
    t.is(recovering.made(), 2);
    recovering.time.advance(59);
    await t.throwsAsync(send(client, sts), { name: "InvalidClientTokenId" });
    t.is(recovering.made(), 2);
    t.deepEqual(handler.sent.map(keyOf), ["AKID1", "AKID2", "AKID2"]);
    recovering.time.advance(2);
    await send(client, sts);
    t.is(recovering.made(), 3);
  });

  test(`${version}: requests of other keys, and unsigned ones, are left alone`, async (t) => {
    const recovering = open(t);
    await recovering.session.refreshableCredentials();
    const other = { accessKeyId: "AKIDOTHER", secretAccessKey: "secret" };
    for (const config of [
      { credentials: other },
      { credentials: { ...other, accessKeyId: "AKID2" } },
      { signer: { sign: async (request: unknown) => request } },
      { signer: new SignatureV4({ service: "sts", region: REGION, credentials: other }) },
    ]) {
      const { client, handler } = recovering.client(sts, config);
      for (const key of ["AKIDOTHER", "AKID2", undefined]) recovering.revoked.set(key, EXPIRED);
      await t.throwsAsync(send(client, sts), EXPIRED_ERROR);
      t.is(handler.sent.length, 1);
    }
    t.is(recovering.made(), 1);
    t.is(recovering.session.getCredentials().frozen.accessKeyId, "AKID1");
  });

  test(`${version}: a session of S3 Express is the SDK's to renew, but the call that opens it recovers`, async (t) => {
    const recovering = open(t);
    recovering.revoked.set("AKID1", EXPIRED);
    recovering.revoked.set("ASIAEXPRESS", EXPIRED);
    const handler = new AnsweringHandler("s3", (request) => {
      const refusal = recovering.revoked.get(keyOf(request));
      return refusal ?? ("session" in (request.query ?? {}) ? { body: EXPRESS_SESSION } : {});
    });
    const { client } = recovering.client(s3, { requestHandler: handler });
    const put = s3.command() as { input: Record<string, unknown> };
    put.input.Bucket = "a-bucket--use1-az4--x-s3";
    await t.throwsAsync(client.send(put as never), EXPIRED_ERROR);
    t.deepEqual(handler.sent.map(keyOf), ["AKID1", "AKID2", "ASIAEXPRESS"]);
    t.is(recovering.session.getCredentials().frozen.accessKeyId, "AKID2");
  });

  test(`${version}: what was on its way while others refreshed goes by what they fetched`, async (t) => {
    const recovering = open(t);
    let refuse: ((told: Told) => void) | undefined;
    const handler = new AnsweringHandler("xml", (request) =>
      keyOf(request) === "AKID1" ? new Promise<Told>((resolve) => (refuse = resolve)) : {},
    );
    const { client } = recovering.client(sts, { requestHandler: handler });
    const sent = send(client, sts);
    while (refuse === undefined) await turn();
    await recovering.session.getCredentials().refresh({ force: true });
    refuse(EXPIRED);
    t.is((await sent).$metadata.attempts, 2);
    t.deepEqual(handler.sent.map(keyOf), ["AKID1", "AKID2"]);
    t.is(recovering.made(), 2);
  });

  test(`${version}: when no credentials can be had the refusal surfaces, and its cause says why`, async (t) => {
    const recovering = open(t);
    const { client, handler } = recovering.client(sts);
    await send(client, sts);
    recovering.revoked.set("AKID1", EXPIRED);
    const outage = new Error("the vault is closed");
    recovering.outage = outage;
    const errors = await Promise.all([1, 2, 3].map(() => t.throwsAsync(send(client, sts), EXPIRED_ERROR)));
    t.is(new Set(errors).size, 3, "each call has its own refusal");
    for (const error of errors) {
      t.like(error, { $metadata: { httpStatusCode: 403, attempts: 1 } });
      t.is(error?.cause, outage);
    }
    t.is(recovering.made(), 2);
    t.is(handler.sent.length, 4);
    recovering.outage = undefined;
    await send(client, sts);
    t.is(recovering.made(), 3);

    recovering.revoked.set("AKID3", EXPIRED);
    recovering.session.close();
    // Older clients keep what they hold of a closed session.
    const closed = await t.throwsAsync(send(client, sts));
    t.like(version === "newest" ? closed : closed?.cause, { code: "ERR_CLOSED" });
  });

  test(`${version}: an outage of the source that passes is overcome by the SDK's own attempts`, async (t) => {
    const recovering = open(t);
    recovering.revoked.set("AKID1", EXPIRED);
    const { client, handler } = recovering.client(sts, { maxAttempts: 3 });
    recovering.session.events.on("refreshError", () => {
      recovering.outage = undefined;
    });
    await recovering.session.refreshableCredentials();
    recovering.outage = Object.assign(new Error("nobody listens"), { code: "ECONNREFUSED" });
    t.is((await send(client, sts)).$metadata.attempts, 2);
    t.deepEqual(handler.sent.map(keyOf), ["AKID1", "AKID3"]);
  });

  test(`${version}: the SDK's own attempts go on where the recovery left off`, async (t) => {
    const recovering = open(t);
    const told: Told[] = [EXPIRED, { code: "ServiceUnavailable", statusCode: 503 }, {}];
    const handler = new AnsweringHandler("xml", () => told.shift() ?? {});
    const { client } = recovering.client(sts, { requestHandler: handler, maxAttempts: 2 });
    t.is((await send(client, sts)).$metadata.attempts, 3);
    t.deepEqual(handler.sent.map(keyOf), ["AKID1", "AKID2", "AKID2"]);
    t.deepEqual(
      handler.sent.map(({ headers }) => headers["amz-sdk-request"]),
      ["attempt=1; max=2", "attempt=1; max=2", "attempt=2; max=2"],
    );
    t.is(new Set(handler.sent.map(({ headers }) => headers["amz-sdk-invocation-id"])).size, 1);
  });

  test(`${version}: RequestExpired is a matter of credentials where the date was right, and else of the SDK's clock`, async (t) => {
    for (const [skewMs, keys] of [
      [0, ["AKID1", "AKID2"]],
      [3_600_000, ["AKID1", "AKID1"]],
    ] as const) {
      const recovering = open(t);
      const told: Told[] = [
        { code: "RequestExpired", headers: { date: new Date(Date.now() + skewMs).toUTCString() } },
        {},
      ];
      const handler = new AnsweringHandler("xml", () => told.shift() ?? {});
      const { client } = recovering.client(sts, { requestHandler: handler, maxAttempts: 2 });
      t.is((await send(client, sts)).$metadata.attempts, 2);
      t.deepEqual(handler.sent.map(keyOf), keys);
    }
  });

  test(`${version}: a signer that goes by the identity of the call meets the new one`, async (t) => {
    const recovering = open(t);
    recovering.revoked.set("AKID1", EXPIRED);
    const { client, handler } = recovering.client(sts);
    const signer = {
      sign: async (request: object, identity: { accessKeyId: string; secretAccessKey: string }) =>
        new SignatureV4({ service: "sts", region: REGION, credentials: identity }).sign(request as never),
    };
    const config = client.config as unknown as { httpAuthSchemes: { signer: unknown }[] };
    for (const scheme of config.httpAuthSchemes) scheme.signer = signer;
    await send(client, sts);
    t.deepEqual(handler.sent.map(keyOf), ["AKID1", "AKID2"]);
  });

  test(`${version}: the keys of an identity that was given may be rotated in place`, async (t) => {
    const identity = { accessKeyId: "AKID1", secretAccessKey: "secret" };
    let accepted = "AKID1";
    let rotates = true;
    const handler = new AnsweringHandler("xml", (request) => {
      if (keyOf(request) === accepted) return {};
      if (rotates) identity.accessKeyId = accepted;
      return EXPIRED;
    });
    const client = sts.client({ region: REGION, credentials: identity, requestHandler: handler, maxAttempts: 1 });
    client.middlewareStack.use(expiredTokenRecovery(identity));
    await send(client, sts);
    for (accepted of ["AKID2", "AKID3"]) t.is((await send(client, sts)).$metadata.attempts, 2);
    rotates = false;
    accepted = "AKID4";
    await t.throwsAsync(send(client, sts), EXPIRED_ERROR);
    t.deepEqual(handler.sent.map(keyOf), ["AKID1", "AKID1", "AKID2", "AKID2", "AKID3", "AKID3"]);
    client.destroy();
  });
}

async function abortedWhileWaiting(recovering: ReturnType<typeof open>, service: SdkService) {
  const { client, handler } = recovering.client(service);
  await send(client, service);
  recovering.revoked.set("AKID1", EXPIRED);
  let answer: (() => void) | undefined;
  recovering.pending = new Promise((resolve) => {
    answer = resolve;
  });
  const controller = new AbortController();
  const sent = send(client, service, { abortSignal: controller.signal });
  const other = send(client, service);
  while (recovering.made() < 2) await turn();
  controller.abort();
  return { sent, other, handler, answer: () => answer?.() };
}

test("newest: aborting a call ends its wait, and not the refresh", async (t) => {
  const recovering = open(t);
  const { sent, other, answer } = await abortedWhileWaiting(recovering, serviceOf("newest", "sts"));
  await t.throwsAsync(sent, { any: true, name: "AbortError" });
  answer();
  t.is((await other).$metadata.attempts, 2);
  t.is(recovering.made(), 2);
});

test("3.699: an aborted call is not sent again, although its middlewares do not see the signal", async (t) => {
  const recovering = open(t);
  const { sent, other, handler, answer } = await abortedWhileWaiting(recovering, serviceOf("3.699", "sts"));
  answer();
  await t.throwsAsync(sent, { any: true, name: "AbortError" });
  await other;
  t.deepEqual(handler.sent.map(keyOf), ["AKID1", "AKID1", "AKID1", "AKID2"]);
});

test("only what can be given up is taken", (t) => {
  const session = new RefreshableSession({ method: "custom", customCredentialsMethod: () => ({}) as never });
  t.teardown(() => session.close());
  for (const source of [session, session.credentials, session.getCredentials()]) {
    t.is(typeof expiredTokenRecovery(source).applyToStack, "function");
  }
  const provider = async () => ({ accessKeyId: "AKID", secretAccessKey: "secret" });
  // @ts-expect-error a provider function keeps nothing
  t.throws(() => expiredTokenRecovery(provider), { instanceOf: BRSValidationError, message: /open a session with it/ });
  const client = { config: {}, middlewareStack: {} };
  t.throws(() => expiredTokenRecovery(client as never), {
    instanceOf: BRSValidationError,
    message: /give the session/,
  });
  // @ts-expect-error no credentials
  t.throws(() => expiredTokenRecovery({ secretAccessKey: "a secret" }), {
    instanceOf: BRSValidationError,
    message: /^"session" lacks "accessKeyId"$/,
  });
  // @ts-expect-error nothing
  t.throws(() => expiredTokenRecovery(undefined), { instanceOf: BRSValidationError, message: /^"session" must be/ });
});
