/** Tests of sessions of method "chain": the default chain, refreshed like every other source. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import {
  BRSCredentialError,
  BRSValidationError,
  type ChainSessionOptions,
  RefreshableSession,
} from "aws-refresh-session";
import { ManualClock, startTestEndpoint } from "aws-refresh-session/testing";

async function start(t: ExecutionContext) {
  const time = new ManualClock(Date.parse("2030-01-01T00:00:00Z"));
  const endpoint = await startTestEndpoint({ clock: time.clock });
  const homeDir = await mkdtemp(join(tmpdir(), "chain-"));
  await mkdir(join(homeDir, ".aws"));
  t.teardown(async () => {
    await endpoint.close();
    await rm(homeDir, { recursive: true });
  });
  const config = (text: string) => writeFile(join(homeDir, ".aws", "config"), text);
  const open = (more: Partial<ChainSessionOptions> = {}) => {
    const session = new RefreshableSession({
      method: "chain",
      clock: time.clock,
      env: { AWS_ENDPOINT_URL_STS: endpoint.stsUrl },
      homeDir,
      region: "eu-west-1",
      ...more,
    });
    t.teardown(() => session.close());
    return session;
  };
  const { accessKeyId, secretAccessKey } = endpoint.credentials;
  const keys = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
  return { time, endpoint, config, open, keys };
}

test("a role of a profile is assumed through its source, and again when it ends", async (t) => {
  const { config, open, keys, endpoint, time } = await start(t);
  await config(
    `[profile base]\n${keys}[profile reports]\nrole_arn = arn:aws:iam::123456789012:role/reports\nsource_profile = base\n`,
  );
  const session = open({ profileName: "reports" });
  t.is(session.refreshMethod, "chain");
  const first = await session.refreshableCredentials();
  t.regex(first.accessKeyId, /^ASIA/);
  t.regex((await session.whoami()).Arn ?? "", /assumed-role\/reports\//);
  time.advance(3_600);
  t.not((await session.refreshableCredentials()).accessKeyId, first.accessKeyId);
  t.is(endpoint.stats.assumeRoleCalls, 2);
});

test("keys of the environment come first, and are never refreshed", async (t) => {
  const { config, open, keys, endpoint, time } = await start(t);
  await config(`[default]\n${keys}`);
  const env = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "example" };
  const session = open({ env });
  t.is((await session.refreshableCredentials()).accessKeyId, "AKIDEXAMPLE");
  time.advance(10 * 86_400);
  t.is((await session.refreshableCredentials()).accessKeyId, "AKIDEXAMPLE");
  const ordered = open({ env, chain: { order: ["config-file"] } });
  t.is((await ordered.refreshableCredentials()).accessKeyId, endpoint.credentials.accessKeyId);
});

test("nothing anywhere says where it was looked", async (t) => {
  const { open } = await start(t);
  const error = await t.throwsAsync(open().refreshableCredentials(), { instanceOf: BRSCredentialError });
  t.true(Array.isArray(error?.details?.links));
});

for (const [what, options, param] of [
  ["an unknown place", { chain: { order: ["nowhere"] } }, "order[0]"],
  ["an unknown name", { chain: { first: "env" } }, "chain.first"],
  ["a list for the object", { chain: ["env"] }, "chain"],
  ["an option of another method", { assumeRole: {} }, "assumeRole"],
] as const) {
  test(`${what} is refused at construction`, async (t) => {
    const { open } = await start(t);
    t.is(t.throws(() => open(options as never), { instanceOf: BRSValidationError })?.param, param);
  });
}
