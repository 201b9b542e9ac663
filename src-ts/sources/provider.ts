/** Makes the provider functions of the sources: each call looks anew, and fetches what it finds. */
import { BRSCredentialError } from "../errors.js";
import type { ProviderFunction, ProviderProperties } from "../refresh/credential-source.js";
import type { RefreshContext } from "../strategies/strategy.js";
import { type Found, isFound, type LookOptions, type Nothing, Surroundings } from "./surroundings.js";

/** A provider function that keeps nothing: who calls it decides how long credentials are kept. */
export function providerOf(options: LookOptions, look: (place: Surroundings) => Found | Nothing): ProviderFunction {
  return async (properties) => {
    const found = look(new Surroundings(options));
    if (!isFound(found)) throw nothingFound([found]);
    return found.fetch(contextOf(properties));
  };
}

/** @param reasons why each of the places that were looked at has nothing */
export function nothingFound(reasons: readonly string[], details: Record<string, unknown> = {}): BRSCredentialError {
  const advice = "set one of these, name another profile, or give credentials in code";
  return new BRSCredentialError(`no credentials were found (${advice}): ${reasons.join("; ")}`, {
    details,
    retryable: true,
  });
}

export function contextOf({ signal, hold }: ProviderProperties = {}): RefreshContext {
  signal?.throwIfAborted();
  // One that never aborts, for this call alone: listeners of many calls on one signal would look like a leak to Node.
  return { signal: signal ?? new AbortController().signal, ...(hold !== undefined && { hold }) };
}
