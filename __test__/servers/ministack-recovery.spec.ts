/** Tokens that MiniStack ends in mid-flight: twenty SDK clients go on with one refresh and one more attempt each. */
import { setTimeout as sleep } from "node:timers/promises";
import { CustomRefreshableSession, RefreshableSession } from "aws-refresh-session";
import { expiredTokenRecovery } from "aws-refresh-session/aws-sdk";
import { administer, callQuery, makeAccessKey, makePrincipals, miniStack, type Principals } from "./ministack.js";
import { element } from "./raw-request.js";
import { mixedClients, prepareMixed } from "./sdk/mixed-clients.js";
import { serverTests } from "./server-process.js";

let endpoint: string;
let principals: Principals;
const test = serverTests(miniStack, async (running) => {
  endpoint = running.endpoint;
  principals = await makePrincipals(endpoint);
  await prepareMixed(endpoint, principals.user);
});

/** Seconds: enough for all clients to send their first request, on a busy machine as well. */
const LIFETIME = 6;

/** Credentials of the role that end after so many seconds, and say that they live for an hour. */
async function assumeDeceived(seconds: number) {
  const parameters = {
    RoleArn: principals.roleArn,
    RoleSessionName: "mixed",
    DurationSeconds: String(seconds),
  };
  const { body } = await callQuery({ endpoint, service: "sts", action: "AssumeRole", parameters }, principals.user);
  const text = (name: string) => element(body, name) ?? "";
  return {
    access_key: text("AccessKeyId"),
    secret_key: text("SecretAccessKey"),
    token: text("SessionToken"),
    expiry_time: new Date(Date.now() + 3_600_000),
    ends: Date.parse(text("Expiration")),
  };
}

test("twenty clients whose token has ended before its time recover with one refresh and one attempt each", async (t) => {
  const given: Awaited<ReturnType<typeof assumeDeceived>>[] = [];
  const session = new CustomRefreshableSession({
    customCredentialsMethod: async () => {
      const credentials = await assumeDeceived(given.length === 0 ? LIFETIME : 900);
      given.push(credentials);
      return credentials;
    },
  });
  const clients = mixedClients(endpoint, session, expiredTokenRecovery(session));
  const bare = mixedClients(endpoint, session).slice(0, 10);
  t.is(clients.length, 20);
  const attemptsOf = async (times: number) => {
    const all = clients.flatMap(({ request }) => Array.from({ length: times }, request));
    return (await Promise.all(all)).map(({ $metadata }) => $metadata.attempts);
  };
  await Promise.all(bare.map(({ request }) => request()));
  t.deepEqual(await attemptsOf(1), Array(20).fill(1));
  await sleep((given[0]?.ends ?? 0) + 1_500 - Date.now());
  const refusals = await Promise.all(bare.map(({ request }) => t.throwsAsync(request())));
  t.log(...new Set(refusals.map((error) => error?.name)));
  t.is(given.length, 1, "without the plugin nobody does anything about it");
  // What is signed so late that others have recovered by then needs no second attempt.
  const attempts = await attemptsOf(3);
  t.true(attempts.every((count) => count === 1 || count === 2));
  t.true(attempts.filter((count) => count === 2).length >= 20, String(attempts));
  t.is(given.length, 2);
  t.deepEqual(await attemptsOf(1), Array(20).fill(1));
  await Promise.all(bare.map(({ request }) => request()));
  t.deepEqual([given[1]?.access_key], [session.getCredentials().frozen.accessKeyId]);
  for (const opened of [...clients, ...bare, session]) opened.close();
});

test("twenty clients whose key is deleted in mid-flight recover with one refresh, in the words of every protocol", async (t) => {
  const keys: string[] = [];
  const method = "access-key";
  const refresh = async () => {
    const key = await makeAccessKey(endpoint);
    keys.push(key.accessKeyId);
    return { ...key, expiration: new Date(Date.now() + 3_600_000) };
  };
  RefreshableSession.register(method, () => ({ method, refresh }));
  const session = new RefreshableSession({ method });
  const clients = mixedClients(endpoint, session, expiredTokenRecovery(session));
  const bare = mixedClients(endpoint, session).slice(0, 10);
  await Promise.all([...clients, ...bare].map(({ request }) => request()));
  t.is(keys.length, 1);
  await administer(endpoint, "DeleteAccessKey", { UserName: "tester", AccessKeyId: keys[0] ?? "" });
  const refusals = await Promise.all(bare.map(({ request }) => t.throwsAsync(request())));
  t.log(...new Set(refusals.map((error) => error?.name)));
  for (let times = 0; times < 2; times++) await Promise.all(clients.map(({ request }) => request()));
  t.is(keys.length, 2);
  t.deepEqual(keys.slice(1), [session.getCredentials().frozen.accessKeyId]);
  for (const opened of [...clients, ...bare, session]) opened.close();
});
