/** What boto3-client-cache's tests of sessions say, of clients and of resources, with the same outcomes; a better one stands in the title. */

import { STSClient } from "@aws-sdk/client-sts";
import test from "ava";
import type { CustomRefreshableSession } from "aws-refresh-session";
import * as main from "aws-refresh-session";
import * as clients from "aws-refresh-session/clients";
import { type Cache, KINDS, type Policy, Service, THING, Thing } from "./client-cache-kinds.js";
import { openSession } from "./client-cache-sessions.js";

type Config = Readonly<Record<string, unknown>>;
type Options = Readonly<{ evictionPolicy?: unknown; maxSize?: unknown }>;

/** What is asked of a session: the same of clients and of resources. */
const WAYS = {
  client: {
    get: (session: CustomRefreshableSession, config?: Config, options?: Options) =>
      session.client(STSClient, config as never, options as never) as object,
    cache: (session: CustomRefreshableSession, policy: Policy) => session.cache.client[policy] as unknown as Cache,
  },
  resource: {
    get: (session: CustomRefreshableSession, config?: Config, options?: Options) =>
      session.resource(THING as never, config as never, options as never) as object,
    cache: (session: CustomRefreshableSession, policy: Policy) => session.cache.resource[policy] as unknown as Cache,
  },
};

test("exports: the caches, their keys and their errors", (t) => {
  for (const { cacheClass, keyClass, errors } of KINDS)
    for (const each of [cacheClass, keyClass, ...Object.values(errors)])
      t.is((clients as Record<string, unknown>)[each.name], each, each.name);
});

test("default session: none is made; better: whose clients these are is written where they are used", (t) => {
  for (const name of ["client", "resource", "setupDefaultSession", "defaultSession"]) {
    t.false(name in main, name);
    t.false(name in clients, name);
  }
});

test("default session: a session that a module exports is one for all who import it, with its caches", (t) => {
  const session = openSession(t);
  t.is(session.cache, session.cache);
  for (const [kind, { get, cache }] of Object.entries(WAYS)) {
    t.is(cache(session, "LRU"), cache(session, "LRU"), kind);
    t.is(get(session), get(session), kind);
  }
});

for (const { name, errors } of KINDS) {
  const { get, cache } = WAYS[name];

  test(`${name}: the target alone is enough, and leaves the size as it is`, (t) => {
    const session = openSession(t);
    t.truthy(get(session));
    t.is(cache(session, "LRU").maxSize, 10);
    t.is(get(session, {}, {}), get(session));
    t.is(get(session, undefined, { maxSize: undefined, evictionPolicy: undefined }), get(session));
    t.is(cache(session, "LRU").maxSize, 10);
  });

  test(`${name}: one for equal configs, another for another`, (t) => {
    const session = openSession(t);
    const first = get(session, { region: "eu-west-1" });
    t.is(get(session, { region: "eu-west-1" }), first);
    t.not(get(session, { region: "us-west-2" }), first);
    t.is(cache(session, "LRU").size, 2);
  });

  test(`${name}: other policies are refused, and nothing is built; better: by the session as by a cache`, (t) => {
    const session = openSession(t);
    for (const evictionPolicy of ["BAD", "lru", "", null])
      t.throws(() => get(session, {}, { evictionPolicy }), { instanceOf: errors.base, message: /evictionPolicy/ });
    for (const policy of ["LRU", "LFU"] as const) t.is(cache(session, policy).size, 0);
  });

  test(`${name}: other policies are refused without a session, too`, (t) => {
    for (const evictionPolicy of ["BAD", "lru", "", null])
      t.throws(() => KINDS.find((kind) => kind.name === name)?.newCache({ evictionPolicy }), {
        instanceOf: errors.base,
      });
  });

  test(`${name}: each policy has a cache of its own`, (t) => {
    const session = openSession(t);
    const byDefault = get(session);
    t.is(get(session, {}, { evictionPolicy: "LRU" }), byDefault);
    t.not(get(session, {}, { evictionPolicy: "LFU" }), byDefault);
    t.deepEqual([cache(session, "LRU").size, cache(session, "LFU").size], [1, 1]);
  });

  test(`${name}: a size that is given is set, of that cache alone, and kept while none is`, (t) => {
    const session = openSession(t);
    for (const [given, expected] of [
      [3, 3],
      [undefined, 3],
      [1, 1],
    ]) {
      get(session, {}, { ...(given !== undefined && { maxSize: given }) });
      t.is(cache(session, "LRU").maxSize, expected as number);
    }
    t.is(cache(session, "LFU").maxSize, 10);
    const other = name === "client" ? "resource" : "client";
    t.is(WAYS[other].cache(session, "LRU").maxSize, 10);
  });
}

test("sessions share no cache", (t) => {
  const [first, second] = [openSession(t), openSession(t, "us-west-2")];
  t.not(first.cache, second.cache);
  for (const { get, cache } of Object.values(WAYS)) {
    for (const policy of ["LRU", "LFU"] as const) {
      t.not(cache(first, policy), cache(second, policy));
      t.not(get(first, {}, { evictionPolicy: policy }), get(second, {}, { evictionPolicy: policy }));
    }
  }
});

test("client: many who ask at once get one, which was built once", async (t) => {
  const cache = new clients.ClientCache();
  const ask = async () => cache.client(Service as never, { region: "us-east-1" } as never);
  const all = await Promise.all(Array.from({ length: 8 }, ask));
  t.is(new Set(all).size, 1);
  t.is(cache.statistics.builds, 1);
});

test("resource: many who ask at once get one, which was built once; better: while it is built others come at once", async (t) => {
  let built = 0;
  let finish = () => {};
  const slow = new Promise<void>((resolve) => {
    finish = resolve;
  });
  clients.registerResource("upstream-slow", async () => {
    built++;
    await slow;
    return new Thing();
  });
  const cache = new clients.ResourceCache();
  const held = cache.resource(THING as never);
  const all = Array.from({ length: 8 }, () => cache.resource("upstream-slow" as never) as unknown as Promise<Thing>);
  t.is(cache.resource(THING as never), held);
  finish();
  t.is(new Set(await Promise.all(all)).size, 1);
  t.is(built, 1);
});
