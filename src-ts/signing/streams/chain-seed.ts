/** What a stream of signatures begins with: one triple, one date, and a signer that uses exactly these. */
import { type Stamp, writeRequest } from "../frame.js";
import type { SignableRequest } from "../request.js";

/**
 * What a signer lends to a stream. The triple is frozen: a refresh on the way changes nothing, the chain goes on with the
 * credentials that signed its request.
 */
export interface ChainSeed {
  /** Region, service and unsigned header names, each ended by a line feed. */
  readonly prefix: string;
  /** Triple, date and settings. */
  readonly stamp: Stamp;
  /** The headers that sign a request with that triple and date. */
  sign(request: SignableRequest): Record<string, string>;
}

/** A frame of which the core takes triple, scope, date and settings alone. It is valid until the next frame is written. */
export function seedFrame({ prefix, stamp }: Pick<ChainSeed, "prefix" | "stamp">): Buffer {
  return writeRequest(prefix, { url: "" }, stamp, 0).frame.bytes;
}

/** The signature in the `authorization` header that {@link ChainSeed.sign} made. */
export function signatureOf(headers: Readonly<Record<string, string>>): string {
  const authorization = headers.authorization ?? "";
  return authorization.slice(authorization.lastIndexOf("=") + 1);
}
