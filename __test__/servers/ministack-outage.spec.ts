/** Outages of STS before MiniStack: what each policy lets callers notice while the credentials are valid, and after their end. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ExecutionContext } from "ava";
import { BRSConnectionError, BRSRequestError, RefreshableSession, type SessionOptions } from "aws-refresh-session";
import { type FailingProxy, type ProxyMode, startFailingProxy } from "./failing-proxy.js";
import { startLoad } from "./load.js";
import { makePrincipals, miniStack, type Principals, REGION } from "./ministack.js";
import { clientsOf, makeBucket } from "./ministack-clients.js";
import { serverTests } from "./server-process.js";

let endpoint: string;
let principals: Principals;
const test = serverTests(miniStack, async (running) => {
  endpoint = running.endpoint;
  principals = await makePrincipals(endpoint);
  await makeBucket(endpoint, principals.user, "outage");
});

const SERVE_VALID: SessionOptions = { onMandatoryFailure: "serve-valid" };
const STABLE: SessionOptions = { refreshPolicy: "static-stability" };

/** A session whose STS is behind a proxy; everything else goes to MiniStack directly. */
async function openBehindProxy(t: ExecutionContext, lifetime: number, policy: SessionOptions, requestTimeout = 5) {
  const proxy: FailingProxy = await startFailingProxy(endpoint);
  const session = new RefreshableSession({
    method: "sts",
    region: REGION,
    assumeRole: { RoleArn: principals.roleArn, DurationSeconds: lifetime },
    // One attempt a refresh, so that each failure is seen.
    stsClientConfig: {
      ...{ endpoint: proxy.endpoint, region: REGION, credentials: principals.user },
      ...{ requestTimeout, maxAttempts: 1 },
    },
    ...policy,
  });
  t.teardown(() => {
    session.close();
    return proxy.close();
  });
  const remaining = () => (session.getCredentials().expiration?.getTime() ?? 0) - Date.now();
  return { proxy, session, remaining };
}

const next = (session: RefreshableSession, event: "refresh" | "refreshError") =>
  new Promise<void>((resolve) => session.events.once(event, () => resolve()));

/** Half a second more of load, to see that what came last works. */
const settle = () => sleep(500);

const LIFETIME = 16;
/** Of the lifetime; MiniStack cuts it to whole seconds. */
const MANDATORY_MS = (LIFETIME * 1000) / 4;

/** Breaks STS down until a refresh failed that callers waited for, and mends it; resolves when the next one has succeeded. */
async function breakDown({ proxy, session, remaining }: Awaited<ReturnType<typeof openBehindProxy>>, mode: ProxyMode) {
  const errors: Error[] = [];
  session.events.on("refreshError", ({ error }) => {
    errors.push(error);
    if (remaining() < MANDATORY_MS) proxy.mode = "pass";
  });
  await session.refreshableCredentials();
  proxy.mode = mode;
  await next(session, "refresh");
  return errors;
}

test("an outage of STS that ends before the credentials do costs no request with serve-valid", async (t) => {
  const modes: readonly ProxyMode[] = ["drop", "error", "hang"];
  // What hangs is over while the credentials live.
  const opened = await Promise.all(
    modes.map((mode) => openBehindProxy(t, LIFETIME, SERVE_VALID, mode === "hang" ? 1 : undefined)),
  );
  const groups = opened.map(({ session }, index) => clientsOf(session, modes[index] ?? "", endpoint, "outage"));
  const breaking = opened.map((each, index) => breakDown(each, modes[index] ?? "drop"));
  const load = startLoad(
    groups.flatMap(({ clients }) => clients),
    { pauseMs: 250, validityMs: 1000 },
  );
  const errors = await Promise.all(breaking);
  await settle();
  const report = await load.stop();
  for (const group of groups) group.close();
  t.log(`${report.total} requests, ${report.overtaken} overtaken`, JSON.stringify(errors.map(({ length }) => length)));
  t.deepEqual(report.failed, []);
  t.true(report.overtaken <= report.total / 100);
  const [dropped, answered, hung] = errors;
  for (const seen of errors) t.true(seen.length >= 2, "one where nobody waits, and one where callers do");
  for (const error of dropped ?? []) t.like(error, { name: "BRSConnectionError", retryable: true });
  for (const error of answered ?? []) t.like(error, { name: "BRSRequestError", statusCode: 500, retryable: true });
  for (const error of hung ?? []) t.like(error, { name: "BRSConnectionError", retryable: true });
});

