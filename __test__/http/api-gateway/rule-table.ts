/** The rules of API Gateway as a table: one row a rule, with what goes in and what has to come over the wire. */
import { createHash } from "node:crypto";

export const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
export const TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE+token/with=signs";
export const REGION = "eu-west-1";
/** All requests of the table are signed at this time. */
export const NOW = Date.parse("2015-08-30T12:36:00.789Z");
export const AMZ_DATE = "20150830T123600Z";
export const HTTP_DATE = "Sun, 30 Aug 2015 12:36:00 GMT";

export const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");
const NOTHING = sha256("");

/** Signed in each request. */
const ALWAYS = ["host", "x-amz-content-sha256", "x-amz-date"];

/** A client that the rules are tested with. */
export type ClientName = "node:http" | "axios" | "got" | "undici" | "fetch";

export interface Rule {
  readonly rule: string;
  readonly method?: string;
  /** Scheme and host in place of those of the server, which gets the request all the same. */
  readonly origin?: string;
  /** Path and query. */
  readonly target?: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string | Uint8Array;
  /** Whether the credentials are temporary. */
  readonly temporary?: boolean;
  /** Names that are signed besides host, x-amz-content-sha256 and x-amz-date. */
  readonly signed?: readonly string[];
  /** Names that are not signed although others always are. */
  readonly unsigned?: readonly string[];
  /** Values as they come over the wire, by lower-case name; a list for repeated headers, null for none. */
  readonly wire?: Readonly<Record<string, string | readonly string[] | null>>;
  /** Why `verifyRequest` is not asked: it refuses such a request, or reads it in another way than most servers. */
  readonly unverifiable?: string;
  /** Clients that send no such request: they refuse it with an error (true), or cannot express it. */
  readonly refused?: readonly ClientName[];
  readonly inexpressible?: readonly ClientName[];
}

/** Clients that take URLs apart by the rules of browsers. */
const BY_URL: readonly ClientName[] = ["axios", "got", "undici", "fetch"];

const AMBIGUOUS = "it refuses paths that could be read in two ways";

/** The names in SignedHeaders. */
export function signedNames({ signed = [], unsigned = [], temporary = false }: Rule): string[] {
  const names = [...ALWAYS, ...(temporary ? ["x-amz-security-token"] : []), ...signed];
  return names.filter((name) => !unsigned.includes(name)).sort();
}

