/** Redirects of a signed fetch, by the rules of the fetch standard; another origin gets nothing that proves who asks. */
import { NO_BODY, type SettledBody } from "../bodies/body.js";
import { isRedirect, redirectOf, tellsWhoAsks } from "../redirect.js";

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
/** Headers that say what a body is; a request that lost its body loses them too. */
const BODY_HEADERS = ["content-encoding", "content-language", "content-length", "content-location", "content-type"];

/**
 * The request that an answer redirects to; undefined when it does not. `count` is the number of redirects before it.
 *
 * @throws TypeError as fetch has it: after 20 redirects, for another scheme than HTTP, and when a stream would have to be sent again
 */
export function redirectedHop(hop: Hop, response: Response, count: number): Hop | undefined {
  const location = response.headers.get("location");
  if (location === null || !isRedirect(response.status)) return undefined;
  // Headers come as one character for each byte, and the bytes are UTF-8.
  const written = Buffer.from(location, "latin1").toString();
  const redirect = redirectOf({ method: hop.method, url: hop.url.href }, response.status, written);
  if (redirect === undefined) throw failure("the location of a redirect is no URL of HTTP");
  if (count === MOST_REDIRECTS) throw failure("redirect count exceeded");
  if (response.status !== 303 && !hop.body.canRepeat)
    throw failure("a stream cannot be sent again to follow a redirect");
  const { method, dropsBody } = redirect;
  const isElsewhere = hop.isElsewhere || redirect.leaves;
  const headers = new Headers(hop.headers);
  for (const name of [...headers.keys()]) {
    if ((isElsewhere && tellsWhoAsks(name)) || (dropsBody && BODY_HEADERS.includes(name))) headers.delete(name);
  }
  return { url: new URL(redirect.url), method, headers, body: dropsBody ? NO_BODY : hop.body, isElsewhere };
}

/** Says of the answer of a redirect what `fetch` would say. */
export function markRedirected(response: Response): Response {
  return Object.defineProperty(response, "redirected", { value: true, configurable: true });
}

function failure(reason: string): TypeError {
  return new TypeError("fetch failed", { cause: new Error(reason) });
}