test("by default callers meet such an outage where they wait for a refresh, as errors with a type", async (t) => {
  const opened = await openBehindProxy(t, LIFETIME, {});
  const { session, remaining } = opened;
  const broken = breakDown(opened, "error");
  let isOver = false;
  broken.then(() => {
    isOver = true;
  });
  await session.refreshableCredentials();
  const seen: Array<{ remaining: number; error: unknown }> = [];
  while (!isOver) {
    await session.refreshableCredentials().then(
      () => seen.push({ remaining: remaining(), error: undefined }),
      (error: unknown) => seen.push({ remaining: remaining(), error }),
    );
    await sleep(20);
  }
  const failed = seen.filter(({ error }) => error !== undefined);
  t.true(failed.length > 0);
  for (const { remaining: left, error } of failed) {
    t.true(left < MANDATORY_MS, "before that nobody notices");
    t.true(left > 0, "the credentials were valid all the time");
    t.true(error instanceof BRSRequestError);
    t.like(error, { code: "ERR_REQUEST", statusCode: 500, retryable: true });
  }
  t.true(
    seen.some(({ error, remaining: left }) => error === undefined && left < LIFETIME * 500 && left > MANDATORY_MS),
  );
});

test("an outage over the end: nothing is lost before it, and each policy comes back in its own way", async (t) => {
  const lifetime = 6;
  const serving = await openBehindProxy(t, lifetime, SERVE_VALID);
  const stable = await openBehindProxy(t, lifetime, STABLE);
  const both = [serving, stable];
  const groups = both.map(({ session }, index) => clientsOf(session, `over the end ${index}`, endpoint, "outage"));
  const held = await Promise.all(both.map(({ session }) => session.refreshableCredentials()));
  for (const { proxy } of both) proxy.mode = "drop";
  const load = startLoad(
    groups.flatMap(({ clients }) => clients),
    { pauseMs: 200, validityMs: 250 },
  );
  const ends = held.map(({ expiration }) => expiration?.getTime() ?? 0);
  await sleep(Math.min(...ends) - 700 - Date.now());
  const report = await load.stop();
  t.log(`${report.total} requests, ${report.overtaken} overtaken`);
  t.deepEqual(report.failed, []);

  // MiniStack's clock is ours: by now it has certainly passed the end.
  await sleep(Math.max(...ends) + 1200 - Date.now());
  const error = await t.throwsAsync(serving.session.refreshableCredentials(), { instanceOf: BRSConnectionError });
  t.true(error?.retryable);
  t.deepEqual(await stable.session.refreshableCredentials(), held[1]);
  const [signed, , byClient] = groups[1]?.clients ?? [];
  await t.throwsAsync(async () => signed?.request(), { message: "403 ExpiredToken" });
  await t.throwsAsync(async () => byClient?.request(), { name: "ExpiredToken" });
  // Backing off for minutes: hundreds of callers have cost a refresh or two.
  t.true(stable.proxy.requests <= 3, `${stable.proxy.requests} calls of STS`);

  for (const { proxy } of both) proxy.mode = "pass";
  // "windows" asks again by itself, at most 30 s later.
  const returned = next(serving.session, "refresh");
  const asking = setInterval(() => serving.session.refreshableCredentials().catch(() => {}), 100);
  await returned;
  clearInterval(asking);
  // "static-stability" would after its backoff; who knows that STS is back, or that a service refused, need not wait.
  t.true(stable.session.getCredentials().invalidate(held[1]));
  for (const { clients } of groups) for (const { request } of clients) await t.notThrowsAsync(async () => request());
  for (const group of groups) group.close();
});
