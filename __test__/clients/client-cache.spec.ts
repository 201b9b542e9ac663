/** The cache of clients: what makes one client and what two, and what ends a client and when. */
import { setImmediate as turn } from "node:timers/promises";
import { S3, S3Client } from "@aws-sdk/client-s3";
import test from "ava";
import {
  BRSConfigurationError,
  BRSValidationError,
  ClientCache,
  ClientCacheError,
  ClientCacheExistsError,
  ClientCacheNotFoundError,
  type ClientEviction,
} from "aws-refresh-session/clients";
import { warningsDuring } from "../support/warnings.js";
import { FakeClient, type FakeConfig, OtherClient } from "./fake-clients.js";

/** What the evictions of a cache are: reason and name of each. */
function evictionsOf(cache: ClientCache): string[] {
  const evictions: string[] = [];
  cache.on("evict", ({ reason, client }) => evictions.push(`${reason} ${(client as FakeClient).config.name}`));
  return evictions;
}

const named = (name: string) => ({ name });

test("equal configs give one client, whatever their order and form; other configs and classes another", (t) => {
  const cache = new ClientCache();
  const client = cache.client(FakeClient, { name: "a", retries: { most: 3, base: 100 } });
  t.true(client instanceof FakeClient);
  t.is(cache.client(FakeClient, { retries: { base: 100, most: 3 }, name: "a", logger: undefined }), client);
  t.not(cache.client(FakeClient, { name: "a", retries: { most: 4, base: 100 } }), client);
  t.not<object, object>(cache.client(OtherClient, { name: "a", retries: { most: 3, base: 100 } }), client);
  t.is(cache.client(FakeClient), cache.client(FakeClient, {}));
  t.like(cache.statistics, { hits: 2, misses: 4, builds: 4 });
});

test("the name of a service and its class give one client", (t) => {
  const cache = new ClientCache();
  const client = cache.client(S3Client, { region: "eu-west-1" });
  t.is(cache.client<S3Client>("s3", { region: "eu-west-1" }), client);
  t.true(cache.has("s3", { region: "eu-west-1" }));
  t.not<object, object>(cache.client(S3, { region: "eu-west-1" }), client);
  cache.close();
});

test("a client keeps the config that it was asked for with", (t) => {
  const cache = new ClientCache();
  const config = { name: "a", retries: { most: 3 } };
  const client = cache.client(FakeClient, config);
  config.retries.most = 9;
  t.deepEqual(client.config, { name: "a", retries: { most: 3 } });
  t.not(cache.client(FakeClient, config), client);
});

test("looking is no use; asking is", (t) => {
  const cache = new ClientCache({ maxSize: 2 });
  const a = cache.client(FakeClient, named("a"));
  const b = cache.client(FakeClient, named("b"));
  t.true(cache.has(FakeClient, named("a")));
  t.deepEqual(cache.values(), [a, b]);
  t.deepEqual([...cache], cache.entries());
  t.deepEqual(
    cache.keys().map((key) => key.label),
    ['FakeClient(name: "a")', 'FakeClient(name: "b")'],
  );
  t.is(cache.get(cache.key(FakeClient, named("a"))), a);
  t.deepEqual(cache.values(), [b, a]);
  t.is(cache.get(FakeClient, named("c")), undefined);
  t.like(cache.statistics, { hits: 1, misses: 3, builds: 2 });
});

test("who leaves is destroyed once, when nothing of it is in flight", async (t) => {
  const cache = new ClientCache({ maxSize: 1 });
  const evictions = evictionsOf(cache);
  const a = cache.client(FakeClient, named("a"));
  const call = a.send();
  const b = cache.client(FakeClient, named("b"));
  t.deepEqual(evictions, ["size a"]);
  t.is(a.destroyed, 0);
  t.like(cache.statistics, { evictions: 1, draining: 1, destroyed: 0 });
  await a.answer();
  await call;
  t.is(a.destroyed, 1);
  t.like(cache.statistics, { evictions: 1, draining: 0, destroyed: 1 });
  t.true(cache.delete(FakeClient, named("b")));
  t.false(cache.delete(FakeClient, named("b")));
  t.is(b.destroyed, 1);
  const c = cache.client(FakeClient, named("c"));
  cache.clear();
  t.is(c.destroyed, 1);
  t.deepEqual(evictions, ["size a", "deleted b", "cleared c"]);
  t.like(cache.statistics, { evictions: 1, draining: 0, destroyed: 3 });
});

