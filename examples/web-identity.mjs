/** A role for the token of an identity provider, as pods and CI jobs have it, against a loopback STS: no keys anywhere. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RefreshableSession } from "aws-refresh-session";
import { ManualClock, startTestEndpoint } from "aws-refresh-session/testing";

const time = new ManualClock();
const endpoint = await startTestEndpoint({ clock: time.clock });
const folder = await mkdtemp(join(tmpdir(), "web-identity-"));
const file = join(folder, "token");

/** What an identity provider would sign, and a kubelet would write into the file. */
const issueToken = async () => {
  const part = (content) => Buffer.from(JSON.stringify(content)).toString("base64url");
  const now = Math.floor(time.now / 1000);
  const claims = { iss: "https://idp.example.com", sub: "job-42", aud: "sts.amazonaws.com", iat: now, exp: now + 3600 };
  await writeFile(file, `${part({ alg: "RS256" })}.${part(claims)}.${part("signature")}`, { mode: 0o600 });
};
await issueToken();

const session = new RefreshableSession({
  method: "web-identity",
  region: "eu-central-1",
  clock: time.clock,
  // What pods of EKS find in their environment; as options: webIdentity.RoleArn and webIdentityTokenFile.
  env: {
    AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/jobs",
    AWS_WEB_IDENTITY_TOKEN_FILE: file,
    AWS_ENDPOINT_URL_STS: endpoint.stsUrl,
  },
});
const { Arn } = await session.getIdentity();
console.log(`assumed: ${Arn}`);

const signer = session.signer({ service: "execute-api" });
const url = `${endpoint.url}/orders`;
let answered = 0;
for (let hour = 0; hour < 3; hour++) {
  const response = await fetch(url, { headers: await signer.sign({ url }) });
  if (response.ok) answered++;
  // The file is read again at every refresh, so a token that was replaced meanwhile is the one that is sent.
  time.advance(3600);
  await issueToken();
}
const { assumeRoleWithWebIdentityCalls, requestsRefused } = endpoint.stats;
console.log(
  `${answered} requests answered, ${requestsRefused} refused, ${assumeRoleWithWebIdentityCalls} tokens exchanged`,
);

session.close();
await endpoint.close();
await rm(folder, { recursive: true });
