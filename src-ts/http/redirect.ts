/** Where an answer redirects a request to, by the rules of RFC 9110 (15.4) as HTTP clients apply them. */

export interface Redirect {
  readonly url: string;
  readonly method: string;
  /** Whether the body is left behind, with the headers that describe it. */
  readonly dropsBody: boolean;
  /** Whether it leads to another origin, where nothing of the signature and nothing confidential may go. */
  readonly leaves: boolean;
}

const STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Headers that prove or tell who asks, besides all of `x-amz-`. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "authorization",
  "cookie",
  "cookie2",
  "host",
  "proxy-authorization",
  "x-api-key",
]);

/** Whether a header of this name has no business at another origin. */
export function tellsWhoAsks(name: string): boolean {
  const lower = name.toLowerCase();
  return OWN_HEADERS.has(lower) || lower.startsWith("x-amz-");
}

/** Whether an answer of this status redirects where it has a location. */
export function isRedirect(status: number): boolean {
  return STATUSES.has(status);
}

/** Undefined when the answer redirects nowhere that HTTP can go. */
export function redirectOf(
  request: { readonly method: string; readonly url: string },
  status: number,
  location: string | undefined,
): Redirect | undefined {
  if (location === undefined || !isRedirect(status) || !URL.canParse(location, request.url)) return undefined;
  const from = new URL(request.url);
  const to = new URL(location, from);
  if (to.protocol !== "http:" && to.protocol !== "https:") return undefined;
  // Clients would make an authorization of what stands there.
  to.username = "";
  to.password = "";
  to.hash = "";
  const { method } = request;
  const becomesGet =
    (status === 303 && method !== "GET" && method !== "HEAD") ||
    ((status === 301 || status === 302) && method === "POST");
  return {
    url: to.href,
    method: becomesGet ? "GET" : method,
    dropsBody: becomesGet,
    leaves: to.origin !== from.origin,
  };
}