test("who is taken lives, and is told of by no event", (t) => {
  const cache = new ClientCache({ maxSize: 2 });
  const evictions = evictionsOf(cache);
  const a = cache.client(FakeClient, named("a"));
  const b = cache.client(FakeClient, named("b"));
  t.is(cache.take(FakeClient, named("b")), b);
  const [key, next] = cache.takeNext();
  t.is(next, a);
  t.true(key.equals(cache.key(FakeClient, named("a"))));
  t.deepEqual([a.destroyed, b.destroyed, cache.size], [0, 0, 0]);
  t.deepEqual(evictions, []);
  t.throws(() => cache.take(FakeClient, named("a")), { instanceOf: ClientCacheNotFoundError });
  t.throws(() => cache.takeNext(), { instanceOf: ClientCacheNotFoundError });
  t.not(cache.client(FakeClient, named("a")), a);
});

test("a client of the user's is held, found, and never destroyed", (t) => {
  const cache = new ClientCache({ maxSize: 1 });
  const evictions = evictionsOf(cache);
  const mine = new FakeClient(named("mine"));
  const key = cache.key(FakeClient, named("a"));
  cache.add(key, mine);
  t.is(cache.client(FakeClient, named("a")), mine);
  t.throws(() => cache.add(key, new FakeClient()), { instanceOf: ClientCacheExistsError });
  t.throws(() => cache.add(key, mine), { instanceOf: ClientCacheExistsError });
  const here = new ClientCache();
  const again = here.client(FakeClient);
  t.throws(() => here.add(here.key(FakeClient), again), { instanceOf: ClientCacheExistsError });
  const made = cache.client(FakeClient, named("b"));
  t.deepEqual([evictions, mine.destroyed], [["size mine"], 0]);
  t.throws(() => cache.add(key, made), { instanceOf: ClientCacheError, message: /take\(\) it/ });
  cache.add(key, cache.take(FakeClient, named("b")));
  cache.close();
  t.is(made.destroyed, 0);
});

test("a client that its user destroyed leaves, and is not destroyed again", (t) => {
  const cache = new ClientCache();
  const evictions = evictionsOf(cache);
  const client = cache.client(FakeClient, named("a"));
  const mine = new FakeClient(named("mine"));
  cache.add(cache.key(FakeClient, named("b")), mine);
  client.destroy();
  mine.destroy();
  t.is(cache.size, 0);
  t.not(cache.client(FakeClient, named("a")), client);
  cache.close();
  t.deepEqual([client.destroyed, mine.destroyed], [1, 1]);
  t.deepEqual(evictions, ["destroyed a", "destroyed mine", "closed a"]);
  t.like(cache.statistics, { evictions: 0, destroyed: 1, draining: 0 });
});

test("maxSize: shrinks, grows, has no limit, holds nothing", (t) => {
  const cache = new ClientCache({ maxSize: 3 });
  const evictions = evictionsOf(cache);
  for (const name of ["a", "b", "c"]) cache.client(FakeClient, named(name));
  // Before the look-up: "a" is made anew.
  cache.client(FakeClient, named("a"), { maxSize: 1 });
  t.deepEqual(evictions.splice(0), ["size a", "size b", "size c"]);
  cache.maxSize = null;
  for (let index = 0; index < 50; index++) cache.client(FakeClient, named(`n${index}`));
  t.deepEqual([cache.size, cache.maxSize], [51, null]);
  cache.client(FakeClient, named("a"), {});
  t.is(cache.maxSize, null);
  const first = cache.client(FakeClient, named("a"), { maxSize: 0 });
  t.is(evictions.length, 51);
  const second = cache.client(FakeClient, named("a"));
  t.not(first, second);
  t.deepEqual([cache.size, cache.maxSize], [0, 0]);
  cache.add(cache.key(FakeClient), first);
  t.is(cache.size, 0);
  cache.close();
  t.deepEqual([first.destroyed, second.destroyed], [0, 0]);
});

