/** The cache of resources: factories that take their time, what ends with a resource, and the four caches of a session. */
import { setImmediate as turn } from "node:timers/promises";
import { inspect } from "node:util";
import test from "ava";
import {
  BRSConfigurationError,
  ClientCache,
  getAvailableResources,
  ResourceCache,
  ResourceCacheError,
  ResourceCacheExistsError,
  ResourceCacheNotFoundError,
  type ResourceContext,
  type ResourceFactory,
  registerResource,
} from "aws-refresh-session/clients";
import { SessionCache } from "../../dist/clients/session-cache.js";
import { FakeClient } from "./fake-clients.js";

let registered = 0;

/** A resource under a name that no other test has. */
function register(factory: ResourceFactory): string {
  const name = `resource${registered++}`;
  registerResource(name, factory);
  return name;
}

/** One whose factory waits for the test, and makes a client first. */
class Slow {
  readonly clients: FakeClient[] = [];
  readonly #waiting: { resolve(resource: object): void; reject(error: Error): void }[] = [];

  readonly factory = ({ client }: ResourceContext): Promise<object> => {
    this.clients.push(client(FakeClient, {}));
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  };

  settle(outcome: object | Error): void {
    const next = this.#waiting.shift();
    if (outcome instanceof Error) next?.reject(outcome);
    else next?.resolve(outcome);
  }
}

test("who comes while a factory works shares its promise, and nobody else waits", async (t) => {
  const slow = new Slow();
  const name = register(slow.factory);
  registerResource("at once", () => ({}));
  const cache = new ResourceCache({ maxSize: 1 });
  const held = cache.resource("at once");
  const first = cache.resource<Promise<object>>(name, { a: 1, b: 2 });
  t.is(cache.resource<Promise<object>>(name, { b: 2, a: 1 }), first);
  t.is(slow.clients.length, 1);
  // Nothing makes room for what may yet fail.
  t.is(cache.resource("at once"), held);
  t.false(cache.has(name, { a: 1, b: 2 }));
  t.like(cache.statistics, { hits: 1, misses: 3, builds: 1 });
  const made = {};
  slow.settle(made);
  t.is(await first, made);
  t.deepEqual(cache.values(), [first]);
  t.is(cache.resource(name, { a: 1, b: 2 }), first);
  t.is(cache.get(name, { a: 1, b: 2 }), first);
  t.like(cache.statistics, { hits: 3, misses: 3, builds: 2, evictions: 1 });
});

test("what a factory rejects with reaches all who wait, and is held by nobody", async (t) => {
  const slow = new Slow();
  const name = register(slow.factory);
  const cache = new ResourceCache();
  const failure = new Error("no table");
  const waiting = [cache.resource<Promise<object>>(name), cache.resource<Promise<object>>(name)];
  slow.settle(failure);
  for (const outcome of await Promise.allSettled(waiting)) t.is((outcome as PromiseRejectedResult).reason, failure);
  t.deepEqual([cache.size, slow.clients[0]?.destroyed], [0, 1]);
  const again = cache.resource<Promise<object>>(name);
  slow.settle({});
  await again;
  t.deepEqual([cache.size, slow.clients[1]?.destroyed], [1, 0]);
  t.is(cache.statistics.builds, 1);
});

for (const forget of ["clear", "delete"] as const) {
  test(`${forget} while a factory works: what it gives is its callers' own`, async (t) => {
    const slow = new Slow();
    const name = register(slow.factory);
    const cache = new ResourceCache();
    const before = cache.resource<Promise<object>>(name);
    if (forget === "clear") cache.clear();
    else t.true(cache.delete(name));
    const after = cache.resource<Promise<object>>(name);
    t.not(after, before);
    const [old, current] = [{}, {}];
    slow.settle(old);
    slow.settle(current);
    t.deepEqual([await before, await after], [old, current]);
    t.deepEqual(cache.values(), [after]);
    cache.close();
    t.deepEqual(
      slow.clients.map(({ destroyed }) => destroyed),
      [0, 1],
    );
  });
}

