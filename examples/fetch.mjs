/** Signed fetch to a server that verifies, whose tokens end early, and which redirects elsewhere. */
import { createServer } from "node:http";
import { RefreshableSession } from "aws-refresh-session";
import { HttpSigner } from "aws-refresh-session/http";
import { verifyRequest } from "aws-refresh-session/signing";

const revoked = new Set();
const elsewhere = createServer(({ headers }, response) => {
  response.end(`another origin, which got a token: ${"x-amz-security-token" in headers || "authorization" in headers}`);
});

const service = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method, url: target, rawHeaders } = request;
  try {
    const { accessKeyId } = await verifyRequest(
      { method, target, rawHeaders, body: Buffer.concat(chunks) },
      {
        service: "orders",
        region: "eu-west-1",
        hosts: [new URL(origin(service)).host],
        getCredentials: ({ accessKeyId }) => ({ secretAccessKey: "secret", sessionToken: `token-of-${accessKeyId}` }),
      },
    );
    if (revoked.has(accessKeyId)) response.writeHead(403).end('{"__type":"ExpiredTokenException"}');
    else if (target === "/moved") response.writeHead(307, { location: "/orders" }).end();
    else if (target === "/gone") response.writeHead(302, { location: origin(elsewhere) }).end();
    else response.end(`${accessKeyId}: ${method} ${target} with ${Buffer.concat(chunks).length} bytes`);
  } catch (error) {
    response.writeHead(403).end(error.code);
  }
});

const origin = (server) => `http://127.0.0.1:${server.address().port}`;
for (const server of [service, elsewhere]) await new Promise((done) => server.listen(0, "127.0.0.1", done));

let keys = 0;
const session = new RefreshableSession({
  method: "custom",
  customCredentialsMethod: () => {
    const accessKeyId = `AKID${++keys}`;
    const expiration = new Date(Date.now() + 3_600_000);
    return { accessKeyId, secretAccessKey: "secret", sessionToken: `token-of-${accessKeyId}`, expiration };
  },
});
const orders = new HttpSigner({ service: "orders", region: "eu-west-1", credentials: session });
const say = async (path, init) => console.log(await (await orders.fetch(origin(service) + path, init)).text());

await say("/orders", { method: "POST", body: JSON.stringify({ id: 17 }) });
await say("/orders", { method: "PUT", body: new Blob(["a", "stream"]).stream(), duplex: "half" });
await say("/moved", { method: "POST", body: "kept by a 307" });
await say("/gone");

revoked.add("AKID1");
await Promise.all(Array.from({ length: 20 }, async () => (await orders.fetch(origin(service))).text()));
await say("/orders");
console.log(`20 requests refused, ${keys - 1} refresh`);

await say("/orders", { headers: { expect: "100-continue" } }).catch(({ code, message }) => console.log(code, message));
service.close();
elsewhere.close();
