/** What keeps a process alive: a refresh that somebody awaits, and nothing else. Each test is a process of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import test from "ava";
import { startTestEndpoint } from "aws-refresh-session/testing";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Sessions whose function fetches nothing by itself: it takes the next of `answers`, and no timer of it keeps the process.
 * Every time limit is an hour, so that a process that waits for one hangs, and the test with it.
 */
const PRELUDE = `
  import { CustomRefreshableSession, RefreshableSession, Signer } from "aws-refresh-session";
  let now = Date.parse("2030-01-01T00:00:00Z");
  let count = 0;
  const fresh = () => ({
    accessKeyId: "AKID" + ++count,
    secretAccessKey: "secret",
    sessionToken: "token",
    expiration: new Date(now + 3_600_000),
  });
  const never = () => new Promise(() => {});
  const later = (settle) => () => new Promise((resolve, reject) => {
    setTimeout(() => {
      console.log("answered");
      settle(resolve, reject);
    }, 50).unref();
  });
  const gives = later((resolve) => resolve(fresh()));
  const fails = later((_, reject) => reject(new Error("out of order")));
  const open = (answers, options) => new CustomRefreshableSession({
    customCredentialsMethod: () => (answers.shift() ?? fresh)(),
    clock: () => now,
    refreshTimeout: 3600,
    region: "eu-west-1",
    env: {},
    ...options,
  });
  const show = async (promise) => {
    try {
      console.log((await promise).accessKeyId ?? "done");
    } catch (error) {
      console.log(error.code ?? error.message);
    }
  };
  const toAdvisory = () => { now += 2_800_000; };
  const toMandatory = () => { now += 3_100_000; };
  process.on("exit", () => console.log("exit"));
`;

/** Runs a program to its end, and gives what it printed, line by line. */
async function run(program: string, env: Record<string, string> = {}, until?: Promise<void>) {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", PRELUDE + program], {
    cwd: root,
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["pipe", "pipe", "inherit"],
    // A process that hangs fails its test with the code null, and does not outlive it.
    timeout: 60_000,
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const closed = once(child, "close");
  // Its input ends when the test has seen what it waits for.
  await Promise.race([closed, until]);
  child.stdin.end();
  const [code] = (await closed) as [number | null];
  return [...output.trim().split("\n"), code];
}

// ---- nobody awaits

test("a process ends at once under an advisory refresh that nobody awaits", async (t) => {
  const program = `
    const session = open([fresh, never]);
    await session.refreshableCredentials();
    toAdvisory();
    await show(session.refreshableCredentials());
    console.log(session.getCredentials().refreshNeeded());
  `;
  t.deepEqual(await run(program), ["AKID1", "true", "exit", 0]);
});

test("a process ends at once under an advisory refresh that a signature started", async (t) => {
  const program = `
    const session = open([fresh, never]);
    const signer = session.signer({ service: "execute-api" });
    await signer.sign({ url: "https://example.com/" });
    toAdvisory();
    console.log("authorization" in (await signer.sign({ url: "https://example.com/" })));
    console.log("authorization" in signer.signSync({ url: "https://example.com/" }));
  `;
  t.deepEqual(await run(program), ["true", "true", "exit", 0]);
});

test("a process ends at once when those who awaited a refresh have left", async (t) => {
  const program = `
    const session = open([never]);
    const leaving = new AbortController();
    const waiting = [1, 2].map(() => show(session.refreshableCredentials({ signal: leaving.signal })));
    leaving.abort(new Error("left"));
    await Promise.all(waiting);
  `;
  t.deepEqual(await run(program), ["left", "left", "exit", 0]);
});

test("a process ends at once after a session was closed under a refresh", async (t) => {
  const program = `
    const session = open([never]);
    const waiting = show(session.refreshableCredentials());
    session.close();
    await waiting;
  `;
  t.deepEqual(await run(program), ["ERR_CLOSED", "exit", 0]);
});

test("a process ends at once while a session that nobody awaits waits for the refresh of another", async (t) => {
  const program = `
    const refreshing = open([fresh, never], { shared: "all" });
    const waiting = open([], { shared: "all" });
    await refreshing.refreshableCredentials();
    toAdvisory();
    await show(refreshing.refreshableCredentials());
    await show(waiting.refreshableCredentials());
    await new Promise((resume) => setTimeout(resume, 20));
  `;
  t.deepEqual(await run(program), ["AKID1", "AKID1", "exit", 0]);
});

test("a background refresh comes without any access, and keeps nothing alive", async (t) => {
  const program = `
    const session = open([fresh, fresh], { backgroundRefresh: true });
    await show(session.refreshableCredentials());
    toMandatory();
    const keep = setInterval(() => {}, 1000);
    await new Promise((resolve) => session.events.on("refresh", resolve));
    clearInterval(keep);
    await show(session.refreshableCredentials());
  `;
  t.deepEqual(await run(program), ["AKID1", "AKID2", "exit", 0]);
});

