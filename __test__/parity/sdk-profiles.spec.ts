/** Profiles against fromIni of the AWS SDK, where the two are meant to agree. */
import { fromIni } from "@aws-sdk/credential-providers";
import test, { type ExecutionContext } from "ava";
import type { TemporaryCredentials } from "aws-refresh-session";
import { fromProfile } from "aws-refresh-session/sources";
import { newHome } from "../sources/home.js";
import { startStsRecorder } from "../sources/sts-recorder.js";

const ROLE = "arn:aws:iam::123456789012:role/";

/** What both make of a profile: keys, and the calls of STS that they made for them. */
async function both(t: ExecutionContext, files: Readonly<Record<string, string>>, profileName: string) {
  const sts = await startStsRecorder();
  t.teardown(() => sts.close());
  const home = newHome(t, files);
  const env = { ...process.env };
  t.teardown(() => {
    process.env = env;
  });
  process.env = { PATH: env.PATH, HOME: home.homeDir, AWS_ENDPOINT_URL_STS: sts.url, AWS_REGION: "eu-west-1" };
  const outcome = async (provider: () => Promise<TemporaryCredentials>) => {
    sts.calls.length = 0;
    const keys = await provider().then(
      ({ accessKeyId, secretAccessKey, sessionToken, expiration, accountId }) => ({
        accessKeyId,
        secretAccessKey,
        sessionToken,
        expiration: expiration?.toISOString(),
        accountId,
      }),
      () => "refused",
    );
    return { keys, calls: sts.calls.map(([operation, signer, parameters]) => [operation, signer, parameters]) };
  };
  const filepath = home.path("credentials");
  const configFilepath = home.path("config");
  const theirs = await outcome(fromIni({ profile: profileName, filepath, configFilepath, ignoreCache: true }));
  const ours = await outcome(fromProfile({ profileName, homeDir: home.homeDir }));
  return { theirs, ours };
}

/** Spelt out, since the defaults of the two differ. */
const SESSION = "role_session_name = name\nduration_seconds = 3600\n";
const keys = (id: string) => `aws_access_key_id = ${id}\naws_secret_access_key = secret${id}\n`;

const agreeing: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "keys in the credentials file": { credentials: `[p]\n${keys("AKID")}aws_session_token = t\naws_account_id = 1\n` },
  "keys in the config file": { config: `[profile p]\n${keys("AKID")}` },
  "keys in both files": { config: `[profile p]\n${keys("AKIDC")}`, credentials: `[p]\n${keys("AKIDS")}` },
  "a role of another profile": {
    config: `[profile p]\nrole_arn = ${ROLE}one\nsource_profile = base\nexternal_id = external\nduration_seconds = 900
role_session_name = name\n[profile base]\n${keys("AKIDBASE")}`,
  },
  "a role of a role": {
    config: `[profile p]\nrole_arn = ${ROLE}one\nsource_profile = q\n${SESSION}[profile q]\nrole_arn = ${ROLE}two\nsource_profile = base\n${SESSION}`,
    credentials: `[base]\n${keys("AKIDBASE")}`,
  },
  "a role with keys of its own profile": {
    config: `[profile p]\nrole_arn = ${ROLE}one\nsource_profile = p\n${SESSION}${keys("AKIDP")}`,
  },
  "a loop": {
    config: `[profile p]\nrole_arn = ${ROLE}one\nsource_profile = q\n[profile q]\nrole_arn = ${ROLE}two\nsource_profile = p\n`,
  },
  "a source that is not there": { config: `[profile p]\nrole_arn = ${ROLE}one\nsource_profile = q\n` },
  "a profile that is not there": { config: "[default]\nregion = x\n" },
  "a program": {
    config: `[profile p]\ncredential_process = /bin/echo '{"Version":1,"AccessKeyId":"AKIDP","SecretAccessKey":"s","SessionToken":"t"}'\n`,
  },
  "a program of another version": { config: `[profile p]\ncredential_process = /bin/echo '{"Version":2}'\n` },
};

for (const [title, files] of Object.entries(agreeing)) {
  test.serial(`${title}: the same keys by the same calls`, async (t) => {
    const { theirs, ours } = await both(t, { config: "", credentials: "", ...files }, "p");
    t.deepEqual(ours, theirs);
  });
}
