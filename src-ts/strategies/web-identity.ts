/** The parameters of STS AssumeRoleWithWebIdentity, and where its token comes from: options first, then the environment. */
import type { WebIdentityParameters } from "../aws/sts-calls.js";
import { BRSConfigurationError } from "../errors.js";
import { expandPath, type FilePlaces } from "../sources/config-files.js";
import { DEFAULT_ROLE_SESSION_NAME } from "./assume-role.js";
import { checkPath, type TokenProvider, type TokenSource, tokenFile, tokenProvider } from "./identity-token.js";
import { checkAlternatives } from "./option-checks.js";
import { checkField, checkFields } from "./sts-fields.js";

/**
 * The `webIdentity` option: the input of STS AssumeRoleWithWebIdentity without its token, in AWS's own spelling.
 *
 * @example
 * ```ts
 * import type { WebIdentityOptions } from "aws-refresh-session";
 *
 * const webIdentity: WebIdentityOptions = {
 *   RoleArn: "arn:aws:iam::123456789012:role/reports",
 *   RoleSessionName: "reports-job",
 *   DurationSeconds: 3600,
 * };
 * ```
 */
export interface WebIdentityOptions {
  /** Default: AWS_ROLE_ARN. */
  RoleArn?: string;
  /** Default: AWS_ROLE_SESSION_NAME, then "aws-refresh-session". */
  RoleSessionName?: string;
  /** For OAuth 2.0 access tokens alone: `www.amazon.com` or `graph.facebook.com`. */
  ProviderId?: string;
  PolicyArns?: ReadonlyArray<{ arn: string }>;
  /** A session policy as JSON text. */
  Policy?: string;
  /** Lifetime of each set of credentials in seconds; AWS takes 900 to 43200 and uses 3600 when left out. */
  DurationSeconds?: number;
}

/** Where the token comes from; one of the two, or else the file that AWS_WEB_IDENTITY_TOKEN_FILE names. */
export interface WebIdentityTokenOptions {
  /** Path of a file that holds the token and is read at each refresh; a leading `~` and variables such as `$HOME` are replaced. */
  webIdentityTokenFile?: string;
  /** Gives the token; called at each refresh. */
  webIdentityTokenProvider?: TokenProvider;
}

/** Options of the method, checked. */
export interface CheckedWebIdentity {
  readonly parameters: Readonly<Omit<WebIdentityParameters, "WebIdentityToken">>;
  readonly token: TokenSource;
}

export function checkWebIdentity(given: Readonly<Record<string, unknown>>, places: FilePlaces): CheckedWebIdentity {
  const options = checkFields<WebIdentityOptions>(
    "webIdentity",
    given.webIdentity === undefined ? {} : given.webIdentity,
    {
      fields: ["RoleArn", "RoleSessionName", "ProviderId", "PolicyArns", "Policy", "DurationSeconds"],
      required: [],
      example: '{ RoleArn: "arn:aws:iam::123456789012:role/name" }',
    },
  );
  const { env } = places;
  const fromEnv = (field: "RoleArn" | "RoleSessionName", variable: string) =>
    options[field] ?? (env[variable] ? (checkField(field, variable, env[variable]) as string) : undefined);
  const RoleArn = fromEnv("RoleArn", "AWS_ROLE_ARN");
  if (RoleArn === undefined) {
    throw new BRSConfigurationError("webIdentity.RoleArn is missing: give the ARN of the role, or set AWS_ROLE_ARN", {
      param: "webIdentity.RoleArn",
    });
  }
  const RoleSessionName = fromEnv("RoleSessionName", "AWS_ROLE_SESSION_NAME") ?? DEFAULT_ROLE_SESSION_NAME;
  return {
    parameters: Object.freeze({ ...options, RoleArn, RoleSessionName }),
    token: checkToken(given, places),
  };
}

function checkToken(given: Readonly<Record<string, unknown>>, places: FilePlaces): TokenSource {
  const { webIdentityTokenFile: file, webIdentityTokenProvider: provider } = given;
  checkAlternatives({ webIdentityTokenFile: file, webIdentityTokenProvider: provider });
  if (provider !== undefined) return tokenProvider("WebIdentityToken", "webIdentityTokenProvider", provider);
  if (file !== undefined)
    return tokenFile("webIdentityTokenFile", expandPath(checkPath("webIdentityTokenFile", file), places));
  const variable = places.env.AWS_WEB_IDENTITY_TOKEN_FILE;
  if (variable) return tokenFile("AWS_WEB_IDENTITY_TOKEN_FILE", variable);
  throw new BRSConfigurationError(
    "webIdentityTokenFile is missing: give the path of the token or webIdentityTokenProvider, or set AWS_WEB_IDENTITY_TOKEN_FILE",
    { param: "webIdentityTokenFile" },
  );
}
