/** Signers of refreshing credentials: they wait where a caller must, start what is advised, and follow each new triple at once. */
import test from "ava";
import {
  CredentialsNotReadyError,
  CustomRefreshableSession,
  type SignedHeaders,
  Signer,
  type SignerOptions,
} from "aws-refresh-session";
import type { RefreshOptions } from "../../dist/refresh/refresh-options.js";
import { HOUR, heard, isPending, type Opened, open, openHeld, START, triple, turn } from "./counting-source.js";

const REQUEST = { method: "POST", url: "https://example.com/orders?b=2&a=1", headers: { "x-one": "1" }, body: "{}" };
const LARGE = { ...REQUEST, body: "x".repeat(5_000_000) };
const SETTINGS = { service: "execute-api", region: "eu-west-1" };
const DATE = new Date(START);
const closed = { code: "ERR_CLOSED" };

const signerOf = ({ credentials }: Pick<Opened, "credentials">, options: Partial<SignerOptions> = {}) =>
  new Signer({ ...SETTINGS, ...options, credentials });

/** What a signer with nothing but the n-th triple makes of the request. */
function signedWith(n: number, request = REQUEST): SignedHeaders {
  const { accessKeyId, secretAccessKey, sessionToken } = triple(n, 0);
  const identity = { accessKeyId, secretAccessKey, sessionToken };
  return new Signer({ ...SETTINGS, credentials: identity }).signSync(request, { signingDate: DATE });
}

