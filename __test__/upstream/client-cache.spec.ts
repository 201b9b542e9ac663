/** What boto3-client-cache's tests of keys and caches say, of clients and of resources, with the same outcomes; a better one stands in the title. */
import { format, inspect } from "node:util";
import { STSClient } from "@aws-sdk/client-sts";
import test from "ava";
import { type Key, KINDS, type Kind, POLICIES, type Policy } from "./client-cache-kinds.js";

const CREDENTIALS = { accessKeyId: "AKID-EXAMPLE", secretAccessKey: "SECRET-EXAMPLE", sessionToken: "TOKEN-EXAMPLE" };
const region = "us-east-1";

/** Everything that a key prints as. */
const printed = (key: Key) =>
  [
    key.label,
    `${key}`,
    JSON.stringify({ key }),
    inspect([key], { showHidden: true, depth: 9 }),
    format("%s %o %j", key, key, key),
  ].join("\n");

for (const kind of KINDS) {
  const { name, target, otherTarget, errors } = kind;
  const key = (config?: Readonly<Record<string, unknown>>) => kind.newCache().key(target, config);

  test(`${name} key: the same for the same call, as text its label, in print its class and label`, (t) => {
    const cache = kind.newCache();
    const [first, second, third] = [{ region }, { region }, { region: "us-west-2" }].map((config) =>
      cache.key(target, config),
    ) as [Key, Key, Key];
    t.true(first.equals(second));
    t.false(first.equals(third));
    t.false(first.equals(cache.key(otherTarget, { region })));
    t.true(first instanceof kind.keyClass);
    t.is(`${first}`, first.label);
    t.is(inspect(first), `${kind.keyClass.name}(${first.label})`);
    // The likes of equal hashes: what one brought in the other finds.
    cache.add(first, kind.newValue());
    t.true(cache.has(second));
    t.false(cache.has(third));
  });

  test(`${name} key: what is left undefined is absent, and the order of names does not count; better: nor does an empty config`, (t) => {
    const given = key({ retryMode: "standard", endpoint: undefined, region });
    t.true(given.equals(key({ region, retryMode: "standard" })));
    t.true(given.label.includes(region));
    for (const nothing of [undefined, {}, { region: undefined }]) t.true(key(nothing).equals(key()), inspect(nothing));
  });

  test(`${name} key: the service by its name is the service`, (t) => {
    const cache = kind.newCache();
    if (name === "client") {
      t.true(cache.key("sts", { region }).equals(cache.key(STSClient, { region })));
      t.is(cache.key("sts", { region }).label, cache.key(STSClient, { region }).label);
    } else {
      t.true(cache.key("dynamodb", { region }).equals(cache.key("dynamodb", { region })));
    }
    t.false(cache.key(target, { serviceName: "sts" }).equals(cache.key(target)));
  });

  test(`${name} key: the options of the cache are no part of it; better: since they are no part of the config`, (t) => {
    const cache = kind.newCache();
    const held = kind.build(cache, { region });
    t.is(kind.build(cache, { region }, { maxSize: 123 }), held);
    t.deepEqual(
      cache.keys().map(({ label }) => label),
      [cache.key(target, { region }).label],
    );
    t.notRegex(printed(cache.keys()[0] as Key), /maxSize|evictionPolicy/);
    t.false(key({ region, maxSize: 123 }).equals(key({ region })));
  });

  test(`${name} key: nested objects in any order of names, sets in any order, lists in theirs`, (t) => {
    const nested = key({ a: [1, { b: new Set([3, 2]), d: 4 }], c: ["x", "y"] });
    t.true(nested.equals(key({ c: ["x", "y"], a: [1, { d: 4, b: new Set([2, 3]) }] })));
    t.false(nested.equals(key({ a: [1, { b: new Set([3, 2]), d: 4 }], c: ["y", "x"] })));
    t.false(nested.equals(key({ a: [1, { b: [3, 2], d: 4 }], c: ["x", "y"] })));
  });

  test(`${name} key: configs of equal content are one; better: there is one way to hand them over`, (t) => {
    const first = { region, retryStrategy: { mode: "standard", maxAttempts: 3 } };
    const second = { retryStrategy: { maxAttempts: 3, mode: "standard" }, region };
    t.true(key(first).equals(key(second)));
    t.false(key(first).equals(key({ ...first, retryStrategy: { mode: "standard", maxAttempts: 4 } })));
    t.false(key(first).equals(key({ config: first })));
  });

  test(`${name} key: a config of another make goes by its members`, (t) => {
    const made: Record<string, unknown> = Object.assign(Object.create(null), { region });
    t.true(key(Object.freeze(made)).equals(key({ region })));
    t.true(key(made).label.includes(region));
  });

  for (const [member, value] of Object.entries(CREDENTIALS)) {
    test(`${name} key: ${member} among the credentials is in no text, and counts`, (t) => {
      const given = key({ region, credentials: CREDENTIALS });
      t.false(printed(given).includes(value));
      t.true(given.label.includes("***"));
      t.true(given.label.includes(region));
      t.true(given.equals(key({ region, credentials: { ...CREDENTIALS } })));
      t.false(given.equals(key({ region, credentials: { ...CREDENTIALS, [member]: `${value}-2` } })));
    });

    test(`${name} key: ${member} is in no text wherever it stands; there: in its place among the arguments`, (t) => {
      const given = key({ region, clientConfig: { credentials: { [member]: value } } });
      t.false(printed(given).includes(value));
      t.false(given.equals(key({ region, clientConfig: { credentials: { [member]: `${value}-2` } } })));
    });
  }

  test(`${name} key: printing it, alone or in a list, tells no secret; better: nor one in another option`, (t) => {
    const all = key({
      region,
      credentials: CREDENTIALS,
      token: "BEARER-EXAMPLE",
      endpoint: "https://user:PASSWORD-EXAMPLE@host/",
    });
    for (const secret of [...Object.values(CREDENTIALS), "BEARER-EXAMPLE", "PASSWORD-EXAMPLE"])
      t.false(printed(all).includes(secret), secret);
    t.true(printed(all).includes("credentials: ***"));
  });

  test(`${name} cache: without a policy it is one of LRU`, (t) => {
    const cache = kind.newCache();
    t.true(cache instanceof kind.cacheClass);
    t.is(cache.evictionPolicy, "LRU");
    t.is(cache.maxSize, 10);
  });

  test(`${name} cache: of LFU when that is asked for`, (t) => {
    const cache = kind.newCache({ evictionPolicy: "LFU" });
    t.true(cache instanceof kind.cacheClass);
    t.is(cache.evictionPolicy, "LFU");
    t.is(cache.maxSize, 10);
  });

  test(`${name} cache: other policies are refused; better: nothing in place of one, too`, (t) => {
    for (const evictionPolicy of ["FIFO", "lru", "", null, []]) {
      const error = t.throws(() => kind.newCache({ evictionPolicy }), {
        instanceOf: errors.base,
        message: /evictionPolicy/,
      });
      t.is((error as { param?: string }).param, "evictionPolicy");
    }
  });

  for (const policy of POLICIES) testCache(kind, policy);
}

