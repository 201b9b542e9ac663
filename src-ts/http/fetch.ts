/** `fetch` that signs what it sends. */
import { SigningError } from "../errors.js";
import type { HttpSigning } from "./outgoing-request.js";

export type FetchLike = typeof fetch;

export function signedFetch(_signing: HttpSigning): FetchLike {
  return () => Promise.reject(new SigningError("not built"));
}
