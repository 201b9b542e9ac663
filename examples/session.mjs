/** A session that assumes a role and refreshes by itself, against a loopback STS that vends credentials of two seconds. */
import { RefreshableSession } from "aws-refresh-session";
import { startTestEndpoint } from "aws-refresh-session/testing";

const endpoint = await startTestEndpoint();

const session = new RefreshableSession({
  method: "sts",
  region: "eu-west-1",
  assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/reports", DurationSeconds: 2 },
  stsClientConfig: { endpoint: endpoint.stsUrl, credentials: endpoint.credentials },
});
session.events.on("refresh", ({ credentials }) => console.log("refreshed:", credentials.accessKeyId));

const signer = session.signer({ service: "execute-api" });
const end = Date.now() + 4_000;
let answered = 0;
while (Date.now() < end) {
  const { url, ...init } = await signer.signRequest({ url: `${endpoint.url}/orders?limit=10` });
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`refused: ${await response.text()}`);
  answered++;
  await new Promise((resume) => setTimeout(resume, 20));
}
console.log(`${answered} requests answered, none refused`);

session.close();
await endpoint.close();
