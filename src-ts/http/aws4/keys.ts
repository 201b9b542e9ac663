/** Whose credentials sign a request of aws4: those given, or those of the environment. */
import { processEnvironment } from "../../defaults.js";
import { BRSCredentialError } from "../../errors.js";
import { asRefreshable } from "../../refresh/credential-source.js";
import type { RefreshableCredentials } from "../../refresh/refreshable-credentials.js";
import type { Aws4Credentials, Aws4Keys } from "./types.js";

/** The keys that were given last, as they were: callers of aws4 write them down at each call, and a cell for each is costly. */
let last: { readonly keys: Required<Aws4Keys>; readonly credentials: RefreshableCredentials } | undefined;

export function environmentKeys(): Aws4Keys {
  const env = processEnvironment();
  return {
    accessKeyId: env.AWS_ACCESS_KEY_ID || env.AWS_ACCESS_KEY,
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY || env.AWS_SECRET_KEY,
    sessionToken: env.AWS_SESSION_TOKEN,
  };
}

export function credentialsFor(given: Aws4Credentials): RefreshableCredentials {
  if (isPlainKeys(given)) return credentialsOfKeys(given);
  return asRefreshable(given);
}

/** Keys with an expiration, sessions and functions are sources of their own. */
function isPlainKeys(given: Aws4Credentials): given is Aws4Keys {
  return (
    typeof given === "object" &&
    given !== null &&
    !("getCredentials" in given || "cell" in given || "expiration" in given)
  );
}

function credentialsOfKeys({ accessKeyId, secretAccessKey, sessionToken }: Aws4Keys): RefreshableCredentials {
  if (
    last !== undefined &&
    last.keys.accessKeyId === accessKeyId &&
    last.keys.secretAccessKey === secretAccessKey &&
    last.keys.sessionToken === sessionToken
  ) {
    return last.credentials;
  }
  if (!accessKeyId || !secretAccessKey) {
    throw new BRSCredentialError(
      `"credentials" lacks ${accessKeyId ? "secretAccessKey" : "accessKeyId"}: give both, or set AWS_ACCESS_KEY_ID and ` +
        "AWS_SECRET_ACCESS_KEY and give no credentials",
      { param: "credentials" },
    );
  }
  const keys = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  const credentials = asRefreshable(keys);
  last = { keys: { accessKeyId, secretAccessKey, sessionToken }, credentials };
  return credentials;
}
