/** Sessions of several worker threads that share one cell: one refresh for all, whoever runs it and however it ends. */
import assert from "node:assert/strict";
import test, { type ExecutionContext } from "ava";
import { startTestEndpoint } from "aws-refresh-session/testing";
import { native } from "../../dist/native.js";
import { BLOCK, Shared, Thread } from "./thread.js";

const HOUR = 3_600_000;

/** Opens a session in the thread whose function asks at the gate; `args` are options of it. */
const OPEN = `
  state.session = new lib.CustomRefreshableSession({
    customCredentialsMethod: gated((number) => triple("AKID" + number)), clock, env: {}, shared: "all", ...args,
  });
`;
const FAILING = `
  state.session = new lib.CustomRefreshableSession({
    customCredentialsMethod: gated((number) => {
      throw new lib.BRSCredentialError("the vault is sealed " + number, { code: "ERR_VAULT", details: { number }, retryable: true });
    }),
    clock, env: {}, shared: "all", ...args,
  });
`;
/** Begins to wait for credentials, and ends when it does wait. */
const BEGIN = `
  state.waiting = Array.from({ length: 50 }, () => outcome(state.session.refreshableCredentials()));
  await until(() => state.session.getCredentials().stats.waiters === 50);
`;
const END = "return (await Promise.all(state.waiting));";
const HELD = "return outcome(state.session.refreshableCredentials());";

/** Threads that end with the test, and a look at what they leave in the core. */
function threads(t: ExecutionContext, count: number, shared = new Shared()): { shared: Shared; all: Thread[] } {
  const before = native.countCells();
  const all = Array.from({ length: count }, () => new Thread(shared));
  t.teardown(async () => {
    await Promise.all(all.map((thread) => thread.terminate()));
    assert.deepEqual(native.countCells(), before, "what the threads opened is closed");
  });
  return { shared, all };
}

const each = <Result>(all: Thread[], body: string, args?: object) =>
  Promise.all(all.map((thread) => thread.run<Result>(body, args)));

const distinct = (values: unknown[]) => [...new Set(values.flat().map((value) => JSON.stringify(value)))];

test.serial("8 threads of 20 clients of 50 callers cause one AssumeRole when their credentials end", async (t) => {
  const { shared, all } = threads(t, 8, new Shared(Date.now()));
  const endpoint = await startTestEndpoint({ clock: shared.clock });
  t.teardown(() => endpoint.close());
  await each(
    all,
    `const { STSClient } = require(paths.sts);
     state.session = new lib.RefreshableSession({ clock, env: {}, shared: true, ...args });
     state.clients = Array.from({ length: 20 }, () => new STSClient({ region: "eu-west-1", credentials: state.session.credentials }));
     await state.session.refreshableCredentials();`,
    {
      region: "eu-west-1",
      assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/reports" },
      stsClientConfig: { endpoint: endpoint.stsUrl, credentials: { ...endpoint.credentials } },
    },
  );
  const CALL = `return Promise.all(state.clients.flatMap(({ config }) => Array.from({ length: 50 }, () => outcome(config.credentials()))));`;
  t.is(endpoint.stats.assumeRoleCalls, 1);
  const first = distinct(await each(all, CALL));
  t.is(first.length, 1);
  shared.now += 2 * HOUR;
  endpoint.sts.failNext({ delayMs: 300 });
  const answers = await each<string[]>(all, CALL);
  t.is(answers.flat().length, 8 * 20 * 50);
  const second = distinct(answers);
  t.is(second.length, 1);
  t.notDeepEqual(second, first);
  t.is(endpoint.stats.assumeRoleCalls, 2);
});

test.serial("a failure reaches all who waited, in every thread, as an equal error of the same class", async (t) => {
  const { shared, all } = threads(t, 4);
  await each(all, FAILING);
  await each(all, BEGIN);
  shared.open(1);
  const failures = await each(all, END);
  t.is(shared.asked, 1);
  t.is(distinct(failures).length, 1);
  t.like((failures[0] as unknown[])[0], {
    error: "BRSCredentialError",
    name: "BRSCredentialError",
    message: "the vault is sealed 1",
    code: "ERR_VAULT",
    details: { number: 1 },
    retryable: true,
  });
});

test.serial("a kept failure is that of all threads, and the source is not asked during the backoff", async (t) => {
  const { shared, all } = threads(t, 3);
  await each(all, FAILING, { onMandatoryFailure: "reject" });
  shared.open(99);
  // A first failure is not kept; from the second on there is a backoff.
  for (const count of [1, 2]) {
    await all[0]?.run(HELD);
    t.is(shared.asked, count);
  }
  const failures = distinct(await each(all, HELD));
  t.is(failures.length, 1);
  t.regex(failures[0] ?? "", /the vault is sealed 2/);
  t.is(shared.asked, 2);
  shared.now += 31_000;
  await all[1]?.run(HELD);
  t.is(shared.asked, 3);
  t.regex(distinct(await each(all, HELD))[0] ?? "", /the vault is sealed 3/);
});

