/** How the methods of sessions reach STS: the option `stsClientConfig`, with what the session knows filled in. */
import { StsClient } from "../aws/sts.js";
import type { StsOperations } from "../aws/sts-calls.js";
import { BRSConfigurationError } from "../errors.js";
import { checkStsClientConfig, resolveStsSettings } from "../strategies/sts-client-config.js";
import type { MethodParts, Opening } from "./refreshable-session.js";

/** A client of STS, and the settings of other clients of the same session. */
export interface StsAccess extends Required<Pick<MethodParts, "stsSettings">> {
  readonly sts: StsOperations;
}

type Given = Readonly<Record<string, unknown>>;

/** A client for calls that nobody signs, which needs no credentials and refuses them. */
export function unsignedSts(given: Given, method: string, { options, onClockOffset }: Opening): StsAccess {
  const { settings, credentials } = readConfig(given);
  if (credentials !== undefined) {
    throw new BRSConfigurationError(
      `stsClientConfig.credentials has no effect with method "${method}", whose calls are not signed; leave it out`,
      { param: "stsClientConfig.credentials" },
    );
  }
  return { sts: new StsClient({ ...resolveStsSettings(settings, options), onClockOffset }), stsSettings: settings };
}

function readConfig({ stsClientConfig: given }: Given) {
  return checkStsClientConfig(given === undefined ? {} : given);
}
