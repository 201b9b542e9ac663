/** Session tokens and federated users before MiniStack: real credentials of both, and roles whose source is such a session. */
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { RefreshableSession, STSRefreshableSession } from "aws-refresh-session";
import { makePrincipals, miniStack, type Principals, REGION } from "./ministack.js";
import { serverTests } from "./server-process.js";

let endpoint: string;
let principals: Principals;
const test = serverTests(miniStack, async (running) => {
  endpoint = running.endpoint;
  principals = await makePrincipals(endpoint);
});

const stsClientConfig = () => ({ endpoint, region: REGION, credentials: principals.user });

test("a session token speaks as its user, and assumes the roles of many sessions", async (t) => {
  const user = new RefreshableSession({
    method: "session-token",
    region: REGION,
    sessionToken: { DurationSeconds: 900 },
    stsClientConfig: stsClientConfig(),
  });
  const { sessionToken, expiration } = await user.refreshableCredentials();
  t.truthy(sessionToken);
  t.true((expiration?.getTime() ?? 0) > Date.now());
  t.deepEqual(await user.getIdentity(), await user.sourceIdentity());
  const roles = Array.from(
    { length: 3 },
    () =>
      new STSRefreshableSession({
        region: REGION,
        assumeRole: { RoleArn: principals.roleArn },
        stsClientConfig: { ...stsClientConfig(), credentials: user },
      }),
  );
  for (const role of roles) t.regex((await role.whoami()).Arn ?? "", /:assumed-role\//);
  for (const session of [...roles, user]) session.close();
});

test("a client of the SDK assumes the same role as the package's own", async (t) => {
  const client = new STSClient(stsClientConfig());
  const session = new STSRefreshableSession({
    assumeRole: { RoleArn: principals.roleArn },
    stsClientConfig: client,
  });
  const direct = await client.send(
    new AssumeRoleCommand({ RoleArn: principals.roleArn, RoleSessionName: "aws-refresh-session" }),
  );
  t.is((await session.getIdentity()).Arn, direct.AssumedRoleUser?.Arn);
  session.close();
  client.destroy();
});
