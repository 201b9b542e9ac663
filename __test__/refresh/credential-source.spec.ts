/** Credentials in every form users have them in: each becomes the same refreshable credentials each time. */
import { inspect } from "node:util";
import test from "ava";
import {
  BRSCredentialError,
  BRSValidationError,
  type CredentialSource,
  CustomRefreshableSession,
  fromEnv,
  Signer,
  type TemporaryCredentials,
} from "aws-refresh-session";
import { asRefreshable, type ProviderProperties } from "../../dist/refresh/credential-source.js";
import { RefreshableCredentials } from "../../dist/refresh/refreshable-credentials.js";
import { HOUR, isPending, open, outcome, turn } from "./counting-source.js";

const REQUEST = { url: "https://example.com/orders" };
const identity = (): TemporaryCredentials => ({ accessKeyId: "AKID1", secretAccessKey: "example-secret" });
const signer = (credentials: CredentialSource) =>
  new Signer({ service: "execute-api", region: "eu-west-1", credentials });
const keyOf = (headers: Record<string, string>) => /Credential=(\w+)\//.exec(headers.authorization ?? "")?.[1];
/** An end that is so many seconds away by the system's clock, which is the one of these sources. */
const endIn = (seconds: number) => new Date(Date.now() + seconds * 1000);

/** A provider function whose n-th call gives `AKID<n>` for an hour, by the system's clock, or for ever. */
function counting({ ends = true } = {}) {
  const calls = { count: 0 };
  const provider = async (): Promise<TemporaryCredentials> => ({
    accessKeyId: `AKID${++calls.count}`,
    secretAccessKey: `secret${calls.count}`,
    sessionToken: `token${calls.count}`,
    ...(ends && { expiration: endIn(HOUR) }),
  });
  return { provider, calls };
}

test("refreshable credentials are what they are", (t) => {
  const { credentials } = open();
  t.is(asRefreshable(credentials), credentials);
});

test("a session and its provider function stand for the session's own credentials", (t) => {
  const session = new CustomRefreshableSession({ customCredentialsMethod: () => Promise.reject(new Error("unused")) });
  t.teardown(() => session.close());
  t.is(asRefreshable(session), session.getCredentials());
  t.is(asRefreshable(session.credentials), session.getCredentials());
  t.is(asRefreshable({ getCredentials: () => session.getCredentials() }), session.getCredentials());
});

test("an identity is the same credentials each time, another one of equal parts is others", (t) => {
  const one = identity();
  t.is(asRefreshable(one), asRefreshable(one));
  t.not(asRefreshable(one), asRefreshable(identity()));
  t.true(asRefreshable(one) instanceof RefreshableCredentials);
});

test("an identity is held at once, without any call", async (t) => {
  const given = { ...identity(), sessionToken: "example-token", expiration: endIn(HOUR), accountId: "123456789012" };
  const credentials = asRefreshable(given);
  t.is(credentials.method, "static");
  t.deepEqual({ ...credentials.frozen }, given);
  t.deepEqual({ ...(await credentials.getFrozenCredentials()) }, given);
  t.false(credentials.refreshNeeded());
  t.deepEqual(credentials.expiration, given.expiration);
});

test("an identity may be frozen, or of a class with getters", (t) => {
  class Credentials {
    get accessKeyId() {
      return "AKID1";
    }
    get secretAccessKey() {
      return "example-secret";
    }
  }
  for (const given of [Object.freeze(identity()), new Credentials()]) {
    t.deepEqual({ ...asRefreshable(given).frozen }, identity());
    t.is(asRefreshable(given), asRefreshable(given));
  }
});

test("an identity handed out by a session can be passed on", async (t) => {
  const { credentials } = open();
  const handedOut = await credentials.getFrozenCredentials();
  const passedOn = asRefreshable(handedOut);
  t.not(passedOn, credentials);
  t.deepEqual({ ...passedOn.frozen }, { ...handedOut });
});

