/** A request of undici as it will be on the wire: URL, headers and body, and what to dispatch so that it is. */
import { SigningError, shown } from "../../errors.js";
import type { SignedHeaders } from "../../signing/signer-calls.js";
import { bodyLength, type SettledBody } from "../bodies/body.js";
import { checkUndiciHeader, valueOnWire } from "../headers/wire-headers.js";
import type { OutgoingRequest } from "../outgoing-request.js";
import type { UndiciOptions } from "./types.js";

/** The name under which errors speak of the client. */
const CLIENT = "undici";
/** Methods with which an empty body has a content-length. */
const SAYS_EMPTY: ReadonlySet<string> = new Set(["PUT", "POST", "PATCH", "QUERY", "PROPFIND", "PROPPATCH"]);

/** A header as undici takes it in a flat list; a list of values is sent as repeated headers. */
type FlatHeaders = (string | string[])[];

export interface SignableDispatch {
  readonly outgoing: OutgoingRequest;
  /** The options to dispatch, with the signature among the headers. */
  signed(headers: SignedHeaders): UndiciOptions;
}

/** The headers that a user set, with the names as they are sent, and in lower case. */
export function headersOf(headers: unknown): [name: string, lower: string, value: string | string[]][] {
  const found: [string, string, string | string[]][] = [];
  const add = (name: unknown, value: unknown) => {
    if (value === undefined) return;
    found.push([String(name), String(name).toLowerCase(), Array.isArray(value) ? value.map(textOf) : textOf(value)]);
  };
  if (headers === undefined || headers === null) return found;
  if (Array.isArray(headers) && !Array.isArray(headers[0])) {
    for (let at = 0; at < headers.length; at += 2) add(headers[at], headers[at + 1]);
  } else if (Symbol.iterator in (headers as object)) {
    for (const [name, value] of headers as Iterable<[unknown, unknown]>) add(name, value);
  } else {
    for (const name of Object.keys(headers as object)) add(name, (headers as Record<string, unknown>)[name]);
  }
  return found;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : value === null ? "" : String(value);
}

/** The path and query as they are sent. */
export function pathOf({ path, query }: UndiciOptions): string {
  if (typeof path !== "string" || !path.startsWith("/")) {
    throw new SigningError(`"path" must start with a slash to be signed, found ${shown(path).slice(0, 12)}`, {
      code: "ERR_SIGN_URL",
      param: "path",
    });
  }
  const full = query === undefined || query === null ? path : withQuery(path, query);
  if (/^[\x21\x22\x24-\x7e]*$/.test(full)) return full;
  // No request line can carry these, and a fragment never leaves the client.
  return full.replace(/#.*/s, "").replace(/[^\x21-\x7e]+/gu, encodeURIComponent);
}

function withQuery(path: string, query: Readonly<Record<string, unknown>>): string {
  if (/[?#]/.test(path)) {
    throw new SigningError('"query" cannot be added to a path that has a query or a fragment: give one of them', {
      code: "ERR_SIGN_URL",
      param: "query",
    });
  }
  const { stringify } = require("node:querystring") as typeof import("node:querystring");
  const text = stringify(query as Parameters<typeof stringify>[0]);
  return text === "" ? path : `${path}?${text}`;
}

/**
 * @param origin scheme, host and port
 * @throws SigningError (ERR_SIGN_HEADER) for headers that undici refuses or that would not be sent as they are signed
 */
export function signableDispatch(
  options: UndiciOptions,
  origin: string,
  headers: ReturnType<typeof headersOf>,
  body: SettledBody,
  replaces: ReadonlySet<string>,
): SignableDispatch {
  const path = pathOf(options);
  const { method } = options;
  const pairs: (readonly [string, string])[] = [];
  const kept: [lower: string, name: string, value: string | string[]][] = [];
  let hasType = false;
  for (const [name, lower, value] of headers) {
    if (replaces.has(lower)) continue;
    checkUndiciHeader(CLIENT, lower, value);
    if (lower === "content-length") {
      const length = wireLength(body, method, value);
      if (length === undefined) continue;
      pairs.push([name, length]);
    } else if (typeof value === "string") {
      pairs.push([name, valueOnWire(CLIENT, name, value)]);
    } else {
      for (const each of value) pairs.push([name, valueOnWire(CLIENT, name, each)]);
    }
    hasType ||= lower === "content-type";
    kept.push([lower, name, value]);
  }
  // What undici adds by itself: the type of a form or a Blob. Of text it knows none.
  if (!hasType && body.contentType !== undefined && typeof options.body !== "string") {
    pairs.push(["content-type", body.contentType]);
    kept.push(["content-type", "content-type", body.contentType]);
  }
  return {
    outgoing: { method, url: origin + path, headers: pairs, body: body.signed },
    signed(signature) {
      const flat: FlatHeaders = [];
      for (const [lower, name, value] of kept) if (!Object.hasOwn(signature, lower)) flat.push(name, value);
      for (const name in signature) flat.push(name, signature[name] as string);
      // Spreading costs 4 us here, as much as the signature and everything else together.
      const sent: { -readonly [Name in keyof UndiciOptions]: UndiciOptions[Name] } = Object.assign({}, options);
      sent.path = path;
      sent.query = null;
      sent.headers = flat;
      sent.body = body.sent ?? null;
      sent.maxRedirections = 0;
      return sent;
    },
  };
}

/** The content-length that undici sends in place of the user's; undefined where it sends none. */
function wireLength(body: SettledBody, method: string, given: string | string[]): string | undefined {
  const length = bodyLength(body);
  if (length === undefined) return String(Number(given));
  return length === 0 && !SAYS_EMPTY.has(method) ? undefined : String(length);
}
