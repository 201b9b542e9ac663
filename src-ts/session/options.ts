/** The options that every session takes: their types, defaults and checks. */
import { assertRegion } from "../aws/endpoints.js";
import type { SdkRequestHandler } from "../clients/sdk-client.js";
import { type Clock, type Environment, processEnvironment, systemClock } from "../defaults.js";
import { BRSConfigurationError, BRSValidationError } from "../errors.js";
import { REFRESH_DEFAULTS } from "../refresh/refresh-options.js";
import { chooseRegion } from "../sources/profiles.js";
import { checkEnvironment, HOME_RULE, PROFILE_RULE } from "../sources/source-options.js";
import { meantOption } from "../strategies/meant-option.js";
import {
  checkBoolean,
  checkFunction,
  checkOneOf,
  checkRecord,
  checkRequestHandler,
  checkSeconds,
  checkSignal,
  checkText,
  givenNames,
  LONGEST_TIMER_SECONDS,
  refuse,
} from "../strategies/option-checks.js";
import type { MethodOptions } from "./registry.js";

/** Options of every method. Times are seconds. */
export interface SessionOptions {
  /** Default: AWS_REGION, then AWS_DEFAULT_REGION, then that of the profile. */
  region?: string;
  /** Another name of `region`, as boto3 spells it. */
  regionName?: string;
  /** False fetches the first credentials at construction (`session.ready` tells when); default true: at the first use. */
  deferRefresh?: boolean;
  /** From this long before the end the credentials are refreshed while callers go on with the current ones; default 900. */
  advisoryTimeout?: number;
  /** From this long before the end callers wait for the refresh; default 600. */
  mandatoryTimeout?: number;
  /** One refresh fails after this time; default 30, and 300 where `mfaTokenProvider` has to be waited for. */
  refreshTimeout?: number;
  /**
   * "windows" (default) fails callers when a mandatory refresh fails; "static-stability" goes on with the credentials at
   * hand, as the AWS SDKs of 2026 do, and takes its windows from their lifetime: the two timeouts and `onMandatoryFailure`
   * are refused with it.
   */
  refreshPolicy?: "windows" | "static-stability";
  /** "serve-valid" hands out the credentials at hand while they are valid although a mandatory refresh failed. */
  onMandatoryFailure?: "reject" | "serve-valid";
  /** The time as epoch milliseconds; default: the system's. */
  clock?: Clock;
  /** Environment variables; default: those of the process, read when they are needed. */
  env?: Environment;
  /** The home directory, for configuration files; default: the user's. */
  homeDir?: string;
  /** Name of the profile in AWS's configuration files; default: AWS_PROFILE, then AWS_DEFAULT_PROFILE. */
  profileName?: string;
  /**
   * Refreshes ahead of time, by one timer for all sessions of the thread that never keeps the process alive. Only once the
   * session was used, and never where a refresh would ask a person for an MFA code. Default false.
   */
  backgroundRefresh?: boolean;
  /**
   * Shares the credentials, and each refresh of them, with the sessions of the same name in all worker threads of the
   * process; `true` takes the name from the options, which must then be plain data.
   */
  shared?: string | true;
  /** Closes the session when it aborts. */
  signal?: AbortSignal;
  /**
   * One connection handler for all clients of `session.client()` and `session.resource()`, such as
   * `new NodeHttpHandler({ requestTimeout: 3_000 })`. No client ends it: it is destroyed with the session, once the clients that are
   * in its caches then are idle; what is in flight on others ends with it. Default: each client has one of its own.
   */
  requestHandler?: SdkRequestHandler;
}

/** Options with every default filled in. */
export interface EffectiveOptions {
  readonly region: string | undefined;
  readonly deferRefresh: boolean;
  /** Undefined where the policy takes it from the lifetime of the credentials. */
  readonly advisoryTimeout: number | undefined;
  readonly mandatoryTimeout: number;
  /** What the user gave: the default depends on whether a code of an MFA device has to be waited for. */
  readonly refreshTimeout: number | undefined;
  readonly refreshPolicy: "windows" | "static-stability";
  readonly onMandatoryFailure: "reject" | "serve-valid";
  readonly clock: Clock;
  /** What the user gave as `clock`, for parts that have a default of their own. */
  readonly givenClock: Clock | undefined;
  readonly env: Environment;
  /** What the user gave as `env`. */
  readonly givenEnv: Environment | undefined;
  /** What the user gave as `homeDir`. */
  readonly givenHomeDir: string | undefined;
  /** What the user gave as `profileName`. */
  readonly profileName: string | undefined;
  readonly backgroundRefresh: boolean;
  readonly shared: string | true | undefined;
  readonly signal: AbortSignal | undefined;
  readonly requestHandler: SdkRequestHandler | undefined;
}

/** How a method's own options are known: `all` for a method of the user, who checks them in the strategy factory. */
export interface OptionNames {
  readonly method: string;
  readonly own: readonly string[] | "all";
}

/** Checks the common options and the names of all; the method checks the values of its own. */
export function checkOptions(given: unknown, names: OptionNames, methods: readonly MethodOptions[]): EffectiveOptions {
  const options = checkRecord("options", given, '{ method: "sts", assumeRole: { RoleArn: "..." } }');
  if (options.method !== undefined && options.method !== names.method) {
    refuse("method", `"${names.method}" for this class of session`, options.method);
  }
  checkOptionNames(options, names, methods);
  const checked: Checked = {};
  for (const [name, check] of Object.entries(CHECKS)) {
    if (options[name] !== undefined) checked[name as keyof SessionOptions] = check(name, options[name]) as never;
  }
  return withDefaults(checked);
}

