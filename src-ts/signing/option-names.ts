/** Refuses options that a call or class does not have: one that is misspelled would be left out in silence. */
import { BRSValidationError, masked } from "../errors.js";

/** Refuses what is no object of options, and names that are none of them. */
export function checkNames(options: unknown, caller: string, names: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw new BRSValidationError(`${caller} takes an object of options, found ${masked(options)}`, {
      param: "options",
    });
  }
  refuseUnknown(options, caller, names);
}

/** Refuses names that are no options. */
export function refuseUnknown(options: object, caller: string, names: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) {
      throw new BRSValidationError(`"${name}" is not an option of ${caller}; it takes ${names.join(", ")}`, {
        param: name,
      });
    }
  }
}