test.serial(
  "a thread that is terminated in the middle of a refresh hands it on, long before its lease ends",
  async (t) => {
    const { shared, all } = threads(t, 3);
    const [ending, ...others] = all as [Thread, Thread, Thread];
    await each(all, OPEN, { refreshTimeout: 3600 });
    await ending.run(BEGIN);
    await each(others, BEGIN);
    t.is(shared.asked, 1);
    await ending.terminate();
    shared.open(99);
    t.deepEqual(distinct(await each(others, END)), [`"AKID2"`]);
    t.is(shared.asked, 2);
  },
);

test.serial("a thread that closes its session in the middle of a refresh hands it on", async (t) => {
  const { shared, all } = threads(t, 2);
  const [closing, other] = all as [Thread, Thread];
  await each(all, OPEN, { refreshTimeout: 3600 });
  await closing.run(BEGIN);
  await other.run(BEGIN);
  await closing.run("state.session.close();");
  shared.open(99);
  t.deepEqual(distinct([await other.run(END)]), [`"AKID2"`]);
  t.regex(distinct([await closing.run(END)])[0] ?? "", /ERR_CLOSED/);
});

test.serial(
  "a thread that is blocked loses its lease, and its late result, and gets what the other fetched",
  async (t) => {
    const { shared, all } = threads(t, 2);
    const [blocked, other] = all as [Thread, Thread];
    const OPEN_BLOCKED = `
    state.session = new lib.CustomRefreshableSession({
      customCredentialsMethod: () => {
        Atomics.add(ints, 0, 1);
        Atomics.wait(ints, ${BLOCK}, 0);
        return triple("LATE");
      },
      clock, env: {}, shared: "all", refreshTimeout: 0.2,
    });
  `;
    await blocked.run(OPEN_BLOCKED);
    await other.run(OPEN, { refreshTimeout: 0.2 });
    const late = blocked.run(HELD);
    while (shared.asked === 0) await new Promise((resume) => setTimeout(resume, 2));
    shared.open(99);
    t.is(await other.run(HELD), "AKID2");
    Atomics.store(shared.ints, BLOCK, 1);
    Atomics.notify(shared.ints, BLOCK);
    t.is(await late, "AKID2");
    t.deepEqual(distinct(await each(all, HELD)), [`"AKID2"`]);
    t.is(shared.asked, 2);
  },
);

test.serial(
  "a refresh in one thread reaches signers, frozen identities and listeners of the others at once",
  async (t) => {
    const { shared, all } = threads(t, 4);
    shared.open(99);
    const request = { method: "GET", url: "https://example.amazonaws.com/" };
    await each(
      all,
      `${OPEN}
     state.refreshes = 0;
     state.session.events.on("refresh", () => { state.refreshes += 1; });
     state.signer = state.session.signer({ service: "s", region: "eu-west-1" });
     await state.session.refreshableCredentials();`,
    );
    const LOOK = `
    const headers = state.signer.signSync(args.request);
    const { url } = state.signer.presignSync(args.request, { expiresIn: 60 });
    const { frozen } = state.session.getCredentials();
    return [
      /Credential=(\\w+)/.exec(headers.authorization)[1], headers["x-amz-security-token"],
      new URL(url).searchParams.get("X-Amz-Credential").split("/")[0], new URL(url).searchParams.get("X-Amz-Security-Token"),
      frozen.accessKeyId, frozen.secretAccessKey, frozen.sessionToken, state.session.getCredentials().expiration.getTime(),
      state.refreshes,
    ];
  `;
    const seen = (id: string, refreshes: number) => [
      ...[id, `token-of-${id}`, id, `token-of-${id}`, id, `secret-of-${id}`, `token-of-${id}`],
      ...[shared.now + HOUR, refreshes],
    ];
    for (const looked of await each(all, LOOK, { request })) t.deepEqual(looked, seen("AKID1", 1));
    for (const [index, thread] of all.entries()) {
      await thread.run("await state.session.credentials({ forceRefresh: true });");
      const id = `AKID${index + 2}`;
      for (const looked of await each(all, LOOK, { request })) t.deepEqual(looked, seen(id, index + 2));
    }
  },
);

