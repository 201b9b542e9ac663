/** A profile that assumes a role through another profile, as the source of a session, against a loopback STS. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RefreshableSession } from "aws-refresh-session";
import { fromChain } from "aws-refresh-session/sources";
import { startTestEndpoint } from "aws-refresh-session/testing";

const endpoint = await startTestEndpoint();
const homeDir = await mkdtemp(join(tmpdir(), "sources-"));
await mkdir(join(homeDir, ".aws"));
const { accessKeyId, secretAccessKey } = endpoint.credentials;
await writeFile(
  join(homeDir, ".aws", "credentials"),
  `[base]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  { mode: 0o600 },
);
await writeFile(
  join(homeDir, ".aws", "config"),
  `[profile reports]
region = eu-west-1
role_arn = arn:aws:iam::123456789012:role/reports
source_profile = base
`,
);

// What the machine has set does not count here.
const env = { AWS_PROFILE: "reports", AWS_ENDPOINT_URL_STS: endpoint.stsUrl };
for (const { name, outcome, said } of (await fromChain({ env, homeDir }).explain()).links) {
  console.log(`${name}: ${outcome}${said && `, ${said}`}`);
}

// No credentials and no region given: both are those of the profile.
const session = new RefreshableSession({
  method: "sts",
  assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/archive" },
  env,
  homeDir,
});
const { Arn } = await session.getIdentity();
console.log(`${Arn} in ${session.region}, after ${endpoint.stats.assumeRoleCalls} roles`);

session.close();
await endpoint.close();
await rm(homeDir, { recursive: true });
