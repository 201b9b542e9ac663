/** What keys of configs are compared with: Node's own deep comparison, and random configs that are nearly the same. */
import { isDeepStrictEqual } from "node:util";
import type { Seeded } from "../parity/seeded.js";

/** Whether two configs mean the same, found slowly and by no code of the package. */
export function meanTheSame(a: object, b: object): boolean {
  return isDeepStrictEqual(plainly(a, true), plainly(b, true));
}

const numbers = new Map<unknown, number>();

/** By identity what is compared by it; the rest so that `isDeepStrictEqual` sees what counts and nothing else. */
function plainly(value: unknown, outermost = false): unknown {
  if (typeof value === "function") return byIdentity(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Array.from(value, (member) => plainly(member));
  if (value instanceof URL) return { url: value.href };
  if (value instanceof RegExp) return { pattern: value.source, flags: value.flags };
  const madeBy = Object.getPrototypeOf(value)?.constructor ?? Object;
  if (madeBy === Map)
    return new Map([...(value as Map<unknown, unknown>)].map((pair) => pair.map(plainMember) as [unknown, unknown]));
  if (madeBy === Set) return new Set([...(value as Set<unknown>)].map(plainMember));
  if (madeBy === Date || madeBy === Uint8Array || madeBy === Uint16Array || madeBy === Buffer) return value;
  if (madeBy !== Object) return byIdentity(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if (!outermost && members.some(([, member]) => typeof member === "function")) return byIdentity(value);
  return Object.fromEntries(members.map(([name, member]) => [name, plainly(member)]));
}

const plainMember = (member: unknown) => plainly(member);

function byIdentity(value: unknown): object {
  const number = numbers.get(value) ?? numbers.size;
  numbers.set(value, number);
  return { byIdentity: number };
}

class Instance {
  region = "eu-west-1";
}

const work = () => undefined;
const otherWork = () => undefined;
const instances = [
  new Instance(),
  new Instance(),
  { handle: work, calls: 0 },
  { handle: work, calls: 0 },
  Promise.resolve(),
  new Error("a"),
  new String("a"),
];

/** Names that could pass for structure, for members of every object, or for each other. */
const NAMES = [
  "a",
  "b",
  "1:a",
  "",
  "}",
  "{",
  "n1;",
  "password",
  "credentials",
  "token",
  "__proto__",
  "constructor",
  "\ud800",
  "\ufffd",
  "\0",
  "1",
  "10",
  "2",
  "A",
  "é",
  "x".repeat(200),
];

const PRIMITIVES = [
  1,
  "1",
  0,
  -0,
  Number.NaN,
  "NaN",
  1n,
  -1,
  1.5,
  1e21,
  true,
  "true",
  "t",
  false,
  null,
  "null",
  "z",
  undefined,
  "undefined",
  "",
  "a",
  "s1:a",
  "a}1:b",
  "\0",
  "\ud800",
  "\udc00",
  "\ufffd",
  "\ud83d\ude00",
  '"\\ud800"',
  "n1;",
  "[]",
  "{}",
  "#1;",
  "https://host/",
  "https://user:word@host/",
  "https://host/?query",
  "x".repeat(129),
  `${"x".repeat(128)}y`,
];

/** A config; small ones, from few choices, so that two are often the same but for one place. */
export function randomConfig(random: Seeded, depth = 3): Record<string, unknown> {
  return Object.fromEntries(random.list(4, () => [random.pick(NAMES), randomValue(random, depth)]));
}

function randomValue(random: Seeded, depth: number): unknown {
  if (depth === 0 || random.chance(0.6)) {
    return random.chance(0.15) ? random.pick([work, otherWork, ...instances]) : random.pick(PRIMITIVES);
  }
  const member = () => randomValue(random, depth - 1);
  switch (random.below(8)) {
    case 0:
    case 1:
      return randomConfig(random, depth - 1);
    case 2:
      return random.list(3, member);
    case 3:
      return new Set(random.list(3, member));
    case 4:
      return new Map(random.list(3, () => [member(), member()]));
    case 5:
      return new Date(random.below(3));
    case 6:
      return random.pick([Buffer, Uint8Array, Uint16Array]).from(random.list(2, () => random.below(2)));
    default:
      return random.pick([new URL("http://a/"), new URL("http://a/?b"), /a/, /a/g, /b/]);
  }
}

/** The same once more, made of other objects and in another order; now and then with one place changed. */
export function variantOf(random: Seeded, value: unknown, change: number): unknown {
  if (random.chance(change)) return randomValue(random, 1);
  if (typeof value !== "object" || value === null) return value;
  const again = (member: unknown) => variantOf(random, member, change);
  const prototype = Object.getPrototypeOf(value);
  if (Array.isArray(value)) return value.map(again);
  if (value instanceof Map)
    return new Map(
      shuffled(
        random,
        [...value].map(([key, member]) => [again(key), again(member)] as const),
      ),
    );
  if (value instanceof Set) return new Set(shuffled(random, [...value].map(again)));
  if (value instanceof URL) return new URL(value);
  if (value instanceof RegExp) return new RegExp(value);
  if (value instanceof Date) return new Date(value);
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  if (value instanceof Uint8Array || value instanceof Uint16Array) return value.slice();
  if (prototype !== Object.prototype || (instances as readonly unknown[]).includes(value)) return value;
  const members: [string, unknown][] = Object.entries(value).map(([name, member]) => [name, again(member)]);
  if (random.chance(0.3)) members.push(["absent", undefined]);
  return Object.fromEntries(shuffled(random, members));
}

function shuffled<T>(random: Seeded, list: readonly T[]): T[] {
  return list
    .map((member) => ({ member, place: random.below(1e9) }))
    .sort((a, b) => a.place - b.place)
    .map(({ member }) => member);
}