test("keys written into an identity are followed from the next time it is given, by all who hold it", async (t) => {
  const given = { ...identity(), sessionToken: "token1" };
  const before = signer(given);
  t.is(keyOf(await before.sign(REQUEST)), "AKID1");
  for (const [changed, key] of [
    [{ accessKeyId: "AKID2", secretAccessKey: "another", sessionToken: "token2" }, "AKID2"],
    [{ secretAccessKey: "a third" }, "AKID2"],
    [{ sessionToken: "token3" }, "AKID2"],
  ] as const) {
    const last = asRefreshable(given).frozen;
    Object.assign(given, changed);
    const after = signer(given);
    for (const each of [before, after]) {
      const headers = await each.sign(REQUEST);
      t.is(keyOf(headers), key);
      t.is(headers["x-amz-security-token"], given.sessionToken);
    }
    t.not(asRefreshable(given).frozen, last);
    t.deepEqual({ ...asRefreshable(given).frozen }, { ...given });
  }
});

test("a token taken out of an identity is taken out of the signatures", async (t) => {
  const given: TemporaryCredentials = { ...identity(), sessionToken: "token1" };
  t.is((await signer(given).sign(REQUEST))["x-amz-security-token"], "token1");
  delete given.sessionToken;
  t.false("x-amz-security-token" in (await signer(given).sign(REQUEST)));
});

test("an end that is moved in an identity is followed", async (t) => {
  const given = { ...identity(), expiration: endIn(HOUR) };
  const credentials = asRefreshable(given);
  given.expiration = endIn(2 * HOUR);
  t.is(asRefreshable(given), credentials);
  t.deepEqual(credentials.expiration, given.expiration);
  // The same Date, changed in place.
  given.expiration.setTime(given.expiration.getTime() + 1000);
  asRefreshable(given);
  t.deepEqual(credentials.expiration, given.expiration);
  const last = credentials.frozen;
  asRefreshable(given);
  t.is(credentials.frozen, last, "nothing changed, nothing is made anew");
});

test("an end that is written as text is refused, and the one held stays", (t) => {
  const given = { ...identity(), expiration: endIn(HOUR) };
  const credentials = asRefreshable(given);
  const end = credentials.expiration;
  given.expiration = "2100-01-01T00:00:00Z" as never;
  t.throws(() => asRefreshable(given), { instanceOf: BRSCredentialError, message: /"expiration"/ });
  t.deepEqual(credentials.expiration, end);
});

test("an identity that lost a part is refused, and the parts held stay", (t) => {
  const given = identity();
  const credentials = asRefreshable(given);
  given.secretAccessKey = "";
  t.throws(() => asRefreshable(given), { instanceOf: BRSCredentialError, message: /"secretAccessKey"/ });
  t.is(credentials.frozen.secretAccessKey, "example-secret");
});

test("an identity is served to its end, without windows, and then says that it has no source", async (t) => {
  const credentials = asRefreshable({ ...identity(), expiration: endIn(HOUR) });
  const remaining = (credentials.expiration?.getTime() ?? 0) - credentials.now();
  // A second for the time that this test takes.
  credentials.setClockOffset(remaining - 1000);
  t.false(credentials.refreshNeeded());
  t.is((await credentials.getFrozenCredentials()).accessKeyId, "AKID1");
  credentials.setClockOffset(remaining);
  const error = await t.throwsAsync(credentials.getFrozenCredentials(), { instanceOf: BRSCredentialError });
  t.is(error?.code, "ERR_CREDENTIALS_EXPIRED");
  t.regex(error?.message ?? "", /without a source/);
});

test("an identity that has expired is refused when it is given", (t) => {
  const given = { ...identity(), expiration: endIn(-1) };
  t.throws(() => signer(given), { instanceOf: BRSCredentialError, code: "ERR_CREDENTIALS_EXPIRED" });
  // It can be mended in place.
  given.expiration = endIn(HOUR);
  t.notThrows(() => signer(given));
});

for (const [what, given, missing] of [
  ["nothing", {}, ["accessKeyId", "secretAccessKey"]],
  ["a list", [], ["accessKeyId", "secretAccessKey"]],
  ["no key id", { secretAccessKey: "example-secret" }, ["accessKeyId"]],
  ["an empty key id", { accessKeyId: "", secretAccessKey: "example-secret" }, ["accessKeyId"]],
  ["no secret", { accessKeyId: "AKID" }, ["secretAccessKey"]],
  ["a secret of null", { accessKeyId: "AKID", secretAccessKey: null }, ["secretAccessKey"]],
  ["a secret of bytes", { accessKeyId: "AKID", secretAccessKey: Buffer.from("example-secret") }, ["secretAccessKey"]],
  ["the spelling of boto", { access_key: "AKID", secret_key: "example-secret" }, ["accessKeyId", "secretAccessKey"]],
] as const) {
  test(`an identity with ${what} is refused at once, by name`, (t) => {
    const error = t.throws(() => asRefreshable(given as never), { instanceOf: BRSValidationError });
    t.is(error?.param, "credentials");
    t.deepEqual(error?.details?.missing, missing);
    for (const name of missing) t.regex(error?.message ?? "", new RegExp(`"${name}"`));
    t.notRegex(inspect(error), /example-secret/);
    t.throws(() => signer(given as never), { instanceOf: BRSValidationError });
    t.is(
      t.throws(() => asRefreshable(given as never, "stsClientConfig.credentials"))?.message.slice(0, 29),
      '"stsClientConfig.credentials"',
    );
  });
}

