/** How the methods of sessions reach STS: the option `stsClientConfig`, with what the session knows filled in. */
import { isSdkClient, SdkSts, settingsOf } from "../aws/sdk-sts.js";
import { StsClient } from "../aws/sts.js";
import type { StsOperations } from "../aws/sts-operations.js";
import { BRSConfigurationError } from "../errors.js";
import type { RefreshableCredentials } from "../refresh/refreshable-credentials.js";
import { resolveSource } from "../strategies/resolve-source.js";
import { checkStsClientConfig, resolveStsSettings } from "../strategies/sts-client-config.js";
import type { MethodParts, Opening } from "./method-definition.js";

/** A client of STS, and the settings of other clients of the same session. */
export interface StsAccess extends Required<Pick<MethodParts, "stsSettings">> {
  readonly sts: StsOperations;
}

/** The same, with who signs the calls; undefined where that is a matter of an SDK client of the user. */
export interface SignedStsAccess extends StsAccess {
  readonly source: RefreshableCredentials | undefined;
}

type Given = Readonly<Record<string, unknown>>;

/** A client for calls that the source of the session signs. */
export function signedSts({ stsClientConfig: given }: Given, { options, onClockOffset }: Opening): SignedStsAccess {
  if (isSdkClient(given)) return { ...throughSdk(given), source: undefined };
  const { settings, credentials } = checkStsClientConfig(given === undefined ? {} : given);
  const source = resolveSource(credentials, options);
  const sts = new StsClient({ ...resolveStsSettings(settings, options), credentials: source, onClockOffset });
  return { sts, source, stsSettings: settings };
}

/** A client for calls that nobody signs, which needs no credentials and refuses them. */
export function unsignedSts(
  { stsClientConfig: given }: Given,
  method: string,
  { options, onClockOffset }: Opening,
): StsAccess {
  if (isSdkClient(given)) return throughSdk(given);
  const { settings, credentials } = checkStsClientConfig(given === undefined ? {} : given);
  if (credentials !== undefined) {
    throw new BRSConfigurationError(
      `stsClientConfig.credentials has no effect with method "${method}", whose calls are not signed; leave it out`,
      { param: "stsClientConfig.credentials" },
    );
  }
  return { sts: new StsClient({ ...resolveStsSettings(settings, options), onClockOffset }), stsSettings: settings };
}

function throughSdk(client: Parameters<typeof settingsOf>[0]): StsAccess {
  return { sts: new SdkSts(client), stsSettings: () => settingsOf(client) };
}