test("close while a factory works: its callers get ERR_CLOSED, and its clients end", async (t) => {
  const slow = new Slow();
  const name = register(slow.factory);
  const cache = new ResourceCache();
  const waiting = cache.resource<Promise<object>>(name);
  cache.close();
  slow.settle({});
  const error = await t.throwsAsync(waiting, { instanceOf: BRSConfigurationError });
  t.like(error, { code: "ERR_CLOSED" });
  t.is(slow.clients[0]?.destroyed, 1);
  t.throws(() => cache.resource(name), { instanceOf: BRSConfigurationError });
});

test("with maxSize 0 nobody shares, and nothing is destroyed", async (t) => {
  const slow = new Slow();
  const name = register(slow.factory);
  const cache = new ResourceCache({ maxSize: 0 });
  const both = [cache.resource<Promise<object>>(name), cache.resource<Promise<object>>(name)];
  slow.settle({});
  slow.settle({});
  const [one, other] = await Promise.all(both);
  t.not(one, other);
  cache.close();
  t.deepEqual(
    slow.clients.map(({ destroyed }) => destroyed),
    [0, 0],
  );
});

test("a resource ends with all its clients, or is taken with them", async (t) => {
  let clients: FakeClient[] = [];
  let ends = 0;
  const name = register(({ client, onDestroy }) => {
    clients = [client(FakeClient, {}), client(FakeClient, {})];
    onDestroy(() => ends++);
    return {};
  });
  const destroyed = () => clients.map((client) => client.destroyed);
  const cache = new ResourceCache();
  const evictions: unknown[] = [];
  cache.on("evict", ({ reason, resource, key }) => evictions.push([reason, resource, key.label]));

  const drained = cache.resource(name);
  const call = clients[1]?.send();
  cache.clear();
  t.deepEqual([destroyed(), ends], [[1, 0], 0]);
  t.like(cache.statistics, { draining: 1, destroyed: 0 });
  await clients[1]?.answer();
  await call;
  t.deepEqual([destroyed(), ends], [[1, 1], 1]);
  t.like(cache.statistics, { draining: 0, destroyed: 1 });

  const taken = cache.resource(name);
  t.is(cache.take(name), taken);
  t.deepEqual([destroyed(), ends, cache.size], [[0, 0], 1, 0]);

  // Its user ended one of its clients: no use is left of it.
  const broken = cache.resource(name);
  clients[0]?.destroy();
  t.deepEqual([destroyed(), ends, cache.size], [[1, 1], 2, 0]);
  t.deepEqual(evictions, [
    ["cleared", drained, `${name}()`],
    ["destroyed", broken, `${name}()`],
  ]);
});

test("a factory that takes another's place makes resources of its own", (t) => {
  const name = register(() => ({ version: 1 }));
  const cache = new ResourceCache();
  t.deepEqual(cache.resource(name), { version: 1 });
  registerResource(name, () => ({ version: 2 }), { replace: true });
  t.deepEqual(cache.resource(name), { version: 2 });
  t.true(getAvailableResources().includes(name));
});

test("resources of the user's, and what is refused", (t) => {
  const name = register(() => 5 as never);
  const cache = new ResourceCache();
  const key = cache.key(name, { password: "hidden" });
  t.is(key.label, `${name}(password: ***)`);
  const mine = new FakeClient();
  cache.add(key, mine);
  t.is(cache.resource(name, { password: "hidden" }), mine);
  t.throws(() => cache.add(key, {}), { instanceOf: ResourceCacheExistsError });
  t.throws(() => cache.add(key, 5 as never), { instanceOf: ResourceCacheError });
  t.throws(() => cache.add(new ClientCache().key(FakeClient) as never, {}), { instanceOf: ResourceCacheError });
  t.throws(() => cache.take(name), { instanceOf: ResourceCacheNotFoundError });
  cache.close();
  t.is(mine.destroyed, 0);
  const open = new ResourceCache();
  t.throws(() => open.takeNext(), { instanceOf: ResourceCacheNotFoundError });
  t.throws(() => open.resource(name), { instanceOf: ResourceCacheError, message: /must give an object, but gave 5/ });
  t.throws(() => open.resource("no such resource"), { instanceOf: ResourceCacheError });
  t.like(
    t.throws(() => new ResourceCache({ maxSize: -1 })),
    { name: "ResourceCacheError", param: "maxSize" },
  );
  t.like(
    t.throws(() => new ResourceCache({ evictionPolicy: "lru" as "LRU" })),
    { name: "ResourceCacheError" },
  );
});

