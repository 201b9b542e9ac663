/** The text that tells configs apart: equal for configs that mean the same, and only for those. */
import { keyedDigest } from "../keyed-digest.js";
import { identity, knownIdentity } from "./identity.js";
import { bytesClass, bytesOf, kindOf, MOST_DEEP, MOST_MEMBERS, sizeOf } from "./member-kinds.js";
import { type NamePlace, NOTHING, rootAt } from "./name-order.js";
import { ownConfig } from "./own-config.js";
import { isSecretName } from "./secret-names.js";
import { UnkeyableError } from "./unkeyable-error.js";
import { quoted } from "./well-formed.js";

/** What a session adds to every config; members of a config that are the same count as absent. */
export type Defaults = Readonly<Record<string, unknown>> | undefined;

/** A class, or the name of a resource. */
export type CacheTarget = string | (abstract new (...args: never[]) => unknown);

/** Longer ones stand as their digests, so that what the places of names keep stays small; and secrets tend to be long. */
const LONGEST_STRING = 128;
const LONGEST_PART = 512;
const LONGEST_TEXT = 4096;

/** What is read is kept at the places of its names. */
const KEEPING = 0;
/** Nothing is kept: the config is read while another one is. */
const PASSING = 1;
/** Nothing is kept nor made a digest of: the caller makes one of it all. */
const HIDDEN = 2;
type Mode = typeof KEEPING | typeof PASSING | typeof HIDDEN;

/** Set while a config is read: an accessor in it may call a cache, whose key must not touch the places then in use. */
let reading = false;
/** Counts the changes of segments. */
let stamp = 0;
/** How many more members the config being read may have. */
let left = 0;

/**
 * The canonical form of a config. Names count in any order, and so do the members of sets and maps; a member that is
 * undefined, or that is (===) the one in `defaults`, counts as absent. Plain objects, arrays, sets, maps, dates, URLs, regular
 * expressions and bytes count by content; functions, objects that have functions for members, and all other objects by
 * identity. What is secret by its name, long strings, and strings that may be URLs with user information or a query stand as
 * their digests under the process's random key.
 *
 * What is built for a text must be built from `ownConfig(config)`, taken before any other code of the user runs: only then is
 * it what the text says, whatever happens to the user's objects later.
 *
 * Throws an `UnkeyableError` for what has no such form.
 */
export function configText(config: object | undefined, defaults?: Defaults): string {
  if (config === undefined) return "{}";
  const mode = reading ? PASSING : KEEPING;
  const leftBefore = left;
  left = MOST_MEMBERS;
  reading = true;
  try {
    if (Object.getPrototypeOf(config) !== Object.prototype && kindOf(config) !== "object") throw new UnkeyableError();
    return mode === KEEPING ? keptText(config, 0, defaults) : passingText(config, 0, mode, defaults);
  } catch {
    throw explained(config);
  } finally {
    left = leftBefore;
    reading = mode !== KEEPING;
  }
}

/** The text of what a config is for: a class by identity, a resource by name. The two never meet. */
export function targetText(target: CacheTarget): string {
  return typeof target === "string" ? quoted("s", target) : identity(target);
}

/** Copying finds what is wrong and where; should it find nothing, then the config reads differently each time. */
function explained(config: object): UnkeyableError {
  try {
    ownConfig(config);
  } catch (error) {
    if (error instanceof UnkeyableError) return error;
  }
  return new UnkeyableError();
}

function enter(object: object, depth: number): NamePlace {
  if (depth > MOST_DEEP || --left < 0 || Object.getOwnPropertySymbols(object).length > 0) throw new UnkeyableError();
  return rootAt(depth);
}

/** Reads the members in the order they have, builds anew what changed, and puts it together in the order of the names. */
function keptText(object: object, depth: number, defaults?: Defaults): string {
  const owner = defaults === undefined ? "" : identity(defaults);
  let place = enter(object, depth);
  let newest = 0;
  for (const name in object) {
    const value = (object as Record<string, unknown>)[name];
    place = place.next(name);
    if (value !== place.value || owner !== place.owner) visit(place, value, depth, defaults, owner);
    if (place.changed > newest) newest = place.changed;
  }
  left -= place.length;
  if (place.text !== undefined && newest <= place.textAt) return place.text;
  const { order } = place;
  let text = "{";
  for (let index = 0; index < order.length; index++) text += (order[index] as NamePlace).segment;
  text += "}";
  place.text = text.length <= LONGEST_TEXT ? text : undefined;
  place.textAt = stamp;
  return text;
}

function visit(place: NamePlace, value: unknown, depth: number, defaults: Defaults, owner: string): void {
  if (isAbsent(value, place.name, defaults)) {
    if (place.segment !== "") write(place, "", "");
    return;
  }
  if (value !== place.value) {
    const part = memberPart(value, depth + 1, KEEPING, place.secret);
    if (part !== place.part) write(place, part, place.prefix + part);
    if (mayBeKept(value, part)) place.value = value;
  }
  // Only now: where a value has no part, the last one stays, and is known of the last owner alone.
  place.owner = owner;
}

/** Whether a member counts as absent: undefined, or the default, the same object or primitive. 0 and -0 are not the same. */
export function isAbsent(value: unknown, name: string, defaults: Defaults): boolean {
  return value === undefined || (defaults !== undefined && value === defaults[name] && value !== 0);
}

