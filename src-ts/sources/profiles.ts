/** Which profile is meant, which there are, and what one says. */
import { assertRegion } from "../aws/endpoints.js";
import { type Environment, processEnvironment } from "../defaults.js";
import { BRSConfigurationError } from "../errors.js";
import { type FilePlaces, loadSharedConfig, type SharedConfig } from "./config-files.js";
import type { IniSection } from "./ini-parser.js";

/** Where a choice of profile is looked for. */
export interface ProfilePlaces extends FilePlaces {
  /** The name that the user gave in code. */
  readonly profileName?: string | undefined;
}

/** A profile by name, and by what it was chosen. */
export interface ChosenProfile {
  readonly name: string;
  /** Undefined for `default`, which is used without being asked for, and may be absent. */
  readonly by: "profileName" | "AWS_PROFILE" | "AWS_DEFAULT_PROFILE" | undefined;
}

/** The option, then AWS_PROFILE, then AWS_DEFAULT_PROFILE, then "default". An empty variable counts as absent. */
export function chooseProfile({ env, profileName }: ProfilePlaces): ChosenProfile {
  if (profileName !== undefined) return { name: profileName, by: "profileName" };
  for (const by of ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] as const) {
    const name = env[by];
    if (name) return { name, by };
  }
  return { name: "default", by: undefined };
}

/**
 * What the chosen profile says; undefined where it was not asked for and is not there.
 *
 * @throws BRSConfigurationError with code ERR_PROFILE_NOT_FOUND when a profile that was asked for is in neither file;
 *   `details.profiles` are the names that are
 */
export function findProfile(shared: SharedConfig, { name, by }: ChosenProfile): IniSection | undefined {
  const found = shared.profiles.get(name);
  if (found !== undefined || by === undefined) return found;
  const names = [...shared.profiles.keys()];
  const there = names.length === 0 ? "no profiles" : `the profiles ${names.map((each) => `"${each}"`).join(", ")}`;
  const files = `${shared.config.path} and ${shared.credentials.path}`;
  throw new BRSConfigurationError(`profile "${name}" (chosen by ${by}) is not there: ${files} have ${there}`, {
    code: "ERR_PROFILE_NOT_FOUND",
    param: by,
    value: name,
    details: { profiles: names },
  });
}

/**
 * The text of a key; undefined where it is not set.
 *
 * @throws BRSConfigurationError when the key heads a block
 */
export function textOf(profile: IniSection | undefined, name: string, key: string): string | undefined {
  const value = profile?.get(key);
  if (value === undefined || typeof value === "string") return value;
  throw new BRSConfigurationError(
    `profile "${name}": ${key} must be text on its own line, but an indented block follows it`,
    {
      param: key,
    },
  );
}

/**
 * The region: what was given, AWS_REGION, AWS_DEFAULT_REGION, `region` of the profile. The files are read only when all
 * before are silent.
 *
 * @throws BRSValidationError for a region that is no region name, BRSConfigurationError as {@link findProfile} does
 */
export function chooseRegion(given: string | undefined, places: ProfilePlaces): string | undefined {
  if (given !== undefined) return given;
  for (const variable of ["AWS_REGION", "AWS_DEFAULT_REGION"]) {
    const region = places.env[variable];
    if (!region) continue;
    assertRegion(region, variable);
    return region;
  }
  const chosen = chooseProfile(places);
  const region = textOf(findProfile(loadSharedConfig(places), chosen), chosen.name, "region");
  if (!region) return undefined;
  assertRegion(region, `region of profile "${chosen.name}"`);
  return region;
}

/**
 * Names of the profiles in the config and the credentials file, in the order in which they stand there.
 *
 * @throws BRSConfigurationError with code ERR_CONFIG_PARSE for a file that cannot be understood
 * @example
 * ```ts
 * import { availableProfiles } from "aws-refresh-session/sources";
 *
 * console.log(availableProfiles()); // [ "default", "reports" ]
 * ```
 */
export function availableProfiles(options: { env?: Environment; homeDir?: string } = {}): string[] {
  return [...loadSharedConfig({ env: options.env ?? processEnvironment(), homeDir: options.homeDir }).profiles.keys()];
}
