/** Queries as botocore writes and reads them: percent-encoding, form encoding, and the first value of each name. */
import { masked, SigningError } from "../../errors.js";
import { escapeQuery } from "../escape.js";
import { cut } from "./url-parts.js";

/** A parameter: text, or a number as its text. A list is written as repeated parameters. */
export type ParamValue = string | number | bigint | readonly (string | number | bigint)[];

/** Parameters by name, or as pairs when a name repeats. A `Map` keeps the order of names that look like numbers; an object does not. */
export type Params =
  | Readonly<Record<string, ParamValue>>
  | ReadonlyMap<string, ParamValue>
  | ReadonlyArray<readonly [name: string, value: ParamValue]>;

/** Percent-encodes the UTF-8 of a text; only letters, digits and `-._~` stay. */
export function percentEncode(text: string, param: string): string {
  try {
    return escapeQuery(text);
  } catch {
    throw malformed(param, "text that is well-formed Unicode", "half of a surrogate pair");
  }
}

/** Parameters by name, each with the list of its values as text; of pairs with the same name the last counts. */
export function membersOf(params: Params, param: string): Map<string, readonly string[]> {
  const members = new Map<string, readonly string[]>();
  for (const [name, values] of valuesOf(params, param)) members.set(name, values);
  return members;
}

/** The pairs of parameters, lists expanded, every value as text. */
export function pairsOf(params: Params, param: string): Array<[name: string, value: string]> {
  const pairs: Array<[string, string]> = [];
  for (const [name, values] of valuesOf(params, param)) for (const value of values) pairs.push([name, value]);
  return pairs;
}

function* valuesOf(params: Params, param: string): Iterable<[name: string, values: string[]]> {
  for (const pair of entriesOf(params, param)) {
    if (!Array.isArray(pair) || typeof pair[0] !== "string") {
      throw malformed(param, "pairs of a name and a value", masked(pair));
    }
    const [name, value] = pair as [string, unknown];
    yield [name, (Array.isArray(value) ? value : [value]).map((each) => textOf(each, `${param}.${name}`))];
  }
}

/** Whether there is any parameter. */
export function hasParams(params: Params | undefined | null, param: string): params is Params {
  if (params === undefined || params === null) return false;
  for (const _ of entriesOf(params, param)) return true;
  return false;
}

/** `name=value&name=value`, percent-encoded. */
export function encodePairs(pairs: Iterable<readonly [string, string]>, param: string): string {
  const written: string[] = [];
  for (const [name, value] of pairs) written.push(`${percentEncode(name, param)}=${percentEncode(value, param)}`);
  return written.join("&");
}

/** The same in the encoding of HTML forms: a space is "+". */
export function encodeForm(params: Params, param: string): string {
  return encodePairs(pairsOf(params, param), param).replaceAll("%20", "+");
}

/**
 * A query decoded: "+" is a space, parameters without a value have an empty one, and of a repeated name the first counts.
 */
export function parseQuery(query: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const [name, value] = cut(pair, "=");
    const key = formDecode(name);
    if (!found.has(key)) found.set(key, formDecode(value));
  }
  return found;
}

function formDecode(text: string): string {
  // Bytes of a character may be encoded or written out, but never half of each.
  return text.replaceAll("+", " ").replace(/(?:%[0-9A-Fa-f]{2})+/g, (encoded) => {
    return Buffer.from(encoded.replaceAll("%", ""), "hex").toString("utf8");
  });
}

function entriesOf(params: unknown, param: string): Iterable<unknown> {
  if (typeof params !== "object" || params === null || ArrayBuffer.isView(params)) {
    throw malformed(param, "an object, a Map or pairs", masked(params));
  }
  return Symbol.iterator in params ? (params as Iterable<unknown>) : Object.entries(params);
}

function textOf(value: unknown, param: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "bigint" || (typeof value === "number" && Number.isFinite(value))) return String(value);
  throw malformed(param, "a string, a number or a list of them", masked(value));
}

function malformed(param: string, expected: string, found: string): SigningError {
  return new SigningError(`"${param}" must be ${expected}, found ${found}`, { code: "ERR_SIGN_REQUEST", param });
}