test("sessions that are open, fresh or backing off keep nothing alive", async (t) => {
  const program = `
    open([]);
    open([], { deferRefresh: false });
    await show(open([]).refreshableCredentials());
    const failing = open([fresh, fails, fails]);
    await failing.refreshableCredentials();
    toMandatory();
    await show(failing.refreshableCredentials());
    await show(failing.refreshableCredentials());
  `;
  const [key, ...rest] = await run(program);
  t.regex(String(key), /^AKID\d$/);
  t.deepEqual(rest, ["answered", "out of order", "out of order", "exit", 0]);
});

test("static credentials keep nothing alive", async (t) => {
  const program = `
    const identity = { accessKeyId: "AKID", secretAccessKey: "secret", expiration: new Date(Date.now() + 1e6) };
    const signer = new Signer({ service: "s3", region: "eu-west-1", credentials: identity });
    console.log("authorization" in (await signer.sign({ url: "https://example.com/" })));
    const asked = new Signer({ service: "s3", region: "eu-west-1", credentials: async () => identity });
    console.log("authorization" in (await asked.sign({ url: "https://example.com/" })));
  `;
  t.deepEqual(await run(program), ["true", "true", "exit", 0]);
});

// ---- somebody awaits

test("a process does not end before an awaited refresh has settled", async (t) => {
  for (const ask of [
    "refreshableCredentials()",
    "refreshableCredentials({ signal: new AbortController().signal })",
    "credentials()",
    "getCredentials().refresh()",
    "getCredentials().refresh({ force: true })",
  ]) {
    t.deepEqual(await run(`show(open([gives]).${ask});`), ["answered", "AKID1", "exit", 0], ask);
  }
});

test("a process does not end before a signature that waits for a refresh is made", async (t) => {
  const program = `
    const signer = open([gives]).signer({ service: "execute-api" });
    signer.sign({ url: "https://example.com/" }).then(({ authorization }) => console.log(/AKID1/.test(authorization)));
  `;
  t.deepEqual(await run(program), ["answered", "true", "exit", 0]);
});

test("a process does not end before a session that is awaited has what another one refreshes", async (t) => {
  const program = `
    const refreshing = open([gives], { shared: "all" });
    const waiting = open([], { shared: "all" });
    // Nobody awaits the one that asks; the other keeps the process until the answer is there.
    refreshing.getCredentials().startAdvised();
    await show(waiting.refreshableCredentials());
  `;
  t.deepEqual(await run(program), ["answered", "AKID1", "exit", 0]);
});

test("a refresh that nobody awaited at first keeps the process from when somebody does", async (t) => {
  const program = `
    const session = open([fresh, gives]);
    await session.refreshableCredentials();
    toAdvisory();
    await show(session.refreshableCredentials());
    now += 400_000;
    show(session.refreshableCredentials());
  `;
  t.deepEqual(await run(program), ["AKID1", "answered", "AKID2", "exit", 0]);
});

test("one caller who leaves does not let the process end under another", async (t) => {
  const program = `
    const session = open([gives]);
    const leaving = new AbortController();
    show(session.refreshableCredentials({ signal: leaving.signal }));
    show(session.refreshableCredentials());
    leaving.abort(new Error("left"));
  `;
  t.deepEqual(await run(program), ["left", "answered", "AKID1", "exit", 0]);
});

test("a process does not hang after an awaited refresh that failed", async (t) => {
  t.deepEqual(await run(`show(open([fails]).refreshableCredentials());`), ["answered", "out of order", "exit", 0]);
  const several = `
    const session = open([fails, fails]);
    await Promise.all([1, 2].map(() => show(session.refreshableCredentials())));
    await show(session.getCredentials().refresh({ force: true }));
  `;
  const expected = ["answered", "out of order", "out of order", "answered", "out of order", "exit", 0];
  t.deepEqual(await run(several), expected);
});

test("an awaited refresh that never settles keeps the process to its time limit, and no longer", async (t) => {
  const program = `show(open([never], { refreshTimeout: 0.1 }).refreshableCredentials());`;
  t.deepEqual(await run(program), ["ERR_REFRESH_TIMEOUT", "exit", 0]);
});

test("a failure that a program does not handle ends it with an error, not with a hang", async (t) => {
  const program = `
    process.on("uncaughtException", (error) => { console.log(error.message); process.exitCode = 7; });
    open([fails]).refreshableCredentials();
  `;
  t.deepEqual(await run(program), ["answered", "out of order", "exit", 7]);
});

