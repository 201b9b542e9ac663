/** One text for configs that mean the same and another for all others, whatever they are made of; and the copy that stays true to it. */
import { inspect, isDeepStrictEqual } from "node:util";
import { runInNewContext } from "node:vm";
import test from "ava";
import { configText, targetText } from "../../dist/clients/config-key.js";
import { ownConfig } from "../../dist/clients/own-config.js";
import { UnkeyableError } from "../../dist/clients/unkeyable-error.js";
import { seeded } from "../parity/seeded.js";
import { meanTheSame, randomConfig, variantOf } from "./config-oracle.js";

const ROUNDS = Number(process.env.ROUNDS ?? 4000);

class Handler {
  readonly options: object;

  constructor(options: object = {}) {
    this.options = options;
  }
}
class OtherDate extends Date {}
class OtherMap extends Map {}
class OtherBytes extends Uint8Array {}

const provider = async () => ({ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" });
const handler = new Handler();
const { buffer } = new Uint8Array([1, 2, 1, 2]);

/** The text as the core receives it. */
const bytes = (config: object) => Buffer.from(configText(config)).toString("hex");

/** The text that is found when no text may be remembered: within the reading of another config. */
function textWithin(config: object): string {
  let text = "";
  configText({
    get region() {
      text = configText(config);
      return text;
    },
  });
  return text;
}

const SAME: Record<string, [object, object]> = {
  "names in another order": [
    { region: "eu-west-1", maxAttempts: 4 },
    { maxAttempts: 4, region: "eu-west-1" },
  ],
  "nested names in another order": [{ a: { b: 1, c: [{ d: 1, e: 2 }] } }, { a: { c: [{ e: 2, d: 1 }], b: 1 } }],
  "undefined and absent": [{ region: "eu-west-1", profile: undefined }, { region: "eu-west-1" }],
  "undefined and absent, nested": [{ a: { b: undefined } }, { a: {} }],
  "sets in another order": [{ a: new Set([1, { b: 2 }]) }, { a: new Set([{ b: 2 }, 1]) }],
  "maps in another order": [
    {
      a: new Map<unknown, unknown>([
        ["b", 1],
        [{ c: 1 }, 2],
      ]),
    },
    {
      a: new Map<unknown, unknown>([
        [{ c: 1 }, 2],
        ["b", 1],
      ]),
    },
  ],
  "equal dates": [{ a: new Date(5) }, { a: new Date(5) }],
  "invalid dates": [{ a: new Date(Number.NaN) }, { a: new Date(Number.NaN) }],
  "equal bytes": [{ a: Buffer.from("ab") }, { a: Buffer.from("ab") }],
  "two views of one buffer with the same bytes": [
    { a: new Uint8Array(buffer, 0, 2) },
    { a: new Uint8Array(buffer, 2, 2) },
  ],
  "equal URLs": [{ a: new URL("http://host/") }, { a: new URL("HTTP://HOST") }],
  "NaN and NaN": [{ a: Number.NaN }, { a: Number.NaN }],
  "the same provider": [{ credentials: provider }, { credentials: provider }],
  "the same handler": [{ a: { requestHandler: handler } }, { a: { requestHandler: handler } }],
  "an object without prototype": [{ a: Object.assign(Object.create(null), { b: 1 }) }, { a: { b: 1 } }],
  "objects of another realm": [runInNewContext("({ a: { b: [1, { c: 2 }] } })"), { a: { b: [1, { c: 2 }] } }],
  "equal secrets": [
    { credentials: { accessKeyId: "a", secretAccessKey: "b" } },
    { credentials: { secretAccessKey: "b", accessKeyId: "a" } },
  ],
  "long texts": [{ a: "x".repeat(1000) }, { a: "x".repeat(1000) }],
  "500 names": [numbered(500), Object.fromEntries(Object.entries(numbered(500)).reverse())],
  "names of 500 characters": [
    { ["a".repeat(500)]: 1, b: 2 },
    { b: 2, ["a".repeat(500)]: 1 },
  ],
};

function numbered(count: number): Record<string, unknown> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`name${index}`, index]));
}

