/** Where boto3-client-cache does one thing and our caches, on purpose, another; docs/client-cache-migration.md says why. */
import { inspect } from "node:util";
import type { ExecutionContext } from "ava";
import * as main from "aws-refresh-session";
import { ResourceCache, registerResource } from "aws-refresh-session/clients";
import { type Cache, type Key, KINDS, type Kind, Service, THING, Thing } from "./client-cache-kinds.js";
import { attempt } from "./client-cache-runner.js";
import { openSession } from "./client-cache-sessions.js";

interface Difference {
  /** A method of `Differences` in client-cache.py. */
  readonly name: string;
  /** The row of the page. */
  readonly behaviour: string;
  readonly theirs: unknown;
  readonly ours: unknown;
  observe(t: ExecutionContext): unknown;
}

const [clients, resources] = KINDS as [Kind, Kind];

const build = (cache: Cache, name: string, options?: object) => clients.build(cache, { name }, options);

/** A cache in which these were built, one after the other. */
function holding(names: string, options?: object): Cache {
  const cache = clients.newCache(options as never);
  for (const name of names) build(cache, name);
  return cache;
}

const namesOf = (cache: Cache) => cache.values().map((each) => (each as Service).given.name);

/** Whether two configs get the same client. */
function same(first: object, second: object): boolean {
  const cache = clients.newCache();
  return clients.build(cache, first as never) === clients.build(cache, second as never);
}

const sizeOf = (maxSize: unknown) => attempt(() => clients.newCache({ maxSize }).maxSize);

