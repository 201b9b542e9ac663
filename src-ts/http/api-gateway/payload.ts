/** The hash and the length of a body: API Gateway's payloads are always signed. */
import { masked, SigningError } from "../../errors.js";
import { digestInSlices, isLarge } from "../../signing/large-body.js";
import { type BodyInput, payloadOf } from "../../signing/request.js";
import { sha256 } from "../../signing/sha256.js";

export interface HashedPayload {
  /** 64 hex digits. */
  readonly hash: string;
  /** Bytes; undefined where the body is sent otherwise and only its hash is known. */
  readonly length: number | undefined;
}

/** At once: a large body stalls the event loop. */
export function hashedPayload(body: BodyInput | null | undefined): HashedPayload {
  if (typeof body === "object" && body !== null) {
    if ("unsigned" in body) {
      throw refused("must be signed: API Gateway takes no unsigned payload; give it as text or bytes, or { sha256 }");
    }
    if ("sha256" in body) return { hash: declaredHash(body.sha256), length: undefined };
  }
  const { text, bytes = text } = payloadOf(body);
  return { hash: sha256(bytes), length: Buffer.byteLength(bytes) };
}

/** As {@link hashedPayload}, with turns of the event loop while a large body is hashed. */
export async function hashedInTurns(body: BodyInput | null | undefined): Promise<HashedPayload> {
  if (!isLarge(body)) return hashedPayload(body);
  const bytes = payloadOf(body).bytes ?? new Uint8Array();
  return { hash: (await digestInSlices(bytes)).sha256, length: bytes.length };
}

function declaredHash(hash: unknown): string {
  if (typeof hash === "string" && /^[\da-f]{64}$/i.test(hash)) return hash.toLowerCase();
  throw refused(`must have a "sha256" of 64 hex digits, found ${masked(hash)}`);
}

function refused(problem: string): SigningError {
  return new SigningError(`"body" ${problem}`, { code: "ERR_SIGN_BODY", param: "body" });
}