/** A cache of one kind and policy, and how to speak of what it holds by name. */
function open({ newCache, newValue, target }: Kind, evictionPolicy: Policy, maxSize?: number) {
  const cache = newCache({ evictionPolicy, ...(maxSize !== undefined && { maxSize }) });
  const keyOf = (name: string) => cache.key(target, { name });
  const named = new Map<object, string>();
  return {
    cache,
    keyOf,
    add<Names extends string[]>(...names: Names) {
      const values = names.map((name) => {
        const value = newValue();
        named.set(value, name);
        cache.add(keyOf(name), value);
        return value;
      });
      return values as { [Index in keyof Names]: object };
    },
    /** Next victim first. */
    order: () => cache.values().map((value) => named.get(value)),
  };
}

function testCache(kind: Kind, policy: Policy): void {
  const { errors } = kind;
  const title = (text: string) => `${kind.name} cache, ${policy}: ${text}`;

  test(
    title("shrinking evicts the next victims; better: a negative size is refused, where it would lose its sign"),
    (t) => {
      const { cache, keyOf, add, order } = open(kind, policy, 3);
      for (const size of [-3, 2.5, Number.NaN, "3"]) {
        t.throws(() => kind.newCache({ evictionPolicy: policy, maxSize: size }), {
          instanceOf: errors.base,
          message: /maxSize/,
        });
        t.throws(() => Object.assign(cache, { maxSize: size }), { instanceOf: errors.base, message: /maxSize/ });
      }
      t.is(cache.maxSize, 3);
      add("a", "b", "c");
      t.deepEqual(order(), ["a", "b", "c"]);
      if (policy === "LFU") cache.get(keyOf("a"));
      cache.maxSize = 1;
      t.is(cache.maxSize, 1);
      t.deepEqual(order(), policy === "LFU" ? ["a"] : ["c"]);
    },
  );

  test(title("it prints what it holds, without secrets"), (t) => {
    const { cache, add, keyOf } = open(kind, policy);
    t.deepEqual(cache.keys().map(String), []);
    add("a");
    t.deepEqual(cache.keys().map(String), [keyOf("a").label]);
    kind.build(cache, { credentials: CREDENTIALS });
    for (const secret of Object.values(CREDENTIALS)) {
      t.false(cache.keys().map(printed).join("\n").includes(secret));
      t.false(JSON.stringify(cache).includes(secret));
    }
  });

  test(title("in order, the next victim first"), (t) => {
    const { cache, keyOf, add, order } = open(kind, policy);
    const [first, second] = add("first", "second");
    if (policy === "LFU") cache.get(keyOf("first"));
    t.is(cache.size, 2);
    t.true(cache.has(keyOf("first")));
    const expected = policy === "LFU" ? [second, first] : [first, second];
    t.deepEqual(
      [...cache].map(([, value]) => value),
      expected,
    );
    t.deepEqual(
      [...cache].reverse().map(([, value]) => value),
      expected.toReversed(),
    );
    t.deepEqual(order(), policy === "LFU" ? ["second", "first"] : ["first", "second"]);
  });

  test(title("a hit spares what was hit; taking what is not there is an error"), (t) => {
    const { cache, keyOf, add } = open(kind, policy, 2);
    add("first", "second");
    cache.get(keyOf("first"));
    add("third");
    t.deepEqual(
      ["first", "second", "third"].map((each) => cache.has(keyOf(each))),
      [true, false, true],
    );
    t.throws(() => cache.take(keyOf("missing")), { instanceOf: errors.notFound });
    t.is(cache.get(keyOf("missing")), undefined);
  });

  if (policy === "LFU") {
    test(title("among equally frequent ones the one that came first goes"), (t) => {
      const { keyOf, cache, add } = open(kind, policy, 2);
      add("first", "second", "third");
      t.deepEqual(
        ["first", "second", "third"].map((each) => cache.has(keyOf(each))),
        [false, true, true],
      );
    });
  }

  test(title("what is no key is refused as one; better: and the key of another kind"), (t) => {
    const { cache } = open(kind, policy);
    const another = KINDS.find((each) => each !== kind) as Kind;
    const strangers: unknown[] = ["not a key", {}, undefined, another.newCache().key(another.target)];
    for (const stranger of strangers)
      t.throws(() => cache.add(stranger as Key, kind.newValue()), { instanceOf: errors.base }, inspect(stranger));
    t.is(cache.size, 0);
  });

  test(title(`what is no ${kind.name} is not held`), (t) => {
    const { cache, keyOf } = open(kind, policy);
    const strangers: unknown[] =
      kind.name === "client" ? [{}, () => {}, "s3", null, undefined] : ["s3", 1, null, undefined];
    for (const stranger of strangers)
      t.throws(() => cache.add(keyOf("a"), stranger as object), { instanceOf: errors.base }, inspect(stranger));
    t.is(cache.size, 0);
  });

  test(title("nothing is overwritten"), (t) => {
    const { cache, keyOf, add } = open(kind, policy);
    const [first] = add("a");
    t.throws(() => add("a"), { instanceOf: errors.exists });
    t.is(cache.get(keyOf("a")), first);
    t.throws(() => cache.add(keyOf("a"), first as object), { instanceOf: errors.exists });
  });

  test(title("what was deleted is gone; deleting it again gives false, where it was an error"), (t) => {
    const { cache, keyOf, add } = open(kind, policy);
    add("a");
    t.true(cache.delete(keyOf("a")));
    t.false(cache.has(keyOf("a")));
    t.false(cache.delete(keyOf("a")));
  });

  test(title("keys, values and entries are lists of that moment"), (t) => {
    const { cache, keyOf, add } = open(kind, policy);
    const [first, second] = add("first", "second");
    if (policy === "LFU") cache.get(keyOf("first"));
    const names = policy === "LFU" ? ["second", "first"] : ["first", "second"];
    const values = policy === "LFU" ? [second, first] : [first, second];
    const taken = [cache.keys(), cache.values(), cache.entries()] as const;
    for (const list of taken) t.true(Array.isArray(list));
    add("third");
    t.deepEqual(
      taken[0].map(String),
      names.map((each) => keyOf(each).label),
    );
    t.true(taken[0].every((key, index) => key.equals(keyOf(names[index] as string))));
    t.deepEqual(taken[1], values);
    t.deepEqual(
      taken[2].map(([key, value]) => [`${key}`, value]),
      names.map((each, index) => [keyOf(each).label, values[index]]),
    );
    t.is(cache.size, 3);
  });

  test(title("get gives a default by ??, and counts as a use where it hits"), (t) => {
    const { cache, keyOf, add } = open(kind, policy, 2);
    const [first] = add("first", "second");
    t.is(cache.get(keyOf("first")), first);
    add("third");
    t.false(cache.has(keyOf("second")));
    const other = kind.newValue();
    t.is(cache.get(keyOf("missing")) ?? other, other);
  });

  test(title("take gives the one that is asked for, takeNext the next victim, clear nothing"), (t) => {
    const { cache, keyOf, add } = open(kind, policy);
    const [first, second] = add("first", "second");
    t.is(cache.take(keyOf("first")), first);
    t.false(cache.has(keyOf("first")));
    const [key, value] = cache.takeNext();
    t.true(key.equals(keyOf("second")));
    t.is(value, second);
    t.is(cache.size, 0);
    t.throws(() => cache.takeNext(), { instanceOf: errors.notFound });
    t.throws(() => cache.take(keyOf("first")), { instanceOf: errors.notFound });
    add("third");
    cache.clear();
    t.is(cache.size, 0);
  });

  test(
    title(
      "what was copied out of it is a copy of its own; better: of what it holds, not of the cache, which alone destroys",
    ),
    (t) => {
      const { cache, keyOf, add } = open(kind, policy, 2);
      const [first, second] = add("first", "second");
      cache.get(keyOf("first"));
      const copied = new Map(cache);
      t.deepEqual([...copied.values()], policy === "LFU" ? [second, first] : [second, first]);
      copied.clear();
      t.is(cache.size, 2);
      t.false("copy" in cache);
    },
  );

  test(title("every operation may be called while another is under way, where there were locks"), (t) => {
    const { cache, keyOf, add, order } = open(kind, policy, 2);
    const seen: unknown[] = [];
    cache.on("evict", ({ key, reason }) => {
      if (reason !== "size") return;
      seen.push(
        `${key}`,
        cache.size,
        cache.has(key),
        cache.get(key),
        [...cache].length,
        cache.keys().length,
        cache.values().length,
      );
      if (seen.length > 20) return;
      // Makes room, and evicts again from within.
      cache.maxSize = 2;
      add(`for ${key}`);
      cache.delete(keyOf("c"));
    });
    add("a", "b", "c");
    t.is(cache.size, cache.values().length);
    t.true(cache.size <= 2, inspect(order()));
    t.true(seen.length >= 7);
    cache.clear();
    t.is(cache.size, 0);
  });

  test(title("there is no other way to write into it"), (t) => {
    const { cache } = open(kind, policy);
    for (const member of ["set", "update", "setdefault", "setDefault", "merge", "fromkeys", "fromKeys"]) {
      t.false(member in cache, member);
      t.false(member in kind.cacheClass, member);
    }
  });
}
