/** The checks of option values that the package's own AWS clients share. */
import { BRSValidationError, masked, shown } from "../errors.js";

/** What an option must be, in words, and whether a value is that. */
export type ValueCheck = readonly [wanted: string, accepts: (value: unknown) => boolean];

export const TEXT: ValueCheck = ["a non-empty string", (value) => typeof value === "string" && value !== ""];
export const FLAG: ValueCheck = ["true or false", (value) => typeof value === "boolean"];
export const FUNCTION: ValueCheck = ["a function", (value) => typeof value === "function"];

/** Of the options that every client has. */
export const CLIENT_CHECKS = {
  endpoint: TEXT,
  credentials: [
    "credentials, a provider function or a session",
    (value) => typeof value === "function" || (typeof value === "object" && value !== null),
  ],
  agent: [
    "an http.Agent or https.Agent",
    (value) =>
      typeof value === "object" && typeof (value as { addRequest?: unknown } | null)?.addRequest === "function",
  ],
  requestTimeout: [
    "a number of seconds above 0 and at most 86400",
    (value) => typeof value === "number" && value > 0 && value <= 86_400,
  ],
  maxAttempts: ["a whole number from 1 on", (value) => Number.isSafeInteger(value) && (value as number) >= 1],
  allowInsecureEndpoint: FLAG,
  clock: FUNCTION,
  random: FUNCTION,
  sleep: FUNCTION,
  startTimer: FUNCTION,
} as const satisfies Readonly<Record<string, ValueCheck>>;

/** Values of these are never quoted in an error. */
const SECRET: ReadonlySet<string> = new Set(["credentials", "agent", "endpoint"]);

/**
 * Checks one value; undefined is none.
 *
 * @param param name of the option as the user knows it, for the error
 * @param label the same as it begins the message
 */
export function checkValue(
  name: string,
  value: unknown,
  [wanted, accepts]: ValueCheck,
  { param, label = param }: { param: string; label?: string },
): void {
  if (value === undefined || accepts(value)) return;
  const found = SECRET.has(name) ? masked(value) : shown(value);
  throw new BRSValidationError(`${label} must be ${wanted}, found ${found}`, { param, value: found });
}
