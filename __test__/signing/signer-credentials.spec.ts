/** Tests of whose credentials a signer signs with: fetched, rotated, refreshed, expired, closed. */
import test from "ava";
import { CredentialsNotReadyError, Signer } from "aws-refresh-session/signing";
import { AT, field, KEYS, SESSION_KEYS, signatureOf, signedHeadersOf, signerWith } from "./examples.js";
import { refreshingSession } from "./refreshing-session.js";
import { setSystemTime } from "./system-time.js";

const url = "https://example.amazonaws.com/";
const request = { method: "POST", url, headers: { "content-type": "application/json" }, body: '{"a":1}' };

const keyIdOf = (headers: Record<string, string>) => field(headers.authorization, "Credential").split("/")[0];
/** Lets promise callbacks and immediates run. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

// ---- credentials that have to be fetched

function counted(keys: object = KEYS) {
  const state = { calls: 0 };
  const provider = async () => {
    state.calls++;
    await turn();
    return { ...keys } as typeof KEYS;
  };
  return { state, provider };
}

test("signSync with a provider that was not asked yet throws, and asks nobody", (t) => {
  const { state, provider } = counted();
  const signer = signerWith({ credentials: provider });
  for (const call of [
    () => signer.signSync(request),
    () => signer.presignSync(url, { expiresIn: 60 }),
    () => signer.explain(request),
  ]) {
    const error = t.throws(call, { instanceOf: CredentialsNotReadyError });
    t.is(error?.code, "ERR_CREDENTIALS_NOT_READY");
    t.regex(error?.message ?? "", /await/);
  }
  t.is(state.calls, 0);
});

test("await sign fetches first; then signSync works", async (t) => {
  const { state, provider } = counted(SESSION_KEYS);
  const signer = signerWith({ credentials: provider });
  const signed = await signer.sign(request, AT);
  t.deepEqual(signed, signerWith({ credentials: SESSION_KEYS }).signSync(request, AT));
  t.deepEqual(signer.signSync(request, AT), signed);
  t.is(state.calls, 1);
});

test("a thousand signatures at once ask the provider once and all are right", async (t) => {
  const { state, provider } = counted();
  const signers = Array.from({ length: 10 }, () => signerWith({ credentials: provider }));
  const bodies = Array.from({ length: 1000 }, (_, index) => `body ${index}`);
  const signed = await Promise.all(bodies.map((body, index) => signers[index % 10]?.sign({ ...request, body }, AT)));
  t.is(state.calls, 1);
  const reference = signerWith();
  t.deepEqual(
    signed,
    bodies.map((body) => reference.signSync({ ...request, body }, AT)),
  );
});

test("calls of all kinds at once, before the credentials are there, all get right answers", async (t) => {
  const { state, provider } = counted(SESSION_KEYS);
  const signer = signerWith({ credentials: provider });
  const ready = signerWith({ credentials: SESSION_KEYS });
  const options = { ...AT, expiresIn: 60 };
  const [signed, presigned, many, merged] = await Promise.all([
    signer.sign(request, AT),
    signer.presign(url, options),
    signer.presignMany([url, `${url}b`], options),
    signer.signRequest(request, AT),
  ]);
  t.is(state.calls, 1);
  t.deepEqual(signed, ready.signSync(request, AT));
  t.is(presigned.url, ready.presignSync(url, options).url);
  t.deepEqual(
    many,
    [url, `${url}b`].map((each) => ready.presignSync(each, options).url),
  );
  t.deepEqual(merged.headers, { ...request.headers, ...ready.signSync(request, AT) });
});

test("headers that can be read only once survive the wait for credentials", async (t) => {
  const headers = () => new Map([["x-a", "1"]]).entries();
  const expected = signerWith().signSync({ url, headers: headers() }, AT);
  const { provider } = counted();
  t.deepEqual(await signerWith({ credentials: provider }).sign({ url, headers: headers() }, AT), expected);
  const { provider: another } = counted();
  const { url: presigned } = await signerWith({ credentials: another }).presign(
    { url, headers: headers() },
    { ...AT, expiresIn: 60 },
  );
  t.deepEqual(signedHeadersOf(presigned.replace("%3B", ";")), ["host", "x-a"]);
});

test("a provider that fails rejects those who wait with its error, and is asked again by the next", async (t) => {
  let calls = 0;
  const failure = new Error("vault is sealed");
  const credentials = async () => {
    calls++;
    if (calls === 1) throw failure;
    return KEYS;
  };
  const signer = signerWith({ credentials });
  const results = await Promise.allSettled([
    signer.sign(request),
    signer.sign(request),
    signer.presign(url, { expiresIn: 1 }),
  ]);
  for (const result of results) t.is(result.status === "rejected" && result.reason, failure);
  t.is(calls, 1);
  t.is(keyIdOf(await signer.sign(request)), "AKIDEXAMPLE");
  t.is(calls, 2);
});

// ---- whose credentials sign

test("the same key id with two secrets never mix, whichever signs first", (t) => {
  const other = { ...KEYS, secretAccessKey: "another/secret+of/the+same+length/EXAMPLE" };
  const [one, two] = [signerWith(), signerWith({ credentials: other })];
  const sign = (signer: Signer) => signatureOf(signer.signSync(request, AT).authorization);
  const [first, second] = [sign(one), sign(two)];
  t.not(first, second);
  for (let round = 0; round < 100; round++) {
    t.is(sign(one), first);
    t.is(sign(two), second);
    const fresh = signerWith({ credentials: { ...(round % 2 === 0 ? KEYS : other) } });
    t.is(sign(fresh), round % 2 === 0 ? first : second);
  }
});

test("signers of two services and regions on one identity do not mix their keys", (t) => {
  const signers = ["a", "b"].flatMap((service) => ["r1", "r2"].map((region) => signerWith({ service, region })));
  const signatures = signers.map((signer) => signatureOf(signer.signSync(request, AT).authorization));
  t.is(new Set(signatures).size, 4);
  for (let round = 0; round < 20; round++) {
    t.deepEqual(
      signers.map((signer) => signatureOf(signer.signSync(request, AT).authorization)),
      signatures,
    );
  }
});

test("keys rotated by writing into the same object: the next signer brings all signers of that object along", (t) => {
  const identity: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } = { ...KEYS };
  const before = signerWith({ credentials: identity });
  t.is(keyIdOf(before.signSync(request)), "AKIDEXAMPLE");
  Object.assign(identity, { accessKeyId: "AKIDROTATED", secretAccessKey: "rotated", sessionToken: "token" });
  const after = signerWith({ credentials: identity });
  const expected = signerWith({ credentials: { ...identity } }).signSync(request, AT);
  t.is(expected["x-amz-security-token"], "token");
  t.deepEqual(after.signSync(request, AT), expected);
  t.deepEqual(before.signSync(request, AT), expected);
  delete identity.sessionToken;
  signerWith({ credentials: identity });
  t.false("x-amz-security-token" in before.signSync(request, AT));
});

test("a rotation to half an identity is refused, and the signers keep what they had", (t) => {
  const identity: { accessKeyId: string; secretAccessKey: string } = { ...KEYS };
  const signer = signerWith({ credentials: identity });
  identity.secretAccessKey = "";
  t.throws(() => signerWith({ credentials: identity }), { message: /secretAccessKey/ });
  t.deepEqual(signer.signSync(request, AT), signerWith().signSync(request, AT));
});

test("a refresh reaches existing signers at once", async (t) => {
  const { state, session } = refreshingSession();
  const signers = ["a", "b"].map((service) => new Signer({ service, region: "r", credentials: session }));
  for (const signer of signers) t.is(keyIdOf(await signer.sign(request)), "AKID1");
  await session.getCredentials().refresh({ force: true });
  for (const signer of signers) {
    const signed = signer.signSync(request);
    t.is(keyIdOf(signed), "AKID2");
    t.is(signed["x-amz-security-token"], "token2");
    const credentials = { accessKeyId: "AKID2", secretAccessKey: "secret 2", sessionToken: "token2" };
    const { service = "" } = /\/r\/(?<service>\w)\//.exec(signed.authorization ?? "")?.groups ?? {};
    t.deepEqual(
      signed,
      new Signer({ service, region: "r", credentials }).signSync(request, { signingDate: new Date(state.now) }),
    );
  }
  session.close();
});

test("in the advisory window signatures go on with what is held while one refresh runs behind them", async (t) => {
  const { state, session } = refreshingSession();
  const signer = new Signer({ service: "a", region: "r", credentials: session });
  await signer.sign(request);
  state.now += 3_600_000 - 800_000;
  t.is(keyIdOf(signer.signSync(request)), "AKID1");
  t.is(keyIdOf(signer.signSync(request)), "AKID1");
  await turn();
  t.is(keyIdOf(signer.signSync(request)), "AKID2");
  t.is(state.round, 2);
  session.close();
});

test("past the mandatory window signSync throws and sign waits", async (t) => {
  const { state, session } = refreshingSession();
  const signer = new Signer({ service: "a", region: "r", credentials: session });
  await signer.sign(request);
  state.now += 3_600_000 - 500_000;
  t.throws(() => signer.signSync(request), { instanceOf: CredentialsNotReadyError });
  t.is(keyIdOf(await signer.sign(request)), "AKID2");
  session.close();
});

test("signatures are dated by the clock of the credentials with the offset it was found to have", async (t) => {
  const { state, session } = refreshingSession();
  const signer = new Signer({ service: "a", region: "r", credentials: session });
  t.is((await signer.sign(request))["x-amz-date"], "20150830T123600Z");
  session.getCredentials().setClockOffset(300_000);
  t.is(signer.signSync(request)["x-amz-date"], "20150830T124100Z");
  t.is(field(signer.presignSync(url, { expiresIn: 60 }).url, "X-Amz-Date"), "20150830T124100Z");
  const [many] = await signer.presignMany([url], { expiresIn: 60 });
  t.is(field(many, "X-Amz-Date"), "20150830T124100Z");
  const own = new Signer({ service: "a", region: "r", credentials: session, clock: () => state.now });
  t.is(own.signSync(request)["x-amz-date"], "20150830T123600Z");
  session.close();
});

test("a closed session signs no more", async (t) => {
  const { session } = refreshingSession();
  const signer = new Signer({ service: "a", region: "r", credentials: session });
  await signer.sign(request);
  session.close();
  t.throws(() => signer.signSync(request), { code: "ERR_CLOSED" });
  await t.throwsAsync(signer.sign(request), { code: "ERR_CLOSED" });
  await t.throwsAsync(signer.presignMany([url], { expiresIn: 60 }), { code: "ERR_CLOSED" });
});

test.serial("an identity that has expired signs no more, and says that it has no source", async (t) => {
  const expiration = new Date(Date.now() + 60_000);
  const signer = new Signer({ service: "a", region: "r", credentials: { ...KEYS, expiration } });
  t.is(keyIdOf(signer.signSync(request)), "AKIDEXAMPLE");
  setSystemTime(t, expiration.getTime());
  t.throws(() => signer.signSync(request), { instanceOf: CredentialsNotReadyError });
  await t.throwsAsync(signer.sign(request), { code: "ERR_CREDENTIALS_EXPIRED", message: /without a source/ });
});
