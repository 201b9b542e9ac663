/** Authentication tokens of RDS and Aurora: the password of a database user who logs in with IAM. */
import type { Clock } from "../../defaults.js";
import { asRefreshable, type CredentialSource } from "../../refresh/credential-source.js";
import { checkNames } from "../option-names.js";
import {
  checkClock,
  checkHostname,
  checkRegion,
  checkWellFormed,
  refused,
  signingMillis,
} from "../presigning/options.js";
import { signQuery } from "../presigning/query-signature.js";
import { lastingTriple } from "./lasting-triple.js";

export interface DbAuthTokenOptions {
  /** The endpoint of the instance or cluster, not an alias of it: the database compares it with its own. */
  hostname: string;
  port: number;
  /** The database user, spelled as it was created. */
  username: string;
  region: string;
  credentials: CredentialSource;
  clock?: Clock;
}

const NAMES = ["hostname", "port", "username", "region", "credentials", "clock"];

/** Seconds that RDS accepts a token for. */
const LIFETIME = 900;

/**
 * A token for a connection to RDS or Aurora over TLS, to be given as the password within 15 minutes. It is a secret.
 *
 * Credentials that live shorter than the token are refreshed first, where they can be. Source: "IAM database authentication"
 * in the RDS user guide; byte-equal to botocore's `generate_db_auth_token`.
 *
 * Rejects with BRSValidationError that names the option, or with the failure of a refresh that had to be awaited.
 *
 * @example
 * ```ts
 * import { generateDbAuthToken } from "aws-refresh-session/signing";
 *
 * const password = () =>
 *   generateDbAuthToken({
 *     hostname: "orders.cluster-abc.eu-west-1.rds.amazonaws.com",
 *     port: 5432,
 *     username: "app",
 *     region: "eu-west-1",
 *     credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
 *   });
 * // new pg.Pool({ host, port, user, password, ssl });
 * ```
 */
export async function generateDbAuthToken(options: DbAuthTokenOptions): Promise<string> {
  checkNames(options, "generateDbAuthToken", NAMES);
  const { port, clock } = options;
  const hostname = checkHostname(options.hostname, "hostname");
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw refused("port", "a whole number from 1 to 65535", port);
  const username = checkWellFormed(options.username, "username", "the name of a database user");
  const region = checkRegion(options.region);
  checkClock(clock);
  const credentials = asRefreshable(options.credentials);
  const triple = await lastingTriple(credentials, LIFETIME);
  const lower = hostname.toLowerCase();
  const { query } = signQuery(
    triple,
    {
      service: "rds-db",
      region,
      // As a client of https would send it, and as botocore signs it.
      host: port === 443 ? lower : `${lower}:${port}`,
      path: "/",
      parameters: [
        ["Action", "connect"],
        ["DBUser", username],
      ],
      expiresIn: LIFETIME,
    },
    signingMillis(clock, credentials),
  );
  return `${hostname}:${port}/?${query}`;
}
