/** Where SignatureV4 takes credentials from, and how often: as the AWS SDK's own does, and from sessions. */
import test from "ava";
import { CustomRefreshableSession } from "aws-refresh-session";
import { BRSCredentialError } from "aws-refresh-session/aws-sdk";
import { native } from "../../dist/native.js";
import { AT, KEYS, ours, rejection, request, SESSION_KEYS, theirs } from "./examples.js";

const authorization = async (signing: Promise<{ headers: Record<string, string> }>) =>
  (await signing).headers.authorization ?? "";

const identities = Array.from({ length: 8 }, (_, index) => ({
  accessKeyId: `AKID${index % 4}`,
  secretAccessKey: `secret ${index}`,
  ...(index % 2 === 0 ? {} : { sessionToken: `token-${index}` }),
}));

test("a provider is called once for each signature, and no more", async (t) => {
  let calls = 0;
  const provider = async () => {
    calls++;
    return KEYS;
  };
  const signer = ours({ credentials: provider });
  t.is(calls, 0);
  await signer.sign(request(), AT);
  await signer.presign(request(), AT);
  await signer.sign("text", AT);
  await ours({ credentials: provider }).sign(request(), AT);
  t.is(calls, 4);
});

test("whatever a provider answers now is what signs", async (t) => {
  for (const identity of identities) {
    const provider = async () => identity;
    t.is(
      await authorization(ours({ credentials: provider }).sign(request(), AT)),
      await authorization(theirs({ credentials: provider }).sign(request(), AT)),
    );
  }
});

test("concurrent calls of one provider that answers differently each sign with their own answer", async (t) => {
  let calls = 0;
  const provider = async () => {
    const identity = identities[calls++ % identities.length];
    for (let turn = 0; turn < calls % 5; turn++) await null;
    return identity as typeof KEYS;
  };
  const signer = ours({ credentials: provider });
  const signed = await Promise.all(Array.from({ length: 64 }, () => signer.sign(request(), AT)));
  for (const [index, { headers }] of signed.entries()) {
    const credentials = identities[index % identities.length] as typeof KEYS;
    const expected = await theirs({ credentials }).sign(request(), AT);
    t.deepEqual(headers, expected.headers);
  }
});

test("keys that are written into the identity that was given sign from then on", async (t) => {
  const credentials = { ...SESSION_KEYS };
  const signer = ours({ credentials });
  await signer.sign(request(), AT);
  Object.assign(credentials, identities[3]);
  t.deepEqual(await signer.sign(request(), AT), await theirs({ credentials }).sign(request(), AT));
});

test("one key id with two secrets never signs with the other one", async (t) => {
  const other = { ...KEYS, secretAccessKey: "another secret" };
  for (const credentials of [KEYS, other, KEYS, other]) {
    t.is(
      await authorization(ours({ credentials: { ...credentials } }).sign(request(), AT)),
      await authorization(theirs({ credentials }).sign(request(), AT)),
    );
  }
});

test("an identity past its expiration signs, as the SDK leaves that to the provider", async (t) => {
  const credentials = { ...SESSION_KEYS, expiration: new Date(0) };
  for (const given of [credentials, async () => credentials]) {
    t.deepEqual(
      await ours({ credentials: given }).sign(request(), AT),
      await theirs({ credentials: given }).sign(request(), AT),
    );
  }
});

test("a session, its credentials and its provider sign with what is current, and follow a refresh", async (t) => {
  let made = 0;
  const session = new CustomRefreshableSession({
    customCredentialsMethod: () => ({
      access_key: `AKID${++made}`,
      secret_key: "secret",
      token: `token-${made}`,
      expiry_time: new Date(Date.now() + 3_600_000),
    }),
  });
  t.teardown(() => session.close());
  for (const credentials of [session, session.credentials, session.getCredentials()]) {
    const { headers } = await ours({ credentials }).sign(request(), AT);
    t.is(headers["x-amz-security-token"], "token-1");
  }
  await session.getCredentials().refresh({ force: true });
  for (const credentials of [session, session.credentials, session.getCredentials()]) {
    const { headers } = await ours({ credentials }).sign(request(), AT);
    const expected = await theirs({ credentials: await session.credentials() }).sign(request(), AT);
    t.deepEqual(headers, expected.headers);
    t.is(headers["x-amz-security-token"], "token-2");
  }
  t.is(made, 2);
});

test("without a signing date the clock of a session is what dates a signature", async (t) => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5);
  const session = new CustomRefreshableSession({
    customCredentialsMethod: () => ({
      access_key: "AKID",
      secret_key: "secret",
      token: "token",
      expiry_time: new Date(now + 3_600_000),
    }),
    clock: () => now,
  });
  t.teardown(() => session.close());
  const { headers } = await ours({ credentials: session }).sign(request());
  t.is(headers["x-amz-date"], "20260102T030405Z");
  const presigned = await ours({ credentials: session.credentials }).presign(request());
  t.is(presigned.query?.["X-Amz-Date"], "20260102T030405Z");
});

test.serial(
  "signers that are made for each request from the same source share what the core holds of it",
  async (t) => {
    const { openCell, publish } = native;
    const counts = { opened: 0, published: 0 };
    native.openCell = (...args) => {
      counts.opened++;
      return openCell(...args);
    };
    native.publish = (...args) => {
      counts.published++;
      return publish(...args);
    };
    t.teardown(() => Object.assign(native, { openCell, publish }));
    const identity = { ...KEYS };
    // A new object each time, as some providers answer, is no new identity.
    const provider = async () => ({ ...SESSION_KEYS });
    for (const credentials of [identity, provider]) {
      for (let count = 0; count < 20; count++) await ours({ credentials }).sign(request(), AT);
    }
    t.deepEqual(counts, { opened: 2, published: 2 });
  },
);

test("what a provider rejects with reaches the caller as it is", async (t) => {
  const reason = new Error("no credentials today");
  const credentials = async () => {
    throw reason;
  };
  t.is(await rejection(() => ours({ credentials }).sign(request(), AT)), reason);
  t.is(await rejection(() => ours({ credentials }).presign(request(), AT)), reason);
});

test("a failure that comes while something else is awaited has its handler", async (t) => {
  const reason = new Error("no credentials today");
  const credentials = async () => {
    throw reason;
  };
  const slowly = () => new Promise<string>((resolve) => setTimeout(resolve, 20, "us-east-1"));
  const body = Buffer.alloc(5 << 20);
  // ava fails on a rejection that nobody handles.
  t.is(await rejection(() => ours({ credentials, region: slowly }).sign(request({ body }), AT)), reason);
  t.is(await rejection(() => ours({ credentials, region: slowly }).presign(request({ body }), AT)), reason);
  const failing = async () => {
    throw new Error("no region today");
  };
  const error = await rejection(() => ours({ credentials, region: failing }).sign(request(), AT));
  t.regex(String(error), /no region today/);
});

test("what is no identity is refused in the SDK's words, without showing it", async (t) => {
  const bad = [undefined, null, "AKID", {}, { accessKeyId: "AKID" }, { accessKeyId: 5, secretAccessKey: "hidden" }];
  for (const identity of bad) {
    for (const credentials of [identity, async () => identity]) {
      const error = await rejection(() => ours({ credentials: credentials as never }).sign(request(), AT));
      t.true(error instanceof BRSCredentialError, String(error));
      t.regex(String(error), /Resolved credential object is not valid/);
      t.notRegex(String(error), /hidden/);
    }
  }
});
