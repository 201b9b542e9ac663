/** A minute on credentials of two seconds: a role and a role assumed by that role, by signers and SDK clients, without a loss. */
import { setTimeout as sleep } from "node:timers/promises";
import { RefreshableSession, type StsClientConfig } from "aws-refresh-session";
import { startLoad } from "./load.js";
import { makePrincipals, miniStack, type Principals, REGION } from "./ministack.js";
import { clientsOf, makeBucket } from "./ministack-clients.js";
import { serverTests } from "./server-process.js";

const MINUTE_MS = 60_000;
const LIFETIME = 2;

let endpoint: string;
let principals: Principals;
const test = serverTests(miniStack, async (running) => {
  endpoint = running.endpoint;
  principals = await makePrincipals(endpoint);
  await makeBucket(endpoint, principals.user, "minute");
});

test("no request fails in a minute on credentials of two seconds, by a role and by a chained role", async (t) => {
  const open = (RoleArn: string, credentials: NonNullable<StsClientConfig["credentials"]>, ExternalId?: string) =>
    new RefreshableSession({
      method: "sts",
      region: REGION,
      assumeRole: { RoleArn, DurationSeconds: LIFETIME, ...(ExternalId !== undefined && { ExternalId }) },
      stsClientConfig: { endpoint, region: REGION, credentials },
    });
  const worker = open(principals.roleArn, principals.user);
  const chained = open(principals.guardedRoleArn, worker, principals.externalId);
  const told = [worker, chained].map((session) => {
    const seen = { refreshes: 0, errors: [] as Error[], expired: 0 };
    session.events.on("refresh", () => seen.refreshes++);
    session.events.on("refreshError", ({ error }) => seen.errors.push(error));
    session.events.on("expired", () => seen.expired++);
    return seen;
  });
  const groups = [clientsOf(worker, "worker", endpoint, "minute"), clientsOf(chained, "chained", endpoint, "minute")];
  const clients = groups.flatMap((group) => group.clients);
  // A quarter of the lifetime is left whenever something is signed, and MiniStack cuts the lifetime to whole seconds.
  const load = startLoad(clients, { pauseMs: 200, validityMs: (LIFETIME - 1) * 250 });
  await sleep(MINUTE_MS);
  const report = await load.stop();
  for (const opened of [...groups, chained, worker]) opened.close();

  t.log(`${report.total} requests, ${report.overtaken} overtaken`, JSON.stringify(report.sent));
  t.log(...told.map(({ refreshes, expired }) => `${refreshes} refreshes, ${expired} ends met.`));
  t.deepEqual(report.failed, []);
  t.true(report.overtaken <= report.total / 100);
  for (const { name } of clients) t.true((report.sent[name] ?? 0) >= LIFETIME * 30, name);
  for (const { refreshes, errors } of told) {
    t.deepEqual(errors, []);
    // Each triple lasts two seconds at most, and serves more than one request.
    t.true(refreshes >= MINUTE_MS / 1000 / LIFETIME);
    t.true(refreshes < report.total / 4);
  }
});
