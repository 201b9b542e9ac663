/** Twenty AWS SDK v3 clients whose token is revoked under them: one refresh, one more attempt each. Needs `@aws-sdk/client-sts`. */
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { RefreshableSession } from "aws-refresh-session";
import { expiredTokenRecovery, hostClockOffset } from "aws-refresh-session/aws-sdk";
import { ManualClock, startTestEndpoint } from "aws-refresh-session/testing";

const time = new ManualClock(Date.now());
const endpoint = await startTestEndpoint({ clock: time.clock });
const config = { region: "eu-west-1", endpoint: endpoint.stsUrl };
const broker = new STSClient({ ...config, credentials: endpoint.credentials });

// A broker that promises an hour. The first token it gives ends after a second all the same, as one does that was revoked.
let asked = 0;
const session = new RefreshableSession({
  method: "custom",
  customCredentialsMethod: async () => {
    const DurationSeconds = asked++ === 0 ? 1 : 3600;
    const RoleArn = "arn:aws:iam::123456789012:role/reports";
    const { Credentials } = await broker.send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: "broker", DurationSeconds }),
    );
    return { ...Credentials, Expiration: new Date(Date.now() + 3_600_000) };
  },
});

const recovery = expiredTokenRecovery(session);
const clients = Array.from({ length: 20 }, () => {
  const client = new STSClient({ ...config, credentials: session.credentials });
  client.middlewareStack.use(recovery);
  client.middlewareStack.use(hostClockOffset());
  return client;
});
const callAll = () => Promise.all(clients.map((client) => client.send(new GetCallerIdentityCommand({}))));
const attempts = (answers) => answers.map(({ $metadata }) => $metadata.attempts).reduce((sum, each) => sum + each);

console.log(`${attempts(await callAll())} attempts for 20 calls with the first token`);
time.advance(2);
const answers = await callAll();
console.log(`${attempts(answers)} attempts for 20 calls after its end, all answered to ${answers[0].Arn}`);
console.log(`the broker was asked ${asked} times`);

for (const client of [...clients, broker]) client.destroy();
session.close();
await endpoint.close();
