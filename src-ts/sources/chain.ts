/** The default chain: the places where every AWS tool looks for credentials, in the order of botocore. */

import { systemClock } from "../defaults.js";
import { BRSError, BRSValidationError } from "../errors.js";
import type { ProviderFunction } from "../refresh/credential-source.js";
import { checkMfaOptions, type MfaOptions, refreshTimeoutWith } from "../strategies/mfa/index.js";
import { checkArray, checkOneOf } from "../strategies/option-checks.js";
import { findVariables } from "./env.js";
import { PROFILE_LINK_NAMES, PROFILE_LINKS, type ProfileLinkName, unsupported } from "./profile-links.js";
import { contextOf, nothingFound } from "./provider.js";
import { findRole } from "./role-profile.js";
import { checkSourceOptions, type SourceOptions } from "./source-options.js";
import { type Found, isFound, type LookOptions, type Nothing, Surroundings } from "./surroundings.js";

/** The places of the chain, by the names of botocore. */
export type ChainLinkName = "env" | "assume-role" | ProfileLinkName | "container-role";

export interface FromProfileOptions extends SourceOptions, MfaOptions {}

export interface FromChainOptions extends FromProfileOptions {
  /** Which places are looked at, and in which order; default: all, in the order of botocore. */
  order?: readonly ChainLinkName[];
}

/** What one place had to say. */
export interface ExplainedLink {
  readonly name: ChainLinkName;
  /** "not asked": a place before it was chosen or failed, and with that ended the search. */
  readonly outcome: "chosen" | "nothing" | "failed" | "not asked";
  /** What was found and where, or why there is nothing. Never a secret. */
  readonly said: string;
}

export interface ChainExplanation {
  /** The profile that the chain looks at. */
  readonly profileName: string;
  /** What chose it: an option or a variable; undefined for "default", which needs no choosing. */
  readonly profileChosenBy: string | undefined;
  readonly links: readonly ExplainedLink[];
  /** The place whose credentials a call would fetch. */
  readonly chosen: ChainLinkName | undefined;
  /** What a call would fail with before it calls anybody. */
  readonly problem: string | undefined;
}

/** A provider function that can tell where its credentials come from. */
export interface ChainProvider extends ProviderFunction {
  /**
   * Looks at all places as a call does, but fetches nothing: no request is sent and no program started.
   *
   * Never rejects; it tells what a call would fail with.
   */
  explain(): Promise<ChainExplanation>;
}

type Link = (place: Surroundings) => Found | Nothing;

const LINKS: Readonly<Record<ChainLinkName, Link>> = {
  env: ({ env, usesVariables }) =>
    usesVariables ? findVariables(env) : "variables do not count, since profileName names a profile",
  "assume-role": (place) => findRole(place, place.profile.name),
  ...inChosenProfile(),
  "container-role": ({ env }) => {
    const variable = CONTAINER_VARIABLES.find((name) => env[name]);
    if (variable === undefined) return `${CONTAINER_VARIABLES.join(" and ")} are not set`;
    throw unsupported(`the environment names a container's credentials (${variable})`);
  },
};

function inChosenProfile(): Record<ProfileLinkName, Link> {
  const links = PROFILE_LINK_NAMES.map((name) => {
    const link: Link = (place) => PROFILE_LINKS[name](place, place.profile.name, place.usesVariables);
    return [name, link] as const;
  });
  return Object.fromEntries(links) as Record<ProfileLinkName, Link>;
}

const CONTAINER_VARIABLES = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];

const LINK_NAMES = Object.keys(LINKS) as readonly ChainLinkName[];
const LINKS_OF_PROFILES: readonly ChainLinkName[] = ["assume-role", ...PROFILE_LINK_NAMES];

/**
 * A provider function of the credentials that the AWS command line and the SDKs would use: those of the environment, else of
 * the profile (a role, web identity, keys of either file, a program), each as `docs/sources.md` describes.
 *
 * Each call looks anew, files and variables included, so what changes is followed. The first place that has something wins;
 * when that cannot be used, the call fails, and places behind it are not asked.
 *
 * @returns a function that rejects with BRSCredentialError when no place has anything (`details.links` tells what each
 * said), BRSConfigurationError for settings that contradict each other or a profile that is not there, else with what the
 * chosen source fails with
 * @example
 * ```ts
 * import { fromChain } from "aws-refresh-session/sources";
 *
 * const chain = fromChain({ profileName: "reports", region: "eu-central-1" });
 * for (const { name, outcome, said } of (await chain.explain()).links) console.log(name, outcome, said);
 * const { accessKeyId } = await chain();
 * ```
 */