type Checked = { -readonly [Name in keyof SessionOptions]: SessionOptions[Name] };

function checkOptionNames(options: object, { method, own }: OptionNames, methods: readonly MethodOptions[]): void {
  if (own === "all") return;
  const known = ["method", ...own, ...Object.keys(CHECKS)];
  const unknown = givenNames(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const other = methods.find((candidate) => candidate.names.includes(unknown));
  if (other !== undefined) {
    throw new BRSValidationError(
      `${unknown} is an option of method "${other.method}", but this session has method "${method}"`,
      { param: unknown },
    );
  }
  const meant = LATER.includes(unknown) ? undefined : meantOption(unknown, known);
  const hint = meant === undefined ? `method "${method}" takes ${known.join(", ")}` : `did you mean ${meant}?`;
  const what = LATER.includes(unknown) ? "is not in this version" : "is not an option";
  throw new BRSValidationError(`${unknown} ${what}; ${hint}`, { param: unknown });
}

/** Options that are announced. */
const LATER: readonly string[] = ["store"];

function withDefaults(options: Checked): EffectiveOptions {
  const { region, regionName } = options;
  if (region !== undefined && regionName !== undefined && region !== regionName) {
    throw new BRSConfigurationError(
      `region is "${region}" but regionName is "${regionName}": they mean the same, give one`,
      {
        param: "regionName",
      },
    );
  }
  const env = options.env ?? processEnvironment();
  const refreshPolicy = options.refreshPolicy ?? "windows";
  if (refreshPolicy === "static-stability") refuseWindows(options);
  const isWindows = refreshPolicy === "windows";
  const advisoryTimeout = isWindows ? (options.advisoryTimeout ?? REFRESH_DEFAULTS.advisoryTimeout) : undefined;
  const mandatoryTimeout = isWindows
    ? (options.mandatoryTimeout ?? REFRESH_DEFAULTS.mandatoryTimeout)
    : STATIC_MANDATORY;
  if (advisoryTimeout !== undefined && mandatoryTimeout > advisoryTimeout) {
    const whence = (name: keyof Checked) => (options[name] === undefined ? " (the default)" : "");
    throw new BRSConfigurationError(
      `mandatoryTimeout ${mandatoryTimeout}${whence("mandatoryTimeout")} is above advisoryTimeout ${advisoryTimeout}` +
        `${whence("advisoryTimeout")}: callers would wait before a refresh is advised; set both`,
      { param: "mandatoryTimeout", value: mandatoryTimeout },
    );
  }
  return {
    region: chooseRegion(region ?? regionName, { env, homeDir: options.homeDir, profileName: options.profileName }),
    deferRefresh: options.deferRefresh ?? true,
    advisoryTimeout,
    mandatoryTimeout,
    refreshTimeout: options.refreshTimeout,
    refreshPolicy,
    onMandatoryFailure: options.onMandatoryFailure ?? "reject",
    clock: options.clock ?? systemClock,
    givenClock: options.clock,
    env,
    givenEnv: options.env,
    givenHomeDir: options.homeDir,
    profileName: options.profileName,
    backgroundRefresh: options.backgroundRefresh ?? false,
    shared: options.shared,
    signal: options.signal,
    requestHandler: options.requestHandler,
  };
}

/** The mandatory window of static stability, in seconds. */
const STATIC_MANDATORY = 60;

/** Static stability has rules of its own for these; taking a value and ignoring it would be a trap. */
function refuseWindows(options: Checked): void {
  const names = ["advisoryTimeout", "mandatoryTimeout", "onMandatoryFailure"] as const;
  const given = names.find((name) => options[name] !== undefined);
  if (given === undefined) return;
  throw new BRSConfigurationError(
    `${given} has no effect with refreshPolicy "static-stability", which takes its windows from the lifetime of the ` +
      'credentials and always serves what it holds; leave it out, or use refreshPolicy "windows"',
    { param: given },
  );
}

const checkRegion = (param: string, value: unknown): string => {
  assertRegion(value, param);
  return value;
};

const CHECKS: { readonly [Name in keyof SessionOptions]-?: (param: string, value: unknown) => SessionOptions[Name] } = {
  region: checkRegion,
  regionName: checkRegion,
  deferRefresh: checkBoolean,
  advisoryTimeout: (param, value) => checkSeconds(param, value),
  mandatoryTimeout: (param, value) => checkSeconds(param, value),
  refreshTimeout: (param, value) => checkSeconds(param, value, { above: true, max: LONGEST_TIMER_SECONDS }),
  refreshPolicy: (param, value) => checkOneOf(param, value, ["windows", "static-stability"]),
  onMandatoryFailure: (param, value) => checkOneOf(param, value, ["reject", "serve-valid"]),
  clock: (param, value) => checkFunction(param, value) as Clock,
  env: (param, value) => checkEnvironment(param, value),
  homeDir: (param, value) => checkText(param, value, HOME_RULE),
  profileName: (param, value) => checkText(param, value, PROFILE_RULE),
  backgroundRefresh: checkBoolean,
  shared: (param, value) =>
    value === true || checkText(param, value, { expected: "true, or a name of 1 to 128 characters", max: 128 }),
  signal: checkSignal,
  requestHandler: checkRequestHandler,
};
