/** An AWS SDK v3 client whose credentials refresh under it, signing natively. Needs `@aws-sdk/client-sts` beside this package. */
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { RefreshableSession } from "aws-refresh-session";
import { withNativeSigning } from "aws-refresh-session/aws-sdk";
import { startTestEndpoint } from "aws-refresh-session/testing";

const endpoint = await startTestEndpoint();
const session = new RefreshableSession({
  region: "eu-west-1",
  assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/reports", DurationSeconds: 2 },
  stsClientConfig: { endpoint: endpoint.stsUrl, credentials: endpoint.credentials },
});

const client = withNativeSigning(
  new STSClient({ region: "eu-west-1", endpoint: endpoint.stsUrl, credentials: session.credentials }),
);
for (let call = 0; call < 3; call++) {
  const { Arn } = await client.send(new GetCallerIdentityCommand({}));
  console.log(Arn, "until", session.getCredentials().expiration?.toISOString());
  await new Promise((resume) => setTimeout(resume, 1_200));
}
console.log(`STS was asked ${endpoint.stats.assumeRoleCalls} times for credentials`);
client.destroy();
session.close();
await endpoint.close();
