/** Redirects of a signed fetch, by the rules of the fetch standard; another origin gets nothing that proves who asks. */
import type { SettledBody } from "./body.js";

/** One request of the chain that a redirect makes. */
export interface Hop {
  readonly url: URL;
  readonly method: string;
  /** The user's headers alone. */
  readonly headers: Headers;
  readonly body: SettledBody;
  /** Whether the chain has been at another origin: from then on nothing is signed, wherever it leads. */
  readonly isElsewhere: boolean;
}

const MOST_REDIRECTS = 20;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Headers that say what a body is; a request that lost its body loses them too. */
const BODY_HEADERS = ["content-encoding", "content-language", "content-length", "content-location", "content-type"];
/** Headers that prove or tell who asks, besides `x-amz-*`. */
const OWN_HEADERS = ["authorization", "cookie", "cookie2", "host", "proxy-authorization", "x-api-key"];
const NO_BODY: SettledBody = { sent: undefined, signed: null, contentType: undefined, canRepeat: true };

/**
 * The request that an answer redirects to; undefined when it does not. `count` is the number of redirects before it.
 *
 * @throws TypeError as fetch has it: after 20 redirects, for another scheme than HTTP, and when a stream would have to be sent again
 */
export function redirectedHop(hop: Hop, response: Response, count: number): Hop | undefined {
  const location = REDIRECTS.has(response.status) ? response.headers.get("location") : null;
  if (location === null) return undefined;
  const url = targetOf(location, hop.url);
  if (count === MOST_REDIRECTS) throw failure("redirect count exceeded");
  if (response.status !== 303 && !hop.body.canRepeat)
    throw failure("a stream cannot be sent again to follow a redirect");
  const headers = new Headers(hop.headers);
  const isElsewhere = hop.isElsewhere || url.origin !== hop.url.origin;
  if (isElsewhere) {
    for (const name of [...headers.keys()]) {
      if (OWN_HEADERS.includes(name) || name.startsWith("x-amz-")) headers.delete(name);
    }
  }
  if (!becomesGet(response.status, hop.method)) return { ...hop, url, headers, isElsewhere };
  for (const name of BODY_HEADERS) headers.delete(name);
  return { url, method: "GET", headers, body: NO_BODY, isElsewhere };
}

/** Says of the answer of a redirect what `fetch` would say. */
export function markRedirected(response: Response): Response {
  return Object.defineProperty(response, "redirected", { value: true, configurable: true });
}

function becomesGet(status: number, method: string): boolean {
  if (status === 303) return method !== "GET" && method !== "HEAD";
  return (status === 301 || status === 302) && method === "POST";
}

function targetOf(location: string, base: URL): URL {
  // Headers come as one character for each byte, and the bytes are UTF-8.
  const text = Buffer.from(location, "latin1").toString();
  if (!URL.canParse(text, base.href)) throw failure("the location of a redirect is no URL");
  const url = new URL(text, base.href);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw failure("URL scheme must be a HTTP(S) scheme");
  if (url.username !== "" || url.password !== "") throw failure("the location of a redirect includes credentials");
  if (url.hash === "") url.hash = base.hash;
  return url;
}

function failure(reason: string): TypeError {
  return new TypeError("fetch failed", { cause: new Error(reason) });
}
