/** Which signature version a service's list of auth schemes comes to, with and without a preference of the user. */

import { BRSValidationError, masked } from "../../errors.js";
import type { AuthType } from "./auth-types.js";
import { UnknownSignatureVersionError, UnsupportedSignatureVersionError } from "./errors.js";

/** Traits of service models. */
const TRAITS: ReadonlyMap<string, AuthType> = new Map([
  ["aws.auth#sigv4", "v4"],
  ["aws.auth#sigv4a", "v4a"],
  ["smithy.api#httpBearerAuth", "bearer"],
  ["smithy.api#noAuth", "none"],
]);

/** The same as users write them in `auth_scheme_preference`: the part after "#". */
const SCHEMES: ReadonlyMap<string, AuthType> = new Map([...TRAITS].map(([trait, type]) => [schemeOf(trait), type]));

/**
 * The signature version of the first trait of a model.
 *
 * @throws UnknownSignatureVersionError for a trait that is none, UnsupportedSignatureVersionError for an empty list
 *
 * @example
 * ```ts
 * import { resolveAuthType } from "aws-refresh-session/signing";
 *
 * resolveAuthType(["aws.auth#sigv4a", "aws.auth#sigv4"]); // "v4a"
 * ```
 */
export function resolveAuthType(authTraits: readonly string[]): AuthType {
  const [first] = listOf(authTraits, "authTraits");
  if (first === undefined) {
    throw new UnsupportedSignatureVersionError('"authTraits" is empty: the service offers no auth scheme', {
      param: "authTraits",
    });
  }
  const found = TRAITS.get(first);
  if (found !== undefined) return found;
  throw new UnknownSignatureVersionError(
    `the auth trait "${first}" is unknown; known are ${[...TRAITS.keys()].join(", ")}`,
    {
      param: "authTraits",
      value: first,
    },
  );
}

/**
 * The signature version of the scheme that the user prefers among those of the service; without a match that of the
 * service's first. Preferred schemes that nobody knows are passed over.
 *
 * @param preferenceList scheme names without their namespace: "sigv4a", "sigv4", "httpBearerAuth", "noAuth"
 * @param authOptions traits of the service: "aws.auth#sigv4"
 * @throws UnsupportedSignatureVersionError when none of the service's schemes can be made
 *
 * @example
 * ```ts
 * import { resolveAuthSchemePreference } from "aws-refresh-session/signing";
 *
 * resolveAuthSchemePreference(["sigv4a"], ["aws.auth#sigv4", "aws.auth#sigv4a"]); // "v4a"
 * ```
 */
export function resolveAuthSchemePreference(
  preferenceList: readonly string[],
  authOptions: readonly string[],
): AuthType {
  const offered = listOf(authOptions, "authOptions").map(schemeOf);
  for (const scheme of [...listOf(preferenceList, "preferenceList"), ...offered]) {
    const type = SCHEMES.get(scheme);
    if (type !== undefined && offered.includes(scheme)) return type;
  }
  throw new UnsupportedSignatureVersionError(
    `none of the auth schemes that the service offers can be made: ${[...offered].sort().join(", ") || "it offers none"}`,
    { param: "authOptions", details: { authOptions: offered } },
  );
}

function schemeOf(trait: string): string {
  return trait.slice(trait.lastIndexOf("#") + 1);
}

function listOf(list: unknown, param: string): readonly string[] {
  if (Array.isArray(list) && list.every((each) => typeof each === "string")) return list;
  throw new BRSValidationError(`"${param}" must be a list of strings, found ${masked(list)}`, { param });
}
