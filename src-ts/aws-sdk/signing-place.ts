/** Region and service that an SDK client signs for: what an endpoint says, or what the client has settled on. */
import type { SdkAuthScheme, SdkSigningConfig } from "./sdk-types.js";

export interface SigningPlace {
  /** Regions separated by commas for SigV4a. */
  readonly region: string;
  readonly service: string;
  readonly escapesPath: boolean;
}

/** Whether a client knows where it signs when a call does not say so. */
export function isSettled({ signingRegion, signingName }: SdkSigningConfig): boolean {
  return Boolean(signingRegion) && Boolean(signingName);
}

/** Settles region and service of a client by its first call, for good and in its configuration, as the SDK does it. */
export async function settleScope(config: SdkSigningConfig, authScheme: SdkAuthScheme | undefined): Promise<void> {
  const { region } = config;
  const own = typeof region === "function" ? await region() : region;
  const signingRegion = authScheme?.signingRegion ?? own;
  const signingName = authScheme?.signingName ?? config.defaultSigningName ?? config.serviceId;
  if (!config.signingRegion && signingRegion !== undefined) config.signingRegion = signingRegion;
  if (!config.signingName && signingName !== undefined) config.signingName = signingName;
}

/** The place of one call: what it names itself, else what the client has settled on. */
export function placed(
  config: SdkSigningConfig,
  region: string | undefined,
  service: string | undefined,
): SigningPlace {
  const { signingRegion, signingName, signingEscapePath } = config;
  return {
    // What is missing is refused by name when it is signed with.
    region: region ?? (signingRegion as string),
    service: service ?? (signingName as string),
    escapesPath: signingEscapePath !== false,
  };
}