export function fromChain(options: FromChainOptions = {}): ChainProvider {
  checkSourceOptions(options, ["mfaTokenProvider", "mfaTokenProviderArgs", "order"]);
  return chainOf(options, options.order === undefined ? LINK_NAMES : checkOrder(options.order));
}

/**
 * A provider function of the credentials of one profile: a role with its source, web identity, keys, a program. Variables of
 * the environment choose the profile, the files and the region, but give no credentials.
 *
 * @returns a function that rejects as that of {@link fromChain} does
 * @example
 * ```ts
 * import { fromProfile } from "aws-refresh-session/sources";
 *
 * const provider = fromProfile({ profileName: "admin", mfaTokenProvider: ["ykman", "oath", "accounts", "code", "-s", "aws"] });
 * ```
 */
export function fromProfile(options: FromProfileOptions = {}): ChainProvider {
  checkSourceOptions(options, ["mfaTokenProvider", "mfaTokenProviderArgs"]);
  return chainOf(options, LINKS_OF_PROFILES, true);
}

function chainOf(given: FromProfileOptions, order: readonly ChainLinkName[], profileAlone = false): ChainProvider {
  const mfaCodes = mfaCodesOf(given);
  const options: LookOptions = { ...given, profileAlone, mfaCodes };
  const provide: ProviderFunction = async (properties) => {
    const place = new Surroundings(options);
    place.assertProfile();
    const links: ExplainedLink[] = [];
    for (const name of order) {
      const looked = LINKS[name](place);
      if (isFound(looked)) return looked.fetch(contextOf(properties));
      links.push({ name, outcome: "nothing", said: looked });
    }
    throw nothingFound(
      links.map(({ said }) => said),
      { links },
    );
  };
  return Object.assign(provide, {
    explain: async () => explain(new Surroundings(options), order),
    ...(mfaCodes !== undefined && { prompts: mfaCodes.prompts({}), refreshTimeout: refreshTimeoutWith(mfaCodes) }),
  });
}

function explain(place: Surroundings, order: readonly ChainLinkName[]): ChainExplanation {
  const links: ExplainedLink[] = [];
  let chosen: ChainLinkName | undefined;
  let problem = problemOf(() => place.assertProfile());
  for (const name of order) {
    if (chosen !== undefined || problem !== undefined) {
      links.push({ name, outcome: "not asked", said: "" });
      continue;
    }
    problem = problemOf(() => {
      const looked = LINKS[name](place);
      if (isFound(looked)) chosen = name;
      links.push(
        isFound(looked) ? { name, outcome: "chosen", said: looked.said } : { name, outcome: "nothing", said: looked },
      );
    });
    if (problem !== undefined) links.push({ name, outcome: "failed", said: problem });
  }
  if (chosen === undefined) problem ??= "no place has credentials";
  return { profileName: place.profile.name, profileChosenBy: place.profile.by, links, chosen, problem };
}

function problemOf(look: () => void): string | undefined {
  try {
    look();
    return undefined;
  } catch (error) {
    if (error instanceof BRSError) return error.message;
    throw error;
  }
}

/** What gives the codes for the devices of profiles; undefined without a provider. */
function mfaCodesOf(given: FromProfileOptions): LookOptions["mfaCodes"] {
  const { mfaTokenProvider, mfaTokenProviderArgs, clock } = given;
  if (mfaTokenProvider === undefined && mfaTokenProviderArgs === undefined) return undefined;
  // The device is named by the profile, which is read later.
  const parameters = { SerialNumber: "mfa_serial of the profile" };
  return checkMfaOptions(
    { mfaTokenProvider, mfaTokenProviderArgs },
    { parameters, param: "profile", now: clock ?? systemClock },
  );
}

function checkOrder(order: unknown): readonly ChainLinkName[] {
  const names = checkArray("order", order, LINK_NAMES.length, '"env"').map((name, index) =>
    checkOneOf(`order[${index}]`, name, LINK_NAMES),
  );
  const double = names.find((name, index) => names.indexOf(name) !== index);
  if (double === undefined) return names;
  throw new BRSValidationError(`order names "${double}" twice`, { param: "order", value: double });
}
