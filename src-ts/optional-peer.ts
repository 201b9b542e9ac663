/** Loads packages that this one works with but does not bring: they are the user's to install. */
import { createRequire } from "node:module";
import { BRSConfigurationError } from "./errors.js";

/**
 * The exports of an optional peer. `purpose` completes "<purpose> needs the package <name>".
 *
 * @throws BRSConfigurationError that names the package when it is not installed; what goes wrong inside it is thrown as it is
 */
export function loadPeer(name: string, purpose: string): unknown {
  // Not a literal `require`: the compiler would look for the package's types.
  const load = createRequire(__filename);
  try {
    load.resolve(name);
  } catch (cause) {
    throw new BRSConfigurationError(
      `${purpose} needs the package ${name}, which is not installed: npm install ${name}`,
      {
        param: name,
        cause,
      },
    );
  }
  return load(name);
}
