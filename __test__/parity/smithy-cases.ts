/** Random arguments for the AWS SDK's signer: everything that it signs without an error, however odd. */
import { Readable } from "node:stream";
import { HttpRequest } from "@smithy/core/protocols";
import type { Int64, MessageHeaders, MessageHeaderValue } from "@smithy/types";
import { Choices } from "./smithy-random.js";

const KINDS = ["sign", "sign", "sign", "presign", "presign", "string", "event", "message"] as const;
export type Kind = (typeof KINDS)[number];

/** One call of a signer; made twice from one seed, since a signer might change what it is given. */
export interface Case {
  readonly kind: Kind;
  readonly init: Record<string, unknown>;
  readonly input: unknown;
  readonly options: Record<string, unknown> | undefined;
}

const HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const TEXTS = [
  "",
  "a",
  "value",
  "a b",
  "a+b",
  "%",
  "%20",
  "%2f",
  "%zz",
  "100%",
  "a=b&c",
  "=",
  "?",
  "#",
  "/",
  "a/b",
  "~",
  "!'()*",
  "-._~",
  "é",
  "größe",
  "日本",
  "🦀",
  "\u00a0",
  "e\u0301",
  "\\",
  '"<>`{}|^[]',
  ";,:@$",
  "\t",
  "\x01\x7f",
  "x".repeat(300),
  "toString",
  "0",
] as const;
const SEGMENTS = [...TEXTS, "", ".", "..", "...", ".a", "a.", "%2e", "%2E%2E", "b", "c"].filter((text) => text !== "/");
const QUERY_NAMES = [
  ...TEXTS,
  "x-id",
  "A",
  "b",
  "a-b",
  "X-Amz-Signature",
  "x-amz-signature",
  "X-Amz-Date",
  "x-amz-date",
  "X-Amz-Expires",
  "X-Amz-Security-Token",
  "X-Amz-SignedHeaders",
  "list-type",
] as const;
const HEADER_NAMES = [
  ":authority",
  "host",
  "accept",
  "accept-encoding",
  "amz-sdk-invocation-id",
  "amz-sdk-request",
  "authorization",
  "cache-control",
  "connection",
  "content-length",
  "content-md5",
  "content-type",
  "date",
  "expect",
  "from",
  "keep-alive",
  "max-forwards",
  "pragma",
  "proxy-authorization",
  "proxy-x",
  "proxy",
  "range",
  "referer",
  "sec-fetch-mode",
  "sec-",
  "secret",
  "te",
  "traceparent",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "x-a",
  "x-a-b",
  "x_a",
  "x-amz-acl",
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-meta-a",
  "x-amz-s3session-token",
  "x-amz-security-token",
  "x-amz-server-side-encryption",
  "x-amz-target",
  "x-amz-user-agent",
  "x-amz-",
  "x-amzn-trace-id",
  "1",
  "~!#$%&'*+.^`|",
  "constructor",
  "__proto__",
] as const;
const HEADER_VALUES = [
  ...TEXTS,
  " ",
  "  a  b  ",
  "\ta\t\tb\t",
  "a\r\nb",
  "a\n b",
  "\r\n",
  " \r\n a \n\n b\r",
  "\u3000a\u3000",
  "\u00a0 a \u00a0",
  "\x0b\x0ca\x0b",
  "\u2028",
  "\ufeff",
  'quoted "a  b"',
  "a,  b , c",
  "half \ud800 a pair",
  "\0",
  `${"long ".repeat(200)}`,
] as const;
const DECLARED = ["UNSIGNED-PAYLOAD", HASH, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "", " odd ", "a\nb", "é"] as const;
const SETS_OF = [...HEADER_NAMES.filter((name) => name !== "__proto__"), "X-Amz-Acl", "Host"] as const;
const PLACES = ["us-east-1", "eu-west-1", "cn-north-1", "*", "région", "a b"] as const;
const SERVICES = ["s3", "execute-api", "sts", "dynamodb", "s3express", "aoss", "a/b"] as const;
const PAIRS = [
  { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
  { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "another/secret+of=the.same.key" },
  { accessKeyId: "ASIAEXAMPLE", secretAccessKey: "secret", sessionToken: `IQoJb3JpZ2luX2Vj+/=${"aB/+".repeat(120)}==` },
  { accessKeyId: "ASIAEXAMPLE", secretAccessKey: "secret", sessionToken: "another-token", expiration: new Date(0) },
] as const;

/** The case that belongs to a seed. */
export function makeCase(seed: number): Case {
  const choose = new Choices(seed);
  const kind = choose.one(KINDS);
  const init = makeInit(choose);
  if (kind === "sign" || kind === "presign") return requestCase(kind, init, choose);
  const options: Record<string, unknown> = makeOptions(choose);
  if (choose.chance(0.3)) options.eventStreamCredentials = { ...choose.one(PAIRS) };
  if (kind === "string") {
    // Without options the date would be now, and not the same for both.
    return { kind, init, input: choose.one([...TEXTS, "policy\n", "half \ud800 a pair"].slice(1)), options };
  }
  const priorSignature = choose.one([HASH, "", "0".repeat(64), "any text"]);
  if (kind === "event") {
    options.priorSignature = priorSignature;
    return { kind, init, input: { headers: makeBytes(choose), payload: makeBytes(choose) }, options };
  }
  const body = choose.chance(0.1) ? undefined : makeBytes(choose);
  return { kind, init, input: { message: { headers: makeMessageHeaders(choose), body }, priorSignature }, options };
}

function makeInit(choose: Choices): Record<string, unknown> {
  const identity = { ...choose.one(PAIRS) };
  const region = choose.one(PLACES);
  const init: Record<string, unknown> = {
    service: choose.one(SERVICES),
    region: choose.chance(0.5) ? region : async () => region,
    credentials: choose.chance(0.5) ? identity : async () => identity,
    // What SDK clients pass besides.
    requestHandler: {},
    systemClockOffset: 0,
  };
  if (choose.chance(0.7)) init.uriEscapePath = choose.chance(0.5);
  if (choose.chance(0.7)) init.applyChecksum = choose.one([true, false, undefined]);
  return init;
}

function makeOptions(choose: Choices): Record<string, unknown> {
  const seconds = choose.below(4_102_444_800);
  const millis = seconds * 1000 + choose.below(1000);
  const options: Record<string, unknown> = {
    signingDate: choose.one<unknown>([
      new Date(millis),
      seconds,
      seconds + 0.5,
      String(seconds),
      new Date(millis).toISOString(),
      new Date(millis).toUTCString(),
    ]),
  };
  // For "*" requests are signed with SigV4a, which @smithy/signature-v4 does not know; multi-region.spec.ts has it.
  if (choose.chance(0.3)) options.signingRegion = choose.one([...PLACES.filter((name) => name !== "*"), undefined]);
  if (choose.chance(0.3)) options.signingService = choose.one([...SERVICES, undefined]);
  return options;
}

function requestCase(kind: "sign" | "presign", init: Record<string, unknown>, choose: Choices): Case {
  const options = makeOptions(choose);
  const sets = ["unsignableHeaders", "signableHeaders"];
  if (kind === "presign") {
    sets.push("unhoistableHeaders", "hoistableHeaders");
    if (choose.chance(0.7)) options.expiresIn = choose.one([1, 900, 3600, 604_800, undefined]);
  }
  for (const name of sets) {
    if (choose.chance(0.35)) options[name] = new Set(choose.some(SETS_OF, 12));
  }
  const request = {
    method: choose.one(["GET", "GET", "PUT", "POST", "DELETE", "get", "M-SEARCH", ""]),
    protocol: choose.one(["https:", "https", "http:"]),
    hostname: choose.one(["bucket.s3.amazonaws.com", "localhost", "EXAMPLE.com", "[::1]"]),
    port: choose.one([undefined, 443, 8080]),
    path: makePath(choose),
    query: choose.chance(0.2) ? undefined : makeQuery(choose),
    headers: makeHeaders(choose),
    username: choose.chance(0.1) ? "user" : undefined,
    password: undefined,
    fragment: choose.chance(0.1) ? "fragment" : undefined,
    body: makeBody(choose),
  };
  const input = choose.chance(0.5) ? request : new HttpRequest(request as never);
  return { kind, init, input, options };
}

function makePath(choose: Choices): string {
  const segments = choose.some(SEGMENTS, 6);
  const path = segments.join("/");
  return `${choose.chance(0.9) ? "/" : ""}${path}${choose.chance(0.2) ? "/" : ""}`;
}

function makeQuery(choose: Choices): Record<string, unknown> {
  const query: Record<string, unknown> = {};
  for (const name of choose.some(QUERY_NAMES, 6)) {
    const isInherited = name in {};
    const way = choose.next();
    if (way < 0.6 || isInherited) query[name] = choose.one(TEXTS);
    else if (way < 0.85) query[name] = choose.some<unknown>([...TEXTS, null, undefined, 5, "b", "a"], 5);
    else query[name] = choose.one<unknown>([null, undefined, 5, true, {}]);
  }
  return query;
}

function makeHeaders(choose: Choices): Record<string, unknown> {
  const headers: [string, unknown][] = choose
    .some(HEADER_NAMES, 12)
    .filter((name) => name !== "__proto__" || choose.chance(0.2))
    .map((name) => {
      const value = name.endsWith("content-sha256") ? choose.one(DECLARED) : choose.one(HEADER_VALUES);
      // Hoisted, an absent header with an inherited name would be signed as the source of that function by the SDK.
      return [choose.spelled(name), choose.chance(0.04) && !(name in {}) ? undefined : value];
    });
  // Unlike an assignment, this makes a header of __proto__, too.
  return Object.fromEntries(headers);
}

function makeBytes(choose: Choices): Uint8Array {
  return Uint8Array.from({ length: choose.one([0, 1, 100, 3000]) }, () => choose.below(256));
}

function makeBody(choose: Choices): unknown {
  const bytes = makeBytes(choose);
  const even = bytes.subarray(0, bytes.length & ~1).slice();
  const make: (() => unknown)[] = [
    () => undefined,
    () => null,
    () => "",
    () => choose.one(HEADER_VALUES),
    () => `{"text":"${"größe 🦀 ".repeat(choose.below(2000))}"}`,
    () => bytes,
    () => Buffer.from(bytes),
    () => bytes.subarray(1),
    () => bytes.buffer,
    () => new DataView(bytes.buffer, Math.min(3, bytes.length)),
    () => new Uint16Array(even.buffer),
    () => shared(bytes).buffer,
    () => shared(bytes),
    () => Readable.from(["streamed"]),
    () => new Blob(["blob"]),
    () => 5,
    () => new URLSearchParams("a=b"),
  ];
  return choose.one(make)();
}

function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

function makeMessageHeaders(choose: Choices): MessageHeaders {
  const headers: MessageHeaders = {};
  for (const name of choose.some([":date", ":event-type", "a", "é", "n".repeat(255), "1"], 6)) {
    headers[name] = makeMessageHeader(choose);
  }
  return headers;
}

function makeMessageHeader(choose: Choices): MessageHeaderValue {
  const long = { bytes: Uint8Array.from({ length: 8 }, () => choose.below(256)) } as Int64;
  const values: MessageHeaderValue[] = [
    { type: "boolean", value: choose.chance(0.5) },
    { type: "byte", value: choose.below(256) - 128 },
    { type: "short", value: choose.below(2 ** 16) - 2 ** 15 },
    { type: "integer", value: choose.below(2 ** 32) - 2 ** 31 },
    { type: "long", value: long },
    { type: "binary", value: makeBytes(choose) },
    { type: "string", value: choose.one(HEADER_VALUES) },
    { type: "timestamp", value: new Date(choose.below(2 ** 45) - 2 ** 44) },
    { type: "uuid", value: "0123abcd-4567-89ef-0123-456789abcdef" },
  ];
  return choose.one(values);
}
