/** Sessions without credentials of their own: source, region and profile as every AWS tool finds them. */
import test, { type ExecutionContext } from "ava";
import { BRSConfigurationError, BRSRequestError, fromProfile, STSRefreshableSession } from "aws-refresh-session";
import { startTestEndpoint } from "aws-refresh-session/testing";
import { newHome } from "../sources/home.js";

const assumeRole = { RoleArn: "arn:aws:iam::123456789012:role/reports" };

async function start(t: ExecutionContext) {
  const endpoint = await startTestEndpoint();
  t.teardown(() => endpoint.close());
  const { accessKeyId, secretAccessKey } = endpoint.credentials;
  const keys = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
  const home = newHome(t, {
    config: "[default]\nregion = eu-west-1\n[profile p]\nregion = eu-west-2\n[profile bare]\noutput = json\n",
    credentials: `[p]\n${keys}`,
  });
  const env = { AWS_ENDPOINT_URL_STS: endpoint.stsUrl };
  const open = (options: Partial<ConstructorParameters<typeof STSRefreshableSession>[0]>) => {
    const session = new STSRefreshableSession({ assumeRole, env, homeDir: home.homeDir, ...options });
    t.teardown(() => session.close());
    return session;
  };
  return { endpoint, home, keys, env, open };
}

test("the source is the profile: by option, by variable", async (t) => {
  const { endpoint, env, open } = await start(t);
  await open({ profileName: "p" }).refreshableCredentials();
  await open({ env: { ...env, AWS_PROFILE: "p" } }).refreshableCredentials();
  await open({ env: { ...env, AWS_DEFAULT_PROFILE: "p" }, clock: () => Date.now() }).refreshableCredentials();
  t.is(endpoint.stats.assumeRoleCalls, 3);
  t.is(endpoint.stats.stsRequestsRefused, 0);
});

test("the region is that of the profile when nothing else says one", async (t) => {
  const { env, open } = await start(t);
  t.is(open({}).region, "eu-west-1");
  t.is(open({ profileName: "p" }).region, "eu-west-2");
  t.is(open({ env: { ...env, AWS_PROFILE: "p" } }).region, "eu-west-2");
  t.is(open({ profileName: "p", env: { ...env, AWS_REGION: "eu-west-3" } }).region, "eu-west-3");
  t.is(open({ profileName: "bare" }).region, undefined);
});

test("no file is read at construction when the region is known", async (t) => {
  const { home, open } = await start(t);
  home.write("config", "broken");
  t.is(open({ region: "eu-west-4" }).region, "eu-west-4");
  t.throws(() => open({}), { instanceOf: BRSConfigurationError, code: "ERR_CONFIG_PARSE" });
});

test("a profile that is not there is told with those that are", async (t) => {
  const { open } = await start(t);
  t.throws(() => open({ profileName: "q" }), { code: "ERR_PROFILE_NOT_FOUND", message: /"default", "p", "bare"/ });
  await t.throwsAsync(open({ profileName: "q", region: "eu-west-1" }).refreshableCredentials(), {
    code: "ERR_PROFILE_NOT_FOUND",
  });
});

test("keys that STS no longer knows are read anew from the file", async (t) => {
  const { endpoint, home, keys, open } = await start(t);
  home.write("credentials", "[p]\naws_access_key_id = AKIDOLD\naws_secret_access_key = rotated\n");
  const session = open({ profileName: "p" });
  const error = await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSRequestError });
  t.is(error?.details?.awsCode, "InvalidClientTokenId");
  home.write("credentials", `[p]\n${keys}`);
  t.truthy((await session.refreshableCredentials()).accessKeyId);
  t.is(endpoint.stats.credentialsVended, 1);
});

test("a source function is an SDK provider: sessions share what it gave", async (t) => {
  const { endpoint, env, home, open } = await start(t);
  const credentials = fromProfile({ profileName: "p", env, homeDir: home.homeDir });
  await open({ region: "eu-west-1", stsClientConfig: { credentials } }).refreshableCredentials();
  await open({ region: "eu-west-1", stsClientConfig: { credentials } }).refreshableCredentials();
  t.is(endpoint.stats.assumeRoleCalls, 2);
});