const DIFFERENT: Record<string, [object, object]> = {
  "a number and its text": [{ a: 1 }, { a: "1" }],
  "a boolean and its text": [{ a: true }, { a: "true" }],
  "true and 1": [{ a: true }, { a: 1 }],
  "null and absent": [{ a: null }, {}],
  "null and its text": [{ a: null }, { a: "null" }],
  "0 and -0": [{ a: 0 }, { a: -0 }],
  "1 and 1n": [{ a: 1 }, { a: 1n }],
  "an empty array and an empty object": [{ a: [] }, { a: {} }],
  "an empty set and an empty map": [{ a: new Set() }, { a: new Map() }],
  "an array and an object of its members": [{ a: ["x"] }, { a: { 0: "x" } }],
  "an array and a set": [{ a: [1] }, { a: new Set([1]) }],
  "arrays in another order": [{ a: [1, 2] }, { a: [2, 1] }],
  "nested and joined arrays": [{ a: [[1], [2]] }, { a: [[1, 2]] }],
  "a longer array": [{ a: [1] }, { a: [1, undefined] }],
  "members here and there": [{ a: { b: 1 }, c: 2 }, { a: { b: 1, c: 2 } }],
  "values between names": [
    { a: "1", b: "2" },
    { a: "12", b: "" },
  ],
  "structure in a value": [{ a: "x", b: "y" }, { a: "x1:bs1:y" }],
  "structure in a name": [{ a: 1 }, { a1: 1 }],
  "a name with a length": [{ "1:a": "b" }, { a: "b" }],
  "members of a set twice": [{ a: new Set([{ b: 1 }, { b: 1 }]) }, { a: new Set([{ b: 1 }]) }],
  "keys and values of maps": [{ a: new Map([["b", "c"]]) }, { a: new Map([["c", "b"]]) }],
  "pairs of a map": [
    {
      a: new Map([
        [1, 2],
        [3, 4],
      ]),
    },
    {
      a: new Map([
        [1, 4],
        [3, 2],
      ]),
    },
  ],
  "a map and its object": [{ a: new Map([["b", 1]]) }, { a: { b: 1 } }],
  "a date and its time": [{ a: new Date(5) }, { a: 5 }],
  "a date and a date's subclass": [{ a: new Date(5) }, { a: new OtherDate(5) }],
  "a map and a map's subclass": [{ a: new Map() }, { a: new OtherMap() }],
  "bytes and a subclass": [{ a: new Uint8Array(2) }, { a: new OtherBytes(2) }],
  "Buffer and Uint8Array": [{ a: Buffer.from([1]) }, { a: new Uint8Array([1]) }],
  "arrays of other widths": [{ a: new Uint8Array([1, 0]) }, { a: new Uint16Array([1]) }],
  "two views of one buffer": [{ a: new Uint8Array(buffer, 0, 2) }, { a: new Uint8Array(buffer, 1, 2) }],
  "a view and its buffer": [{ a: new Uint8Array(buffer) }, { a: buffer }],
  "0 and -0 in floats": [{ a: new Float64Array([0]) }, { a: new Float64Array([-0]) }],
  "a URL and its text": [{ a: new URL("http://host/") }, { a: "http://host/" }],
  "a pattern's flags": [{ a: /a/ }, { a: /a/g }],
  "a pattern and its text": [{ a: /a/ }, { a: "/a/" }],
  "two equal functions": [{ a: () => 1 }, { a: () => 1 }],
  "two equal instances": [{ a: new Handler() }, { a: new Handler() }],
  "two objects with the same functions": [{ a: { handle: provider } }, { a: { handle: provider } }],
  "two promises": [{ a: Promise.resolve(1) }, { a: Promise.resolve(1) }],
  "a boxed text and the text": [{ a: new String("b") }, { a: "b" }],
  "an object that inherits": [{ a: Object.create({ b: 1 }) }, { a: { b: 1 } }],
  "an object of a class without prototype": [
    {
      a: new (Object.setPrototypeOf(
        class {
          b = 1;
        },
        null,
      ))(),
    },
    { a: { b: 1 } },
  ],
  "lone surrogates": [{ a: "\ud800" }, { a: "\udc00" }],
  "a lone surrogate and U+FFFD": [{ a: "\ud800" }, { a: "\ufffd" }],
  "a lone surrogate and its escape": [{ a: "\ud800" }, { a: '"\\ud800"' }],
  "lone surrogates in names": [{ "\ud800": 1 }, { "\ufffd": 1 }],
  "halves of a pair": [{ a: ["\ud83d", "\ude00"] }, { a: ["\ud83d\ude00"] }],
  "composed and decomposed text": [{ a: "\u00e9" }, { a: "e\u0301" }],
  "a member named __proto__": [JSON.parse('{"__proto__":{"a":1}}'), {}],
  secrets: [{ password: "a" }, { password: "b" }],
  "secrets of other types": [{ password: "1" }, { password: 1 }],
  "members of credentials": [{ credentials: { accessKeyId: "a" } }, { credentials: { accessKeyId: "b" } }],
  "user information": [{ a: "https://u:1@host/" }, { a: "https://u:2@host/" }],
  "ends of long texts": [{ a: `${"x".repeat(1000)}1` }, { a: `${"x".repeat(1000)}2` }],
  "ends of long arrays": [{ a: Array(2000).fill(1) }, { a: [...Array(1999).fill(1), 2] }],
};

