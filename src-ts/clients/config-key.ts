/** The text that tells configs apart: equal for configs that mean the same, and only for those. */
import { keyedDigest } from "../keyed-digest.js";
import { bytesClass, bytesOf, kindOf, MOST_DEEP, MOST_MEMBERS } from "./member-kinds.js";
import { isSecretName, type NamePlace, NOTHING, rootAt } from "./name-order.js";
import { ownConfig, sizeOf } from "./own-config.js";
import { UnkeyableError } from "./unkeyable-error.js";
import { quoted } from "./well-formed.js";

/** What a session adds to every config; members of a config that are the same count as absent. */
export type Defaults = Readonly<Record<string, unknown>> | undefined;

/** A class, or the name of a resource. */
export type CacheTarget = string | (abstract new (...args: never[]) => unknown);

/** Parts longer than this stand as their digests, so that what the places of names keep stays small. */
const LONGEST_PART = 512;

/** User information in a URL, as in `http://user:password@proxy`. */
const USER_INFORMATION = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*@/i;

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
 * identity. What is secret by its name, and user information in URLs, stands as its digest under the process's random key.
 *
 * What is built for a text must be built from `ownConfig(config)`, taken before any other code of the user runs: only then is it what
 * the text says, whatever happens to the user's objects later.
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
  let place = enter(object, depth);
  let newest = 0;
  for (const name in object) {
    const value = (object as Record<string, unknown>)[name];
    place = place.first?.name === name ? place.first : place.next(name);
    if (value === undefined || (defaults !== undefined && value === defaults[name])) {
      if (place.segment !== "") write(place, "", "");
    } else if (value !== place.value) {
      if (depth > 0 && typeof value === "function") return identity(object);
      const part = memberPart(value, depth + 1, KEEPING, place.secret);
      if (part !== place.part) write(place, part, place.prefix + part);
      if (!place.secret && mayBeKept(value)) place.value = value;
    }
    if (place.changed > newest) newest = place.changed;
  }
  if (place.text !== undefined && newest <= place.textAt) return place.text;
  const { order } = place;
  let text = "{";
  for (let index = 0; index < order.length; index++) text += (order[index] as NamePlace).segment;
  text += "}";
  place.text = text.length <= order.length * LONGEST_PART ? text : undefined;
  place.textAt = stamp;
  return text;
}

function write(place: NamePlace, part: string, segment: string): void {
  place.value = NOTHING;
  place.part = part;
  place.segment = segment;
  place.changed = ++stamp;
}

/** No objects, which would live on in the place; not 0, which === takes for -0; nothing that has a digest in its stead. */
function mayBeKept(value: unknown): boolean {
  switch (typeof value) {
    case "string":
      return value.length <= LONGEST_PART && !USER_INFORMATION.test(value);
    case "number":
      return value !== 0;
    case "boolean":
    case "bigint":
      return true;
    default:
      return value === null;
  }
}

/** Reads the members in the order of their names. The same text as `keptText` gives. */
function passingText(object: object, depth: number, mode: Mode, defaults?: Defaults): string {
  let place = enter(object, depth);
  for (const name in object) place = place.next(name);
  let text = "{";
  for (const { name, prefix, secret } of place.order) {
    const value = (object as Record<string, unknown>)[name];
    if (value === undefined || (defaults !== undefined && value === defaults[name])) continue;
    if (depth > 0 && typeof value === "function") return identity(object);
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

function stringPart(tag: string, text: string, mode: Mode): string {
  const part = quoted(tag, text);
  return mode !== HIDDEN && (part.length > LONGEST_PART || USER_INFORMATION.test(text)) ? digestPart(part) : part;
}

function short(part: string, mode: Mode): string {
  return part.length > LONGEST_PART && mode !== HIDDEN ? digestPart(part) : part;
}

function containerPart(value: object, depth: number, mode: Mode): string {
  if (Object.getPrototypeOf(value) === Object.prototype && !Array.isArray(value)) return objectPart(value, depth, mode);
  const known = identities.get(value);
  if (known !== undefined) return known;
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

function objectPart(value: object, depth: number, mode: Mode): string {
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

const identities = new WeakMap<object, string>();
let lastIdentity = 0;

/** One number for an object's whole life, which no other object ever gets. */
function identity(value: object): string {
  let text = identities.get(value);
  if (text === undefined) {
    lastIdentity += 1;
    text = `#${lastIdentity};`;
    identities.set(value, text);
  }
  return text;
}
