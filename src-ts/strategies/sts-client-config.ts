/** The `stsClientConfig` option: how the package's own STS client reaches STS, and as whom. */
import type { Agent as HttpAgent } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import { assertSecureEndpoint, parseEndpoint } from "../aws/endpoints.js";
import type { Clock, Environment } from "../defaults.js";
import type { CredentialSource } from "../refresh/credential-source.js";
import type { RefreshableCredentials } from "../refresh/refreshable-credentials.js";
import { readCredentialResult } from "./credential-result.js";
import { checkNames, checkRecord, isRecord, refuse } from "./option-checks.js";

export interface StsClientConfig {
  /** Region of the STS endpoint; default: the session's region, and the global endpoint where there is none. */
  region?: string;
  /** Overrides the address, as AWS_ENDPOINT_URL_STS and AWS_ENDPOINT_URL do. */
  endpoint?: string;
  /** Who calls STS: an identity, a provider function or another session; default: the chain of `fromChain`. */
  credentials?: CredentialSource;
  /** Agent of node:http or node:https, for proxies and private certificate authorities. */
  agent?: HttpAgent | HttpsAgent;
  /** Seconds for one attempt; default 10. */
  requestTimeout?: number;
  /** Attempts in all; default 3. A request with a TokenCode is sent once whatever stands here. */
  maxAttempts?: number;
  useFips?: boolean;
  useDualstack?: boolean;
  /** Permits plain http to another machine. */
  allowInsecureEndpoint?: boolean;
}

/** What a session knows that an STS client needs when its own options are silent. */
export interface StsSurroundings {
  region: string | undefined;
  env: Environment;
  clock: Clock;
}

/** How a service is reached, whoever signs. */
export type ClientSettings = Omit<StsClientConfig, "credentials">;

/** Checked options: `credentials` apart, since the identity after the refresh calls STS with the same other settings. */
export interface CheckedStsClientConfig {
  settings: ClientSettings;
  credentials: CredentialSource | undefined;
}

/** Checks the names and the source of credentials; the STS client itself checks the other values at its construction. */
export function checkStsClientConfig(given: unknown): CheckedStsClientConfig {
  const config = checkRecord("stsClientConfig", given, EXAMPLE);
  checkNames("stsClientConfig.", config, [...STS_CLIENT_OPTIONS, "credentials"]);
  return { settings: settingsIn(config), credentials: checkSource(config.credentials) };
}

/** The same for a client of another service, whose calls nobody signs. */
export function checkClientSettings(param: string, given: unknown): ClientSettings {
  const config = checkRecord(param, given, EXAMPLE);
  checkNames(`${param}.`, config, STS_CLIENT_OPTIONS);
  return settingsIn(config);
}

function settingsIn(config: Readonly<Record<string, unknown>>): ClientSettings {
  return Object.fromEntries(
    STS_CLIENT_OPTIONS.filter((name) => config[name] !== undefined).map((name) => [name, config[name]]),
  );
}

const EXAMPLE = '{ region: "eu-central-1" }';

/**
 * The settings of a client of this session, environment included.
 *
 * @param variable names the variable with the endpoint of the service
 */
export function resolveStsSettings(
  settings: ClientSettings,
  { region, env, clock }: StsSurroundings,
  variable = "AWS_ENDPOINT_URL_STS",
): ClientSettings & { clock: Clock } {
  const chosenRegion = settings.region ?? region;
  const endpoint = settings.endpoint ?? endpointOf(env, variable, settings.allowInsecureEndpoint === true);
  return {
    ...(isTrue(env.AWS_USE_FIPS_ENDPOINT) && { useFips: true }),
    ...(isTrue(env.AWS_USE_DUALSTACK_ENDPOINT) && { useDualstack: true }),
    ...settings,
    ...(chosenRegion !== undefined && { region: chosenRegion }),
    ...(endpoint !== undefined && { endpoint }),
    clock,
  };
}

/** Names that users may set; the client's others (clock, randomness, timers) come from the session. */
export const STS_CLIENT_OPTIONS = [
  "region",
  "endpoint",
  "agent",
  "requestTimeout",
  "maxAttempts",
  "useFips",
  "useDualstack",
  "allowInsecureEndpoint",
] as const satisfies ReadonlyArray<keyof ClientSettings>;

/** A fixed identity is read whole now; functions and sessions are asked at the first refresh. */
export function checkSource(value: unknown): CredentialSource | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "function") return value as () => Promise<never>;
  if (isRecord(value)) {
    if (typeof value.getCredentials === "function" || typeof value.getFrozenCredentials === "function") {
      return value as unknown as RefreshableCredentials;
    }
    // The end of an identity is judged when it is used, by the clock of that moment.
    return readCredentialResult(value, {
      source: "stsClientConfig.credentials",
      complete: false,
      now: Number.NEGATIVE_INFINITY,
    });
  }
  return refuse("stsClientConfig.credentials", "an identity, a provider function or a session", value, true);
}

/** Checked here, since the client would blame an option for what stands in a variable. */
function endpointOf(env: Environment, ofService: string, allowInsecure: boolean): string | undefined {
  if (isTrue(env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS)) return undefined;
  const variable = env[ofService] ? ofService : "AWS_ENDPOINT_URL";
  const endpoint = env[variable];
  if (!endpoint) return undefined;
  assertSecureEndpoint(parseEndpoint(endpoint, variable), allowInsecure, variable);
  return endpoint;
}

function isTrue(text: string | undefined): boolean {
  return text?.toLowerCase() === "true";
}
