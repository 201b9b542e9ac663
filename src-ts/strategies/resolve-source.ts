/** Whose credentials a session calls AWS with to get those that it hands out. */
import type { Clock, Environment } from "../defaults.js";
import { asRefreshable, type CredentialSource, fromProvider, PROVIDER_WINDOWS } from "../refresh/credential-source.js";
import { RefreshableCredentials } from "../refresh/refreshable-credentials.js";
import { type ChainProvider, type FromChainOptions, fromChain } from "../sources/chain.js";
import { readCredentialResult } from "./credential-result.js";

/** What of the options of a session its source depends on. */
export interface SourcePlace {
  readonly givenEnv: Environment | undefined;
  readonly givenHomeDir: string | undefined;
  readonly givenClock: Clock | undefined;
  readonly profileName: string | undefined;
  readonly region: string | undefined;
}

/**
 * Who calls AWS: what was given, else the default chain.
 *
 * By the system's clock a source is shared with everything else that was given the same object, so that ten sessions of
 * one provider function ask it once. With a clock of its own a session judges its source by that clock, alone.
 */
export function resolveSource(given: CredentialSource | undefined, place: SourcePlace): RefreshableCredentials {
  const clock = place.givenClock;
  const source = given ?? chainIn(place);
  const isOwn = source instanceof RefreshableCredentials || "getCredentials" in source;
  if (clock === undefined || isOwn) return asRefreshable(source, PARAM);
  if (typeof source === "function") {
    return fromProvider(source, given === undefined ? "the credential chain" : PARAM, clock);
  }
  const refresh = async () => readCredentialResult(source, { source: PARAM, complete: false, now: clock() });
  return new RefreshableCredentials({ method: "source", refresh }, { ...PROVIDER_WINDOWS, clock });
}

const PARAM = "stsClientConfig.credentials";

/** The default chain as the session sees it. */
export function chainIn(place: SourcePlace, more: FromChainOptions = {}): ChainProvider {
  const { givenEnv: env, givenHomeDir: homeDir, givenClock: clock, profileName, region } = place;
  return fromChain({
    ...(env !== undefined && { env }),
    ...(homeDir !== undefined && { homeDir }),
    ...(clock !== undefined && { clock }),
    ...(profileName !== undefined && { profileName }),
    ...(region !== undefined && { region }),
    ...more,
  });
}