function write(place: NamePlace, part: string, segment: string): void {
  place.value = NOTHING;
  place.part = part;
  place.segment = segment;
  place.changed = ++stamp;
}

/** No objects, which would live on in the place; not 0, which === takes for -0; nothing that a digest stands for. */
function mayBeKept(value: unknown, part: string): boolean {
  switch (typeof value) {
    case "object":
      return value === null;
    case "function":
      return false;
    default:
      return value !== 0 && part.charCodeAt(0) !== DIGEST;
  }
}

/** Reads the members in the order of their names. The same text as `keptText` gives. */
function passingText(object: object, depth: number, mode: Mode, defaults?: Defaults): string {
  let place = enter(object, depth);
  for (const name in object) place = place.next(name);
  left -= place.length;
  let text = "{";
  for (const { name, prefix, secret } of place.order) {
    const value = (object as Record<string, unknown>)[name];
    if (isAbsent(value, name, defaults)) continue;
    text += prefix + memberPart(value, depth + 1, mode, secret);
  }
  return `${text}}`;
}

/** What counts by identity says nothing, and a boolean little, so they stand as they are. */
function memberPart(value: unknown, depth: number, mode: Mode, secret: boolean): string {
  if (!secret || mode === HIDDEN || typeof value === "function" || typeof value === "boolean" || value === null)
    return partOf(value, depth, mode);
  const text = partOf(value, depth, HIDDEN);
  return text.startsWith("#") ? text : digestPart(text);
}

/** How the part begins that is a digest. */
const DIGEST = "h".charCodeAt(0);

function digestPart(text: string): string {
  return `h${keyedDigest(text)}`;
}

/** The text of one value. Its first character says what it is, and from its content follows where it ends. */
function partOf(value: unknown, depth: number, mode: Mode): string {
  switch (typeof value) {
    case "string":
      return stringPart("s", value, mode);
    case "number":
      return Object.is(value, -0) ? "n-0;" : `n${value};`;
    case "boolean":
      return value ? "t" : "f";
    case "undefined":
      return "u";
    case "bigint":
      return short(`i${value};`, mode);
    case "function":
      return identity(value);
    case "object":
      return value === null ? "z" : short(containerPart(value, depth, mode), mode);
    default:
      throw new UnkeyableError();
  }
}

/** A URL may hold a password before "@", or a signature behind "?". */
function stringPart(tag: string, text: string, mode: Mode): string {
  const part = quoted(tag, text);
  if (mode === HIDDEN) return part;
  return text.length > LONGEST_STRING || text.includes("@") || text.includes("?") ? digestPart(part) : part;
}

function short(part: string, mode: Mode): string {
  return part.length > LONGEST_PART && mode !== HIDDEN ? digestPart(part) : part;
}

function containerPart(value: object, depth: number, mode: Mode): string {
  const known = knownIdentity(value);
  if (known !== undefined) return known;
  // Before `kindOf`, which takes longer. A proxy may pass for one of these two; the copy will refuse it.
  const prototype = Object.getPrototypeOf(value);
  if (Array.isArray(value)) {
    if (prototype === Array.prototype) return arrayPart(value, depth, mode);
  } else if (prototype === Object.prototype) {
    return objectPart(value, depth, mode);
  }
  switch (kindOf(value)) {
    case "object":
      return objectPart(value, depth, mode);
    case "array":
      return arrayPart(value as unknown[], depth, mode);
    case "set": {
      const parts: string[] = [];
      count(sizeOf(value), depth);
      Set.prototype.forEach.call(value, (member) => parts.push(partOf(member, depth + 1, mode)));
      return `S${parts.sort().join("")};`;
    }
    case "map": {
      const parts: string[] = [];
      count(sizeOf(value), depth);
      Map.prototype.forEach.call(value, (member, key) => {
        const secret = typeof key === "string" && isSecretName(key);
        parts.push(partOf(key, depth + 1, mode) + memberPart(member, depth + 1, mode, secret));
      });
      return `M${parts.sort().join("")};`;
    }
    case "date":
      return `d${Date.prototype.getTime.call(value)};`;
    case "url":
      return stringPart("l", URL.prototype.toString.call(value), mode);
    case "regexp": {
      const { source, flags } = new RegExp(value as RegExp);
      return quoted("r", source) + quoted("", flags);
    }
    case "bytes":
      return `b${bytesClass(value)?.name};${digestPart(bytesOf(value).toString("latin1"))}`;
    case "other":
      return identity(value);
  }
}

/** An object with functions is one that does something, and may keep a state for it: no copy can stand for it. */
function objectPart(value: object, depth: number, mode: Mode): string {
  for (const name in value) if (typeof (value as Record<string, unknown>)[name] === "function") return identity(value);
  return mode === KEEPING ? keptText(value, depth) : passingText(value, depth, mode);
}

function arrayPart(array: readonly unknown[], depth: number, mode: Mode): string {
  const { length } = array;
  count(length, depth);
  let text = "[";
  for (let index = 0; index < length; index++) text += partOf(array[index], depth + 1, mode);
  return `${text}]`;
}

function count(members: number, depth: number): void {
  left -= 1 + members;
  if (left < 0 || depth > MOST_DEEP) throw new UnkeyableError();
}
