/** Calls an API behind IAM authorization with fetch, with node:http and with a client of one's own, and asks why it refused. */
import { request } from "node:http";
import { RefreshableSession } from "aws-refresh-session";
import { ApiGateway } from "aws-refresh-session/http";
import { startTestEndpoint } from "aws-refresh-session/testing";

// It stands for STS, whose credentials last two seconds here, and for API Gateway, which verifies every request.
const endpoint = await startTestEndpoint();
const session = new RefreshableSession({
  method: "sts",
  region: "eu-west-1",
  assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/orders", DurationSeconds: 2 },
  stsClientConfig: { endpoint: endpoint.stsUrl, credentials: endpoint.credentials },
});
const api = new ApiGateway({ session });
const order = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ id: 17 }) };

// A drop-in for fetch, over several refreshes.
let answered = 0;
for (const end = Date.now() + 3_000; Date.now() < end; answered++) {
  const response = await api.fetch(`${endpoint.url}/live/orders?limit=10`, order);
  if (!response.ok) throw new Error(`refused: ${await response.text()}`);
  await new Promise((resume) => setTimeout(resume, 20));
}
console.log(`fetch: ${answered} requests answered, none refused`);

// Options of node:http, here with a stream, which is read into memory: its hash has to stand in a header.
const { hostname, port } = new URL(endpoint.url);
const body = new Blob(["a,b\n", "1,2\n"]).stream();
const headers = { "Content-Type": "text/csv", TE: "trailers" };
const signed = await api.request({ hostname, port, path: "/live/tables", method: "PUT", headers, body });
const status = await new Promise((resolve, reject) => {
  const sent = request(signed, (response) => response.resume().on("end", () => resolve(response.statusCode)));
  sent.on("error", reject).end(signed.body);
});
console.log(`node:http: ${status}`);

// Any other client: the headers alone.
const url = `${endpoint.url}/live/orders/17`;
console.log("sign():", Object.keys(await api.sign({ url })).join(", "));

// A refusal names what the server hashed; what was signed is to be compared with it.
const { accessKeyId, sessionToken } = await session.refreshableCredentials();
const mistaken = new ApiGateway({
  accessKeyId,
  secretAccessKey: "of somebody else",
  sessionToken,
  region: "eu-west-1",
});
const refusal = await mistaken.fetch(url);
console.log(refusal.status, refusal.headers.get("x-amzn-errortype"));
console.log(mistaken.explain({ url }).canonicalRequest);

session.close();
await endpoint.close();
