/** The options that the sources of credentials share, and their checks. */
import { assertRegion } from "../aws/endpoints.js";
import type { Clock, Environment } from "../defaults.js";
import {
  checkFunction,
  checkNames,
  checkRecord,
  checkText,
  isRecord,
  refuse,
  type TextRule,
} from "../strategies/option-checks.js";

/** Options of every source that reads files or variables. */
export interface PlaceOptions {
  /** Variables by name; default: those of the process. Read anew at each call of the provider. */
  env?: Environment;
  /** The directory whose `.aws` holds the files; default: the user's home. */
  homeDir?: string;
}

/** Options of every source that may call AWS. */
export interface SourceOptions extends PlaceOptions {
  /** Region of STS; default: AWS_REGION, AWS_DEFAULT_REGION, the profile's, and without any the global endpoint. */
  region?: string;
  /** Default: AWS_PROFILE, AWS_DEFAULT_PROFILE, "default". */
  profileName?: string;
  /** The time as epoch milliseconds; default: the system's. */
  clock?: Clock;
}

export const checkEnvironment = (param: string, value: unknown): Environment =>
  // The variables may be secrets, so the error tells the type alone.
  isRecord(value) ? (value as Environment) : refuse(param, "an object of variables", value, true);

export const HOME_RULE: TextRule = { expected: "the path of a directory" };
export const PROFILE_RULE: TextRule = { expected: "the name of a profile" };

const CHECKS: Readonly<Record<keyof SourceOptions, (param: string, value: unknown) => unknown>> = {
  env: checkEnvironment,
  homeDir: (param, value) => checkText(param, value, HOME_RULE),
  region: (param, value) => assertRegion(value, param),
  profileName: (param, value) => checkText(param, value, PROFILE_RULE),
  clock: (param, value) => checkFunction(param, value),
};

/**
 * Checks the names of all options, and the values of those that sources share.
 *
 * @param own names that only this source has
 * @param unused shared ones that this source has no use for
 */
export function checkSourceOptions(
  given: unknown,
  own: readonly string[] = [],
  unused: ReadonlyArray<keyof SourceOptions> = [],
): Readonly<Record<string, unknown>> {
  const options = checkRecord("options", given, '{ profileName: "reports" }');
  const shared = Object.keys(CHECKS).filter((name) => !(unused as readonly string[]).includes(name));
  checkNames("", options, [...shared, ...own]);
  for (const [name, check] of Object.entries(CHECKS)) if (options[name] !== undefined) check(name, options[name]);
  return options;
}
