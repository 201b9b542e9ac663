/** Authentication tokens of Aurora DSQL: the password of a database role, or of `admin`. */
import type { Clock } from "../../defaults.js";
import { asRefreshable, type CredentialSource } from "../../refresh/credential-source.js";
import { checkNames } from "../option-names.js";
import { checkClock, checkHostname, checkRegion, signingMillis } from "../presigning/options.js";
import { signQuery } from "../presigning/query-signature.js";
import { validExpiresIn } from "../presigning/validity.js";
import { lastingTriple } from "./lasting-triple.js";

export interface DbConnectAuthTokenOptions {
  /** The endpoint of the cluster. */
  hostname: string;
  region: string;
  credentials: CredentialSource;
  /** How long the token is to be valid: 1 to 604 800 whole seconds. The default is 900. */
  expiresIn?: number;
  clock?: Clock;
}

const NAMES = ["hostname", "region", "credentials", "expiresIn", "clock"];

/** Seconds, as in botocore and the AWS SDKs. */
const LIFETIME = 900;

/**
 * A token for a connection to Aurora DSQL as a database role, to be given as the password. It is a secret.
 *
 * Credentials that live shorter than the token are refreshed first, where they can be. Source: "Generating an authentication
 * token" in the Aurora DSQL user guide; byte-equal to botocore's `generate_db_connect_auth_token`.
 *
 * Rejects with BRSValidationError or SigningError (ERR_SIGN_EXPIRES) that names the option, or with the failure of a refresh
 * that had to be awaited.
 *
 * @example
 * ```ts
 * import { generateDbConnectAuthToken } from "aws-refresh-session/signing";
 *
 * const password = () =>
 *   generateDbConnectAuthToken({
 *     hostname: "abc.dsql.eu-west-1.on.aws",
 *     region: "eu-west-1",
 *     credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
 *   });
 * ```
 */
export const generateDbConnectAuthToken = (options: DbConnectAuthTokenOptions): Promise<string> =>
  generate(options, "generateDbConnectAuthToken", "DbConnect");

/** As {@link generateDbConnectAuthToken}, for the role `admin`. */
export const generateDbConnectAdminAuthToken = (options: DbConnectAuthTokenOptions): Promise<string> =>
  generate(options, "generateDbConnectAdminAuthToken", "DbConnectAdmin");

async function generate(options: DbConnectAuthTokenOptions, caller: string, action: string): Promise<string> {
  checkNames(options, caller, NAMES);
  const { clock } = options;
  const hostname = checkHostname(options.hostname, "hostname");
  const region = checkRegion(options.region);
  const expiresIn = validExpiresIn(options.expiresIn === undefined ? LIFETIME : options.expiresIn);
  checkClock(clock);
  const credentials = asRefreshable(options.credentials);
  const triple = await lastingTriple(credentials, expiresIn);
  const { query } = signQuery(
    triple,
    { service: "dsql", region, host: hostname.toLowerCase(), path: "/", parameters: [["Action", action]], expiresIn },
    signingMillis(clock, credentials),
  );
  return `${hostname}/?${query}`;
}