for (const given of [undefined, null, 5, true, "AKID:example-secret", Symbol("s"), 10n]) {
  test(`${String(given)} is refused, and not quoted`, (t) => {
    const error = t.throws(() => asRefreshable(given as never, "source"), { instanceOf: BRSValidationError });
    t.is(error?.param, "source");
    t.regex(error?.message ?? "", /^"source" must be an identity.*provider function or a session/);
    t.notRegex(inspect(error), /example-secret/);
  });
}

test("what only looks like a session is refused at once", (t) => {
  const { credentials } = open();
  for (const getCredentials of [undefined, 5, () => undefined, async () => credentials, () => identity()]) {
    const error = t.throws(() => asRefreshable({ getCredentials } as never), { instanceOf: BRSValidationError });
    t.is(error?.param, "credentials");
  }
});

test("a provider function is the same credentials each time, and is not called before somebody asks", async (t) => {
  const { provider, calls } = counting();
  const credentials = asRefreshable(provider);
  t.is(asRefreshable(provider), credentials);
  t.not(asRefreshable(counting().provider), credentials);
  t.is(credentials.method, "provider");
  t.is(calls.count, 0);
  const answers = await Promise.all([
    credentials.getFrozenCredentials(),
    asRefreshable(provider).getFrozenCredentials(),
    signer(provider).sign(REQUEST),
  ]);
  t.is(answers[0].accessKeyId, "AKID1");
  t.is(answers[1], answers[0]);
  t.is(keyOf(answers[2]), "AKID1");
  t.is(calls.count, 1);
});

test("signers made for each request from one provider function share its credentials", async (t) => {
  const { provider, calls } = counting();
  for (let request = 0; request < 20; request++) t.is(keyOf(await signer(provider).sign(REQUEST)), "AKID1");
  t.is(calls.count, 1);
});

test("a provider function is called again in the last five minutes, and waited for in the last one", async (t) => {
  const { provider, calls } = counting();
  const credentials = asRefreshable(provider);
  await credentials.getFrozenCredentials();
  const remaining = (credentials.expiration?.getTime() ?? 0) - credentials.now();
  const at = (seconds: number) => credentials.setClockOffset(remaining - seconds * 1000);
  at(302);
  await credentials.getFrozenCredentials();
  await turn();
  t.is(calls.count, 1);
  at(298);
  t.is(await outcome(credentials.getFrozenCredentials()), 1);
  await turn();
  t.is(calls.count, 2);
  at(62);
  t.is(await outcome(credentials.getFrozenCredentials()), 2);
  await turn();
  at(58);
  t.is(await outcome(credentials.getFrozenCredentials()), calls.count);
});

test("what a provider function gives without an end is kept", async (t) => {
  const { provider, calls } = counting({ ends: false });
  const credentials = asRefreshable(provider);
  await credentials.getFrozenCredentials();
  credentials.setClockOffset(24 * HOUR * 1000);
  t.is(await outcome(credentials.getFrozenCredentials()), 1);
  t.is(credentials.expiration, undefined);
  t.is(calls.count, 1);
});

test("a provider function may answer at once, and in the spelling of boto or STS", async (t) => {
  const answers = [
    () => identity(),
    async () => ({ access_key: "AKID1", secret_key: "example-secret" }),
    async () => ({ Credentials: { AccessKeyId: "AKID1", SecretAccessKey: "example-secret" } }),
  ];
  for (const answer of answers) {
    t.deepEqual({ ...(await asRefreshable(answer as never).getFrozenCredentials()) }, identity());
  }
});

