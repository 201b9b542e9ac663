/** Takes URLs apart and puts them together without changing a character of what stands between the delimiters, as botocore does. */
import { SigningError } from "../../errors.js";

export interface UrlParts {
  /** In lower case, without ":". */
  readonly scheme: string;
  /** User, host and port as written. */
  readonly authority: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
}

/** WHATWG's `URL` would rewrite paths and queries, and the signature covers them as they are sent. */
export function splitUrl(url: string): UrlParts {
  let rest = withoutStray(url);
  let scheme = "";
  const found = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(rest);
  if (found !== null) {
    scheme = (found[1] as string).toLowerCase();
    rest = rest.slice(found[0].length);
  }
  let authority = "";
  if (rest.startsWith("//")) {
    const end = rest.slice(2).search(/[/?#]/);
    authority = end < 0 ? rest.slice(2) : rest.slice(2, end + 2);
    rest = end < 0 ? "" : rest.slice(end + 2);
  }
  const [beforeFragment, fragment] = cut(rest, "#");
  const [path, query] = cut(beforeFragment, "?");
  return { scheme, authority, path, query, fragment };
}

/** A URL of these parts; an empty query or fragment leaves no "?" or "#" behind. */
export function joinUrl({ scheme, authority, path, query, fragment }: UrlParts): string {
  let url = authority === "" ? path : `//${authority}${path === "" || path.startsWith("/") ? path : `/${path}`}`;
  if (scheme !== "") url = `${scheme}:${url}`;
  if (query !== "") url += `?${query}`;
  if (fragment !== "") url += `#${fragment}`;
  return url;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** Without its brackets. What only looks like one is no host at all, and no request gets there. */
const IPV6 = /^[0-9A-Fa-f]*:[0-9A-Fa-f:.]*$/;

/** The value of the host header for a URL: lower case, without user and default port, IPv6 in brackets. */
export function hostOf(url: string): string {
  const { scheme, authority } = splitUrl(url);
  const hostInfo = authority.slice(authority.lastIndexOf("@") + 1);
  const bracketed = /^[^[]*\[([^\]]*)\]?(?::(.*))?/s.exec(hostInfo);
  const [name, portText] = bracketed === null ? cut(hostInfo, ":") : [bracketed[1] as string, bracketed[2] ?? ""];
  const [address, zone] = cut(name, "%");
  if (name === "") throw malformedUrl("has no host");
  const lower = address.toLowerCase() + (zone === "" ? "" : `%${zone}`);
  const host = IPV6.test(address) ? `[${lower}]` : lower;
  if (portText === "") return host;
  const port = /^[0-9]+$/.test(portText) ? Number(portText) : Number.NaN;
  if (!(port <= 65_535)) throw malformedUrl("has a port that is no number from 0 to 65535");
  return port === DEFAULT_PORTS[scheme] ? host : `${host}:${port}`;
}

/** The part before the first delimiter and the part after it, empty when there is none. */
export function cut(text: string, delimiter: string): [before: string, after: string] {
  const at = text.indexOf(delimiter);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + delimiter.length)];
}

/** Without what no URL can hold: blanks and controls in front, tabs and line ends anywhere. */
function withoutStray(url: string): string {
  let start = 0;
  while (start < url.length && url.charCodeAt(start) <= 0x20) start++;
  return url.slice(start).replace(/[\t\r\n]/g, "");
}

/** The URL itself is not shown: it may be a presigned one. */
function malformedUrl(problem: string): SigningError {
  return new SigningError(`"url" ${problem}; give an absolute URL such as "https://sqs.eu-west-1.amazonaws.com/"`, {
    code: "ERR_SIGN_URL",
    param: "url",
  });
}