test.serial("signatures of every kind are made with one triple or the other while other threads refresh", async (t) => {
  const { shared, all } = threads(t, 3);
  shared.open(99_999);
  await each(all, `${OPEN} await state.session.refreshableCredentials();`);
  const [refreshing, ...signing] = all as [Thread, Thread, Thread];
  const SIGN = `
    const { SignatureV4 } = require(paths.awsSdk);
    const { RequestSigner, AwsRequest } = lib;
    const scope = { service: "service", region: "eu-west-1" };
    const at = new Date(clock());
    const plain = { method: "GET", url: "https://example.amazonaws.com/" };
    const sdk = () => ({ method: "GET", protocol: "https:", hostname: "example.amazonaws.com", path: "/", headers: { host: "example.amazonaws.com" } });
    const signer = (credentials) => new lib.Signer({ ...scope, credentials });
    const drop = (credentials) => new SignatureV4({ ...scope, credentials, sha256: class {} });
    const wanted = new Map();
    const idOf = (text) => /Credential=(\\w+)/.exec(text)[1];
    // What a signer of that triple alone makes of it.
    const expect = async (id, kind) => {
      const key = kind + id;
      if (!wanted.has(key)) {
        const { expiration, ...keys } = triple(id);
        wanted.set(key, kind === "sdk"
          ? (await drop(keys).sign(sdk(), { signingDate: at })).headers.authorization
          : signer(keys).signSync(plain, { signingDate: at }).authorization);
      }
      return wanted.get(key);
    };
    const [ours, theirs] = [signer(state.session), drop(state.session)];
    const ids = new Set();
    let wrong = 0;
    const check = async (kind, headers) => {
      const { authorization } = headers;
      const id = idOf(authorization);
      ids.add(id);
      if (headers["x-amz-security-token"] !== "token-of-" + id || authorization !== (await expect(id, kind))) wrong++;
      Atomics.add(ints, args.place, 1);
    };
    while (Atomics.load(ints, 5) === 0) {
      for (let turn = 0; turn < 10; turn++) {
        await check("plain", ours.signSync(plain, { signingDate: at }));
        await check("plain", await ours.sign(plain, { signingDate: at }));
        await check("sdk", (await theirs.sign(sdk(), { signingDate: at })).headers);
      }
      await new Promise((resume) => setImmediate(resume));
    }
    return { wrong, ids: ids.size };
  `;
  const signed = signing.map((thread, index) => thread.run<{ wrong: number; ids: number }>(SIGN, { place: 6 + index }));
  // A thread may be halted in the middle of a signature, but not for two refreshes: those are minutes apart elsewhere.
  await refreshing.run(`
    for (let round = 0; round < 200; round++) {
      await state.session.credentials({ forceRefresh: true });
      for (const place of [6, 7]) {
        const made = Atomics.load(ints, place);
        await until(() => Atomics.load(ints, place) >= made + 2);
      }
    }
    Atomics.store(ints, 5, 1);
  `);
  for (const { wrong, ids } of await Promise.all(signed)) {
    t.is(wrong, 0);
    t.true(ids > 9, `${ids} triples were signed with`);
  }
});

test.serial("what one thread gives up is given up in all, and the next refresh asks the source anew", async (t) => {
  const { shared, all } = threads(t, 3);
  shared.open(99);
  await each(all, OPEN);
  t.deepEqual(distinct(await each(all, HELD)), [`"AKID1"`]);
  const GIVE_UP = "return state.session.getCredentials().invalidate(args.id);";
  t.false(await all[1]?.run(GIVE_UP, { id: "AKID0" }));
  t.true(await all[1]?.run(GIVE_UP, { id: "AKID1" }));
  const READ = "try { return state.session.getCredentials().frozen.accessKeyId } catch (error) { return error.code }";
  t.deepEqual(distinct(await each(all, READ)), [`"ERR_CREDENTIALS_NOT_READY"`]);
  t.deepEqual(distinct(await each(all, HELD)), [`"AKID2"`]);
  t.deepEqual(distinct(await each(all, READ)), [`"AKID2"`]);
  t.is(shared.asked, 2);
});

test.serial("what is told of the clock reaches the other threads with the triple", async (t) => {
  const { shared, all } = threads(t, 2);
  shared.open(99);
  // AWS is two hours ahead: by the clock of these threads the triple would be far from its end.
  await each(
    all,
    `state.session = new lib.CustomRefreshableSession({
       customCredentialsMethod: gated((number) => {
         state.session.getCredentials().setClockOffset(7_200_000);
         return triple("AKID" + number, 3 * 3600);
       }), clock, env: {}, shared: "all", advisoryTimeout: 0, mandatoryTimeout: 0,
     });`,
  );
  t.deepEqual(distinct(await each(all, HELD)), [`"AKID1"`]);
  t.deepEqual(distinct(await each(all, "return state.session.getCredentials().clockOffset;")), ["7200000"]);
});

test.serial("threads that open, refresh and end leave nothing behind, however they end", async (t) => {
  const before = native.countCells();
  const shared = new Shared();
  shared.open(9_999);
  for (let round = 0; round < 4; round++) {
    const all = Array.from({ length: 4 }, () => new Thread(shared));
    const sessions = `
      for (let count = 0; count < 100; count++) {
        ${OPEN.replace('"all"', '"round" + count % 10')}
        await state.session.refreshableCredentials();
        if (count % 2 === 0) state.session.close();
      }
    `;
    await each(all, sessions);
    const [handles = 0, cells = 0] = native.countCells();
    t.deepEqual([handles - (before[0] ?? 0), cells - (before[1] ?? 0)], [200, 5]);
    await Promise.all(all.map((thread) => thread.terminate()));
    t.deepEqual(native.countCells(), before);
  }
});
