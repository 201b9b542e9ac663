/** Tests of `deferRefresh: false`: the refresh at construction, its promise, and that it holds up nobody who does not wait. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import test from "ava";
import { RefreshableSession } from "aws-refresh-session";

const right = { access_key: "AKID", secret_key: "secret", token: "token", expiry_time: "2100-01-01T00:00:00Z" };

test("ready stays what the first refresh was, whatever comes later", async (t) => {
  const error = new Error("sealed");
  const answers = [() => Promise.reject(error), () => right];
  const session = new RefreshableSession({
    method: "custom",
    customCredentialsMethod: async () => answers.shift()?.() ?? right,
    deferRefresh: false,
  });
  t.is(await t.throwsAsync(session.ready), error);
  await session.refreshableCredentials();
  t.is(await t.throwsAsync(session.ready), error);

  const good = new RefreshableSession({
    method: "custom",
    customCredentialsMethod: () => right,
    deferRefresh: false,
  });
  await good.ready;
  good.close();
  await t.notThrowsAsync(good.ready);
});

test("asking for ready starts no second refresh", async (t) => {
  let calls = 0;
  const session = new RefreshableSession({
    method: "custom",
    customCredentialsMethod: async () => {
      calls++;
      return right;
    },
    deferRefresh: false,
  });
  await Promise.all([session.ready, session.ready, session.refreshableCredentials()]);
  await session.ready;
  t.is(calls, 1);
});

test("closing before it has settled rejects ready", async (t) => {
  const session = new RefreshableSession({
    method: "custom",
    customCredentialsMethod: () => new Promise<never>(() => {}),
    deferRefresh: false,
  });
  const ready = session.ready;
  session.close();
  await t.throwsAsync(ready, { code: "ERR_CLOSED" });
});

test("a failure that nobody looks at is no unhandled rejection", async (t) => {
  const options = { method: "custom", deferRefresh: false } as const;
  // ava fails the whole file for a rejection that is still unhandled at its end.
  new RefreshableSession({ ...options, customCredentialsMethod: () => new Promise<never>(() => {}) }).close();
  const failing = new RefreshableSession({
    ...options,
    customCredentialsMethod: () => Promise.reject(new Error("no")),
  });
  await t.notThrowsAsync(new Promise((resolve) => failing.events.on("refreshError", resolve)));
});

const run = promisify(execFile);
/** A session whose first refresh takes `ms`, on a timer that does not keep the process by itself. */
const program = (ms: number, rest: string) => `
  import { RefreshableSession } from "aws-refresh-session";
  const session = new RefreshableSession({
    method: "custom",
    customCredentialsMethod: () => new Promise((resolve) => setTimeout(() => {
      console.log("fetched");
      resolve(${JSON.stringify(right)});
    }, ${ms}).unref()),
    deferRefresh: false,
  });
  ${rest}
  process.on("exit", () => console.log("exit"));
`;
const outputOf = async (ms: number, rest: string) =>
  (await run(process.execPath, ["--input-type=module", "--eval", program(ms, rest)])).stdout.trim().split("\n");

test("the process ends under a first refresh that nobody awaits", async (t) => {
  t.deepEqual(await outputOf(15_000, ""), ["exit"]);
});

test("the process stays for a first refresh that somebody awaits", async (t) => {
  t.deepEqual(await outputOf(50, `session.ready.then(() => console.log("ready"));`), ["fetched", "ready", "exit"]);
});
