/** What is the same in the URLs of all inputs of one shape, learned from one request of the client and filled with members. */

import { escapePath, escapeQuery } from "../../signing/escape.js";
import { signedHeaderNames } from "../../signing/prepared.js";
import { headerPairs } from "../canonical-input.js";
import { hoistedHeaders } from "../http-request.js";
import type { SdkPresigningOptions } from "../sdk-types.js";
import { type ClientRequest, prepareForS3 } from "./client-request.js";
import { type Input, isFixed, METADATA } from "./input-shape.js";
import { bindingOf, isKnownCommand, type MemberBinding } from "./members.js";
import { originOf } from "./url-text.js";

/** A place that a member fills. */
interface Slot {
  readonly member: string;
  /** Of a map: the key in it. */
  readonly key: string | undefined;
  readonly kind: MemberBinding["kind"];
}

/** Text and members in turn; it begins and ends with text. */
interface Pattern {
  readonly texts: readonly string[];
  readonly slots: readonly Slot[];
}

/** A URL without what the signature adds, and the headers that are signed with it. */
export interface FilledTemplate {
  /** `https://bucket.s3.eu-west-1.amazonaws.com/key`. */
  readonly location: string;
  /** The parameters that stand behind those of the signature, each after `&`. */
  readonly tail: string;
  readonly headers: Record<string, string>;
}

/** Parameters that depend on the operation or on the client's configuration, never on a member. */
const CONSTANT =
  /^(?:x-id|list-type|x-amz-sdk-checksum-algorithm|x-amz-checksum-(?:mode|crc32|crc32c|crc64nvme|sha1|sha256))$/;
/** The last of the parameters that signing adds, in the order of URLs. */
const LAST_OF_SIGNATURE = "X-Amz-SignedHeaders";
const PAYLOAD_PARAMETER = "X-Amz-Content-Sha256";

export class UrlTemplate {
  readonly method: string;
  readonly region: string;
  readonly service: string;
  /** `host;range`. */
  readonly signedHeaders: string;
  /** Whether `host` alone is signed, and is what the URL says. */
  readonly signsHostAlone: boolean;
  readonly #base: string;
  readonly #hasKey: boolean;
  readonly #tail: Pattern;
  readonly #host: Record<string, string>;
  readonly #headers: readonly (readonly [name: string, value: string | Slot])[];

  private constructor(
    made: ClientRequest,
    region: string,
    base: string,
    hasKey: boolean,
    tail: Pattern,
    headers: readonly (readonly [name: string, value: string | Slot])[],
    signedHeaders: string,
  ) {
    this.method = made.request.method;
    this.region = region;
    this.service = made.service;
    this.signedHeaders = signedHeaders;
    this.#base = base;
    this.#hasKey = hasKey;
    this.#tail = tail;
    this.#headers = headers.filter(([name]) => name !== "host");
    this.#host = Object.fromEntries(headers.filter(([name]) => name === "host")) as Record<string, string>;
    const { host } = this.#host;
    this.signsHostAlone = signedHeaders === "host" && base.split("/", 3)[2] === host && new URL(base).host === host;
  }

  /**
   * The template of all inputs that have the shape of this one; undefined unless each member of the input is known and
   * found where it belongs, and nothing is in the request that could come from a value.
   */
  static learn(made: ClientRequest, input: Input, options: SdkPresigningOptions): UrlTemplate | undefined {
    const { request, region, commandName, authScheme, expressIdentity } = made;
    if (!isKnownCommand(commandName) || authScheme !== "sigv4" || expressIdentity !== undefined) return undefined;
    if (region === undefined || region.includes("\n") || made.service.includes("\n")) return undefined;
    if (request.fragment || request.username != null || request.password != null) return undefined;
    const slots = slotsOf(input);
    const base = baseOf(made, input);
    if (slots === undefined || base === undefined) return undefined;
    const { unsignableHeaders, unhoistableHeaders } = prepareForS3(request, options);
    const query = { ...request.query };
    const headers = hoistedHeaders(request.headers, query, unhoistableHeaders, undefined);
    const pairs = headerPairs(headers, unsignableHeaders, undefined);
    const scope = {
      region,
      service: made.service,
      dialect: "smithy",
      doubleEncodePath: false,
      normalizePath: false,
    } as const;
    const signedHeaders = signedHeaderNames(scope, pairs);
    const names = new Set(signedHeaders.split(";"));
    if (query[PAYLOAD_PARAMETER] !== "UNSIGNED-PAYLOAD") return undefined;
    delete query[PAYLOAD_PARAMETER];
    const tail = tailOf(query, slots);
    const signed = signedOf(pairs, names, slots);
    if (tail === undefined || signed === undefined) return undefined;
    // What is left over was sent nowhere, but in headers that are not signed.
    for (const [place, { slot }] of slots) {
      const name = place.slice(place.indexOf(":") + 1);
      if (!place.startsWith("header:") || names.has(name) || textOf(input, slot) === undefined) return undefined;
      const sent = Object.keys(headers).find((header) => header.toLowerCase() === name);
      if (sent === undefined || headers[sent] !== textOf(input, slot)) return undefined;
    }
    return new UrlTemplate(made, region, base, input.Key !== undefined, tail, signed, signedHeaders);
  }

