/** `session.signer()`: a signer with the credentials of a session, and its region where none is given. */
import type { Clock } from "../defaults.js";
import { BRSConfigurationError } from "../errors.js";
import type { RefreshableCredentials } from "../refresh/refreshable-credentials.js";
import { Signer, type SignerOptions } from "../signing/index.js";
import { checkRecord } from "../strategies/option-checks.js";

/** Options of `session.signer()`: those of Signer without the credentials; the region defaults to the session's. */
export type SessionSignerOptions = Omit<SignerOptions, "credentials" | "region"> & {
  region?: SignerOptions["region"];
};

export function sessionSigner(
  options: SessionSignerOptions,
  sessionRegion: string | undefined,
  credentials: RefreshableCredentials,
  clock: Clock | undefined,
): Signer {
  if (checkRecord("options", options, '{ service: "execute-api" }').credentials !== undefined) {
    throw new BRSConfigurationError(
      'signer() signs with the credentials of the session: leave "credentials" out, or use new Signer(...)',
      { param: "credentials" },
    );
  }
  const region = options.region ?? sessionRegion;
  if (region === undefined) {
    throw new BRSConfigurationError(
      "signer() needs a region: give it here, as option of the session, or as AWS_REGION",
      { param: "region" },
    );
  }
  return new Signer({ ...(clock !== undefined && { clock }), ...options, region, credentials });
}
