/** Loads packages that this one works with but does not bring: they are the user's to install. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { BRSConfigurationError } from "./errors.js";

/** `require` as a file in that folder has it. */
export const requireFrom = (folder: string): NodeJS.Require => createRequire(join(folder, "application.js"));

/**
 * The exports of an optional peer. `purpose` completes "<purpose> needs the package <name>".
 *
 * @param folders looked at before the place of this package, as `require` would from a file in them
 * @throws BRSConfigurationError that names the package when it is not installed; what goes wrong inside it is thrown as it is
 */
export function loadPeer(name: string, purpose: string, folders: readonly string[] = []): unknown {
  let failure: unknown;
  for (const folder of [...folders, __dirname]) {
    // Not a literal `require`: the compiler would look for the package's types.
    const load = requireFrom(folder);
    try {
      load.resolve(name);
    } catch (cause) {
      failure = cause;
      continue;
    }
    return load(name);
  }
  throw new BRSConfigurationError(`${purpose} needs the package ${name}, which is not installed: npm install ${name}`, {
    param: name,
    cause: failure,
  });
}
