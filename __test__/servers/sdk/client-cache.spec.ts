/** Two hundred clients over fifty accounts through caches that hold a few: nothing fails, nothing leaks, each is destroyed once. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ExecutionContext } from "ava";
import type { RefreshableSession } from "aws-refresh-session";
import { ClientCache } from "aws-refresh-session/clients";
import { seeded } from "../../parity/seeded.js";
import { makePrincipals, miniStack, REGION } from "../ministack.js";
import { countSockets } from "../open-sockets.js";
import { serverTests } from "../server-process.js";
import { type ClientsOf, callAs, SERVICES } from "./account-calls.js";
import { type Account, makeAccounts, openSession } from "./accounts.js";
import {
  CountedDynamoDBClient,
  CountedS3Client,
  CountedSQSClient,
  CountedSTSClient,
  destroyedTimes,
} from "./counted-clients.js";

const ACCOUNTS = 50;
const CALLERS = 20;

let endpoint: string;
let tenants: readonly (readonly [account: Account, session: RefreshableSession])[];
const test = serverTests(miniStack, async (running) => {
  endpoint = running.endpoint;
  const principals = await makePrincipals(endpoint);
  const accounts = await makeAccounts(endpoint, principals, ACCOUNTS);
  tenants = await Promise.all(
    accounts.map(async (account) => [account, await openSession(endpoint, principals, account)] as const),
  );
});

/**
 * Twenty callers at once make each of the two hundred calls, in any order, and as many calls again as three accounts that
 * are always busy. Gives what was wrong with any of them.
 */
async function traffic(t: ExecutionContext, clientsOf: (session: RefreshableSession) => ClientsOf) {
  const { seed, below, pick } = seeded();
  t.log(`seed ${seed}`);
  const all = tenants.flatMap((tenant) => SERVICES.map((service) => ({ tenant, service })));
  t.is(all.length, 200);
  const calls = [...all];
  const busy = all.slice(0, 3 * SERVICES.length);
  for (const _ of all) calls.splice(below(calls.length), 0, pick(busy));
  const failed: string[] = [];
  const caller = async () => {
    for (let next = calls.pop(); next !== undefined; next = calls.pop()) {
      const { tenant, service } = next;
      await callAs(tenant[0], service, clientsOf(tenant[1])).catch((error) => failed.push(`${service}: ${error}`));
      await sleep(5);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return failed;
}

/** Waits for what takes turns of the event loop: answers that were read come to their end, sockets close. */
async function settled(isSettled: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 200 && !isSettled(); tries++) await sleep(10);
  return isSettled();
}

interface Way {
  readonly caches: readonly ClientCache[];
  /** How many clients all the caches hold together. */
  readonly room: number;
  clientsOf(session: RefreshableSession): ClientsOf;
  close(): void;
}

/** Sends everything through the caches, and looks at what was made, held, destroyed and left open. */
async function lastsThrough(t: ExecutionContext, { caches, room, clientsOf, close }: Way): Promise<void> {
  const sockets = countSockets();
  const evicted: object[] = [];
  const left: object[] = [];
  for (const cache of caches) {
    cache.on("evict", ({ client, reason }) => (reason === "size" ? evicted : left).push(client));
  }
  const sum = (name: keyof ClientCache["statistics"]) =>
    caches.reduce((total, { statistics }) => total + statistics[name], 0);
  const oncePerClient = (clients: readonly object[]) => {
    t.deepEqual(new Set(clients.map(destroyedTimes)), new Set([1]));
    t.is(new Set(clients).size, clients.length);
  };

  t.deepEqual(await traffic(t, clientsOf), []);
  t.true(await settled(() => sum("draining") === 0));
  const builds = sum("builds");
  t.log(`${sum("hits")} hits, ${builds} clients built; ${sockets.opened} sockets opened, ${sockets.most} at once`);
  t.is(sum("hits") + sum("misses"), 400);
  t.is(builds, sum("misses"));
  t.true(builds >= 200);
  t.is(evicted.length, builds - room);
  t.is(sum("evictions"), evicted.length);
  t.is(sum("destroyed"), evicted.length);
  oncePerClient(evicted);
  // One for each client that is held, and one for each caller, whose client may have left; more where callers share a client.
  t.true(sockets.most <= room + 3 * CALLERS, `${sockets.most} sockets at once`);
  t.true(sockets.opened >= builds);

  close();
  t.true(await settled(() => sum("draining") === 0 && sockets.open === 0));
  sockets.stop();
  t.is(left.length, room);
  oncePerClient([...evicted, ...left]);
}

test("fifty sessions send through two hundred clients of one LFU cache of ten", async (t) => {
  const cache = new ClientCache({ evictionPolicy: "LFU", maxSize: 10 });
  await lastsThrough(t, {
    caches: [cache],
    room: 10,
    clientsOf: ({ credentials }) => {
      const config = { region: REGION, endpoint, credentials, maxAttempts: 1 };
      return {
        s3: () => cache.client(CountedS3Client, { ...config, forcePathStyle: true }),
        dynamodb: () => cache.client(CountedDynamoDBClient, config),
        sqs: () => cache.client(CountedSQSClient, config),
        sts: () => cache.client(CountedSTSClient, config),
      };
    },
    close: () => cache.close(),
  });
});

// The last: it closes the sessions.
test("fifty sessions with room for one client each send through four of their own", async (t) => {
  const config = { endpoint, maxAttempts: 1 };
  const options = { maxSize: 1 };
  await lastsThrough(t, {
    caches: tenants.map(([, session]) => session.cache.client.LRU),
    room: ACCOUNTS,
    clientsOf: (session) => ({
      s3: () => session.client(CountedS3Client, { ...config, forcePathStyle: true }, options),
      dynamodb: () => session.client(CountedDynamoDBClient, config, options),
      sqs: () => session.client(CountedSQSClient, config, options),
      sts: () => session.client(CountedSTSClient, config, options),
    }),
    close: () => {
      for (const [, session] of tenants) session.close();
    },
  });
});
