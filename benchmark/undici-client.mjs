/**
 * A process of the benchmark of undici: sends requests when its parent says so. With "signed" through our interceptor, with "long"
 * with headers as long as those of a signature.
 */
import { randomBytes } from "node:crypto";
import { HttpSigner } from "aws-refresh-session/http";
import { Pool } from "undici";

/** Requests under way at a time. */
const CONCURRENCY = 32;
const BODY = JSON.stringify({ TableName: "orders", Key: { id: { S: "5f2c8e0e-7d4a-4f0b-9a3e-1c2d3e4f5a6b" } } });
const REQUESTS = {
  GET: { method: "GET", path: "/live/orders/1?fields=id%2Ctotal", headers: { accept: "application/json" } },
  POST: { method: "POST", path: "/live/orders", headers: { "content-type": "application/json" }, body: BODY },
};

const [origin, way] = process.argv.slice(2);
const credentials = {
  accessKeyId: "ASIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  // As long as the tokens that STS gives.
  sessionToken: randomBytes(383).toString("base64").slice(0, 510),
};
const signer = new HttpSigner({ service: "execute-api", region: "eu-west-1", credentials });
const pool = new Pool(origin, { connections: CONCURRENCY });
const dispatcher = way === "signed" ? pool.compose(signer.undici({ origins: [origin] })) : pool;

if (way === "long") {
  const long = { authorization: "a".repeat(240), "x-amz-date": "20150830T123600Z" };
  for (const { headers } of Object.values(REQUESTS)) {
    Object.assign(headers, long, { "x-amz-security-token": credentials.sessionToken });
  }
}

async function send(request, times) {
  for (let index = 0; index < times; index++) {
    const { body, statusCode } = await dispatcher.request(request);
    if (statusCode !== 200) throw new Error(`status ${statusCode}`);
    await body.text();
  }
}

process.on("message", async ({ method, times }) => {
  await Promise.all(Array.from({ length: CONCURRENCY }, () => send(REQUESTS[method], times)));
  process.send(CONCURRENCY * times);
});
process.on("disconnect", () => process.exit());
