/** The memory of an entry of the client cache, on JavaScript's heap and outside of it, printed as JSON for clients.mjs. */
import { S3Client } from "@aws-sdk/client-s3";
import { ClientCache } from "aws-refresh-session/clients";

const ENTRIES = 100_000;
const CLIENTS = 400;

/** As much of a client as a cache needs, so that the memory of clients does not hide that of entries. */
class SmallClient {
  config = {};
  middlewareStack = {
    plugins: [],
    add(...plugin) {
      this.plugins.push(plugin);
    },
    addRelativeTo(...plugin) {
      this.plugins.push(plugin);
    },
    use() {},
  };
  send() {}
  destroy() {}
}

/** Bytes on JavaScript's heap, and what the process takes beside it. */
function memory() {
  for (let times = 0; times < 4; times++) globalThis.gc();
  const { heapUsed, heapTotal, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, native: rss - heapTotal };
}

/** What each of so many things takes that `make` makes, all of them held by `held`. */
function bytesOf(count, make) {
  const held = new Array(count).fill(undefined);
  const before = memory();
  for (let index = 0; index < count; index++) held[index] = make(index);
  const after = memory();
  return { heap: (after.heap - before.heap) / held.length, native: (after.native - before.native) / held.length };
}

const configOf = (index) => ({ region: `region-${index}`, maxAttempts: 4 });
const cache = new ClientCache({ maxSize: null });
// What is made once.
for (let index = 0; index < 100; index++) cache.client(SmallClient, configOf(-1 - index));

const bare = bytesOf(ENTRIES, () => new SmallClient());
const cached = bytesOf(ENTRIES, (index) => cache.client(SmallClient, configOf(index)));
const client = bytesOf(CLIENTS, (index) => new S3Client(configOf(index)));
const entry = Math.round(cached.heap - bare.heap);
console.log(
  JSON.stringify({ entry, native: Math.round(cached.native - bare.native), client: Math.round(client.heap) }),
);
cache.close();