test("configs that mean the same have one text", (t) => {
  for (const [what, [a, b]] of Object.entries(SAME)) {
    t.is(configText(a), configText(b), what);
    t.is(textWithin(a), configText(a), what);
  }
  t.is(configText(undefined), configText({}));
});

test("configs that differ have texts that differ, in UTF-8 too", (t) => {
  for (const [what, [a, b]] of Object.entries(DIFFERENT)) {
    t.not(bytes(a), bytes(b), what);
    t.is(textWithin(a), configText(a), what);
  }
});

test("random configs have one text exactly where Node finds them deeply equal", (t) => {
  const random = seeded();
  t.log(`SEED=${random.seed}`);
  let same = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const a = randomConfig(random);
    const b = random.chance(0.7) ? (variantOf(random, a, random.pick([0, 0.1])) as object) : randomConfig(random);
    if (typeof b !== "object" || b === null || Object.getPrototypeOf(b) !== Object.prototype) continue;
    const expected = meanTheSame(a, b);
    if (expected) same++;
    if ((bytes(a) === bytes(b)) !== expected) t.fail(`${inspect(a, { depth: 9 })} and ${inspect(b, { depth: 9 })}`);
    if (textWithin(a) !== configText(a)) t.fail(`reads differently within another: ${inspect(a, { depth: 9 })}`);
    const own = ownConfig(a);
    if (configText(own) !== configText(a) || !meanTheSame(own, a))
      t.fail(`copied otherwise: ${inspect(a, { depth: 9 })}`);
  }
  t.true(same > ROUNDS / 5 && same < ROUNDS, `${same} of ${ROUNDS} are the same`);
});

test("what is remembered of other configs changes no text", (t) => {
  const configs = Array.from({ length: 40 }, (_, index) => ({
    region: `region-${index % 4}`,
    ...(index % 3 > 0 && { maxAttempts: index % 5 }),
    ...(index % 2 > 0 && { limits: { sockets: index % 7, inner: { maxAttempts: index % 2 } } }),
    profile: index % 5 > 0 ? undefined : "p",
  }));
  const texts = configs.map((config) => textWithin(config));
  const random = seeded();
  t.log(`SEED=${random.seed}`);
  for (let round = 0; round < 3000; round++) {
    const index = random.below(configs.length);
    if (configText(configs[index]) !== texts[index]) t.fail(inspect(configs[index], { depth: 9 }));
  }
  // More sequences of names than are remembered at a time.
  for (let index = 0; index < 9000; index++)
    configText({ region: "a", [`name${index}`]: index, b: { [`n${index}`]: 1 } });
  t.deepEqual(
    configs.map((config) => configText(config)),
    texts,
  );
  // From here on new names have no short codes.
  const late = { late: 1, later: { latest: "x" } };
  t.is(configText(late), configText({ later: { latest: "x" }, late: 1 }));
  t.is(textWithin(late), configText(late));
  t.not(configText({ late2: "s1:x" }), configText({ late2: "x" }));
  t.not(configText({ "5:later": 1 }), configText({ later: 1 }));
  t.not(configText({ "0.": 1 }), configText({ "1.": 1 }));
});