test("a factory that makes clients later is told that they would end with nothing", (t) => {
  let context: ResourceContext | undefined;
  const name = register((given) => {
    context = given;
    return {};
  });
  new ResourceCache().resource(name);
  t.throws(() => context?.client(FakeClient, {}), { instanceOf: ResourceCacheError, message: /while its factory/ });
  t.throws(() => context?.onDestroy(() => {}), { instanceOf: ResourceCacheError });
});

test("a session has four caches, which share nothing and close together", async (t) => {
  const name = register(({ client }) => ({ inner: client(FakeClient, {}) }));
  const Cache = SessionCache as unknown as new (
    setting: object,
    options?: object,
  ) => SessionCache & {
    clientFor(...parameters: unknown[]): FakeClient;
    resourceFor(...parameters: unknown[]): { inner: FakeClient };
    drained(): Promise<void>;
  };
  const setting = { defaults: {}, finish: () => {} };
  const cache = new Cache(setting);
  const client = cache.clientFor(FakeClient, { name: "a" });
  t.is(cache.client.LRU.get(FakeClient, { name: "a" }), client);
  const other = cache.clientFor(FakeClient, { name: "a" }, { evictionPolicy: "LFU", maxSize: 3 });
  t.not(other, client);
  t.deepEqual([cache.client.LFU.maxSize, cache.client.LRU.maxSize], [3, 10]);
  const resource = cache.resourceFor(name, {}, { evictionPolicy: "LFU", maxSize: null });
  t.deepEqual([cache.resource.LFU.values(), cache.resource.LFU.maxSize], [[resource], null]);
  t.deepEqual([cache.resource.LRU.size, cache.client.LRU.size, cache.client.LFU.size], [0, 1, 1]);
  t.is((cache.client as unknown as Record<string, unknown>).lru, undefined);
  t.is(JSON.stringify(cache.client.LFU), '{"evictionPolicy":"LFU","maxSize":3,"keys":["FakeClient(name: \\"a\\")"]}');
  const shown = inspect(cache);
  t.regex(shown, /^SessionCache \{\s+client: \{\s+LRU: ClientCache \{/);
  t.regex(shown, /FakeClient\(name: "a"\)/);
  t.regex(shown, /LFU: ResourceCache \{/);

  t.like(
    t.throws(() => cache.clientFor(FakeClient, {}, { evictionPolicy: "lru" })),
    {
      name: "ClientCacheError",
      param: "evictionPolicy",
    },
  );
  t.like(
    t.throws(() => cache.resourceFor(name, {}, { evictionPolicy: null })),
    { name: "ResourceCacheError" },
  );
  t.like(
    t.throws(() => cache.clientFor(FakeClient, {}, { policy: "LRU" })),
    { name: "BRSValidationError" },
  );

  const call = client.send();
  cache.close();
  let isDrained = false;
  const drained = cache.drained().then(() => {
    isDrained = true;
  });
  await turn();
  t.deepEqual([client.destroyed, other.destroyed, resource.inner.destroyed, isDrained], [0, 1, 1, false]);
  await client.answer();
  await Promise.all([call, drained]);
  t.is(client.destroyed, 1);
  // One that nobody had asked for before is closed all the same.
  t.like(
    t.throws(() => cache.resource.LRU.resource(name)),
    { code: "ERR_CLOSED" },
  );
});
