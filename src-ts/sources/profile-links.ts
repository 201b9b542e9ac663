/** The places within a profile where credentials of its own can stand, in the order of botocore; roles are another matter. */
import { BRSConfigurationError } from "../errors.js";
import type { IniSection } from "./ini-parser.js";
import { findProcess } from "./process.js";
import { findStaticKeys } from "./static-keys.js";
import { type Found, isFound, type Nothing, type Surroundings } from "./surroundings.js";
import { findWebIdentity } from "./web-identity.js";

/**
 * Looks in one place of a profile. What stands there but cannot be used throws, and with that ends the search.
 *
 * @param usesVariables whether variables of the environment count beside the profile
 */
export type ProfileLink = (place: Surroundings, name: string, usesVariables: boolean) => Found | Nothing;

/** By the names of botocore. */
export const PROFILE_LINKS = {
  "assume-role-with-web-identity": (place, name, usesVariables) => findWebIdentity(place, name, usesVariables),
  sso: (place, name) => notYet(place.section(name), name, ["sso_account_id", "sso_role_name"], "AWS SSO"),
  "shared-credentials-file": ({ shared: { credentials } }, name) =>
    findStaticKeys(credentials, name, credentials.sections.get(name)),
  login: (place, name) => notYet(place.section(name), name, ["login_session"], "aws login"),
  "custom-process": (place, name) => findProcess(place, name),
  "config-file": ({ shared: { config, configProfiles } }, name) =>
    findStaticKeys(config, name, configProfiles.get(name)),
} as const satisfies Readonly<Record<string, ProfileLink>>;

export type ProfileLinkName = keyof typeof PROFILE_LINKS;

export const PROFILE_LINK_NAMES = Object.keys(PROFILE_LINKS) as readonly ProfileLinkName[];

/** What a profile has that another takes as its source. */
export function findInProfile(place: Surroundings, name: string): Found | Nothing {
  const reasons: Nothing[] = [];
  for (const link of PROFILE_LINK_NAMES) {
    const looked = PROFILE_LINKS[link](place, name, false);
    if (isFound(looked)) return looked;
    reasons.push(looked);
  }
  return reasons.join("; ");
}

function notYet(section: IniSection, name: string, keys: readonly string[], what: string): Nothing {
  const found = keys.find((key) => section.has(key));
  if (found === undefined) return `profile "${name}" has no ${keys.join(" or ")}`;
  throw unsupported(`profile "${name}" takes its credentials from ${what} (${found})`);
}

/** The error of a source that this version does not know, when it is the one that counts. */
export function unsupported(what: string): BRSConfigurationError {
  return new BRSConfigurationError(
    `${what}, which this version does not fetch yet: give another provider, such as one of @aws-sdk/credential-providers`,
    { code: "ERR_SOURCE_UNSUPPORTED" },
  );
}
