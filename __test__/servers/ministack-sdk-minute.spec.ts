/** A minute of mixed traffic of twenty SDK clients on the two-second credentials of one session: no loss, one refresh per expiry. */
import { setTimeout as sleep } from "node:timers/promises";
import { RefreshableSession } from "aws-refresh-session";
import { startFailingProxy } from "./failing-proxy.js";
import { startLoad } from "./load.js";
import { makePrincipals, miniStack, type Principals, REGION } from "./ministack.js";
import { mixedClients, prepareMixed } from "./sdk/mixed-clients.js";
import { serverTests } from "./server-process.js";

const MINUTE_MS = 60_000;
const LIFETIME = 2;

let endpoint: string;
let principals: Principals;
const test = serverTests(miniStack, async (running) => {
  endpoint = running.endpoint;
  principals = await makePrincipals(endpoint);
  await prepareMixed(endpoint, principals.user);
});

test("twenty clients on credentials of two seconds lose no call in a minute, and share one refresh per expiry", async (t) => {
  const counted = await startFailingProxy(endpoint);
  t.teardown(() => counted.close());
  const session = new RefreshableSession({
    method: "sts",
    region: REGION,
    assumeRole: { RoleArn: principals.roleArn, RoleSessionName: "mixed", DurationSeconds: LIFETIME },
    stsClientConfig: { endpoint: counted.endpoint, region: REGION, credentials: principals.user },
  });
  /** How much of the credentials before was left when others came, in milliseconds. */
  const left: number[] = [];
  const errors: Error[] = [];
  let end: number | undefined;
  session.events.on("refresh", ({ credentials }) => {
    if (end !== undefined) left.push(end - Date.now());
    end = credentials.expiration?.getTime();
  });
  session.events.on("refreshError", ({ error }) => errors.push(error));
  const clients = mixedClients(endpoint, session);
  // A quarter of the lifetime is left whenever something is signed, and MiniStack cuts the lifetime to whole seconds.
  const load = startLoad(clients, { pauseMs: 1_000, validityMs: (LIFETIME - 1) * 250 });
  await sleep(MINUTE_MS);
  const report = await load.stop();
  for (const opened of [...clients, session]) opened.close();

  t.log(`${report.total} requests, ${report.overtaken} overtaken, ${left.length + 1} refreshes`);
  t.deepEqual(report.failed, []);
  t.true(report.overtaken <= report.total / 100);
  t.is(Object.keys(report.sent).length, 20);
  t.deepEqual(errors, []);
  t.is(counted.requests, left.length + 1, "each AssumeRole that STS was asked for gave credentials to all");
  t.true(left.length + 1 >= MINUTE_MS / 1000 / LIFETIME, "they ended all the time");
  // Nobody asks before half of the lifetime is over.
  t.deepEqual(
    left.filter((ms) => ms > (LIFETIME * 1000) / 2),
    [],
  );
});