export const RULES: readonly Rule[] = [
  // ---- what is discarded and set
  {
    rule: "authorization of the user is discarded",
    headers: [["Authorization", "Bearer abc"]],
  },
  {
    rule: "x-amz-content-sha256 of the user is discarded",
    headers: [["X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"]],
    wire: { "x-amz-content-sha256": NOTHING },
  },
  {
    rule: "x-amz-security-token of the user is discarded, for lasting keys",
    headers: [["X-Amz-Security-Token", "stale"]],
    wire: { "x-amz-security-token": null },
  },
  {
    rule: "x-amz-security-token of the user is replaced, for temporary credentials",
    headers: [["x-amz-security-token", "stale"]],
    temporary: true,
    wire: { "x-amz-security-token": TOKEN },
  },
  {
    rule: "the token is set and signed for temporary credentials",
    temporary: true,
    wire: { "x-amz-security-token": TOKEN },
  },
  { rule: "no token is set for lasting keys", wire: { "x-amz-security-token": null } },
  { rule: "X-Amz-Date is set without a Date", wire: { "x-amz-date": AMZ_DATE, date: null } },
  {
    rule: "x-amz-date of the user is replaced",
    headers: [["X-Amz-Date", "20010101T000000Z"]],
    wire: { "x-amz-date": AMZ_DATE },
  },
  {
    rule: "with a Date, Date is set and signed in place of X-Amz-Date",
    headers: [["Date", "Mon, 01 Jan 2001 00:00:00 GMT"]],
    signed: ["date"],
    unsigned: ["x-amz-date"],
    wire: { date: HTTP_DATE, "x-amz-date": null },
  },
  {
    rule: "with both, Date is set and x-amz-date is discarded",
    headers: [
      ["x-amz-date", "20010101T000000Z"],
      ["date", "Mon, 01 Jan 2001 00:00:00 GMT"],
    ],
    signed: ["date"],
    unsigned: ["x-amz-date"],
    wire: { date: HTTP_DATE, "x-amz-date": null },
  },
  // ---- which of the user's headers are signed
  ...[
    "X-Api-Key",
    "Accept",
    "Accept-Encoding",
    "Cookie",
    "Range",
    "If-None-Match",
    "Referer",
    "X-Forwarded-For",
    "X-Amz-Meta",
    "Traceparent",
  ].map(
    (name): Rule => ({
      rule: `${name.toLowerCase()} of the user is signed`,
      headers: [[name, "1.2"]],
      signed: [name.toLowerCase()],
      wire: { [name.toLowerCase()]: "1.2" },
    }),
  ),
  {
    rule: "content-type of the user is signed",
    method: "POST",
    headers: [["Content-Type", "application/json"]],
    body: "{}",
    signed: ["content-length", "content-type"],
    wire: { "content-type": "application/json" },
  },
  {
    rule: "user-agent of the user is sent and not signed",
    headers: [["User-Agent", "orders/1.0"]],
    wire: { "user-agent": "orders/1.0" },
  },
  {
    rule: "x-amzn-trace-id of the user is sent and not signed",
    headers: [["X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678"]],
    wire: { "x-amzn-trace-id": "Root=1-67891233-abcdef012345678912345678" },
  },
  {
    rule: "connection of the user is sent and not signed",
    headers: [["Connection", "close"]],
    wire: { connection: "close" },
  },
  {
    rule: "expect of the user is sent and not signed",
    method: "POST",
    headers: [["Expect", "100-continue"]],
    body: "{}",
    signed: ["content-length"],
    wire: { expect: "100-continue" },
    refused: ["undici", "fetch"],
  },
  {
    rule: "transfer-encoding of the user is signed, and no length is set beside it",
    method: "POST",
    headers: [["Transfer-Encoding", "chunked"]],
    body: "{}",
    signed: ["transfer-encoding"],
    wire: { "transfer-encoding": "chunked", "content-length": null },
    refused: ["undici", "fetch"],
    // It sends a length beside it.
    inexpressible: ["axios"],
  },
  ...(
    [
      ["TE", "trailers", []],
      ["Keep-Alive", "timeout=5", ["undici", "fetch"]],
      ["Upgrade", "irc/6.9", ["undici", "fetch"]],
      ["Proxy-Authenticate", "Basic", []],
      ["Proxy-Authorization", "Basic Og==", []],
      ["Proxy-Connection", "close", []],
    ] as const
  ).map(
    ([name, value, refused]): Rule => ({
      rule: `${name.toLowerCase()} of the user is signed`,
      headers: [[name, value]],
      signed: [name.toLowerCase()],
      wire: { [name.toLowerCase()]: value },
      refused,
    }),
  ),
  {
    rule: "trailer of the user is signed",
    method: "POST",
    headers: [
      ["Trailer", "x-checksum"],
      ["Transfer-Encoding", "chunked"],
    ],
    body: "{}",
    signed: ["trailer", "transfer-encoding"],
    wire: { trailer: "x-checksum", "transfer-encoding": "chunked", "content-length": null },
    refused: ["undici", "fetch"],
    inexpressible: ["axios"],
  },
  // ---- how values are signed
  {
    rule: "a repeated header is signed as one, its values joined by commas",
    headers: [
      ["X-Tag", "b"],
      ["X-Tag", "a"],
    ],
    signed: ["x-tag"],
  },
  {
    rule: "runs of spaces in a value are signed as one",
    headers: [["X-Note", "two  spaces   and three"]],
    signed: ["x-note"],
    wire: { "x-note": "two  spaces   and three" },
  },
  {
    rule: "an empty value is signed",
    headers: [["X-Empty", ""]],
    signed: ["x-empty"],
    wire: { "x-empty": "" },
  },
  {
    rule: "a value beyond ASCII that would not be sent as UTF-8 is refused, but by sign(), which does not send it",
    headers: [["X-Name", "Zoë"]],
    signed: ["x-name"],
    wire: { "x-name": "Zoë" },
    unverifiable: "it takes bytes that are no UTF-8 as they are",
    refused: ["node:http", "axios", "got", "undici", "fetch"],
  },
  {
    rule: "a value beyond ASCII is signed as the server reads it: bytes of UTF-8",
    headers: [["X-Name", Buffer.from("Zoë 日本").toString("latin1")]],
    signed: ["x-name"],
    wire: { "x-name": Buffer.from("Zoë 日本").toString("latin1") },
  },
  {
    rule: "a value beyond ASCII is signed as the server reads it: beside a body of text, too",
    method: "POST",
    headers: [["X-Name", Buffer.from("Zoë 日本").toString("latin1")]],
    body: "größe",
    signed: ["content-length", "x-name"],
    wire: { "x-name": Buffer.from("Zoë 日本").toString("latin1") },
  },
  {
    rule: "names are signed in lower case and in order",
    headers: [
      ["X-Zulu", "1"],
      ["ACCEPT-LANGUAGE", "en"],
      ["x-Alpha", "2"],
    ],
    signed: ["accept-language", "x-alpha", "x-zulu"],
  },
  // ---- host
  {
    rule: "host is derived without the default port of https",
    origin: "https://API.example.com:443",
    wire: { host: "api.example.com" },
    inexpressible: BY_URL,
  },
  {
    rule: "host is derived without the default port of http",
    origin: "http://api.example.com:80",
    wire: { host: "api.example.com" },
    inexpressible: BY_URL,
  },
  {
    rule: "host is derived with another port",
    origin: "http://api.example.com:443",
    wire: { host: "api.example.com:443" },
    inexpressible: BY_URL,
  },
  {
    rule: "host is derived from an IPv6 address",
    origin: "http://[::1]:8443",
    wire: { host: "[::1]:8443" },
    inexpressible: BY_URL,
  },
  {
    rule: "host is derived in punycode",
    origin: "https://bücher.example",
    wire: { host: "xn--bcher-kva.example" },
    inexpressible: BY_URL,
  },
  {
    rule: "host of the user is sent and signed",
    headers: [["Host", "id.execute-api.eu-west-1.amazonaws.com"]],
    wire: { host: "id.execute-api.eu-west-1.amazonaws.com" },
    refused: ["fetch"],
  },
  // ---- payload
  {
    rule: "the payload is signed, and its hash is sent",
    method: "POST",
    body: '{"id": 17, "name": "größe"}',
    signed: ["content-length"],
    wire: { "x-amz-content-sha256": sha256('{"id": 17, "name": "größe"}') },
  },
  {
    rule: "a payload of bytes is signed",
    method: "PUT",
    body: new Uint8Array([0, 255, 13, 10]),
    signed: ["content-length"],
    wire: { "x-amz-content-sha256": sha256(new Uint8Array([0, 255, 13, 10])), "content-length": "4" },
  },
  { rule: "the hash of no payload is sent and signed", wire: { "x-amz-content-sha256": NOTHING } },
  ...["POST", "PUT", "PATCH", "DELETE"].map(
    (method): Rule => ({
      rule: `content-length is derived in bytes and signed: ${method}`,
      method,
      body: "größe",
      signed: ["content-length"],
      wire: { "content-length": "7" },
    }),
  ),
  ...["GET", "HEAD", "OPTIONS"].map(
    (method): Rule => ({
      rule: `content-length is not derived: ${method}`,
      method,
      body: "größe",
      wire: { "x-amz-content-sha256": sha256("größe") },
      // Bodies that these clients do not send, or refuse.
      inexpressible: ["got", "fetch"],
    }),
  ),
  { rule: "content-length is not derived without a payload", method: "POST" },
  {
    rule: "content-length of the user is signed",
    method: "POST",
    headers: [["Content-Length", "7"]],
    body: "größe",
    signed: ["content-length"],
    wire: { "content-length": "7" },
  },
  {
    rule: "content-length of the user is signed: GET",
    headers: [["content-length", "7"]],
    body: "größe",
    signed: ["content-length"],
    inexpressible: ["got", "fetch"],
  },
  // ---- path and query
  ...(
    [
      ["an empty path", "", "/"],
      ["an empty path with a query", "?a=1", "/?a=1"],
      ["a space", "/my%20orders"],
      ["UTF-8", "/%C3%A9t%C3%A9/%F0%9F%98%80"],
      ["an escaped slash", "/a%2Fb"],
      ["a plus", "/a+b/c%2Bd"],
      ["characters that need no escape", "/a-b._~!$&'()*,;=:@"],
      ["a slash at the end", "/a/b/"],
      ["a query in another order", "/orders?z=1&b=2&a=3&Z=4&a=1"],
      ["a repeated parameter", "/orders?a=2&a=1"],
      ["a plus in the query", "/orders?q=a+b%2Bc"],
      ["a parameter without a value", "/orders?flag&empty="],
      ["reserved characters in the query", "/orders?path=a/b&equals=a=b&at=@:,"],
      ["UTF-8 in the query", "/orders?name=%C3%A9%20%f0%9f%98%80"],
    ] as const
  ).map(
    ([what, target, sent = target]): Rule => ({
      rule: `path and query are signed as they are sent: ${what}`,
      target,
      wire: { ":target": sent },
    }),
  ),
  {
    rule: "path and query are signed as they are sent: a run of slashes",
    target: "/a//b///c",
    unverifiable: AMBIGUOUS,
    wire: { ":target": "/a//b///c" },
  },
  {
    rule: "path and query are signed as they are sent: dot segments",
    target: "/a/./b/../c",
    unverifiable: AMBIGUOUS,
    wire: { ":target": "/a/./b/../c" },
    inexpressible: BY_URL,
  },
  {
    rule: "path and query are signed as they are sent: a fragment is neither",
    target: "/orders?a=1#part",
    wire: { ":target": "/orders?a=1" },
  },
];
