/** Whose triple signs: asks for credentials when and as often as the AWS SDK's signer does. */
import { BRSCredentialError, CredentialsNotReadyError } from "../errors.js";
import { asRefreshable, type CredentialSource } from "../refresh/credential-source.js";
import { RefreshableCredentials } from "../refresh/refreshable-credentials.js";
import { heldTriple, type Triple } from "../signing/prepared.js";
import type { SdkCredentials, SdkIdentity } from "./sdk-types.js";

/** Credentials that may sign now, and the identity that they have to hold for it, when that came from outside. */
export interface Signatory {
  readonly credentials: RefreshableCredentials;
  readonly identity: SdkIdentity | undefined;
}

/** A cell for each identity object and each provider function: SDK clients construct a signer for every request. */
const cells = new WeakMap<object, RefreshableCredentials>();

/**
 * Sessions of this package, and functions that tell which session is behind them, are refreshed as everywhere in it. Any
 * other function is called for every signature, as the SDK does it: when to refresh is decided by the SDK's own memoizing
 * or by the function, and an identity is signed with even after its expiration.
 */
export async function signatoryOf(credentials: SdkCredentials): Promise<Signatory> {
  if (isProvider(credentials)) return heldSignatory(credentials, await credentials());
  if (!isSession(credentials)) return signatoryOfIdentity(credentials);
  const refreshable = asRefreshable(credentials);
  await refreshable.getFrozenCredentials();
  return { credentials: refreshable, identity: undefined };
}

/** Whether the credentials are a function that tells nothing of a session behind it: what SDK clients hold. */
export function isProvider(credentials: SdkCredentials): credentials is () => Promise<SdkIdentity> {
  return typeof credentials === "function" && !isSession(credentials);
}

/** For an identity that a source answered with: what the core holds of it is shared by all that the source answers. */
export function heldSignatory(source: object, identity: SdkIdentity): Signatory {
  return { credentials: cellOf(source), identity: validIdentity(identity) };
}

function isSession(
  credentials: SdkCredentials,
): credentials is Extract<CredentialSource, { getCredentials: unknown }> | RefreshableCredentials {
  if (credentials instanceof RefreshableCredentials) return true;
  return typeof (credentials as { getCredentials?: unknown } | undefined | null)?.getCredentials === "function";
}

/** For an identity that is given for one call. */
export function signatoryOfIdentity(identity: SdkIdentity): Signatory {
  return { credentials: cellOf(validIdentity(identity)), identity };
}

/** For an identity of S3 Express: its token travels in a header or parameter of its own. */
export function tokenlessSignatory(identity: SdkIdentity): Signatory {
  const { accessKeyId, secretAccessKey } = validIdentity(identity);
  return { credentials: cellOf(identity), identity: { accessKeyId, secretAccessKey } };
}

/**
 * The triple of a signatory. Nothing may be awaited between this and the signature: another call may hold another identity in
 * the same cell.
 */
export function tripleOf({ credentials, identity }: Signatory): Triple {
  if (identity !== undefined) {
    const { accessKeyId, secretAccessKey, sessionToken = "" } = identity;
    // Without its expiration, which the SDK's signer does not look at; an empty token is none.
    credentials.hold({ accessKeyId, secretAccessKey, sessionToken });
  }
  const triple = heldTriple(credentials);
  if (triple.version === 0)
    throw new CredentialsNotReadyError("the credentials were given up while a request was being signed: sign it again");
  return triple;
}

function cellOf(key: object): RefreshableCredentials {
  let credentials = cells.get(key);
  if (credentials === undefined) {
    credentials = new RefreshableCredentials(HELD, { advisoryTimeout: 0, mandatoryTimeout: 0 });
    cells.set(key, credentials);
  }
  return credentials;
}

const HELD = {
  method: "static",
  refresh: async () => {
    throw new BRSCredentialError("an identity that was given has no source to refresh it from");
  },
};

function isKey(key: unknown): boolean {
  return typeof key === "string" && key !== "";
}

function validIdentity(identity: SdkIdentity): SdkIdentity {
  const { accessKeyId, secretAccessKey } = Object(identity) as Partial<SdkIdentity>;
  if (isKey(accessKeyId) && isKey(secretAccessKey)) return identity;
  const missing = [
    ...(isKey(accessKeyId) ? [] : ["accessKeyId"]),
    ...(isKey(secretAccessKey) ? [] : ["secretAccessKey"]),
  ];
  // The SDK's own words, and then what is wrong.
  throw new BRSCredentialError(`Resolved credential object is not valid: it lacks ${missing.join(" and ")}`, {
    param: "credentials",
    details: { missing },
  });
}