test("a config that is read while another is keeps both apart", (t) => {
  const inner = { region: "inner", limits: { sockets: 1 }, password: "inner" };
  let found = "";
  const outer = {
    region: "outer",
    limits: {
      get sockets() {
        found = configText(inner);
        return 2;
      },
    },
    password: "outer",
  };
  t.is(configText(outer), configText({ region: "outer", limits: { sockets: 2 }, password: "outer" }));
  t.is(found, configText(inner));
});

test("what a session adds anyway counts as absent, at the top alone", (t) => {
  const defaults = { credentials: provider, region: "eu-west-1", requestHandler: handler, offset: 0 };
  t.is(
    configText({ credentials: provider, region: "eu-west-1", maxAttempts: 2 }, defaults),
    configText({ maxAttempts: 2 }),
  );
  t.is(configText({ requestHandler: handler }, defaults), "{}");
  t.not(configText({ requestHandler: new Handler() }, defaults), "{}");
  t.not(configText({ region: "eu-west-2" }, defaults), "{}");
  t.not(configText({ offset: -0 }, defaults), "{}");
  t.is(configText({ a: { region: "eu-west-1" } }, defaults), configText({ a: { region: "eu-west-1" } }));
  t.is(configText({ region: "eu-west-1" }), configText({ region: "eu-west-1" }, { region: "eu-west-2" }));
  const own = configText({ region: "eu-west-1" });
  for (const [region, text] of [
    ["eu-west-2", own],
    ["eu-west-1", "{}"],
    ["eu-west-2", own],
    ["eu-west-1", "{}"],
  ] as const) {
    t.is(configText({ region: "eu-west-1" }, { region }), text);
    t.is(configText({ region: "eu-west-1" }), own);
  }
  // A config without a text leaves nothing behind that counts for another session.
  for (const region of ["eu-west-3", "eu-west-4"]) {
    const known = { region };
    configText(known);
    t.throws(() => configText({ region: Symbol("region") }, known), { instanceOf: UnkeyableError });
    t.is(configText(known, known), "{}");
  }
});

test("classes and names of resources never meet", (t) => {
  class S3Client {}
  const other = (() => class S3Client {})();
  t.is(targetText(S3Client), targetText(S3Client));
  t.not(targetText(S3Client), targetText(other));
  t.not(targetText("s3"), targetText("S3"));
  const [number = ""] = /\d+/.exec(targetText(S3Client)) ?? [];
  for (const name of [number, targetText(S3Client), `#${number};`]) t.not(targetText(name), targetText(S3Client));
});

function nested(depth: number): object {
  return depth === 0 ? {} : { a: nested(depth - 1) };
}

const numberedList = Array.from({ length: 6000 }, (_, index) => index);

const cyclic: Record<string, unknown> = { list: [{}] };
(cyclic.list as Record<string, unknown>[])[0] = { back: cyclic };

