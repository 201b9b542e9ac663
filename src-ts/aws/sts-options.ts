/** The options of the STS client: their types, their defaults, and the refusal of everything else at construction. */
import { type Clock, type Random, type Sleep, systemClock, systemRandom } from "../defaults.js";
import { BRSValidationError, shown } from "../errors.js";
import type { CredentialSource } from "../refresh/credential-source.js";
import { CLIENT_CHECKS, checkValue, FLAG, FUNCTION, TEXT, type ValueCheck } from "./client-checks.js";
import { type ResolvedEndpoint, resolveStsEndpoint } from "./endpoints.js";
import { type StartTimer, systemTimer } from "./hold.js";
import type { HttpAgent } from "./transport.js";

/** Options of an STS client. Durations are seconds. */
export interface StsOptions {
  /** Region whose endpoint is used; without one it is the global endpoint, signed for us-east-1. */
  readonly region?: string | undefined;
  /** Address of another STS-compatible service; plain http only on loopback. */
  readonly endpoint?: string | undefined;
  /** Who signs the calls; a client without credentials makes unsigned calls alone. */
  readonly credentials?: CredentialSource | undefined;
  /** Agent for the connections, such as one for a proxy; it stays its owner's to close. */
  readonly agent?: HttpAgent | undefined;
  /** Seconds until one attempt is given up. Default 10. */
  readonly requestTimeout?: number | undefined;
  /** Attempts in all, the first included. Default 3. */
  readonly maxAttempts?: number | undefined;
  readonly useFips?: boolean | undefined;
  readonly useDualstack?: boolean | undefined;
  /** Allows plain http to another machine. */
  readonly allowInsecureEndpoint?: boolean | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  /** Waits between attempts; the default lets the process end when nobody awaits the call. */
  readonly sleep?: Sleep | undefined;
  /** Starts the timers of time-outs. */
  readonly startTimer?: StartTimer | undefined;
  /** Called with the milliseconds to add to the local clock, whenever an answer shows another difference than before. */
  readonly onClockOffset?: ((ms: number) => void) | undefined;
}

/** The same with defaults filled in and the endpoint resolved. */
export interface CheckedStsOptions {
  readonly endpoint: ResolvedEndpoint;
  readonly credentials: CredentialSource | undefined;
  readonly agent: HttpAgent | undefined;
  readonly requestTimeout: number;
  readonly maxAttempts: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly sleep: Sleep | undefined;
  readonly startTimer: StartTimer;
  readonly onClockOffset: ((ms: number) => void) | undefined;
}

/** The name users know these options by. */
const PREFIX = "stsClientConfig";

const CHECKS: Readonly<Record<keyof StsOptions, ValueCheck>> = {
  region: TEXT,
  ...CLIENT_CHECKS,
  useFips: FLAG,
  useDualstack: FLAG,
  onClockOffset: FUNCTION,
};

/** Those that users may set, in the order of the interface. */
const KNOWN =
  "region, endpoint, credentials, agent, requestTimeout, maxAttempts, useFips, useDualstack, allowInsecureEndpoint";

/**
 * Checks one option by itself; undefined is none.
 *
 * @throws BRSValidationError for an unknown name or a wrong value
 */
export function checkStsOption(name: string, value: unknown, prefix = PREFIX): void {
  const param = `${prefix}.${name}`;
  const check = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof StsOptions] : undefined;
  if (check === undefined) {
    throw new BRSValidationError(`${param} is not an option; the options are ${KNOWN}`, { param });
  }
  checkValue(name, value, check, { param });
}

/** @throws BRSValidationError naming the option, or BRSConfigurationError for plain http off this machine. */
export function checkStsOptions(options: StsOptions): CheckedStsOptions {
  return {
    ...checkCallerOptions(options, PREFIX),
    endpoint: resolveStsEndpoint(options, PREFIX),
    credentials: options.credentials,
  };
}

/** The options that do not depend on the service; `prefix` is the name that users know them by. */
export function checkCallerOptions(
  options: StsOptions,
  prefix: string,
): Omit<CheckedStsOptions, "endpoint" | "credentials"> {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new BRSValidationError(`${prefix} must be an object, found ${shown(options)}`, { param: prefix });
  }
  for (const [name, value] of Object.entries(options)) checkStsOption(name, value, prefix);
  return {
    agent: options.agent,
    requestTimeout: options.requestTimeout ?? 10,
    maxAttempts: options.maxAttempts ?? 3,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    sleep: options.sleep,
    startTimer: options.startTimer ?? systemTimer,
    onClockOffset: options.onClockOffset,
  };
}
