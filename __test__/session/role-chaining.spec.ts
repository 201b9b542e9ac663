/** Tests of sessions of roles whose source is another session: refreshed in order, one hour at most. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { type BRSRequestError, STSRefreshableSession, type StsSessionOptions } from "aws-refresh-session";
import { ManualClock, startTestEndpoint } from "aws-refresh-session/testing";
import { type CodedWarning, warningsOf } from "../support/warnings.js";

const RoleArn = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

async function start(t: ExecutionContext) {
  const time = new ManualClock(Date.parse("2030-01-01T00:00:00Z"));
  const endpoint = await startTestEndpoint({ clock: time.clock });
  t.teardown(() => endpoint.close());
  const open = (name: string, credentials: unknown = endpoint.credentials, seconds?: number) => {
    const session = new STSRefreshableSession({
      region: "eu-west-1",
      clock: time.clock,
      env: {},
      assumeRole: { RoleArn: RoleArn(name), ...(seconds !== undefined && { DurationSeconds: seconds }) },
      stsClientConfig: { endpoint: endpoint.stsUrl, credentials } as NonNullable<StsSessionOptions["stsClientConfig"]>,
    });
    t.teardown(() => session.close());
    return session;
  };
  const roles = () =>
    endpoint.sts.requests.filter(({ Action }) => Action === "AssumeRole").map(({ RoleArn = "" }) => RoleArn.slice(31));
  return { time, endpoint, open, roles };
}

/** Warnings of the package while `action` runs. */
async function warnings(action: () => void): Promise<CodedWarning[]> {
  return (await warningsOf(action)).filter(({ name }) => name === "BRSWarning");
}

test("each hop is refreshed when it is due, the inner one first", async (t) => {
  const { open, time, roles, endpoint } = await start(t);
  const inner = open("inner", endpoint.credentials, 7_200);
  const middle = open("middle", inner);
  const outer = open("outer", middle.credentials);
  await outer.refreshableCredentials();
  t.deepEqual(roles(), ["inner", "middle", "outer"]);
  t.is((await outer.whoami()).Arn, "arn:aws:sts::123456789012:assumed-role/outer/aws-refresh-session");
  t.is((await outer.sourceIdentity()).Arn, "arn:aws:sts::123456789012:assumed-role/middle/aws-refresh-session");
  time.advance(3_600);
  await outer.refreshableCredentials();
  t.deepEqual(roles().slice(3), ["middle", "outer"]);
  time.advance(3_600);
  await outer.refreshableCredentials();
  t.deepEqual(roles().slice(5), ["inner", "middle", "outer"]);
  t.is(endpoint.stats.stsRequestsRefused, 0);
});

test("fifty callers of ten outer sessions ask the inner one once", async (t) => {
  const { open, roles } = await start(t);
  const inner = open("inner");
  const outer = Array.from({ length: 10 }, (_, index) => open(`outer-${index}`, inner));
  await Promise.all(outer.flatMap((session) => Array.from({ length: 5 }, () => session.refreshableCredentials())));
  t.is(roles().filter((role) => role === "inner").length, 1);
  t.is(roles().length, 11);
});

test("a failure of the inner session reaches the callers of the outer one", async (t) => {
  const { open, endpoint } = await start(t);
  const outer = open("outer", open("inner"));
  endpoint.sts.failNext({ statusCode: 403, code: "AccessDenied", message: "not you" });
  const error = (await t.throwsAsync(outer.refreshableCredentials())) as BRSRequestError;
  t.is(error.details?.awsCode, "AccessDenied");
  t.is(endpoint.stats.assumeRoleCalls, 1);
});

test("more than an hour for a chained role warns at construction, and STS's refusal says why", async (t) => {
  const { open } = await start(t);
  const inner = open("inner");
  const seen = await warnings(() => {
    open("outer", inner, 3_600);
    open("outer", inner.credentials, 3_601);
    open("outer", undefined, 7_200);
    open("outer", async () => ({ accessKeyId: "a", secretAccessKey: "b" }), 7_200);
  });
  t.deepEqual(
    seen.map(({ code }) => code),
    ["BRS_ROLE_CHAINING_LIMIT"],
  );
  t.regex(seen[0]?.message ?? "", /DurationSeconds is 3601, .* one hour at most/);
  const outer = open("outer", inner, 7_200);
  const error = (await t.throwsAsync(outer.refreshableCredentials())) as BRSRequestError;
  t.is(error.details?.awsCode, "ValidationError");
  t.regex(error.message, /has one hour at most: DurationSeconds of 3600 or less/);
});

test("who leaves the outer session does not end the refresh of the inner one", async (t) => {
  const { open, endpoint, roles } = await start(t);
  const inner = open("inner");
  const outer = open("outer", inner);
  endpoint.sts.failNext({ delayMs: 20 });
  const controller = new AbortController();
  const left = outer.refreshableCredentials({ signal: controller.signal });
  const stays = inner.refreshableCredentials();
  controller.abort(new Error("left"));
  await t.throwsAsync(left, { message: "left" });
  t.truthy((await stays).accessKeyId);
  t.is(roles().filter((role) => role === "inner").length, 1);
});

/** A process with two chained sessions; it goes on with `program` once STS has been asked for the inner one. */
async function runChained(t: ExecutionContext, fault: "hang" | { delayMs: number }, program: string) {
  const endpoint = await startTestEndpoint();
  t.teardown(() => endpoint.close());
  endpoint.sts.failNext(fault);
  const setUp = `
    import { STSRefreshableSession } from "aws-refresh-session";
    const { stsUrl: endpoint, credentials } = JSON.parse(process.env.TEST_ENDPOINT);
    const open = (name, credentials, options) => new STSRefreshableSession({
      assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/" + name },
      region: "eu-west-1",
      env: {},
      refreshTimeout: 3600,
      stsClientConfig: { endpoint, credentials, requestTimeout: 3600 },
      ...options,
    });
    const outer = open("outer", open("inner", credentials), { deferRefresh: false });
    await new Promise((resolve) => process.stdin.once("data", resolve));
    process.stdin.destroy();
    process.on("exit", () => console.log("exit"));
  `;
  const { stsUrl, credentials } = endpoint;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", setUp + program], {
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
    env: { PATH: process.env.PATH ?? "", TEST_ENDPOINT: JSON.stringify({ stsUrl, credentials: { ...credentials } }) },
    stdio: ["pipe", "pipe", "inherit"],
    // One that hangs fails its test, and does not outlive it.
    timeout: 60_000,
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  const closed = once(child, "close");
  while (endpoint.stats.assumeRoleCalls === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  child.stdin.end("go");
  const [code] = await closed;
  return { code, output };
}

test("a process ends although nobody's refresh of the outer session waits for the inner one", async (t) => {
  const { code, output } = await runChained(t, "hang", 'console.log("nobody waits");');
  t.is(code, 0);
  t.is(output, "nobody waits\nexit\n");
});

test("a process that waits for the outer session lives until the inner one has answered", async (t) => {
  const program = "console.log((await outer.refreshableCredentials()).accessKeyId.slice(0, 4));";
  const { code, output } = await runChained(t, { delayMs: 300 }, program);
  t.is(code, 0);
  t.is(output, "ASIA\nexit\n");
});