const UNKEYABLE: Record<string, [config: object, path: string]> = {
  "a cycle": [cyclic, "config.list[0].back"],
  "17 levels": [nested(17), `config${".a".repeat(17)}`],
  "too many members": [{ a: { b: Array(10_001) } }, "config.a.b"],
  "too many members of sets": [{ a: new Set([new Set(numberedList), new Map([[1, new Set(numberedList)]])]) }, ""],
  "too many names": [{ a: numbered(10_001) }, "config.a"],
  "a symbol": [{ a: [Symbol("hidden value")] }, "config.a[0]"],
  "a symbol under an odd name": [{ "a\nb": Symbol("hidden value") }, 'config."a\\nb"'],
  "a member named by a symbol": [{ a: { [Symbol("hidden value")]: 1 } }, "config.a"],
  "an accessor that throws": [
    {
      a: {
        get b() {
          throw new Error("hidden value");
        },
      },
    },
    "config.a.b",
  ],
  "a proxy that throws": [
    {
      a: new Proxy(
        {},
        {
          ownKeys() {
            throw new Error("hidden value");
          },
        },
      ),
    },
    "config.a",
  ],
  "what is no map": [{ a: Object.create(Map.prototype) }, "config.a"],
  "what is no date": [{ a: Object.setPrototypeOf({ b: "hidden value" }, Date.prototype) }, "config.a"],
  "an instance": [new Handler(), "config"],
  "an array": [[1], "config"],
  "a heap of shared objects": [shared(16), ""],
};

/** 2^depth objects for whoever reads them all. */
function shared(depth: number): object {
  let object: object = {};
  for (let level = 0; level < depth - 1; level++) object = { a: object, b: object, c: object };
  return object;
}

test("what has no text is refused with its path, never its value", (t) => {
  for (const [what, [config, path]] of Object.entries(UNKEYABLE)) {
    const error = t.throws(() => configText(config), { instanceOf: UnkeyableError }, what);
    if (path !== "") t.is(error.path, path, what);
    t.false(inspect(error, { depth: 9, showHidden: true }).includes("hidden value"), what);
  }
  t.notThrows(() => configText(nested(16)));
  t.is(configText({ region: "a" }), configText({ region: "a" }), "and nothing of it is left");
});

test("the copy stays what the text says when the user's objects change", (t) => {
  const config = {
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    list: [{ a: 1 }],
    set: new Set([1]),
    map: new Map([["a", { b: 1 }]]),
    date: new Date(5),
    url: new URL("http://host/"),
    bytes: Buffer.from("ab"),
    view: new DataView(new ArrayBuffer(2)),
    requestHandler: handler,
    logger: { debug: provider, level: 1 },
    absent: undefined,
  };
  const text = configText(config);
  const own = ownConfig(config);
  t.true(isDeepStrictEqual({ ...own, absent: undefined }, config));
  t.false("absent" in own);
  t.is(own.requestHandler, config.requestHandler);
  t.is(own.logger, config.logger);
  config.credentials.accessKeyId = "c";
  config.list[0] = { a: 2 };
  config.set.add(2);
  config.map.set("c", { b: 2 });
  config.date.setTime(6);
  config.url.pathname = "/path";
  config.bytes[0] = 0;
  config.view.setInt8(0, 1);
  t.is(configText(own), text);
  t.not(configText(config), text);
  const withProvider = { credentials: provider };
  t.not(ownConfig(withProvider), withProvider);
  t.deepEqual(ownConfig(withProvider), withProvider);
  t.is(Object.getPrototypeOf(ownConfig(JSON.parse('{"__proto__":{"region":"a"}}'))), Object.prototype);
});

test("the copy refuses what could be read otherwise next time", (t) => {
  let reads = 0;
  const accessor = {
    get region() {
      return `region-${reads++}`;
    },
  };
  t.throws(() => ownConfig(accessor), { instanceOf: UnkeyableError, message: /^config\.region is an accessor/ });
  t.throws(() => ownConfig({ a: new Proxy({ b: 1 }, {}) }), {
    instanceOf: UnkeyableError,
    message: /^config\.a is a Proxy/,
  });
  t.throws(() => ownConfig(new Proxy({ region: "a" }, {})), { instanceOf: UnkeyableError });
  t.is(reads, 0);
  const instance = new Proxy(handler, {});
  t.is(configText({ a: instance }), configText({ a: instance }));
  t.is(ownConfig({ a: instance }).a, instance, "what counts by identity is handed on");
});