// ---- chained sessions

/** A session that assumes its role as `source`, by the endpoint of the test, with a time of its own. */
const CHAINED = `
  const chain = (source, options) => new RefreshableSession({
    method: "sts",
    assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/reports" },
    stsClientConfig: { endpoint: process.env.TEST_ENDPOINT, credentials: source, requestTimeout: 3000 },
    region: "eu-west-1",
    refreshTimeout: 3600,
    clock: () => Date.now() + ahead,
    env: {},
    ...options,
  });
  let ahead = 0;
  const keys = JSON.parse(process.env.TEST_KEYS);
  const lasting = () => ({ ...keys, sessionToken: null, expiration: new Date(Date.now() + 36e5) });
  const source = (answers, options) => open(answers, { clock: () => Date.now() + ahead, ...options });
  /** Keeps the process until the test has seen what it waits for. */
  const untilTold = () => new Promise((resolve) => process.stdin.on("end", resolve).resume());
`;

async function endpointFor(t: { teardown(close: () => Promise<void>): void }) {
  const endpoint = await startTestEndpoint();
  t.teardown(() => endpoint.close());
  const env = { TEST_ENDPOINT: endpoint.stsUrl, TEST_KEYS: JSON.stringify(endpoint.credentials) };
  /** Until AssumeRole was called so often. */
  const asked = async (times: number) => {
    const stop = Date.now() + 60_000;
    while (endpoint.stats.assumeRoleCalls < times && Date.now() < stop) {
      await new Promise((resume) => setTimeout(resume, 10));
    }
  };
  return { endpoint, env, asked };
}

test("a background refresh of a chained session, its request under way, does not keep the process", async (t) => {
  const { endpoint, env, asked } = await endpointFor(t);
  const program = `${CHAINED}
    const session = chain(source([lasting]));
    await session.refreshableCredentials();
    ahead = 2_800_000;
    await session.refreshableCredentials();
    console.log("served");
    await untilTold();
  `;
  endpoint.sts.failNext({ delayMs: 0 }, "hang");
  const output = await run(program, env, asked(2));
  t.deepEqual(output, ["served", "exit", 0]);
  t.is(endpoint.stats.assumeRoleCalls, 2);
});

test("a background refresh that waits for the source of its session does not keep the process", async (t) => {
  const { endpoint, env } = await endpointFor(t);
  const program = `${CHAINED}
    const first = source([lasting, never]);
    const session = chain(first);
    await session.refreshableCredentials();
    first.getCredentials().invalidate();
    ahead = 2_800_000;
    await session.refreshableCredentials();
    console.log("served");
  `;
  t.deepEqual(await run(program, env), ["served", "exit", 0]);
  t.is(endpoint.stats.assumeRoleCalls, 1);
});

test("an awaited refresh of a chained session keeps the process through its source and its request", async (t) => {
  const { endpoint, env } = await endpointFor(t);
  endpoint.sts.failNext({ delayMs: 100 });
  const program = `${CHAINED}
    const slow = later((resolve) => resolve(lasting()));
    chain(source([slow])).refreshableCredentials().then(() => console.log("got"));
  `;
  t.deepEqual(await run(program, env), ["answered", "got", "exit", 0]);
  t.is(endpoint.stats.assumeRoleCalls, 1);
});

test("a background refresh of a chained session keeps the process from when somebody awaits it", async (t) => {
  const { endpoint, env } = await endpointFor(t);
  const program = `${CHAINED}
    const slow = later((resolve) => resolve(lasting()));
    const first = source([lasting, slow]);
    const session = chain(first);
    const { accessKeyId } = await session.refreshableCredentials();
    first.getCredentials().invalidate();
    ahead = 2_800_000;
    await session.refreshableCredentials();
    // Back to the time by which the endpoint checks signatures.
    ahead = 0;
    const refreshed = session.getCredentials().refresh({ force: true });
    refreshed.then((credentials) => console.log(credentials.accessKeyId !== accessKeyId));
  `;
  t.deepEqual(await run(program, env), ["answered", "true", "exit", 0]);
  t.is(endpoint.stats.assumeRoleCalls, 2);
});

test("a process does not hang after the refresh of a chained session failed", async (t) => {
  const { endpoint, env } = await endpointFor(t);
  endpoint.sts.failNext({ statusCode: 403, code: "AccessDenied" });
  t.deepEqual(await run(`${CHAINED} show(chain(source([lasting])).refreshableCredentials());`, env), [
    "ERR_REQUEST",
    "exit",
    0,
  ]);
  t.deepEqual(await run(`${CHAINED} show(chain(source([fails])).refreshableCredentials());`, env), [
    "answered",
    "out of order",
    "exit",
    0,
  ]);
});
