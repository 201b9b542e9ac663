/** Profiles that assume a role: `role_arn` with `source_profile` or `credential_source`, one behind the other. */
import { BRSConfigurationError, BRSError, shown } from "../errors.js";
import { type AssumeRoleParameters, checkAssumeRole } from "../strategies/assume-role.js";
import type { RefreshContext, TemporaryCredentials } from "../strategies/strategy.js";
import { findVariables } from "./env.js";
import { findInProfile, unsupported } from "./profile-links.js";
import { textOf } from "./profiles.js";
import { hasStaticKeys } from "./static-keys.js";
import { type Found, isFound, type Nothing, type Surroundings } from "./surroundings.js";

/**
 * Looks for a role in a profile, and for the credentials that assume it.
 *
 * Rules of botocore: a profile with `web_identity_token_file` is none of these; in a source profile keys of its own win over
 * a role; a profile may name itself as its source if it has keys; any other way back to a profile is an error.
 *
 * @param visited the profiles on the way here, this one included
 */
export function findRole(place: Surroundings, name: string, visited: readonly string[] = [name]): Found | Nothing {
  const section = place.section(name);
  if (!assumesRole(place, name)) {
    return section.has("role_arn")
      ? `profile "${name}" has a web_identity_token_file`
      : `profile "${name}" has no role_arn`;
  }
  const role = readRole(place, name);
  const source = findSource(place, name, visited);
  return {
    said: `role ${role.RoleArn} of profile "${name}", assumed by ${source.said}`,
    fetch: async (context) => assume(place, role, await source.fetch(context), context),
  };
}

function assumesRole(place: Surroundings, name: string): boolean {
  const section = place.section(name);
  return section.has("role_arn") && !section.has("web_identity_token_file");
}

function findSource(place: Surroundings, name: string, visited: readonly string[]): Found {
  const section = place.section(name);
  const sourceProfile = textOf(section, name, "source_profile");
  const credentialSource = textOf(section, name, "credential_source");
  if (sourceProfile !== undefined && credentialSource !== undefined) {
    throw problem(name, "has source_profile and credential_source: they exclude each other, remove one");
  }
  if (credentialSource !== undefined) return findNamedSource(place, name, credentialSource);
  if (sourceProfile !== undefined) return findSourceProfile(place, name, sourceProfile, visited);
  throw problem(name, "has a role_arn, but neither source_profile nor credential_source to assume it by");
}

function findSourceProfile(place: Surroundings, name: string, source: string, visited: readonly string[]): Found {
  if (!place.shared.profiles.has(source)) throw problem(name, `has source_profile "${source}", which is not there`);
  const section = place.section(source);
  const hasKeys = hasStaticKeys(section);
  if (visited.includes(source) && !(source === name && hasKeys)) {
    const way = [...visited, source].map((each) => `"${each}"`).join(" -> ");
    throw problem(name, `takes itself as its source in the end: ${way}`, "ERR_PROFILE_LOOP");
  }
  const looked =
    hasKeys || !assumesRole(place, source)
      ? findInProfile(place, source)
      : findRole(place, source, [...visited, source]);
  if (isFound(looked)) return looked;
  throw problem(name, `has source_profile "${source}", which has no credentials: ${looked}`);
}

/** Exactly as they are written here; other cases are refused, as botocore does. */
const LATER_SOURCES: ReadonlySet<string> = new Set(["EcsContainer", "Ec2InstanceMetadata"]);

function findNamedSource(place: Surroundings, name: string, source: string): Found {
  if (LATER_SOURCES.has(source)) {
    throw unsupported(`profile "${name}" takes its credentials from credential_source ${source}`);
  }
  if (source !== "Environment") {
    const known = ["Environment", ...LATER_SOURCES].join(", ");
    throw problem(name, `has credential_source ${shown(source)}, but must have one of ${known}`);
  }
  const looked = findVariables(place.env);
  if (isFound(looked)) return looked;
  throw problem(name, `has credential_source Environment, but ${looked}`);
}

/** Keys of a profile, by the names of the parameters that they become. */
const KEYS = {
  RoleArn: "role_arn",
  RoleSessionName: "role_session_name",
  ExternalId: "external_id",
  DurationSeconds: "duration_seconds",
} as const;

function readRole(place: Surroundings, name: string): AssumeRoleParameters {
  const section = place.section(name);
  const given: Record<string, unknown> = {};
  for (const [parameter, key] of Object.entries(KEYS)) {
    const text = textOf(section, name, key);
    if (text !== undefined) given[parameter] = parameter === "DurationSeconds" ? wholeNumber(text) : text;
  }
  const SerialNumber = textOf(section, name, "mfa_serial");
  if (SerialNumber !== undefined && place.mfaCodes === undefined) {
    throw problem(
      name,
      `needs codes of the MFA device ${shown(SerialNumber)} (mfa_serial): give mfaTokenProvider to fromProfile, to fromChain ` +
        'or to a session of method "chain"',
      undefined,
      "mfaTokenProvider",
    );
  }
  try {
    const checked = checkAssumeRole(given);
    return SerialNumber === undefined ? checked : { ...checked, SerialNumber };
  } catch (error) {
    if (!(error instanceof BRSError)) throw error;
    const key = KEYS[error.param?.replace("assumeRole.", "") as keyof typeof KEYS];
    throw problem(
      name,
      error.message.replace(/assumeRole\.(\w+)/g, (_, parameter) => KEYS[parameter as "RoleArn"]),
      undefined,
      key,
    );
  }
}

/** As Python's `int` reads it; what is no whole number counts as absent, as for botocore. */
function wholeNumber(text: string): number | undefined {
  return /^\s*[+-]?\d+(?:_\d+)*\s*$/.test(text) ? Number(text.replaceAll("_", "")) : undefined;
}

async function assume(
  place: Surroundings,
  role: AssumeRoleParameters,
  source: TemporaryCredentials,
  context: RefreshContext,
): Promise<TemporaryCredentials> {
  return place.callSts(source, async (sts) => {
    const send = async (parameters: AssumeRoleParameters) => (await sts.assumeRole(parameters, context)).credentials;
    return role.SerialNumber === undefined || place.mfaCodes === undefined
      ? send(role)
      : place.mfaCodes.send(role, context, send);
  });
}

function problem(name: string, what: string, code?: string, param?: string): BRSConfigurationError {
  return new BRSConfigurationError(`profile "${name}" ${what}`, {
    ...(code !== undefined && { code }),
    ...(param !== undefined && { param }),
    details: { profile: name },
  });
}
