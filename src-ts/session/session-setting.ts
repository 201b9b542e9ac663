/** What a session gives to the SDK clients that are made for it: its credentials, its region, its signer and its connections. */
import { expiredTokenRecovery } from "../aws-sdk/expired-token-recovery.js";
import { signsNatively, withNativeSigning } from "../aws-sdk/native-signing.js";
import type { ClientSetting } from "../clients/client-setting.js";
import type { ClientConfig, SdkClient, SdkRequestHandler } from "../clients/sdk-client.js";
import type { SessionCredentialProvider } from "./credential-provider.js";

/** What there is of it; the SDK's own defaults stand where something is undefined. */
export interface SessionDefaults {
  readonly credentials: SessionCredentialProvider;
  readonly region: string | undefined;
  /** Only where the session was given one: the SDK reads AWS_PROFILE itself. */
  readonly profile: string | undefined;
  readonly requestHandler: SdkRequestHandler | undefined;
}

/** Parts of a config that say how the client is to sign. */
const SIGNING = ["signer", "signerConstructor", "httpAuthSchemes"];

export class SessionSetting implements ClientSetting {
  readonly defaults: ClientConfig;

  constructor(defaults: SessionDefaults) {
    this.defaults = Object.freeze(
      Object.fromEntries(Object.entries(defaults).filter(([, value]) => value !== undefined)),
    );
  }

  finish(client: SdkClient, config: ClientConfig): void {
    if (SIGNING.every((name) => config[name] === undefined) && signsNatively(client)) withNativeSigning(client);
    const credentials = this.defaults.credentials as SessionCredentialProvider;
    // Keys that the config brings are the caller's: a refusal of them says nothing about the session.
    if (config.credentials != null && config.credentials !== credentials) return;
    followRefreshes(client, credentials);
    client.middlewareStack.use(expiredTokenRecovery(credentials));
  }
}

/**
 * Versions that do not know `memoized` keep what a provider gave until shortly before its end, whatever happens to it. Whose the
 * credentials are that a client of theirs has shows when it first asks for them: its class may have put others in their place.
 */
function followRefreshes(client: SdkClient, credentials: SessionCredentialProvider): void {
  const config = client.config as { credentials?: CredentialProvider };
  const kept = config.credentials;
  if (kept === undefined) config.credentials = credentials;
  if (typeof kept !== "function" || kept.memoized === true) return;
  config.credentials = async (properties) => {
    const identity = await kept(properties);
    config.credentials = credentials.getCredentials().cell.hasHeld(identity.accessKeyId) ? credentials : kept;
    return identity;
  };
}

interface CredentialProvider {
  (properties?: { forceRefresh?: boolean }): Promise<{ readonly accessKeyId: string }>;
  readonly memoized?: unknown;
}
