/** Keeps signatures and tokens out of what is printed of a request, as clients do with the options of one that failed. */
import { inspect } from "node:util";
import { masked } from "../../errors.js";

const SECRET: ReadonlySet<string> = new Set(["authorization", "x-amz-security-token"]);

/** Headers are sent as they are; `util.inspect` and JSON show the signature and the token only by their length. */
export function printWithoutSecrets(headers: object): void {
  const printed = () =>
    Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, SECRET.has(name.toLowerCase()) ? masked(value) : value]),
    );
  for (const name of [inspect.custom, "toJSON"]) {
    // Not enumerable: these are no headers.
    Object.defineProperty(headers, name, { value: printed, configurable: true });
  }
}
