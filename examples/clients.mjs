/** AWS SDK v3 clients from caches: those of one session, and those of thirty accounts through a cache of ten. Needs `@aws-sdk/client-sts`. */
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { RefreshableSession } from "aws-refresh-session";
import { ClientCache } from "aws-refresh-session/clients";
import { startTestEndpoint } from "aws-refresh-session/testing";

const endpoint = await startTestEndpoint();
const region = "eu-west-1";
const open = (account) =>
  new RefreshableSession({
    region,
    assumeRole: { RoleArn: `arn:aws:iam::${account}:role/reports` },
    stsClientConfig: { endpoint: endpoint.stsUrl, credentials: endpoint.credentials },
  });
const identify = async (client) => (await client.send(new GetCallerIdentityCommand({}))).Arn;

// The session's own cache: credentials, region and native signing come with the client.
const session = open(123456789012);
const sts = session.client(STSClient, { endpoint: endpoint.stsUrl, maxAttempts: 2 });
console.log("speaks as", await identify(sts));
console.log("the same by its name:", session.client("sts", { maxAttempts: 2, endpoint: endpoint.stsUrl }) === sts);

// Where many sessions share one limit. Whoever leaves finishes what it is doing and is destroyed then.
const cache = new ClientCache({ maxSize: 10 });
let left = 0;
cache.on("evict", () => left++);
const tenants = Array.from({ length: 30 }, (_, index) => open(100000000000 + index));
const requests = Array.from({ length: 300 }, (_, index) => {
  const tenant = tenants[Math.floor(index / 5) % tenants.length];
  return identify(cache.client(STSClient, { region, endpoint: endpoint.stsUrl, credentials: tenant.credentials }));
});
const answers = await Promise.all(requests);
console.log(`${answers.length} requests of ${new Set(answers).size} accounts answered, none lost`);
console.log(`${cache.size} clients held, ${left} left`);

// A client to keep is taken out of the cache, and is destroyed by whoever took it.
const [key, kept] = cache.takeNext();
console.log(`${key} is ${await identify(kept)}`);
kept.destroy();

// Closes the cache, and waits until nothing is in flight any more.
await cache[Symbol.asyncDispose]();
const { builds, destroyed } = cache.statistics;
console.log(`${builds} clients built, ${destroyed} destroyed by the cache, the other by whoever took it`);
for (const each of [session, ...tenants]) each.close();
await endpoint.close();
