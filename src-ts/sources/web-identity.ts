/** Credentials of a role for the token of an identity provider: web identity, as in EKS and in CI. */
import { readFile } from "node:fs/promises";
import { BRSConfigurationError, BRSCredentialError } from "../errors.js";
import { DEFAULT_ROLE_SESSION_NAME } from "../strategies/assume-role.js";
import { checkText } from "../strategies/option-checks.js";
import { textOf } from "./profiles.js";
import { providerOf, type SourceProvider } from "./provider.js";
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
export function fromWebIdentity(options: FromWebIdentityOptions = {}): SourceProvider {
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
  const setting = (which: Setting): string | undefined => {
    const [variable, key] = SETTINGS[which];
    return given[which] || (usesVariables && place.env[variable]) || textOf(place.section(name), name, key);
  };
  const file = setting("webIdentityTokenFile");
  if (!file) {
    const variable = usesVariables ? "AWS_WEB_IDENTITY_TOKEN_FILE is not set, and " : "";
    return `${variable}profile "${name}" has no web_identity_token_file`;
  }
  const RoleArn = setting("roleArn");
  if (!RoleArn) {
    throw new BRSConfigurationError(
      `the token in ${file} has no role to go with it: set ${usesVariables ? "AWS_ROLE_ARN, or " : ""}role_arn of ` +
        `profile "${name}"`,
      { param: "roleArn" },
    );
  }
  const RoleSessionName = setting("roleSessionName") || DEFAULT_ROLE_SESSION_NAME;
  return {
    said: `role ${RoleArn} for the token in ${file}`,
    fetch: async (fetching) => {
      const WebIdentityToken = await readToken(file, fetching.signal);
      return place.callSts(undefined, async (sts) => {
        const parameters = { RoleArn, RoleSessionName, WebIdentityToken };
        return (await sts.assumeRoleWithWebIdentity(parameters, fetching)).credentials;
      });
    },
  };
}

/** Tools that write tokens often end them with a line feed, which is no part of any token. */
async function readToken(file: string, signal: AbortSignal): Promise<string> {
  const problem = (what: string, code?: string) =>
    new BRSCredentialError(`the token file ${file} ${what}`, {
      param: "webIdentityTokenFile",
      details: { path: file, ...(code !== undefined && { errno: code }) },
      retryable: true,
    });
  let token: string;
  try {
    token = (await readFile(file, { encoding: "utf8", signal })).trim();
  } catch (error) {
    signal.throwIfAborted();
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    throw problem(`cannot be read (${code}): is it mounted, and may this user read it?`, code);
  }
  if (token === "") throw problem("is empty: whoever issues the tokens has not written one yet");
  return token;
}
