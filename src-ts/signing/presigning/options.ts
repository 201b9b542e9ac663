/** Checks of options that presigning helpers and tokens share; each failure is an error that names the option. */
import type { Clock } from "../../defaults.js";
import { BRSValidationError, shown } from "../../errors.js";
import type { RefreshableCredentials } from "../../refresh/refreshable-credentials.js";
import { millisFrom } from "../amz-date.js";

export function refused(param: string, expected: string, found: unknown): BRSValidationError {
  return new BRSValidationError(`"${param}" must be ${expected}, found ${shown(found)}`, { param, value: found });
}

/** Text that can be written as UTF-8: not empty, and without half a surrogate pair. */
export function checkWellFormed(value: unknown, param: string, expected: string): string {
  if (typeof value === "string" && value !== "" && !/\p{Surrogate}/u.test(value)) return value;
  throw refused(param, expected, value);
}

/** A host name or address without a port: nothing that would change the meaning of a URL it is put into. */
export function checkHostname(value: unknown, param: string): string {
  if (typeof value === "string" && /^([A-Za-z0-9_](?:[\w.-]*\w)?\.?|\[[0-9A-Fa-f:.]+\])$/.test(value)) return value;
  throw refused(param, "a host name without scheme, port and path", value);
}

export function checkRegion(value: unknown): string {
  if (typeof value === "string" && /^[\w.-]+$/.test(value)) return value;
  throw refused("region", 'a region name such as "eu-central-1"', value);
}

export function checkClock(value: unknown): void {
  if (value !== undefined && typeof value !== "function") throw refused("clock", "a function", value);
}

/** When something is signed: by the clock the user gave, else by the one of the credentials. */
export function signingMillis(clock: Clock | undefined, credentials: RefreshableCredentials): number {
  return clock === undefined ? credentials.now() : millisFrom(clock);
}
