/**
 * Signature Version 4 written a second time, from the documentation and for clearness alone: it signs what no signer would,
 * and tells what of a received request is signed. Texts are Latin-1: each character is a byte.
 */
import { createHash, createHmac } from "node:crypto";
import type { ReceivedRequest } from "aws-refresh-session/signing";
import { KEYS } from "./examples.js";

export const AMZ_DATE = "20150830T123600Z";

export const sha256 = (content: string | Uint8Array, encoding: "latin1" | "utf8" = "latin1") =>
  createHash("sha256")
    .update(typeof content === "string" ? Buffer.from(content, encoding) : content)
    .digest("hex");

const hmac = (key: string | Uint8Array, text: string) => createHmac("sha256", key).update(text).digest();

/** What the parts of a signature say; each can be made wrong by itself. */
export interface Claims {
  readonly accessKeyId: string;
  readonly day: string;
  readonly region: string;
  readonly service: string;
  readonly terminator: string;
  readonly date: string;
  readonly signedHeaders: string;
}

export const claims = (change: Partial<Claims> = {}): Claims => ({
  accessKeyId: KEYS.accessKeyId,
  day: AMZ_DATE.slice(0, 8),
  region: "us-east-1",
  service: "service",
  terminator: "aws4_request",
  date: AMZ_DATE,
  signedHeaders: "host;x-amz-date",
  ...change,
});

export const credentialOf = ({ accessKeyId, day, region, service, terminator }: Claims) =>
  `${accessKeyId}/${day}/${region}/${service}/${terminator}`;

/** The right signature of a canonical request, under whatever is claimed. */
export function signature(canonical: string, claimed: Claims, secret: string = KEYS.secretAccessKey): string {
  const { day, region, service, terminator, date } = claimed;
  const scope = `${day}/${region}/${service}/${terminator}`;
  const key = [region, service, terminator].reduce<Uint8Array>(hmac, hmac(`AWS4${secret}`, day));
  return hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`).toString("hex");
}

const byte = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
export const encode = (text: string) => text.replace(/[^A-Za-z0-9._~-]/g, byte);
export const decode = (text: string) =>
  text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
const decodeQuery = (text: string) => decode(text.replaceAll("+", " "));

const pairsOf = (query: string): [name: string, value: string][] =>
  query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const [name = "", ...rest] = pair.split("=");
      return [decodeQuery(name), decodeQuery(rest.join("="))];
    });

const canonicalQuery = (pairs: readonly (readonly [string, string])[]) =>
  pairs
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([name, value], [otherName, otherValue]) =>
      name === otherName ? (value < otherValue ? -1 : 1) : name < otherName ? -1 : 1,
    )
    .map(([name, value]) => `${name}=${value}`)
    .join("&");

function canonicalPath(path: string, service: string): string {
  // What no client sends raw it sends encoded.
  const sent = path.replace(/[^\x21-\x7e]|["<>`{}\\#?]/g, byte);
  return sent
    .split("/")
    .map(
      (
        segment, // An encoded slash of S3 is the slash of its key.
      ) => encode(service === "s3" ? decode(segment) : segment).replaceAll("%2F", "/"),
    )
    .join("/");
}

/** The values of a header, joined as they are signed; undefined when it is not there. */
function headerLine(rawHeaders: readonly string[], name: string): string | undefined {
  const values = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
  if (values.length === 0) return undefined;
  return values.map((value) => value.replace(/^[ \t]+|[ \t]+$/g, "").replace(/[ \t]+/g, " ")).join(",");
}

/** The canonical request of a received one, for the headers that are named. */
export function canonicalRequest(request: ReceivedRequest, signedHeaders: string, service: string): string {
  const { method, target, rawHeaders, body = "" } = request;
  const [, path = "", query = ""] = /^([^?]*)\??(.*)$/s.exec(target) ?? [];
  const pairs = pairsOf(query);
  const isPresigned = pairs.some(([name]) => name === "X-Amz-Signature");
  const declared =
    headerLine(rawHeaders, "x-amz-content-sha256") ??
    (isPresigned && service === "s3" ? "UNSIGNED-PAYLOAD" : undefined);
  return [
    method.toUpperCase(),
    canonicalPath(path, service),
    canonicalQuery(pairs.filter(([name]) => name !== "X-Amz-Signature")),
    ...signedHeaders.split(";").map((name) => `${name}:${headerLine(rawHeaders, name) ?? "<absent>"}`),
    "",
    signedHeaders,
    declared ?? sha256(body, "utf8"),
  ].join("\n");
}

/** Puts the right signature for the claims on a received request, in its headers. */
export function signedAs(request: ReceivedRequest, change: Partial<Claims> = {}): ReceivedRequest {
  const claimed = claims(change);
  const hasDate = request.rawHeaders.some((name, index) => index % 2 === 0 && name.toLowerCase() === "x-amz-date");
  const rawHeaders = hasDate ? request.rawHeaders : [...request.rawHeaders, "X-Amz-Date", claimed.date];
  const canonical = canonicalRequest({ ...request, rawHeaders }, claimed.signedHeaders, claimed.service);
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentialOf(claimed)}, SignedHeaders=${claimed.signedHeaders}, Signature=${signature(canonical, claimed)}`;
  return { ...request, rawHeaders: [...rawHeaders, "Authorization", authorization] };
}

/** The same in its query; `extra` replaces or adds parameters, and one that is undefined is left out. */
export function presignedAs(
  request: ReceivedRequest,
  change: Partial<Claims> = {},
  extra: Readonly<Record<string, string | undefined>> = {},
): ReceivedRequest {
  const claimed = claims({ signedHeaders: "host", ...change });
  const parameters = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": credentialOf(claimed),
    "X-Amz-Date": claimed.date,
    "X-Amz-Expires": "3600",
    "X-Amz-SignedHeaders": claimed.signedHeaders,
    ...extra,
  };
  const query = Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value = ""]) => `${name}=${encode(value)}`)
    .join("&");
  const target = `${request.target}${request.target.includes("?") ? "&" : "?"}${query}`;
  const canonical = canonicalRequest(
    { ...request, target: `${target}&X-Amz-Signature=` },
    claimed.signedHeaders,
    claimed.service,
  );
  return { ...request, target: `${target}&X-Amz-Signature=${signature(canonical, claimed)}` };
}

/**
 * Everything of a request that its signature covers, and the signature itself, as one text: two requests with the same text
 * mean the same to whoever holds the key.
 */
export function meaning(request: ReceivedRequest, service: string): string {
  const { target, rawHeaders, body = "" } = request;
  const parameters = new Map(pairsOf(/\?(.*)$/s.exec(target)?.[1] ?? ""));
  const authorization = headerLine(rawHeaders, "authorization");
  const claimed =
    authorization === undefined
      ? ["X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Date"].map((name) => parameters.get(name))
      : [
          ...["Credential", "SignedHeaders", "Signature"].map(
            (name) => new RegExp(`${name}=([^,\\s]*)`).exec(authorization)?.[1],
          ),
          headerLine(rawHeaders, "x-amz-date"),
        ];
  const signedHeaders = claimed[1] ?? "";
  const isOpen = authorization === undefined && service === "s3";
  return [
    claimed.join("|"),
    canonicalRequest(request, signedHeaders, service),
    isOpen ? "" : sha256(body, "utf8"),
  ].join("\n");
}
