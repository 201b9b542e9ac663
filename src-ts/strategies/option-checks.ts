/** The checks of option values that strategies and sessions share; each failure names the option and what was found. */
import type { SdkRequestHandler } from "../clients/sdk-client.js";
import { BRSConfigurationError, BRSValidationError, masked, shown } from "../errors.js";
import { meantOption } from "./meant-option.js";

/** What a text option must look like; `expected` completes the sentence "<option> must be ...". */
export interface TextRule {
  readonly expected: string;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  /** The value never appears in the error, only its length. */
  readonly secret?: boolean;
}

export function refuse(param: string, expected: string, value: unknown, secret = false): never {
  const found = secret ? masked(value) : describe(value);
  throw new BRSValidationError(`${param} must be ${expected}, but is ${found}`, { param, value: found });
}

/** One short piece of text on what was found; of an object its class alone, since its content may be anything. */
export function describe(value: unknown): string {
  if (value === null || typeof value !== "object") return typeof value === "function" ? "a function" : shown(value);
  if (Array.isArray(value)) return "an array";
  return `an object of class ${Object.getPrototypeOf(value)?.constructor?.name ?? "null"}`;
}

export function checkText(param: string, value: unknown, rule: TextRule): string {
  const fits =
    typeof value === "string" &&
    value.length >= (rule.min ?? 1) &&
    value.length <= (rule.max ?? Number.POSITIVE_INFINITY) &&
    (rule.pattern === undefined || rule.pattern.test(value));
  return fits ? value : refuse(param, rule.expected, value, rule.secret);
}

export function checkBoolean(param: string, value: unknown): boolean {
  return typeof value === "boolean" ? value : refuse(param, "true or false", value);
}

export function checkOneOf<const Choice extends string>(
  param: string,
  value: unknown,
  choices: readonly Choice[],
): Choice {
  const found = choices.find((choice) => choice === value);
  return found ?? refuse(param, `one of ${choices.map((choice) => `"${choice}"`).join(", ")}`, value);
}

/** The longest time that a Node timer can hold, in seconds. */
export const LONGEST_TIMER_SECONDS = Math.floor(0x7fffffff / 1000);

export function checkSeconds(
  param: string,
  value: unknown,
  { above = false, max = Number.MAX_SAFE_INTEGER / 1000 } = {},
): number {
  const fits = typeof value === "number" && (above ? value > 0 : value >= 0) && value <= max;
  if (fits) return value;
  const upper = max === LONGEST_TIMER_SECONDS ? ` and at most ${max}` : "";
  return refuse(param, `a number of seconds, ${above ? "above 0" : "0 or more"}${upper}`, value);
}

export function checkPositiveInteger(param: string, value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) > 0
    ? (value as number)
    : refuse(param, "a whole number above 0", value);
}

// biome-ignore lint/complexity/noBannedTypes: any callable will do here; its caller knows the signature.
export function checkFunction(param: string, value: unknown): Function {
  return typeof value === "function" ? value : refuse(param, "a function", value);
}

export function checkSignal(param: string, value: unknown): AbortSignal {
  return value instanceof AbortSignal ? value : refuse(param, "an AbortSignal", value);
}

/** The connection handler of several clients. Options for one would make one for each client, where one for all is asked for. */
export function checkRequestHandler(param: string, value: unknown): SdkRequestHandler {
  const { handle, destroy } = Object(value) as Partial<SdkRequestHandler>;
  if (typeof handle === "function" && (destroy === undefined || typeof destroy === "function")) {
    return value as SdkRequestHandler;
  }
  return refuse(param, "a connection handler with a handle function, such as new NodeHttpHandler({})", value, true);
}

/** An object that is neither null, an array nor a function. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `example` shows a right value, as in `an object such as { RoleArn: "..." }`. */
export function checkRecord(param: string, value: unknown, example: string): Record<string, unknown> {
  // The content may hold secrets, so the error tells the type alone.
  return isRecord(value) ? value : refuse(param, `an object such as ${example}`, value, true);
}

export function checkArray(param: string, value: unknown, max: number, example: string): readonly unknown[] {
  return Array.isArray(value) && value.length <= max
    ? value
    : refuse(param, `an array of at most ${max} entries such as ${example}`, value, true);
}

/** Names of the options that are set; one given as undefined counts as left out, as everywhere in JavaScript. */
export function givenNames(options: object): string[] {
  return Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
}

/** Refuses the first name that `known` does not hold. */
export function checkNames(prefix: string, given: object, known: readonly string[]): void {
  const unknown = givenNames(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const param = `${prefix}${unknown}`;
  const meant = meantOption(unknown, known);
  const hint = meant === undefined ? `known here: ${known.join(", ")}` : `did you mean ${prefix}${meant}?`;
  throw new BRSValidationError(`${param} is not an option; ${hint}`, { param });
}

/**
 * Refuses more than one of options of which one is taken, and none where one is needed.
 *
 * @param alternatives their values by their names
 */
export function checkAlternatives(alternatives: Readonly<Record<string, unknown>>, { needed = false } = {}): void {
  const given = givenNames(alternatives);
  if (given.length === 1 || (given.length === 0 && !needed)) return;
  const names = Object.keys(alternatives);
  const found = given.length === 0 ? "none is given" : `${given.join(" and ")} are given`;
  const param = (given.at(-1) ?? names[0]) as string;
  const all = `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  throw new BRSConfigurationError(`one of ${all} is taken, but ${found}: give one`, { param });
}
