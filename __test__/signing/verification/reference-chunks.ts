/** aws-chunked bodies written a second time, from the S3 API reference, so that each part can be made wrong by itself. */
import { createHash, createHmac } from "node:crypto";
import { crc32 } from "node:zlib";
import type { ReceivedRequest } from "aws-refresh-session/signing";
import { KEYS } from "../examples.js";
import { AMZ_DATE, sha256, signedAs } from "../reference.js";
import { host } from "../refusals.js";

export const SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
export const SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
export const UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

const SCOPE = "20150830/us-east-1/s3/aws4_request";
const hmac = (key: string | Uint8Array, text: string) => createHmac("sha256", key).update(text).digest();
const key = ["us-east-1", "s3", "aws4_request"].reduce<Uint8Array>(
  hmac,
  hmac(`AWS4${KEYS.secretAccessKey}`, "20150830"),
);
const signed = (lines: readonly string[]) => hmac(key, lines.join("\n")).toString("hex");

/** One chunk with its signature. */
export interface Chunk {
  readonly data: string;
  readonly signature: string;
}

export const chunkText = ({ data, signature }: Chunk): string =>
  `${Buffer.byteLength(data).toString(16)};chunk-signature=${signature}\r\n${data}\r\n`;

/** Chunks signed one after the other, the empty one at the end among them. */
export function chunksOf(seed: string, contents: readonly string[]): Chunk[] {
  let previous = seed;
  return [...contents, ""].map((data) => {
    previous = signed(["AWS4-HMAC-SHA256-PAYLOAD", AMZ_DATE, SCOPE, previous, sha256(""), sha256(data, "utf8")]);
    return { data, signature: previous };
  });
}

/** The signature of trailing headers, `name:value\n` for each. */
export const trailerSignature = (previous: string, canonical: string): string =>
  signed(["AWS4-HMAC-SHA256-TRAILER", AMZ_DATE, SCOPE, previous, sha256(canonical, "utf8")]);

export const checksums: Readonly<Record<string, (content: string) => string>> = {
  crc32: (content) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(content));
    return bytes.toString("base64");
  },
  sha1: (content) => createHash("sha1").update(content).digest("base64"),
  sha256: (content) => createHash("sha256").update(content).digest("base64"),
};

/** A signed upload without its body. */
export function upload(declared: string, length: number, ...headers: string[]): ReceivedRequest {
  const rawHeaders = [
    ...["Host", host, "X-Amz-Content-Sha256", declared, "X-Amz-Decoded-Content-Length", String(length)],
    ...headers,
  ];
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const signedHeaders = [...names, "x-amz-date"].sort().join(";");
  return signedAs({ method: "PUT", target: "/bucket/key", rawHeaders }, { service: "s3", signedHeaders });
}

/** The signature of a request, from which the chain begins. */
export const seedOf = ({ rawHeaders }: ReceivedRequest): string =>
  /Signature=([0-9a-f]{64})/.exec(rawHeaders.at(-1) ?? "")?.[1] ?? "";
