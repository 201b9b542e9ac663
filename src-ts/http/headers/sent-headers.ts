/** The headers of node:http, and of clients built on it, as the pairs that are sent. */

import { BRSValidationError, masked } from "../../errors.js";

/** An object of headers, a flat list of names and values, or pairs: what `http.request` takes. */
export type NodeHeaders = object | readonly string[] | readonly (readonly [string, string])[];

/** A header as it is sent. */
export type HeaderPair = readonly [name: string, value: string];

/** Names of one header each, for {@link withoutNames}. */
export const HOST: ReadonlySet<string> = new Set(["host"]);
export const CONTENT_TYPE: ReadonlySet<string> = new Set(["content-type"]);

/** How the end of a body is told: one of them is never set beside the other. */
export const FRAMING = ["content-length", "transfer-encoding"];

/** Every header in the order in which it is sent; of names that an object holds twice in other letters, node:http sends the last. */
export function sentPairs(headers: NodeHeaders | null | undefined): HeaderPair[] {
  if (headers === undefined || headers === null) return [];
  checkHeaders(headers);
  if (Array.isArray(headers)) return listedPairs(headers);
  if (Symbol.iterator in headers) return [...(headers as Iterable<HeaderPair>)];
  const byName = new Map<string, HeaderPair[]>();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && value !== null) byName.set(name.toLowerCase(), pairsOf(name, value));
  }
  return [...byName.values()].flat();
}

function checkHeaders(headers: unknown): void {
  if (typeof headers === "object") return;
  throw new BRSValidationError(`"headers" must be an object, a list or pairs, found ${masked(headers)}`, {
    param: "headers",
  });
}

/** One header of an object: a list is sent as repeated headers, of cookies as one. */
export function pairsOf(name: string, value: unknown): HeaderPair[] {
  if (!Array.isArray(value)) return [[name, String(value)]];
  if (name.toLowerCase() === "cookie") return [[name, value.join("; ")]];
  return value.map((each) => [name, String(each)]);
}

function listedPairs(list: readonly unknown[]): HeaderPair[] {
  const items = Array.isArray(list[0]) ? (list as readonly (readonly unknown[])[]) : inTwos(list);
  return items.flatMap(([name, value]) => pairsOf(String(name), value));
}

function inTwos(list: readonly unknown[]): (readonly unknown[])[] {
  return list.flatMap((_, index) => (index % 2 === 0 ? [list.slice(index, index + 2)] : []));
}

/** The same headers without those of the lower-case names. */
export function withoutNames(pairs: readonly HeaderPair[], ...names: readonly ReadonlySet<string>[]): HeaderPair[] {
  return pairs.filter(([name]) => !names.some((set) => set.has(name.toLowerCase())));
}

/** The value of a header of the lower-case name; repeated ones count as one. */
export function headerValue(pairs: readonly HeaderPair[], lowerName: string): string | undefined {
  return pairs.find(([name]) => name.toLowerCase() === lowerName)?.[1];
}

/** Headers as an object that node:http sends in the same way: a repeated name becomes a list. */
export function headerObject(pairs: readonly HeaderPair[]): Record<string, string | string[]> {
  const object: Record<string, string | string[]> = {};
  const spelled = new Map<string, string>();
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase();
    const known = spelled.get(lower) ?? name;
    spelled.set(lower, known);
    const before = object[known];
    object[known] = before === undefined ? value : [before, value].flat();
  }
  return object;
}

/** Headers in the kind of container that held them before. */
export function inSameContainer(held: NodeHeaders | null | undefined, pairs: readonly HeaderPair[]): NodeHeaders {
  if (!Array.isArray(held)) return headerObject(pairs);
  return Array.isArray(held[0]) ? pairs.map(([name, value]) => [name, value] as const) : pairs.flat();
}
