/** SigV4a written a second time, from the documentation: it signs what no signer would. */
import { createECDH, createHmac, createPrivateKey, type KeyObject, sign } from "node:crypto";
import type { ReceivedRequest } from "aws-refresh-session/signing";
import { KEYS } from "../examples.js";
import { AMZ_DATE, canonicalRequest, encode, sha256 } from "../reference.js";

const ALGORITHM = "AWS4-ECDSA-P256-SHA256";
/** Order of the curve P-256. */
export const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The key pair of a secret: a counter-mode KDF over HMAC, whose output is the private scalar less one. */
export function keyOf({ accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string }): KeyObject {
  for (let counter = 1; ; counter++) {
    const input = Buffer.concat([
      Buffer.from([0, 0, 0, 1]),
      Buffer.from(`${ALGORITHM}\0${accessKeyId}`),
      Buffer.from([counter, 0, 0, 1, 0]),
    ]);
    const candidate = BigInt(`0x${createHmac("sha256", `AWS4A${secretAccessKey}`).update(input).digest("hex")}`);
    if (candidate > ORDER - 2n) continue;
    const scalar = Buffer.from((candidate + 1n).toString(16).padStart(64, "0"), "hex");
    const ecdh = createECDH("prime256v1");
    ecdh.setPrivateKey(scalar);
    const point = ecdh.getPublicKey();
    const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
    return createPrivateKey({
      format: "jwk",
      key: { kty: "EC", crv: "P-256", d: text(scalar), x: text(point.subarray(1, 33)), y: text(point.subarray(33)) },
    });
  }
}

export interface ClaimsV4a {
  readonly day: string;
  readonly service: string;
  readonly date: string;
  readonly signedHeaders: string;
  readonly regionSet: string | undefined;
  /** Text of the algorithm where it stands in the request; what is signed stays SigV4a. */
  readonly algorithm: string;
  /** What stands between key id and terminator. */
  readonly scope: string;
}

const claimsOf = (change: Partial<ClaimsV4a>, signedHeaders: string): ClaimsV4a => {
  const base = {
    day: AMZ_DATE.slice(0, 8),
    service: "service",
    date: AMZ_DATE,
    regionSet: "us-east-1",
    algorithm: ALGORITHM,
  };
  const merged = { ...base, signedHeaders, ...change };
  return { ...merged, scope: change.scope ?? `${merged.day}/${merged.service}/aws4_request` };
};

function signatureV4a(canonical: string, { date, scope }: ClaimsV4a): string {
  const text = [ALGORITHM, date, scope, sha256(canonical)].join("\n");
  return sign("sha256", Buffer.from(text), { key: keyOf(KEYS), dsaEncoding: "der" }).toString("hex");
}

/** Puts the right SigV4a signature for the claims on a received request, in its headers. */
export function signedV4aAs(request: ReceivedRequest, change: Partial<ClaimsV4a> = {}): ReceivedRequest {
  const claimed = claimsOf(change, "host;x-amz-date;x-amz-region-set");
  const set = claimed.regionSet === undefined ? [] : ["X-Amz-Region-Set", claimed.regionSet];
  const rawHeaders = [...request.rawHeaders, "X-Amz-Date", claimed.date, ...set];
  const signature = signatureV4a(
    canonicalRequest({ ...request, rawHeaders }, claimed.signedHeaders, claimed.service),
    claimed,
  );
  const authorization = `${claimed.algorithm} Credential=${KEYS.accessKeyId}/${claimed.scope}, SignedHeaders=${claimed.signedHeaders}, Signature=${signature}`;
  return { ...request, rawHeaders: [...rawHeaders, "Authorization", authorization] };
}

/** The same in its query. */
export function presignedV4aAs(request: ReceivedRequest, change: Partial<ClaimsV4a> = {}): ReceivedRequest {
  const claimed = claimsOf(change, "host");
  const parameters = {
    "X-Amz-Algorithm": claimed.algorithm,
    "X-Amz-Credential": `${KEYS.accessKeyId}/${claimed.scope}`,
    "X-Amz-Date": claimed.date,
    "X-Amz-Expires": "3600",
    "X-Amz-Region-Set": claimed.regionSet,
    "X-Amz-SignedHeaders": claimed.signedHeaders,
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
  return { ...request, target: `${target}&X-Amz-Signature=${signatureV4a(canonical, claimed)}` };
}

const integer = (bytes: Buffer) => BigInt(`0x${bytes.toString("hex")}`);

function derInteger(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  const content = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return Buffer.concat([Buffer.from([2, content.length]), content]);
}

/** The two numbers of a DER signature in hex. */
export function numbersOf(signature: string): [r: bigint, s: bigint] {
  const der = Buffer.from(signature, "hex");
  const length = der[3] ?? 0;
  return [integer(der.subarray(4, 4 + length)), integer(der.subarray(6 + length))];
}

/** A DER signature in hex of two numbers. */
export function derOf(r: bigint, s: bigint): string {
  const content = Buffer.concat([derInteger(r), derInteger(s)]);
  return Buffer.concat([Buffer.from([0x30, content.length]), content]).toString("hex");
}