test("what a provider function throws reaches the callers as it is", async (t) => {
  const error = new RangeError("vault is sealed");
  const thrown = asRefreshable(() => {
    throw error;
  });
  t.is(await t.throwsAsync(thrown.getFrozenCredentials()), error);
  t.is(await t.throwsAsync(asRefreshable(() => Promise.reject(error)).getFrozenCredentials()), error);
  const missing = await t.throwsAsync(asRefreshable(fromEnv({ env: {} })).getFrozenCredentials());
  t.true(missing instanceof BRSCredentialError);
});

test("what a provider function answers wrong is an error that names the function, not what it gave", async (t) => {
  for (const answer of [
    undefined,
    null,
    42,
    "example-secret",
    [],
    {},
    { accessKeyId: "AKID" },
    { ...identity(), expiration: "soon" },
    { ...identity(), expiration: "2030-01-01T00:00:00" },
    { ...identity(), expiration: endIn(-1) },
    { ...identity(), sessionToken: "example-secret\n" },
  ]) {
    const error = await t.throwsAsync(asRefreshable((async () => answer) as never).getFrozenCredentials(), {
      instanceOf: BRSCredentialError,
    });
    t.regex(error?.message ?? "", /^the provider function/);
    t.notRegex(inspect(error), /example-secret/);
  }
});

test("credentials that are closed are closed for whoever is given them again", async (t) => {
  const { provider } = counting();
  for (const source of [provider, identity()] as CredentialSource[]) {
    const credentials = asRefreshable(source);
    await credentials.getFrozenCredentials();
    credentials.close();
    await t.throwsAsync(credentials.getFrozenCredentials(), { code: "ERR_CLOSED" });
  }
});

test("one source's failure is nothing to another", async (t) => {
  const failing = asRefreshable(() => Promise.reject(new Error("no")));
  const pending = asRefreshable(() => new Promise<never>(() => {}));
  const waiting = pending.getFrozenCredentials();
  await t.throwsAsync(failing.getFrozenCredentials());
  t.true(await isPending(waiting));
  t.is(await outcome(asRefreshable(counting().provider).getFrozenCredentials()), 1);
  pending.close();
  await t.throwsAsync(waiting, { code: "ERR_CLOSED" });
});

test("a provider function is told when its last answer was refused or a refresh is forced", async (t) => {
  const asked: unknown[] = [];
  const credentials = asRefreshable(async (properties?: ProviderProperties) => {
    asked.push(properties?.forceRefresh);
    t.true(properties?.signal instanceof AbortSignal);
    return { accessKeyId: `AKID${asked.length}`, secretAccessKey: "secret" };
  });
  await credentials.getFrozenCredentials();
  await credentials.refresh({ force: true });
  credentials.invalidate("AKID2");
  await credentials.getFrozenCredentials();
  credentials.invalidate("AKID2");
  await credentials.getFrozenCredentials();
  t.deepEqual(asked, [undefined, true, true]);
});

test("an identity that was refused is read again: a refusal may pass, and its keys may have been rotated", async (t) => {
  const identity = { accessKeyId: "AKID1", secretAccessKey: "secret1" };
  const credentials = asRefreshable(identity);
  t.true(credentials.invalidate("AKID1"));
  t.is(await outcome(credentials.getFrozenCredentials()), 1);
  // Written into by somebody who rotates keys, and not handed over once more.
  Object.assign(identity, { accessKeyId: "AKID2", secretAccessKey: "secret2" });
  t.is(await outcome(credentials.getFrozenCredentials()), 1);
  t.true(credentials.invalidate("AKID1"));
  t.is(await outcome(credentials.getFrozenCredentials()), 2);
  t.is(credentials.frozen.secretAccessKey, "secret2");
});

test("an identity that has ended is not taken again, and half of one neither", async (t) => {
  const identity: Partial<TemporaryCredentials> = { accessKeyId: "AKID1", secretAccessKey: "secret1" };
  const credentials = asRefreshable(identity as TemporaryCredentials);
  identity.expiration = new Date(Date.now() - 1000);
  t.true(credentials.invalidate());
  const ended = { instanceOf: BRSCredentialError, code: "ERR_CREDENTIALS_EXPIRED", message: /without a source/ };
  await t.throwsAsync(credentials.getFrozenCredentials(), ended);
  delete identity.expiration;
  delete identity.secretAccessKey;
  const half = await t.throwsAsync(credentials.getFrozenCredentials(), { instanceOf: BRSCredentialError });
  t.is(half?.param, "secretAccessKey");
});
