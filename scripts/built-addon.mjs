/** Finds the addon that the last build made for this machine. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./steps.mjs";

/** Path of the one `aws-refresh-session.<platform>.node` that fits this process. */
export function builtAddon() {
  const found = readdirSync(root).filter(
    (name) => name.endsWith(".node") && name.includes(`.${process.platform}-${process.arch}`),
  );
  if (found.length === 1) return join(root, found[0]);
  throw new Error(
    found.length === 0 ? "no addon for this machine: run `npm run build`" : `several addons fit, remove one: ${found}`,
  );
}
