/** What MiniStack refuses: errors with a type for each cause, and what a role or key that goes in mid-flight does to callers. */
import { setTimeout as sleep } from "node:timers/promises";
import { BRSRequestError, RefreshableSession, type SessionOptions } from "aws-refresh-session";
import { startLoad } from "./load.js";
import {
  administer,
  type Keys,
  makeAccessKey,
  makePrincipals,
  makeRole,
  miniStack,
  type Principals,
  REGION,
} from "./ministack.js";
import { clientsOf, makeBucket } from "./ministack-clients.js";
import { serverTests } from "./server-process.js";

let endpoint: string;
let principals: Principals;
const test = serverTests(miniStack, async (running) => {
  endpoint = running.endpoint;
  principals = await makePrincipals(endpoint);
  await makeBucket(endpoint, principals.user, "refusals");
});

interface Opening {
  readonly role?: string;
  readonly lifetime?: number;
  readonly externalId?: string;
  readonly credentials?: Keys | (() => Promise<Keys>) | RefreshableSession;
  readonly policy?: SessionOptions;
}

const open = ({ role, lifetime = 900, externalId, credentials, policy }: Opening) =>
  new RefreshableSession({
    method: "sts",
    region: REGION,
    assumeRole: {
      RoleArn: role ?? principals.roleArn,
      DurationSeconds: lifetime,
      ...(externalId !== undefined && { ExternalId: externalId }),
    },
    stsClientConfig: { endpoint, region: REGION, credentials: credentials ?? principals.user },
    ...policy,
  });

const REFUSALS: ReadonlyArray<readonly [what: string, opening: () => Opening, awsCode: string]> = [
  ["a wrong external id", () => ({ role: principals.guardedRoleArn, externalId: "customer-18" }), "AccessDenied"],
  ["no external id where one is wanted", () => ({ role: principals.guardedRoleArn }), "AccessDenied"],
  ["a role that is not there", () => ({ role: `${principals.roleArn}-2` }), "AccessDenied"],
  [
    "a wrong secret",
    () => ({ credentials: { ...principals.user, secretAccessKey: "a secret of somebody else" } }),
    "SignatureDoesNotMatch",
  ],
  [
    "an unknown key",
    () => ({ credentials: { ...principals.user, accessKeyId: "AKIANOBODYS000000000" } }),
    "InvalidClientTokenId",
  ],
  [
    "a made-up session token",
    () => ({ credentials: { ...principals.user, sessionToken: "a-token-nobody-vended" } }),
    "InvalidClientTokenId",
  ],
];

for (const [what, opening, awsCode] of REFUSALS) {
  test(`${what} is an error that says so, for all who asked`, async (t) => {
    const session = open(opening());
    const told: Error[] = [];
    session.events.on("refreshError", ({ error }) => told.push(error));
    const doors = [() => session.refreshableCredentials(), () => session.credentials(), () => session.getIdentity()];
    const errors = await Promise.all(doors.map((door) => t.throwsAsync(door(), { instanceOf: BRSRequestError })));
    const [error] = errors;
    t.deepEqual(told, [error]);
    t.true(
      errors.every((each) => each === error),
      "one refresh for all",
    );
    t.like(error, { code: "ERR_REQUEST", statusCode: 403, retryable: false });
    t.like(error?.details, { awsCode, operation: "STS AssumeRole", attempt: 1 });
    t.regex(error?.message ?? "", new RegExp(awsCode));
    t.notRegex(error?.message ?? "", /a secret of somebody else|a-token-nobody-vended/);
    session.close();
  });
}

/** Asks and sends one request after the other until told to stop: what came, and how much was left of the credentials then. */
function watch(session: RefreshableSession, name: string) {
  const { clients: all, close } = clientsOf(session, name, endpoint, "refusals");
  // Without its role a session may still ask who it is, and nothing else.
  const clients = all.filter((client) => !client.name.endsWith("S3Client"));
  const seen: Array<{ readonly remaining: number; readonly error: unknown }> = [];
  const remaining = () => (session.getCredentials().expiration?.getTime() ?? 0) - Date.now();
  let going = true;
  const running = (async () => {
    for (let turn = 0; going; turn++) {
      const result = clients[turn % clients.length]?.request() ?? Promise.reject(new Error("no client"));
      await result.then(
        () => seen.push({ remaining: remaining(), error: undefined }),
        (error: unknown) => seen.push({ remaining: remaining(), error }),
      );
      await sleep(40);
    }
  })();
  const stop = async () => {
    going = false;
    await running;
    close();
    return seen;
  };
  return { seen, stop };
}

const LIFETIME = 6;
const MANDATORY_MS = (LIFETIME * 1000) / 4;