/** The number of the triple that signed, all parts of which must belong together; or the error. */
async function signedBy(signing: Promise<SignedHeaders>, request = REQUEST): Promise<unknown> {
  try {
    const headers = await signing;
    const n = Number(/Credential=AKID(\d+)\//.exec(headers.authorization ?? "")?.[1]);
    const isWhole = JSON.stringify(headers) === JSON.stringify(signedWith(n, request));
    return isWhole && headers["x-amz-security-token"] === `token${n}` ? n : { mixed: headers };
  } catch (error) {
    return error;
  }
}

const sign = (signer: Signer, request = REQUEST) => signedBy(signer.sign(request, { signingDate: DATE }), request);
const signSync = (signer: Signer) => signedBy((async () => signer.signSync(REQUEST, { signingDate: DATE }))());

for (const [what, prepare, before] of [
  ["nothing is held", async () => open(), 0],
  ["what is held is in its mandatory window", () => openHeld(599), 1],
  ["what is held has expired", () => openHeld(0), 1],
  ["the triple was invalidated", () => openHeld(HOUR).then(invalidated), 1],
] as const) {
  for (const request of [REQUEST, LARGE]) {
    const size = request === LARGE ? "a large request" : "a request";
    test(`${what}: signing ${size} waits for the refresh, and signs with the new triple`, async (t) => {
      const opened = await prepare();
      const pending = opened.source.pendNext();
      const signer = signerOf(opened);
      const signing = [sign(signer, request), sign(signer, request), sign(signerOf(opened), request)];
      // A large body is hashed in turns of the loop before the credentials are looked at.
      for (let turns = 0; turns < 100 && opened.source.calls === before; turns++) await turn();
      t.true(await isPending(Promise.race(signing)));
      t.throws(() => signer.signSync(REQUEST), { instanceOf: CredentialsNotReadyError });
      t.throws(() => signer.presignSync(REQUEST, { expiresIn: 60 }), { instanceOf: CredentialsNotReadyError });
      pending.give();
      t.deepEqual(await Promise.all(signing), Array(3).fill(before + 1));
      t.is(opened.source.calls, before + 1);
    });
  }
}

function invalidated(opened: Opened): Opened {
  opened.credentials.invalidate();
  return opened;
}

test("in the advisory window it signs at once with what is held, and starts one refresh", async (t) => {
  for (const way of [sign, signSync]) {
    const opened = await openHeld(899);
    const signer = signerOf(opened);
    const pending = opened.source.pendNext();
    for (let request = 0; request < 5; request++) t.is(await way(signer), 1);
    t.is(opened.source.calls, 2);
    t.false(opened.source.contexts[1]?.hold?.held, "nobody waits for it");
    pending.give();
    await turn();
    t.is(await way(signer), 2);
    t.is(opened.source.calls, 2);
  }
});

test("outside of the windows it starts nothing", async (t) => {
  const opened = await openHeld(900);
  const signer = signerOf(opened);
  for (let request = 0; request < 5; request++) t.is(await sign(signer), 1);
  t.is(await signSync(signer), 1);
  await turn();
  t.is(opened.source.calls, 1);
});

test("presigning waits, or starts an advised refresh, as signing does", async (t) => {
  const opened = open();
  const signer = signerOf(opened);
  const keyOf = async (signing: Promise<{ url: string }>) =>
    new URL((await signing).url).searchParams.get("X-Amz-Credential")?.split("/")[0];
  t.is(await keyOf(signer.presign(REQUEST, { expiresIn: 60 })), "AKID1");
  opened.atRemaining(899);
  const pending = opened.source.pendNext();
  t.is(await keyOf(signer.presign(REQUEST, { expiresIn: 60 })), "AKID1");
  t.is(await keyOf((async () => signer.presignSync(REQUEST, { expiresIn: 60 }))()), "AKID1");
  t.is(opened.source.calls, 2);
  pending.give();
  await turn();
  t.is(await keyOf(signer.presign(REQUEST, { expiresIn: 60 })), "AKID2");
  opened.atRemaining(0);
  const urls = await signer.presignMany([REQUEST.url, REQUEST.url], { expiresIn: 60 });
  t.deepEqual(await Promise.all(urls.map((url) => keyOf(Promise.resolve({ url })))), ["AKID3", "AKID3"]);
});

test("while backing off it rejects at once with the kept failure, and asks for nothing", async (t) => {
  const error = new Error("out of order");
  for (const [remaining, attempts] of [
    [300, 1],
    [0, 2],
  ] as const) {
    const opened = await openHeld(remaining);
    const signer = signerOf(opened);
    opened.source.outage = error;
    for (let attempt = 0; attempt < attempts; attempt++) t.is(await sign(signer), error);
    const { calls } = opened.source;
    t.is(calls, 1 + attempts);
    opened.source.outage = undefined;
    t.is(await sign(signer), error);
    t.is(await sign(signer, LARGE), error);
    t.is(await signSync(signer), error);
    t.is(await t.throwsAsync(signer.presign(REQUEST, { expiresIn: 60 })), error);
    t.is(await t.throwsAsync(signer.presignMany([REQUEST.url], { expiresIn: 60 })), error);
    t.is(opened.source.calls, calls);
    opened.time.advance(1);
    t.is(await sign(signer), calls + 1);
  }
});

test("with nothing held the first failure is not kept: the next request asks again", async (t) => {
  const opened = open();
  const signer = signerOf(opened);
  const error = new Error("out of order");
  opened.source.outage = error;
  t.is(await sign(signer), error);
  opened.source.outage = undefined;
  t.is(await sign(signer), 2);
});

test("fifty requests at once at the end cost one refresh, or one failure", async (t) => {
  const opened = await openHeld(0);
  const signer = signerOf(opened);
  const fifty = () => Promise.all(Array.from({ length: 50 }, () => sign(signer)));
  t.deepEqual(await fifty(), Array(50).fill(2));
  t.is(opened.source.calls, 2);
  opened.atRemaining(0);
  const error = new Error("out of order");
  opened.source.outage = error;
  t.true((await fifty()).every((each) => each === error));
  t.is(opened.source.calls, 3);
});

test("what a policy serves in spite of a failure is signed with", async (t) => {
  for (const [remaining, options] of [
    [300, { onMandatoryFailure: "serve-valid" }],
    [30, { refreshPolicy: "static-stability" }],
    [-HOUR, { refreshPolicy: "static-stability" }],
  ] as ReadonlyArray<readonly [number, RefreshOptions]>) {
    const opened = await openHeld(remaining, options);
    const signer = signerOf(opened);
    opened.source.outage = new Error("out of order");
    t.is(await sign(signer), 1);
    t.is(await sign(signer), 1);
    t.is(await signSync(signer), 1);
    t.is(opened.source.calls, 2);
  }
});

test("a signer follows invalidate, and each refresh, from the next signature on", async (t) => {
  const opened = await openHeld(HOUR);
  const signers = [signerOf(opened), signerOf(opened, { engine: "aws-sigv4" })];
  for (const signer of signers) t.regex((await signer.sign(REQUEST)).authorization ?? "", /AKID1\//);
  t.true(opened.credentials.invalidate("AKID1"));
  for (const signer of signers) t.throws(() => signer.signSync(REQUEST), { instanceOf: CredentialsNotReadyError });
  for (const signer of signers) t.regex((await signer.sign(REQUEST)).authorization ?? "", /AKID2\//);
  t.is(opened.source.calls, 2);
  await opened.credentials.refresh({ force: true });
  for (const signer of signers) t.regex(signer.signSync(REQUEST).authorization ?? "", /AKID3\//);
});

test("a signer of closed credentials says so", async (t) => {
  const opened = open();
  const signer = signerOf(opened);
  opened.source.pendNext();
  const waiting = sign(signer);
  await turn();
  opened.credentials.close();
  t.like(await waiting, closed);
  await t.throwsAsync(signer.sign(REQUEST), closed);
  await t.throwsAsync(signer.sign(LARGE), closed);
  await t.throwsAsync(signer.presign(REQUEST, { expiresIn: 60 }), closed);
  await t.throwsAsync(signer.presignMany([REQUEST.url], { expiresIn: 60 }), closed);
  t.throws(() => signer.signSync(REQUEST), closed);
});

test("signatures during refreshes are made with one triple or the other, never a mix", async (t) => {
  const opened = open({ lifetime: 40, advisoryTimeout: 20, mandatoryTimeout: 10 });
  const signer = signerOf(opened);
  const seen = new Set<unknown>();
  const client = async (id: number) => {
    for (let round = 0; round < 40; round++) {
      const by = await sign(signer);
      t.is(typeof by, "number", JSON.stringify(by));
      seen.add(by);
      if ((id + round) % 11 === 0) opened.credentials.invalidate();
      if (id === 0) opened.time.advance(5);
      await turn();
    }
  };
  await Promise.all(Array.from({ length: 20 }, (_, id) => client(id)));
  t.true(seen.size > 5, `${seen.size} triples`);
});

test("a strategy that signs something itself does not disturb the signature that set it off", async (t) => {
  // A function of the user that calls a service of its own before its first await.
  const vault = new Signer({ ...SETTINGS, credentials: { accessKeyId: "AKIDVAULT", secretAccessKey: "vault" } });
  let now = START;
  let calls = 0;
  const session = new CustomRefreshableSession({
    ...{ env: {}, region: SETTINGS.region, clock: () => now },
    customCredentialsMethod: () => {
      calls++;
      vault.signSync({ url: "https://vault.example.com/a/longer/path/than/the/other/request/has" });
      const { accountId: _, ...credentials } = triple(calls, now + HOUR * 1000);
      return credentials;
    },
  });
  t.teardown(() => session.close());
  const signer = session.signer({ service: SETTINGS.service });
  t.is(await sign(signer), 1);
  now += (HOUR - 899) * 1000;
  t.is(await sign(signer), 1);
  await turn();
  t.is(calls, 2);
  t.is(await sign(signer), 2);
  now += (HOUR - 899) * 1000;
  const url = signer.presignSync(REQUEST, { expiresIn: 60 }).url;
  t.is(new URL(url).searchParams.get("X-Amz-Credential")?.split("/")[0], "AKID2");
  t.is(new URL(url).host, "example.com");
});

test("a request that waited is signed for the time of its signature, not of its arrival", async (t) => {
  const opened = open();
  const signer = signerOf(opened);
  const pending = opened.source.pendNext();
  const signing = signer.sign(REQUEST);
  await turn();
  opened.time.advance(25);
  pending.give();
  t.is((await signing)["x-amz-date"], "20300101T000025Z");
});

test("events come once however many signers there are", async (t) => {
  const opened = await openHeld(0);
  const told = heard(opened.credentials);
  await Promise.all(Array.from({ length: 20 }, () => sign(signerOf(opened))));
  t.deepEqual(told, ["expired 2030-01-01T01:00:00.000Z", "refresh AKID2"]);
});
