/** Credentials from the environment variables that every AWS tool knows. */

import { type Environment, processEnvironment } from "../defaults.js";
import { BRSCredentialError, masked } from "../errors.js";
import type { ProviderFunction } from "../refresh/credential-source.js";
import { EXPIRATION_FORM, parseExpiration } from "../strategies/expiration.js";
import { checkNames, checkRecord } from "../strategies/option-checks.js";
import type { TemporaryCredentials } from "../strategies/strategy.js";
import { checkEnvironment, type PlaceOptions } from "./source-options.js";
import type { Found, Nothing } from "./surroundings.js";

export type FromEnvOptions = Pick<PlaceOptions, "env">;

/**
 * A provider function of the credentials in the environment.
 *
 * Reads AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN (or its old name AWS_SECURITY_TOKEN, where that alone
 * is set), AWS_CREDENTIAL_EXPIRATION (ISO 8601 with zone) and AWS_ACCOUNT_ID. An empty variable counts as absent. Each call
 * reads all of them again, so variables that change are followed.
 *
 * @returns a function that rejects with BRSCredentialError when a key or its secret is missing (`details.missing` names
 * the variables) or the expiration is not a date
 * @example
 * ```ts
 * import { fromEnv } from "aws-refresh-session";
 *
 * const provider = fromEnv({ env: { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "example" } });
 * const { accessKeyId } = await provider();
 * ```
 */
export function fromEnv(options: FromEnvOptions = {}): ProviderFunction {
  checkNames("", checkRecord("options", options, "{ env: process.env }"), ["env"]);
  const { env } = options;
  if (env !== undefined) checkEnvironment("env", env);
  return async () => readCredentials(env ?? processEnvironment());
}

/** Looks for an access key in the variables; half a set of credentials throws. */
export function findVariables(env: Environment): Found | Nothing {
  if (!env.AWS_ACCESS_KEY_ID) return "AWS_ACCESS_KEY_ID is not set";
  const credentials = readCredentials(env);
  return { said: "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", fetch: async () => credentials };
}

function readCredentials(env: Environment): TemporaryCredentials {
  const accessKeyId = env.AWS_ACCESS_KEY_ID;
  const secretAccessKey = env.AWS_SECRET_ACCESS_KEY;
  if (!accessKeyId || !secretAccessKey) {
    const missing = [
      ...(accessKeyId ? [] : ["AWS_ACCESS_KEY_ID"]),
      ...(secretAccessKey ? [] : ["AWS_SECRET_ACCESS_KEY"]),
    ];
    const found = missing.length === 2 ? "no credentials" : "half a set of credentials";
    throw new BRSCredentialError(`the environment holds ${found}: set ${missing.join(" and ")}`, {
      details: { missing },
      param: missing[0] as string,
      retryable: true,
    });
  }
  // Where both names are set and differ, the old one is what some tool of years ago left behind.
  const sessionToken = env.AWS_SESSION_TOKEN || env.AWS_SECURITY_TOKEN;
  const expiration = readExpiration(env.AWS_CREDENTIAL_EXPIRATION);
  const accountId = env.AWS_ACCOUNT_ID;
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken && { sessionToken }),
    ...(expiration && { expiration }),
    ...(accountId && { accountId }),
  };
}

function readExpiration(text: string | undefined): Date | undefined {
  if (!text) return undefined;
  const expiration = parseExpiration(text);
  if (expiration !== undefined) return expiration;
  throw new BRSCredentialError(`AWS_CREDENTIAL_EXPIRATION must be ${EXPIRATION_FORM}, but is ${masked(text)}`, {
    param: "AWS_CREDENTIAL_EXPIRATION",
    retryable: true,
  });
}