  /** The URL of an input of this shape; undefined where a value is not of the kind that can be told without the client. */
  fill(input: Input): FilledTemplate | undefined {
    let location = this.#base;
    if (this.#hasKey) {
      const { Key } = input;
      if (typeof Key !== "string" || Key === "") return undefined;
      location += escapePath(Key);
    }
    const { texts, slots } = this.#tail;
    let tail = texts[0] as string;
    for (let index = 0; index < slots.length; index++) {
      const text = textOf(input, slots[index] as Slot);
      if (text === undefined) return undefined;
      tail += escapeQuery(text) + texts[index + 1];
    }
    if (this.#headers.length === 0) return { location, tail, headers: this.#host };
    const headers: Record<string, string> = { ...this.#host };
    for (const [name, value] of this.#headers) {
      const text = typeof value === "string" ? value : textOf(input, value);
      if (text === undefined) return undefined;
      headers[name] = text;
    }
    return { location, tail, headers };
  }
}

/** Whether each member of an input is known, and its value one that is sent as it is. */
export function canBeTold(input: Input): boolean {
  const { Key } = input;
  return (Key === undefined || isTellableKey(Key)) && slotsOf(input) !== undefined;
}

const isTellableKey = (key: unknown): key is string =>
  typeof key === "string" && key !== "" && !/\p{Surrogate}/u.test(key);

interface Found {
  readonly slot: Slot;
  readonly text: string;
}

/** The members of an input by where they travel; undefined if one of them is not known. */
function slotsOf(input: Input): Map<string, Found> | undefined {
  const slots = new Map<string, Found>();
  for (const member in input) {
    if (input[member] === undefined || member === "Key" || isFixed(member)) continue;
    const binding = bindingOf(member);
    if (binding === undefined) return undefined;
    const { place, wireName, kind } = binding;
    if (kind === "m" && member !== METADATA) return undefined;
    const keys = kind === "m" ? Object.keys(Object(input[member])) : [undefined];
    for (const key of keys) {
      const slot = { member, key, kind };
      const text = textOf(input, slot);
      const name = `${place === "query" ? "query" : "header"}:${wireName}${key ?? ""}`;
      // Names in capitals are changed on the way, and could meet each other.
      if (text === undefined || slots.has(name) || (key !== undefined && !/^[a-z0-9-]+$/.test(key))) return undefined;
      slots.set(name, { slot, text });
    }
  }
  return slots;
}

/** The URL up to the key, or all of it for an operation on a bucket. */
function baseOf({ request }: ClientRequest, { Key }: Input): string | undefined {
  const { path } = request;
  if (Key === undefined) return originOf(request) + path;
  if (!isTellableKey(Key)) return undefined;
  const key = escapePath(Key);
  return path.endsWith(`/${key}`) ? originOf(request) + path.slice(0, -key.length) : undefined;
}

/** What follows the parameters of the signature. Takes the members that it finds out of `slots`. */
function tailOf(query: Record<string, unknown>, slots: Map<string, Found>): Pattern | undefined {
  const texts: string[] = [];
  const filled: Slot[] = [];
  let text = "";
  for (const name of Object.keys(query).sort()) {
    const value = query[name];
    if (typeof value !== "string" || name <= LAST_OF_SIGNATURE || escapeQuery(name) !== name) return undefined;
    const place = slots.has(`query:${name}`) ? `query:${name}` : `header:${name.toLowerCase()}`;
    const found = slots.get(place);
    if (found === undefined) {
      if (value !== "" && !CONSTANT.test(name)) return undefined;
      text += `&${name}=${escapeQuery(value)}`;
    } else {
      if (found.text !== value) return undefined;
      slots.delete(place);
      texts.push(`${text}&${name}=`);
      filled.push(found.slot);
      text = "";
    }
  }
  return { texts: [...texts, text], slots: filled };
}

/** The headers that are signed. Takes the members that it finds out of `slots`. */
function signedOf(
  pairs: readonly (readonly [name: string, value: string])[],
  signed: ReadonlySet<string>,
  slots: Map<string, Found>,
): (readonly [name: string, value: string | Slot])[] | undefined {
  const headers: (readonly [string, string | Slot])[] = [];
  for (const [spelling, value] of pairs) {
    const name = spelling.toLowerCase();
    if (!signed.has(name)) continue;
    const found = slots.get(`header:${name}`);
    if (found === undefined) {
      if (name !== "host" && !CONSTANT.test(name)) return undefined;
      headers.push([name, value]);
    } else {
      if (found.text !== value) return undefined;
      slots.delete(`header:${name}`);
      headers.push([name, found.slot]);
    }
  }
  return headers;
}

/** The value of a member as it is sent; undefined for one that a client may change, refuse or leave out. */
function textOf(input: Input, { member, key, kind }: Slot): string | undefined {
  const value = key === undefined ? input[member] : (input[member] as Input)[key];
  if (kind === "n")
    return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0) ? String(value) : undefined;
  if (kind === "b") return typeof value === "boolean" ? String(value) : undefined;
  // A line feed is white space in a signed header.
  return typeof value === "string" && value !== "" && !value.includes("\n") ? value : undefined;
}
