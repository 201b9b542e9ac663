/** The look at what a strategy answered, before it is believed. */
import { BRSCredentialError } from "../errors.js";
import type { TemporaryCredentials } from "../strategies/strategy.js";

/** Refuses half a triple: a strategy is the user's own code as well. */
export function checkedTriple(credentials: TemporaryCredentials, method: string): TemporaryCredentials {
  const problem = (param: string) =>
    new BRSCredentialError(`the source "${method}" gave credentials with a missing or malformed "${param}"`, {
      param,
      // The next answer may be right: an outage of the source must not look like a refusal.
      retryable: true,
    });
  if (typeof credentials !== "object" || credentials === null) throw problem("credentials");
  const { accessKeyId, secretAccessKey, sessionToken, expiration, accountId } = credentials;
  if (typeof accessKeyId !== "string" || accessKeyId === "") throw problem("accessKeyId");
  if (typeof secretAccessKey !== "string" || secretAccessKey === "") throw problem("secretAccessKey");
  if (sessionToken != null && typeof sessionToken !== "string") throw problem("sessionToken");
  if (expiration !== undefined && !(expiration instanceof Date && Number.isFinite(expiration.getTime()))) {
    throw problem("expiration");
  }
  if (accountId !== undefined && typeof accountId !== "string") throw problem("accountId");
  return credentials;
}
