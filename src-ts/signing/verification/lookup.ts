/** The caller's lookup of secrets: what it is asked, what it may answer, and how every other answer fails closed. */
import { refusal } from "./refusal.js";

/** What a lookup is asked for. Nothing of it is proved yet. */
export interface ClaimedCredentials {
  readonly accessKeyId: string;
  readonly sessionToken: string | undefined;
  readonly scope: CredentialScope;
  /** There, and true, when the token is that of an S3 Express session (`x-amz-s3session-token`). */
  readonly isS3Session?: true;
}

export interface CredentialScope {
  readonly date: string;
  /** For SigV4a, whose scope names none, the region set as it was sent, such as "us-*". */
  readonly region: string;
  readonly service: string;
}

export interface StoredCredentials {
  readonly secretAccessKey: string;
  /** The token that belongs to the key id; a request with another, or without it, is refused. */
  readonly sessionToken?: string | undefined;
  /** When they end. Who still signs with them rightly is told ExpiredToken; who does not learns nothing. */
  readonly expiration?: Date | undefined;
  /** Whatever the caller wants to know the sender by; handed back with the result. */
  readonly principal?: unknown;
}

export type Lookup = (
  claimed: ClaimedCredentials,
) => StoredCredentials | undefined | Promise<StoredCredentials | undefined>;

const internal = (message: string) => refusal("InternalFailure", message);

/** Asks the lookup. What it throws, and every answer that makes no sense, refuses the request. */
export async function lookedUp(
  options: { readonly getCredentials: Lookup },
  claimed: ClaimedCredentials,
): Promise<StoredCredentials> {
  let stored: StoredCredentials | undefined;
  try {
    stored = await options.getCredentials(claimed);
  } catch (cause) {
    throw refusal("InternalFailure", "The credentials could not be looked up.", { cause, retryable: true });
  }
  if (stored === undefined || stored === null) {
    throw refusal("InvalidClientTokenId", "The security token included in the request is invalid.");
  }
  if (typeof stored.secretAccessKey !== "string" || stored.secretAccessKey === "") {
    throw internal("The credentials that were looked up have no secret.");
  }
  if (stored.sessionToken != null && typeof stored.sessionToken !== "string") {
    throw internal("The token of the credentials that were looked up is no text.");
  }
  const { expiration } = stored;
  if (expiration != null && !(expiration instanceof Date && Number.isFinite(expiration.getTime()))) {
    throw internal("The expiration of the credentials that were looked up is no date.");
  }
  return stored;
}

/** Refuses credentials that have ended: after the signature, so that only who holds the secret learns of it. */
export function checkExpiration({ expiration }: StoredCredentials, now: number): void {
  if (expiration != null && !(expiration.getTime() > now)) {
    throw refusal("ExpiredToken", "The security token included in the request is expired");
  }
}