test.serial("a config without a key is served uncached, with one warning for each cause", async (t) => {
  const warnings = warningsDuring(t);
  const cache = new ClientCache();
  const config: Record<string, unknown> = { name: "a", secretName: "hidden" };
  config.again = config;
  const clients = [cache.client(FakeClient, config), cache.client(FakeClient, config)];
  cache.client(FakeClient, { [Symbol("hidden")]: 1 });
  cache.client(FakeClient, new (class Region {})() as { name?: string });
  await turn();
  t.not(clients[0], clients[1]);
  t.is(clients[0]?.config.name, "a");
  t.deepEqual(
    warnings.map(({ code }) => code),
    Array(3).fill("BRS_CONFIG_NOT_CACHED"),
  );
  t.regex(String(warnings[0]?.message), /config\.again .*client is not cached.* Leave the member out/);
  t.regex(String(warnings[2]?.message), /^config is no plain object.* Give a plain object/);
  t.notRegex(String(warnings.map(({ message }) => message)), /hidden/);
  t.is(cache.size, 0);
  t.false(cache.has(FakeClient, config));
  t.is(cache.get(FakeClient, config), undefined);
  t.false(cache.delete(FakeClient, config));
  t.throws(() => cache.take(FakeClient, config), {
    instanceOf: ClientCacheNotFoundError,
    message: /under FakeClient\(name: "a", secretName: \*\*\*/,
  });
  t.throws(() => cache.key(FakeClient, config), { instanceOf: ClientCacheError, message: /config\.again/ });
});

test.serial("a client that was kept too long says so once", async (t) => {
  const warnings = warningsDuring(t);
  const cache = new ClientCache({ maxSize: 1 });
  const client = cache.client(FakeClient, { name: "a", password: "hidden" });
  cache.clear();
  for (let count = 0; count < 2; count++) {
    const call = client.send();
    await client.answer();
    await call;
  }
  t.deepEqual(
    warnings.map(({ code }) => code),
    ["BRS_CLIENT_EVICTED"],
  );
  t.regex(String(warnings[0]?.message), /FakeClient\(name: "a", password: \*\*\*\)/);
});

test("what a constructor throws surfaces as it is, and nothing is cached", (t) => {
  const failure = new TypeError("no region");
  let builds = 0;
  class Failing extends FakeClient {
    constructor(config: FakeConfig) {
      super(config);
      if (builds++ === 0) throw failure;
    }
  }
  const cache = new ClientCache({ maxSize: 1 });
  const other = cache.client(FakeClient);
  t.is(
    t.throws(() => cache.client(Failing, {})),
    failure,
  );
  t.deepEqual(cache.values(), [other]);
  t.true(cache.client(Failing, {}) instanceof Failing);
});

test("a constructor and a listener may use the cache", (t) => {
  const cache = new ClientCache({ maxSize: 2 });
  let depth = 0;
  const made: Nested[] = [];
  class Nested extends FakeClient {
    readonly inner: FakeClient | undefined;
    constructor(config: { name: string }) {
      super(config);
      made.push(this);
      if (depth++ === 0) this.inner = cache.client(Nested, { name: "x" });
    }
  }
  // The one that the constructor asked for came first; the second is nobody's.
  const client = cache.client(Nested, { name: "x" });
  t.is(made[0]?.inner, client);
  t.deepEqual(
    made.map(({ destroyed }) => destroyed),
    [1, 0],
  );
  t.is(cache.size, 1);
  cache.once("evict", ({ key }) => {
    t.false(cache.has(key));
    cache.client(FakeClient, named("from the listener"));
  });
  cache.client(FakeClient, named("a"));
  cache.client(FakeClient, named("b"));
  t.deepEqual(cache.keys().map(String), ['FakeClient(name: "b")', 'FakeClient(name: "from the listener")']);
});

test.serial("listeners: once, off, and one that throws", async (t) => {
  const warnings = warningsDuring(t);
  const cache = new ClientCache();
  const told: string[] = [];
  const listener = ({ reason }: ClientEviction) => void told.push(reason);
  cache.once("evict", () => {
    throw new Error("broken listener");
  });
  const remove = cache.on("evict", listener);
  cache.on("evict", listener);
  cache.client(FakeClient);
  cache.clear();
  remove();
  cache.client(FakeClient);
  cache.clear();
  cache.on("evict", listener);
  cache.off("evict", listener);
  cache.client(FakeClient);
  cache.clear();
  await turn();
  t.deepEqual(told, ["cleared"]);
  t.deepEqual(
    warnings.map(({ code }) => code),
    ["BRS_LISTENER_THREW"],
  );
  t.throws(() => cache.on("evicted" as never, () => {}), { instanceOf: BRSValidationError });
});

test("a closed cache is empty, refuses what it would have to make, and waits for what drains", async (t) => {
  const cache = new ClientCache();
  const client = cache.client(FakeClient, named("a"));
  const key = cache.key(FakeClient, named("a"));
  const other = cache.client(FakeClient, named("b"));
  const calls = [client.send(), other.send()];
  let isDrained = false;
  const disposed = cache[Symbol.asyncDispose]().then(() => {
    isDrained = true;
  });
  t.deepEqual([cache.size, cache.has(key), cache.get(key)], [0, false, undefined]);
  for (const use of [
    () => cache.client(FakeClient, named("a")),
    () => cache.add(key, new FakeClient()),
    () => cache.client(FakeClient, { a: Symbol() }),
  ]) {
    t.like(t.throws(use, { instanceOf: BRSConfigurationError }), { code: "ERR_CLOSED" });
  }
  await turn();
  t.false(isDrained);
  await client.answer();
  t.deepEqual([client.destroyed, other.destroyed, isDrained], [1, 0, false]);
  await other.answer();
  await Promise.all([...calls, disposed]);
  t.is(other.destroyed, 1);
  cache.close();

  class Closing extends FakeClient {
    constructor() {
      super();
      made.push(this);
      closing.close();
    }
  }
  const made: Closing[] = [];
  const closing = new ClientCache();
  t.like(
    t.throws(() => closing.client(Closing)),
    { code: "ERR_CLOSED" },
  );
  t.is(made[0]?.destroyed, 1);
});

test("connections: a handler for all clients outlives them and ends with the cache, one of a config is its owner's", async (t) => {
  const handler = () => ({
    ends: 0,
    handle: async () => ({}),
    destroy(): void {
      this.ends++;
    },
  });
  class Connected extends FakeClient {
    override destroy(): void {
      super.destroy();
      (this.config.requestHandler as { destroy(): void }).destroy();
    }
  }
  const [shared, own] = [handler(), handler()];
  const cache = new ClientCache({ requestHandler: shared });
  const client = cache.client(Connected);
  t.is(cache.client(Connected, { requestHandler: undefined }), client);
  t.is(cache.client(Connected, { requestHandler: shared }), client);
  const none = cache.client(Connected, { requestHandler: null });
  t.is(none.config.requestHandler, client.config.requestHandler);
  const other = cache.client(Connected, { requestHandler: own });
  t.not(other, client);
  cache.delete(Connected, { requestHandler: own });
  const call = client.send();
  cache.close();
  await turn();
  t.deepEqual([other.destroyed, own.ends, shared.ends], [1, 0, 0]);
  await client.answer();
  await call;
  await turn();
  t.deepEqual([client.destroyed, shared.ends], [1, 1]);
});

test.serial("an end that fails is nobody's failure", async (t) => {
  const warnings = warningsDuring(t);
  const broken = () => {
    throw new Error("broken end");
  };
  class Broken extends FakeClient {
    override destroy = broken;
  }
  const cache = new ClientCache({ requestHandler: { handle: async () => ({}), destroy: broken } });
  cache.client(Broken);
  const other = cache.client(FakeClient);
  cache.close();
  await turn();
  t.is(other.destroyed, 1);
  t.like(cache.statistics, { destroyed: 2, draining: 0 });
  t.deepEqual(
    warnings.map(({ code }) => code),
    ["BRS_CLIENT_DESTROY_FAILED", "BRS_CLIENT_DESTROY_FAILED"],
  );
});

test("a client that cannot be watched changes nothing", (t) => {
  class Sealed extends FakeClient {
    constructor() {
      super();
      this.middlewareStack.add = () => {
        throw new Error("sealed");
      };
    }
  }
  const cache = new ClientCache({ maxSize: 1 });
  const held = cache.client(FakeClient);
  t.throws(() => cache.client(Sealed), { message: "sealed" });
  t.deepEqual(cache.values(), [held]);
  t.throws(() => cache.client(Sealed), { message: "sealed" });
  t.is(cache.client(FakeClient), held);
});
