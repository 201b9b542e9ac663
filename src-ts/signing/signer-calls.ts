/** What the calls of a signer take besides a request, and what they give. */
import { masked, SigningError } from "../errors.js";
import type { SignableRequest } from "./request.js";
import type { SignStreamOptions } from "./streams/sign-stream.js";

export interface SignOptions {
  /** Signs as if it were this instant; the default is now, corrected by what AWS's answers told about the clock. */
  signingDate?: Date;
}

export interface PresignOptions extends SignOptions {
  /** How long the URL is to be valid: 1 to 604 800 whole seconds (seven days). */
  expiresIn: number;
  /** Seconds that the credentials must still be valid; if they are not, they are refreshed first. */
  minValidity?: number;
}

export interface ExplainOptions extends SignOptions {
  /** Explains the presigned URL with this lifetime in seconds. */
  expiresIn?: number;
  /** Explains the request whose body is streamed in this way. */
  stream?: SignStreamOptions;
}

export interface PresignedUrl {
  url: string;
  /** When the URL really ends: after `expiresIn`, or with the credentials if they expire before. */
  expiresAt: Date;
}

export type SignedHeaders = Record<string, string>;

export const SIGN_NAMES = ["signingDate"] as const;
export const PRESIGN_NAMES = [...SIGN_NAMES, "expiresIn", "minValidity"] as const;
export const LIST_NAMES = [...PRESIGN_NAMES, "base", "signal", "onProgress"] as const;
export const EXPLAIN_NAMES = [...SIGN_NAMES, "expiresIn", "stream"] as const;

/** A request, or a URL in its place. */
export function asRequest(request: SignableRequest | string | URL): SignableRequest {
  if (typeof request === "string" || request instanceof URL) return { url: request };
  if (typeof request === "object" && request !== null) return request;
  throw noRequest(request);
}

export function noRequest(found: unknown): SigningError {
  return new SigningError(`a request must be an object with "url", or a URL, found ${masked(found)}`, {
    code: "ERR_SIGN_REQUEST",
  });
}
