/** What the cache of clients refuses, by name and in words that help, and the secrets that it shows to nobody. */
import { inspect } from "node:util";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import test from "ava";
import { BRSValidationError, ClientCache, ClientCacheError, ResourceCache } from "aws-refresh-session/clients";
import { FakeClient } from "./fake-clients.js";

test("what is no class of clients is refused", (t) => {
  const cache = new ClientCache();
  class Sends {
    send(): void {}
  }
  const Nameless = (() => class extends Sends {})();
  const refused: [unknown, RegExp][] = [
    [Date, /but is the function or class Date/],
    [() => {}, /but is a function/],
    [undefined, /but is undefined/],
    [null, /but is null/],
    [{}, /but is an object of class Object/],
    [new FakeClient(), /but is an object of class FakeClient/],
    [Sends, /^Sends is not a class of AWS SDK v3 clients/],
    [Nameless, /^this is not a class of AWS SDK v3 clients/],
    [DynamoDBDocumentClient, /resource\("dynamodb"\)/],
  ];
  for (const [target, message] of refused) {
    t.throws(() => cache.client(target as typeof FakeClient), { instanceOf: ClientCacheError, message });
    if (target === Sends || target === Nameless) continue;
    t.throws(() => cache.key(target as typeof FakeClient), { instanceOf: ClientCacheError, message });
    t.throws(() => cache.has(target as typeof FakeClient), { instanceOf: ClientCacheError, message });
  }
  t.throws(() => cache.client("no-such-service"), { message: /npm install @aws-sdk\/client-no-such-service/ });
  t.throws(() => cache.client("../s3"), { instanceOf: BRSValidationError });
  t.is(cache.size, 0);
});

test("bad options and arguments are refused by name", (t) => {
  for (const evictionPolicy of ["lru", "", null, "FIFO", 1]) {
    const error = t.throws(() => new ClientCache({ evictionPolicy: evictionPolicy as "LRU" }));
    t.like(error, { name: "ClientCacheError", param: "evictionPolicy" });
    t.regex(String(error?.message), /"LRU" or "LFU"/);
    t.notRegex(inspect(error), /undefined/, "what an error does not know it has not");
  }
  const cache = new ClientCache();
  cache.client(FakeClient);
  for (const maxSize of [-1, 1.5, Number.NaN, "10", true, Number.POSITIVE_INFINITY, 2 ** 60, {}]) {
    for (const use of [
      () => new ClientCache({ maxSize: maxSize as number }),
      () => cache.client(FakeClient, {}, { maxSize: maxSize as number }),
      () => {
        cache.maxSize = maxSize as number;
      },
    ]) {
      t.like(t.throws(use), { name: "ClientCacheError", param: "maxSize" });
    }
  }
  t.deepEqual([cache.maxSize, cache.size], [10, 1]);
  for (const options of [
    { size: 3 },
    { idleTimeout: 0 },
    { idleTimeout: -1 },
    { idleTimeout: "60" },
    { idleTimeout: 2 ** 40 },
    { clock: 7 },
    null,
    [],
  ]) {
    t.throws(() => new ClientCache(options as object), { instanceOf: BRSValidationError }, inspect(options));
  }
  t.throws(() => new ClientCache({ requestHandler: {} as never }), {
    message: /requestHandler must be a connection handler with a handle function/,
  });
  t.throws(() => cache.client(FakeClient, {}, { evictionPolicy: "LFU" } as object), {
    message: /evictionPolicy is not/,
  });
  for (const options of [null, 5, []]) {
    t.throws(() => cache.client(FakeClient, {}, options as object), { instanceOf: BRSValidationError });
  }
  for (const config of [null, "eu-west-1", [], 5]) {
    t.throws(() => cache.client(FakeClient, config as never), { instanceOf: BRSValidationError }, inspect(config));
  }
  const key = cache.key(FakeClient, { name: "a" });
  const resourceKey = new ResourceCache().key("dynamodb");
  for (const use of [
    () => cache.add(resourceKey as never, new FakeClient()),
    () => cache.add("s3" as never, new FakeClient()),
    () => cache.add(key, {} as never),
    () => cache.add(key, null as never),
  ]) {
    t.throws(use, { instanceOf: ClientCacheError });
  }
});

test("a cache shows no secret", (t) => {
  const cache = new ClientCache();
  cache.client(FakeClient, { name: "a", credentials: { accessKeyId: "AKIDHIDDEN", secretAccessKey: "hidden" } });
  for (const text of [inspect(cache, { depth: 9, showHidden: true }), JSON.stringify(cache), String(cache.keys())]) {
    t.regex(text, /FakeClient\(name: .*credentials: \*\*\*\)/);
    t.notRegex(text, /hidden/i);
  }
});
