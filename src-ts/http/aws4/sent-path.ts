/** The path and query of a request as aws4 sends them: percent-encoded where they have to be, queries in one spelling. */
import { SigningError } from "../../errors.js";
import { escapeQuery } from "../../signing/escape.js";

export interface SentPath {
  readonly path: string;
  /** Undefined where there is no question mark; names and values as they are sent. */
  readonly query: readonly (readonly [name: string, value: string])[] | undefined;
}

/** What no request line can carry; a path without any of it stays as it is spelled. */
const UNSAFE = /[^0-9A-Za-z;,/?:@&=+$\-_.!~*'()#%]/;

export function readPath(given: string | null | undefined): SentPath {
  const whole = given || "/";
  const sent = UNSAFE.test(whole) ? encoded(whole) : whole;
  const at = sent.indexOf("?");
  const path = at < 0 ? sent : sent.slice(0, at);
  return {
    // No request line begins otherwise.
    path: path.startsWith("/") ? path : `/${path}`,
    query: at < 0 ? undefined : pairsOf(sent.slice(at + 1)),
  };
}

export function queryText(query: SentPath["query"]): string {
  return query === undefined ? "" : query.map(([name, value]) => `${name}=${value}`).join("&");
}

export function writePath({ path, query }: SentPath): string {
  return query === undefined ? path : `${path}?${queryText(query)}`;
}

function encoded(path: string): string {
  try {
    return encodeURI(decodeURI(path));
  } catch {
    // A percent sign that begins no escape, or bytes that are no text: those stay, the rest is encoded.
  }
  try {
    return path.replace(/[^\x21-\x7e]+|["<>[\]\\^`{|}]/g, (unsafe) => encodeURIComponent(unsafe));
  } catch (cause) {
    throw new SigningError('"path" holds half of a surrogate pair, which has no percent-encoding', {
      code: "ERR_SIGN_URL",
      param: "path",
      cause,
    });
  }
}

/** Services know no parameter without a name; one without a value is sent with an empty one. */
function pairsOf(query: string): [string, string][] {
  return query
    .split("&")
    .map((part): [string, string] => {
      const [name = "", ...value] = part.split("=");
      return [inOneSpelling(name), inOneSpelling(value.join("="))];
    })
    .filter(([name]) => name !== "");
}

function inOneSpelling(text: string): string {
  const plain = text.replaceAll("+", "%20").replace(/%(?![0-9A-Fa-f]{2})/g, "%25");
  try {
    return escapeQuery(decodeURIComponent(plain));
  } catch {
    // Bytes that are no text go as they are.
    return plain;
  }
}
