/** The methods that sessions know: their names, their options and what makes a session of each. */
import { BRSConfigurationError, BRSValidationError } from "../errors.js";
import { checkRegistration } from "../registration.js";
import { checkRecord, describe, isRecord } from "../strategies/option-checks.js";
import type { Identity, RefreshStrategy } from "../strategies/strategy.js";

/** A strategy as sessions use it: two things beyond fetching that it may be able to do. */
export interface SessionStrategy extends RefreshStrategy {
  /** Who the strategy calls AWS as, before any refresh. */
  getSourceIdentity?(): Promise<Identity>;
  /** Frees what the strategy holds, such as sockets; called once, by `session.close()`. */
  close?(): void;
}

/**
 * Makes the strategy of one session out of all its options; it checks those that are its own, and throws on bad ones.
 */
export type StrategyFactory = (options: Readonly<Record<string, unknown>>) => SessionStrategy;

/** Which options a built-in method has beyond the common ones. */
export interface MethodOptions {
  readonly method: string;
  readonly names: readonly string[];
}

/** Builds the session of one method; `session` is typed where the built-in classes register. */
export type SessionBuilder = (options: Record<string, unknown>) => object;

interface Method {
  readonly build: SessionBuilder;
  /** Undefined for a method of the user, whose options are the user's matter. */
  readonly ownOptions: (() => readonly string[]) | undefined;
}

// One registry per copy of the package, as for the classes themselves.
const methods = new Map<string, Method>();

/** `ownOptions` names the options of a built-in method beyond the common ones; it is called only when they are asked for. */
export function addMethod(method: string, build: SessionBuilder, ownOptions?: () => readonly string[]): void {
  methods.set(method, { build, ownOptions });
}

/** Alphabetical. */
export function availableMethods(): string[] {
  return [...methods.keys()].sort();
}

/** Options of the built-in methods, for telling whose an option is. */
export function methodOptions(): MethodOptions[] {
  return [...methods].flatMap(([method, { ownOptions }]) => (ownOptions ? [{ method, names: ownOptions() }] : []));
}

/** Checks what `RefreshableSession.register` was given. */
export function checkMethod(method: unknown, factory: unknown, options: unknown): void {
  checkRegistration(
    { kind: "method", factory: "strategyFactory", isTaken: (name) => methods.has(name) },
    method,
    factory,
    options,
  );
}

/** Builds the session of `options.method`, which is "sts" when left out. */
export function buildSession(given: unknown): object {
  const options = checkRecord("options", given, '{ method: "sts", assumeRole: { RoleArn: "..." } }');
  const method = options.method === undefined ? "sts" : options.method;
  const found = typeof method === "string" ? methods.get(method) : undefined;
  if (found !== undefined) return found.build(options);
  const known = availableMethods().map((name) => `"${name}"`);
  throw new BRSValidationError(`method must be one of ${known.join(", ")}, but is ${describe(method)}`, {
    param: "method",
    value: describe(method),
  });
}

/** Refuses what a factory of the user made when it is no strategy. */
export function checkStrategy(method: string, made: unknown): SessionStrategy {
  if (isRecord(made) && typeof made.refresh === "function") return made as unknown as SessionStrategy;
  throw new BRSConfigurationError(
    `the strategy factory of method "${method}" must return an object with a refresh function, but returned ${describe(made)}`,
    { param: "strategyFactory" },
  );
}
