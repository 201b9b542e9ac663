/** What the index of a cache does at the boundary: which texts are the same, and who leaves. Its order is tested in the core. */
import test from "ava";
import { CacheIndex } from "../../dist/clients/cache-index.js";
import { keyedDigest } from "../../dist/keyed-digest.js";

/** Two of them differ only beyond ASCII, in halves of surrogate pairs, in zeros, or in their last character. */
const TEXTS = [
  ...["", "\0", "\0\0", "a", "a\0", "é", "Ã©", "\u0100", "\u0000\u0001", "\ud800", "\ud801", "\udc00", "\ufffd", "😀"],
  ...[1022, 1023, 1024, 4095, 4096, 100_000].flatMap((length) => ["x".repeat(length), `${"x".repeat(length - 1)}ÿ`]),
];

test("texts are told apart whatever they hold, by the index and by their digests", (t) => {
  const index = new CacheIndex("LRU", Number.POSITIVE_INFINITY);
  for (const [slot, text] of TEXTS.entries()) {
    t.is(index.peek(text), -1);
    t.deepEqual(index.add(text), [slot]);
  }
  t.deepEqual(
    TEXTS.map((text) => index.touch(text)),
    [...TEXTS.keys()],
  );
  t.is(new Set(TEXTS.map(keyedDigest)).size, TEXTS.length);
  t.deepEqual(TEXTS.map(keyedDigest), TEXTS.map(keyedDigest));
  t.regex(keyedDigest("secret"), /^[\w-]{43}$/);
});

test("who leaves is told with the newcomer, and never has its slot", (t) => {
  const index = new CacheIndex("LFU", 2);
  t.deepEqual([index.add("a"), index.add("b"), index.touch("a"), index.add("c")], [[0], [1], 0, [2, 1]]);
  t.throws(() => index.add("c"), { code: "ERR_CACHE_KEY" });
  t.deepEqual([index.order(), index.size, index.clear(), index.size], [[2, 0], 2, [2, 0], 0]);
  t.is(index.add("d").length, 1);
  t.is(index.add("e").length, 1);
  t.is(index.add("f").length, 2);
  t.deepEqual([index.resize(0).length, index.add("g"), index.remove(0)], [2, [-1], false]);
});

test("indexes know nothing of each other", (t) => {
  const [one, other] = [new CacheIndex("LRU", 1), new CacheIndex("LRU", 1)];
  one.add("a");
  t.is(other.touch("a"), -1);
  t.deepEqual([other.add("b"), one.touch("a"), one.touch("b")], [[0], 0, -1]);
});
