/** Credentials of a role for the token of an identity provider: web identity, as in EKS and in CI. */

import { BRSConfigurationError } from "../errors.js";
import type { ProviderFunction } from "../refresh/credential-source.js";
import { DEFAULT_ROLE_SESSION_NAME } from "../strategies/assume-role.js";
import { tokenFile } from "../strategies/identity-token.js";
import { checkText } from "../strategies/option-checks.js";
import { expandPath } from "./config-files.js";
import { textOf } from "./profiles.js";
import { providerOf } from "./provider.js";
import { checkSourceOptions, type SourceOptions } from "./source-options.js";
import type { Found, Nothing, Surroundings } from "./surroundings.js";

export interface FromWebIdentityOptions extends SourceOptions {
  /** Path of the file that holds the token; default: AWS_WEB_IDENTITY_TOKEN_FILE, `web_identity_token_file`. */
  webIdentityTokenFile?: string;
  /** Default: AWS_ROLE_ARN, `role_arn`. */
  roleArn?: string;
  /** Default: AWS_ROLE_SESSION_NAME, `role_session_name`, "aws-refresh-session". */
  roleSessionName?: string;
}

/** The three settings: as option, as variable and as key of a profile. */
const SETTINGS = {
  webIdentityTokenFile: ["AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file"],
  roleArn: ["AWS_ROLE_ARN", "role_arn"],
  roleSessionName: ["AWS_ROLE_SESSION_NAME", "role_session_name"],
} as const;

type Setting = keyof typeof SETTINGS;
type Settings = { readonly [Name in Setting]?: string | undefined };

/**
 * A provider function of STS AssumeRoleWithWebIdentity. The file with the token is read at each call, since whoever issues
 * tokens writes new ones into it.
 *
 * Each of the three settings is looked for by itself: in the options, in its variable, in the profile. With `profileName`
 * the variables do not count.
 *
 * @returns a function that rejects with BRSConfigurationError when file or role is not set, BRSCredentialError when the file
 * cannot be read, BRSRequestError when STS refuses, BRSConnectionError when it cannot be reached
 * @example
 * ```ts
 * import { fromWebIdentity } from "aws-refresh-session/sources";
 *
 * const provider = fromWebIdentity({
 *   webIdentityTokenFile: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
 *   roleArn: "arn:aws:iam::123456789012:role/reports",
 *   region: "eu-central-1",
 * });
 * ```
 */
export function fromWebIdentity(options: FromWebIdentityOptions = {}): ProviderFunction {
  const names = Object.keys(SETTINGS) as Setting[];
  checkSourceOptions(options, names);
  for (const name of names) if (options[name] !== undefined) checkText(name, options[name], { expected: "text" });
  return providerOf(options, (place) => {
    place.assertProfile();
    return findWebIdentity(place, place.profile.name, place.usesVariables, options);
  });
}

/** Looks for a token file and its role, in variables where they count, then in the profile. */
export function findWebIdentity(
  place: Surroundings,
  name: string,
  usesVariables: boolean,
  given: Settings = {},
): Found | Nothing {
  /** What is set, and the name it is set by. */
  const setting = (which: Setting): readonly [value: string, by: string] | undefined => {
    const [variable, key] = SETTINGS[which];
    const option = given[which];
    if (option !== undefined) return [option, which];
    if (usesVariables && place.env[variable]) return [place.env[variable], variable];
    const text = textOf(place.section(name), name, key);
    return text ? [text, `${key} of profile "${name}"`] : undefined;
  };
  const [file, by] = setting("webIdentityTokenFile") ?? [];
  if (file === undefined || by === undefined) {
    const variable = usesVariables ? "AWS_WEB_IDENTITY_TOKEN_FILE is not set, and " : "";
    return `${variable}profile "${name}" has no web_identity_token_file`;
  }
  const [RoleArn] = setting("roleArn") ?? [];
  if (RoleArn === undefined) {
    throw new BRSConfigurationError(
      `the token in ${file} has no role to go with it: set ${usesVariables ? "AWS_ROLE_ARN, or " : ""}role_arn of ` +
        `profile "${name}"`,
      { param: "roleArn" },
    );
  }
  const [RoleSessionName] = setting("roleSessionName") ?? [DEFAULT_ROLE_SESSION_NAME];
  // A path in the options is expanded, as elsewhere; those that other tools read too are taken as they are by all of them.
  const token = tokenFile(by, by === "webIdentityTokenFile" ? expandPath(file, place) : file);
  return {
    said: `role ${RoleArn} for the token in ${file}`,
    fetch: async (context) => {
      const WebIdentityToken = await token(context);
      return place.callSts(undefined, async (sts) => {
        const parameters = { RoleArn, RoleSessionName, WebIdentityToken };
        return (await sts.assumeRoleWithWebIdentity(parameters, context)).credentials;
      });
    },
  };
}