export const DIFFERENCES: readonly Difference[] = [
  {
    name: "none_held",
    behaviour: "a call with size 0",
    theirs: "ClientCacheNotFoundError",
    ours: [true, 0],
    observe: () => {
      const cache = clients.newCache();
      return [build(cache, "a", { maxSize: 0 }) instanceof Service, cache.size];
    },
  },
  {
    name: "shrinking_hit",
    behaviour: "a call that shrinks the cache, and hits",
    theirs: ["ClientCacheNotFoundError", ["c"]],
    ours: [true, ["a"]],
    observe: () => {
      const cache = holding("abc");
      return [build(cache, "a", { maxSize: 1 }) instanceof Service, namesOf(cache)];
    },
  },
  {
    name: "shrinking_miss",
    behaviour: "a call that shrinks an LFU cache, and misses",
    theirs: ["ClientCacheNotFoundError", ["b", "c"]],
    ours: [true, ["d", "c"]],
    observe: () => {
      const cache = holding("abcabc", { evictionPolicy: "LFU" });
      return [build(cache, "d", { maxSize: 2 }) instanceof Service, namesOf(cache)];
    },
  },
  {
    name: "growing_call",
    behaviour: "a call that enlarges a full cache, and misses",
    theirs: ["b", "c"],
    ours: ["a", "b", "c"],
    observe: () => {
      const cache = holding("ab", { maxSize: 2 });
      build(cache, "c", { maxSize: 5 });
      return namesOf(cache);
    },
  },
  {
    name: "first_use",
    behaviour: "the first use of what a session built, in LFU",
    theirs: ["built", "third"],
    ours: ["added", "third"],
    observe: () => {
      const cache = clients.newCache({ evictionPolicy: "LFU", maxSize: 2 });
      build(cache, "built");
      cache.add(cache.key(Service, { name: "added" }), new Service({ name: "added" }));
      build(cache, "third");
      return namesOf(cache);
    },
  },
  {
    name: "negative_size",
    behaviour: "a negative size",
    theirs: 3,
    ours: "ClientCacheError",
    observe: () => sizeOf(-3),
  },
  {
    name: "fractional_size",
    behaviour: "a fractional size",
    theirs: [2, 3],
    ours: "ClientCacheError",
    observe: () => sizeOf(2.5),
  },
  {
    name: "no_number",
    behaviour: "NaN as a size",
    theirs: 20,
    ours: "ClientCacheError",
    observe: () => sizeOf(Number.NaN),
  },
  {
    name: "infinite_size",
    behaviour: "any number of clients",
    theirs: 20,
    ours: ["ClientCacheError", 20],
    observe: () => [sizeOf(Number.POSITIVE_INFINITY), holding("abcdefghijklmnopqrst", { maxSize: null }).size],
  },
  {
    name: "empty_policy",
    behaviour: '"" or None as the policy of a cache',
    theirs: ["LRUClientCache", "LRUClientCache"],
    ours: ["ClientCacheError", "ClientCacheError"],
    observe: () =>
      ["", null].map((evictionPolicy) => attempt(() => clients.newCache({ evictionPolicy }).evictionPolicy)),
  },
  {
    name: "unknown_cache",
    behaviour: "a cache of an unknown policy",
    theirs: "AttributeError",
    ours: undefined,
    observe: (t) => (openSession(t).cache.client as unknown as Record<string, unknown>).FIFO,
  },
  {
    name: "plain_object",
    behaviour: "an option that is a plain dict or object",
    theirs: true,
    ours: false,
    observe: () => same({ config: { retries: 1 } }, { config: { retries: 2 } }),
  },
  {
    name: "list_option",
    behaviour: "an option that is a list",
    theirs: "TypeError",
    ours: true,
    observe: () => same({ verify: ["a"] }, { verify: ["a"] }),
  },
  {
    name: "cyclic_config",
    behaviour: "a config that contains itself",
    theirs: "RecursionError",
    ours: [true, 0],
    observe: () => {
      const cache = clients.newCache();
      const config: Record<string, unknown> = {};
      config.proxies = config;
      return [clients.build(cache, config) instanceof Service, cache.size];
    },
  },
  {
    name: "empty_config",
    behaviour: "an empty config",
    theirs: false,
    ours: true,
    observe: () => clients.newCache().key(Service).equals(clients.newCache().key(Service, {})),
  },
  {
    name: "own_region",
    behaviour: "the session's own region, given again",
    theirs: false,
    ours: true,
    observe: (t) => {
      const session = openSession(t, "eu-west-1");
      return session.client("sts") === session.client("sts", { region: "eu-west-1" });
    },
  },
  {
    name: "true_and_one",
    behaviour: "True and 1",
    theirs: true,
    ours: false,
    observe: () => same({ tls: true }, { tls: 1 }),
  },
  {
    name: "none_option",
    behaviour: "None, and null",
    theirs: true,
    ours: false,
    observe: () => same({}, { endpoint: null }),
  },
  {
    name: "secret_in_key",
    behaviour: "secrets in a key",
    theirs: true,
    ours: false,
    observe: () => {
      const credentials = { accessKeyId: "AKID", secretAccessKey: "the-secret" };
      const cache = clients.newCache();
      clients.build(cache, { credentials });
      return inspect([cache.keys(), { ...cache.keys()[0] }], { showHidden: true, depth: 9 }).includes("the-secret");
    },
  },
  {
    name: "secret_in_label",
    behaviour: "secrets elsewhere in a config, as in the URL of a proxy",
    theirs: true,
    ours: false,
    observe: () =>
      clients
        .newCache()
        .key(Service, { proxies: { https: "http://user:the-secret@proxy" } })
        .label.includes("the-secret"),
  },
  {
    name: "other_kind",
    behaviour: "a key and value of the other kind",
    theirs: 1,
    ours: "ClientCacheError",
    observe: () => attempt(() => clients.newCache().add(resources.newCache().key(THING), new Thing())),
  },
  {
    name: "missing_delete",
    behaviour: "deleting what is not there",
    theirs: "ClientCacheNotFoundError",
    ours: false,
    observe: () => {
      const cache = clients.newCache();
      return cache.delete(cache.key(Service));
    },
  },
  {
    name: "evicted_client",
    behaviour: "a client that is evicted",
    theirs: 0,
    ours: 1,
    observe: () => {
      const cache = holding("a", { maxSize: 1 });
      const [first] = cache.values() as [Service];
      build(cache, "b");
      return first.destroyed;
    },
  },
  {
    name: "copied",
    behaviour: "a copy of a cache",
    theirs: 1,
    ours: [false, 1],
    observe: () => {
      const cache = holding("a");
      return ["copy" in cache, new Map<Key, object>(cache).size];
    },
  },
  {
    name: "slow_build",
    behaviour: "others while one is being built",
    theirs: false,
    ours: true,
    observe: async () => {
      let finish = () => {};
      const slow = new Promise<void>((resolve) => {
        finish = resolve;
      });
      registerResource("upstream-slower", () => slow.then(() => new Thing()));
      const cache = new ResourceCache();
      const held = cache.resource(THING);
      const building = cache.resource("upstream-slower");
      const came = cache.resource(THING) === held;
      finish();
      await building;
      return came;
    },
  },
  {
    name: "default_session",
    behaviour: "a default session, with `client` and `resource` of the module",
    theirs: true,
    ours: false,
    observe: () => "client" in main || "setupDefaultSession" in main,
  },
];
