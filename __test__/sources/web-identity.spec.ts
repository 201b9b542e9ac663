/** Credentials of a role for the token in a file. */
import test, { type ExecutionContext } from "ava";
import { BRSConfigurationError, BRSCredentialError, BRSValidationError } from "aws-refresh-session";
import { fromWebIdentity } from "aws-refresh-session/sources";
import { newHome } from "./home.js";
import { startStsRecorder } from "./sts-recorder.js";

const ROLE = "arn:aws:iam::123456789012:role/reports";

async function start(t: ExecutionContext, files: Readonly<Record<string, string>> = {}) {
  const sts = await startStsRecorder();
  t.teardown(() => sts.close());
  const home = newHome(t, { token: "eyJhbGciOi.token.one", ...files });
  return { sts, home, homeDir: home.homeDir, env: { AWS_ENDPOINT_URL_STS: sts.url } };
}

test("exchanges the token for credentials, unsigned, and reads it anew each time", async (t) => {
  const { sts, home, homeDir, env } = await start(t);
  const variables = { ...env, AWS_WEB_IDENTITY_TOKEN_FILE: home.path("token"), AWS_ROLE_ARN: ROLE };
  const provider = fromWebIdentity({ env: variables, homeDir, region: "eu-west-1" });
  t.deepEqual(await provider(), {
    accessKeyId: "ASIAHOP1",
    secretAccessKey: "secretHOP1",
    sessionToken: "tokenHOP1",
    expiration: new Date("2100-01-01T00:00:00Z"),
    accountId: "123456789012",
  });
  home.write("token", "eyJhbGciOi.token.two\n");
  await provider();
  const call = { RoleArn: ROLE, RoleSessionName: "aws-refresh-session" };
  t.deepEqual(sts.calls, [
    ["AssumeRoleWithWebIdentity", null, { ...call, WebIdentityToken: "eyJhbGciOi.token.one" }],
    ["AssumeRoleWithWebIdentity", null, { ...call, WebIdentityToken: "eyJhbGciOi.token.two" }],
  ]);
});

test("takes each setting from the option, the variable, the profile, by itself", async (t) => {
  const { sts, home, homeDir, env } = await start(t);
  const profile = `web_identity_token_file = ${home.path("token")}\nrole_arn = ${ROLE}\nrole_session_name = profile\n`;
  home.write("config", `[default]\n${profile}[profile named]\n${profile}`);
  const sessionOf = async (options: Parameters<typeof fromWebIdentity>[0]) => {
    await fromWebIdentity({ homeDir, region: "eu-west-1", ...options })();
    return sts.calls.at(-1)?.[2].RoleSessionName;
  };
  t.is(await sessionOf({ env }), "profile");
  const named = { ...env, AWS_ROLE_SESSION_NAME: "variable" };
  t.is(await sessionOf({ env: named }), "variable");
  t.is(await sessionOf({ env: { ...env, AWS_ROLE_SESSION_NAME: "" } }), "profile");
  t.is(await sessionOf({ env: named, roleSessionName: "option" }), "option");
  t.is(await sessionOf({ env: named, profileName: "named" }), "profile", "the profile is what is wanted");
  t.is(await sessionOf({ env: { ...named, AWS_PROFILE: "named" } }), "variable");
});

test("tells what is missing before anything is sent", async (t) => {
  const { sts, home, homeDir, env } = await start(t);
  await t.throwsAsync(fromWebIdentity({ env, homeDir })(), {
    instanceOf: BRSCredentialError,
    message: /AWS_WEB_IDENTITY_TOKEN_FILE is not set, and profile "default" has no web_identity_token_file/,
  });
  const webIdentityTokenFile = home.path("token");
  await t.throwsAsync(fromWebIdentity({ env, homeDir, webIdentityTokenFile })(), {
    instanceOf: BRSConfigurationError,
    message: /set AWS_ROLE_ARN, or role_arn/,
  });
  const absent = fromWebIdentity({ env, homeDir, webIdentityTokenFile: home.path("absent"), roleArn: ROLE });
  const error = await t.throwsAsync(absent(), { instanceOf: BRSCredentialError, message: /ENOENT/ });
  t.true(error?.retryable);
  home.write("token", " \n");
  await t.throwsAsync(fromWebIdentity({ env, homeDir, webIdentityTokenFile, roleArn: ROLE })(), {
    message: /token.* must be a token/,
  });
  t.is(sts.calls.length, 0);
});

test("wrong options are refused at once", (t) => {
  t.throws(() => fromWebIdentity({ roleArn: 7 as never }), { instanceOf: BRSValidationError, message: /^roleArn/ });
  t.throws(() => fromWebIdentity({ role: ROLE } as never), { message: /role is not an option/ });
  t.throws(() => fromWebIdentity({ clock: 7 as never }), { message: /^clock must be a function/ });
});
