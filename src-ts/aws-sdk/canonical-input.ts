/** An SDK request in the form that the core takes: header pairs, query text and payload. */
import { masked, SigningError } from "../errors.js";
import { unfolded } from "../signing/frame.js";
import { digestInSlices, isLarge } from "../signing/large-body.js";
import type { PreparedRequest } from "../signing/prepared.js";
import type { HeaderNames, SdkHttpRequest } from "./sdk-types.js";

export const SHA256_HEADER = "x-amz-content-sha256";
const UNSIGNED_PAYLOAD = { hash: "UNSIGNED-PAYLOAD" } as const;

/** A header as it crosses; the name is in lower case. */
export function headerLine(name: string, value: unknown): string {
  return `${name}\n${unfolded(textOf(value, name))}\n`;
}

/** Headers that may be signed, each name once and in lower case; those that are never signed are the core's to leave out. */
export function headerPairs(
  headers: SdkHttpRequest["headers"],
  unsignable: HeaderNames | undefined,
  signable: HeaderNames | undefined,
): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  let mixed = false;
  for (const name in headers) {
    if (!Object.hasOwn(headers, name)) continue;
    const value: unknown = headers[name];
    if (value === undefined || value === null) continue;
    const lower = name.toLowerCase();
    if (unsignable?.has(lower) && !signable?.has(lower)) continue;
    mixed ||= lower !== name;
    pairs.push([name, textOf(value, name)]);
  }
  return mixed ? lastSpellings(pairs) : pairs;
}

/** Of names that differ in case only, the SDK signs the last one in the order of their code units. */
function lastSpellings(pairs: [name: string, value: string][]): [name: string, value: string][] {
  pairs.sort(([name], [other]) => (name < other ? -1 : 1));
  return [...new Map(pairs.map(([name, value]) => [name.toLowerCase(), value]))];
}

function textOf(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  throw new SigningError(`the header "${name}" must be a string, found ${masked(value)}`, {
    code: "ERR_SIGN_HEADER",
    param: name,
  });
}

/** The path as it is signed: as it is given. */
export function pathOf({ path }: SdkHttpRequest): string {
  if (!path.includes("\n")) return path;
  throw new SigningError(`"path" holds a line feed, which no request can carry: write it as %0A`, {
    code: "ERR_SIGN_URL",
    param: "path",
  });
}

/** The query as text. Only texts and lists are sent, and so signed; an old signature is left out. */
export function queryText(query: SdkHttpRequest["query"]): string {
  let text = "";
  for (const name in query) {
    if (!Object.hasOwn(query, name)) continue;
    const value = query[name];
    if (name.length === 15 && name.toLowerCase() === "x-amz-signature") continue;
    if (typeof value === "string") text += `&${encoded(name)}=${encoded(value)}`;
    // As the SDK does: holes of a list are skipped, whatever else is in it becomes text.
    else if (Array.isArray(value)) text += value.map((each) => `&${encoded(name)}=${encoded(String(each))}`).join("");
  }
  return text.slice(1);
}

const PLAIN = /^[\w.~-]*$/;
/** Longer texts are mostly the session token, which is the same from one URL to the next. */
const LONG = 100;
let lastLong = "";
let lastLongEncoded = "";

/** Characters that this leaves, such as `!`, are encoded in the core. */
function encoded(text: string): string {
  if (text.length > LONG) {
    if (text !== lastLong) {
      lastLongEncoded = percentEncoded(text);
      lastLong = text;
    }
    return lastLongEncoded;
  }
  return PLAIN.test(text) ? text : percentEncoded(text);
}

function percentEncoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch (cause) {
    throw new SigningError("the query holds half of a surrogate pair, which no URL can carry", {
      code: "ERR_SIGN_URL",
      param: "query",
      cause,
    });
  }
}

/** What ends the canonical request: the hash that the headers declare, or the body. Streams and the like stay unsigned. */
export function payloadOf({ headers, body }: SdkHttpRequest): PreparedRequest["payload"] {
  const declaring = declaringName(headers);
  return declaring === undefined ? bodyOf(body) : { hash: String(headers[declaring]) };
}

/** As {@link payloadOf}, whatever headers declare. */
export function bodyOf(body: unknown): PreparedRequest["payload"] {
  if (body === undefined || body === null) return "";
  if (typeof body === "string") return body;
  if (ArrayBuffer.isView(body)) return bytesOf(body);
  if (isArrayBuffer(body)) return new Uint8Array(body);
  return UNSIGNED_PAYLOAD;
}

/** The first header that declares a hash, as it is spelled. */
function declaringName(headers: SdkHttpRequest["headers"]): string | undefined {
  for (const name in headers) {
    const mayDeclare = name.length === SHA256_HEADER.length && Object.hasOwn(headers, name);
    if (mayDeclare && name.toLowerCase() === SHA256_HEADER) return name;
  }
  return undefined;
}

/** As {@link payloadOf}; a large body is hashed in slices, so that the event loop goes on. */
export async function payloadInSlices(request: SdkHttpRequest): Promise<PreparedRequest["payload"]> {
  const payload = payloadOf(request);
  if (isContent(payload)) {
    const { sha256 } = await digestInSlices(payload);
    return { hash: sha256 };
  }
  return payload;
}

/** Whether a body takes so long to hash that it is done in slices. */
export function hasLargeBody({ body }: SdkHttpRequest): boolean {
  return (typeof body === "string" || ArrayBuffer.isView(body) || isArrayBuffer(body)) && isLarge(body);
}

export function isContent(payload: PreparedRequest["payload"]): payload is string | Uint8Array {
  return typeof payload === "string" || payload instanceof Uint8Array;
}

/** Also one of another realm, as test runners and `vm` contexts make them. */
function isArrayBuffer(body: unknown): body is ArrayBuffer {
  return body instanceof ArrayBuffer || Object.prototype.toString.call(body) === "[object ArrayBuffer]";
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  const bytes = view instanceof Uint8Array ? view : new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  // Shared memory could change while it is read.
  return view.buffer instanceof SharedArrayBuffer ? bytes.slice() : bytes;
}
