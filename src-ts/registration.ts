/** The checks of what a user adds by a name: a method of sessions, a resource. */
import { BRSConfigurationError } from "./errors.js";
import { checkBoolean, checkFunction, checkNames, checkRecord, checkText } from "./strategies/option-checks.js";

export interface RegisterOptions {
  /** Permits taking a name that exists. */
  replace?: boolean;
}

/** What kind of thing is added; it is also the name of the parameter that names one. */
export interface RegisteredKind {
  readonly kind: "method" | "resource";
  /** Name of the parameter with its factory. */
  readonly factory: string;
  isTaken(name: string): boolean;
}

/**
 * @throws BRSValidationError for arguments of the wrong kind, BRSConfigurationError when the name is taken and `replace` is not
 * true
 */
export function checkRegistration(
  { kind, factory, isTaken }: RegisteredKind,
  name: unknown,
  made: unknown,
  options: unknown = {},
): void {
  checkText(kind, name, { expected: `the name of the new ${kind}` });
  checkFunction(factory, made);
  const { replace } = checkRecord("options", options, "{ replace: true }");
  checkNames("options.", options as object, ["replace"]);
  if (replace !== undefined) checkBoolean("options.replace", replace);
  if (isTaken(name as string) && replace !== true) {
    throw new BRSConfigurationError(`${kind} "${name}" exists already; give { replace: true } to take its name`, {
      param: kind,
      value: name,
    });
  }
}