/** By policy: with how many milliseconds left the refusal may reach callers. Nobody is to lose a request before that. */
const SURFACES: ReadonlyArray<readonly [name: string, policy: SessionOptions, surfacesAt: number]> = [
  ["windows", {}, MANDATORY_MS],
  ["serve-valid", { onMandatoryFailure: "serve-valid" }, 0],
  ["static-stability", { refreshPolicy: "static-stability" }, MANDATORY_MS],
];

test("a role deleted in mid-flight is noticed where each policy says, as a refusal, and not before", async (t) => {
  const role = "doomed";
  const arn = await makeRole(endpoint, role, { Principal: { AWS: principals.userArn } });
  const sessions = SURFACES.map(([, policy]) => open({ role: arn, lifetime: LIFETIME, policy }));
  const held = await Promise.all(sessions.map((session) => session.refreshableCredentials()));
  const watching = sessions.map((session, index) => watch(session, `${role}-${index}`));
  await sleep(300);
  await administer(endpoint, "DeleteRolePolicy", { RoleName: role, PolicyName: "everything" });
  await administer(endpoint, "DeleteRole", { RoleName: role });
  const ends = held.map(({ expiration }) => expiration?.getTime() ?? 0);
  await sleep(Math.max(...ends) + 300 - Date.now());
  for (const [index, [name, , surfacesAt]] of SURFACES.entries()) {
    const seen = (await watching[index]?.stop()) ?? [];
    // What was signed with the last milliseconds of a triple may come too late: that is MiniStack's answer, not the session's.
    const failed = seen.filter(({ error }) => error !== undefined && !/ExpiredToken/.test(String(error)));
    t.true(failed.length > 0 && failed.length < seen.length, name);
    for (const { remaining, error } of failed) {
      t.true(remaining < surfacesAt, `${name}: ${remaining} ms left`);
      t.true(error instanceof BRSRequestError, String(error));
      t.like(error, { code: "ERR_REQUEST", statusCode: 403, retryable: false });
      t.is((error as BRSRequestError).details?.awsCode, "AccessDenied");
    }
    t.true(seen.some(({ remaining, error }) => error === undefined && remaining < (LIFETIME * 1000) / 2));
    sessions[index]?.close();
  }
});

test("a source whose key is deleted is refused; once it gives another key, it and all behind it go on without a loss", async (t) => {
  const lifetime = 8;
  const policy: SessionOptions = { onMandatoryFailure: "serve-valid" };
  let keys = await makeAccessKey(endpoint);
  let asked = 0;
  const source = async () => {
    asked++;
    return keys;
  };
  const session = open({ credentials: source, lifetime, policy });
  const chained = open({
    ...{ role: principals.guardedRoleArn, externalId: principals.externalId },
    ...{ credentials: session, lifetime, policy },
  });
  await chained.refreshableCredentials();
  t.is(asked, 1);
  const groups = [session, chained].map((each, index) => clientsOf(each, `rotated ${index}`, endpoint, "refusals"));
  const load = startLoad(
    groups.flatMap(({ clients }) => clients),
    { pauseMs: 200, validityMs: 500 },
  );
  const refused = new Promise<Error>((resolve) => session.events.once("refreshError", ({ error }) => resolve(error)));
  await administer(endpoint, "DeleteAccessKey", { UserName: "tester", AccessKeyId: keys.accessKeyId });
  const error = await refused;
  t.true(error instanceof BRSRequestError);
  t.like(error, { code: "ERR_REQUEST", statusCode: 403, retryable: false });
  t.is((error as BRSRequestError).details?.awsCode, "InvalidClientTokenId");

  keys = await makeAccessKey(endpoint);
  const refreshed = [session, chained].map(
    (each) => new Promise<void>((resolve) => each.events.once("refresh", () => resolve())),
  );
  await Promise.all(refreshed);
  t.true(asked > 1, "the source was asked anew for what STS had refused");
  await sleep(500);
  const report = await load.stop();
  t.log(`${report.total} requests, ${report.overtaken} overtaken`);
  t.deepEqual(report.failed, []);
  for (const opened of [...groups, chained, session]) opened.close();
});

test("a fixed key that is refused for a while is not given up", async (t) => {
  const keys = await makeAccessKey(endpoint);
  const setStatus = (Status: "Active" | "Inactive") =>
    administer(endpoint, "UpdateAccessKey", { UserName: "tester", AccessKeyId: keys.accessKeyId, Status });
  await setStatus("Inactive");
  const session = open({ credentials: keys });
  for (let attempt = 0; attempt < 2; attempt++) {
    const error = await t.throwsAsync(session.getCredentials().refresh({ force: true }), {
      instanceOf: BRSRequestError,
    });
    t.is(error?.details?.awsCode, "InvalidClientTokenId");
  }
  await setStatus("Active");
  t.truthy((await session.getCredentials().refresh({ force: true })).sessionToken);
  session.close();
});
