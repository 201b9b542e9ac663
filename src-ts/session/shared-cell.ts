/** The cell that sessions with `shared` join: its name, and the fingerprint of what they must have in common. */
import { BRSConfigurationError } from "../errors.js";
import { keyedDigest } from "../keyed-digest.js";
import type { SharedCell } from "../refresh/credential-cell.js";
import { expandPath, homeOf } from "../sources/config-files.js";
import { AssumeRoleConfig } from "../strategies/configs/assume-role-config.js";
import { STSClientConfig } from "../strategies/configs/sts-client-config.js";
import { describe } from "../strategies/option-checks.js";
import type { EffectiveOptions } from "./options.js";

/** Options that each session has for itself: they change neither whose the credentials are nor when they are refreshed. */
const OWN: ReadonlySet<string> = new Set([
  ...["shared", "signal", "clock", "deferRefresh", "refreshTimeout", "backgroundRefresh", "requestHandler"],
  // Another name of an option that is compared.
  "regionName",
]);

/** Data nested deeper than this is taken for a circle. */
const DEEPEST = 32;

/** What is asked when a value has no canonical text: gives one, or refuses it. */
type Opaque = (path: string, found: string) => string;

/**
 * @param given the options as the user gave them
 * @param method value of `session.refreshMethod`
 * @throws BRSConfigurationError for `shared: true` with an option that is no plain data
 */
export function sharedCell(given: object, method: string, effective: EffectiveOptions): SharedCell {
  const { shared, region, refreshPolicy, advisoryTimeout, mandatoryTimeout, onMandatoryFailure } = effective;
  const options: Record<string, unknown> = {
    ...Object.fromEntries(Object.entries(given).filter(([name]) => !OWN.has(name))),
    ...{ method, region, refreshPolicy, advisoryTimeout, mandatoryTimeout, onMandatoryFailure },
    ...surroundings(effective),
  };
  const opaque: Opaque = (path, found) => {
    if (shared !== true) return `<${found}>`;
    throw new BRSConfigurationError(
      `shared: true takes the name from the options, which must be plain data, but ${path} is ${found}: give a name, as in ` +
        'shared: "reports"',
      { param: "shared" },
    );
  };
  const fingerprint = Object.keys(options)
    .filter((name) => options[name] !== undefined)
    .sort()
    .map((name) => `${name} ${keyedDigest(canonical(options[name], name, opaque))}\n`)
    .join("");
  // So that no name of a user is that of some options.
  return { name: shared === true ? `options:${keyedDigest(fingerprint)}` : `name:${shared}`, fingerprint };
}

/** Variables that hold paths, in which other variables count. */
const PATHS: ReadonlySet<string> = new Set(["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"]);

/** Where the source of the credentials comes from: AWS's variables, and whose files are read. */
function surroundings({ env, givenHomeDir: homeDir }: EffectiveOptions): Record<string, unknown> {
  const places = { env, homeDir };
  const variables = Object.entries(env)
    .filter(([name]) => name.startsWith("AWS_"))
    .map(([name, text]) => [name, PATHS.has(name) && text ? expandPath(text, places) : text]);
  return { env: Object.fromEntries(variables), homeDir: homeOf(places) };
}

/** One text for equal data, whatever the order of its properties. */
function canonical(value: unknown, path: string, opaque: Opaque, depth = 0): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (value === null || typeof value === "number" || typeof value === "boolean") return String(value);
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (value instanceof Uint8Array) return `Bytes(${Buffer.from(value).toString("base64")})`;
  if (depth < DEEPEST && Array.isArray(value)) {
    return `[${value.map((entry, index) => canonical(entry, `${path}[${index}]`, opaque, depth + 1)).join()}]`;
  }
  if (depth < DEEPEST && isPlain(value)) {
    const named = Object.entries(value).filter(([, entry]) => entry !== undefined);
    named.sort(([one], [other]) => (one < other ? -1 : 1));
    const texts = named.map(
      ([name, entry]) => `${JSON.stringify(name)}:${canonical(entry, `${path}.${name}`, opaque, depth + 1)}`,
    );
    return `{${texts.join()}}`;
  }
  return opaque(path, describe(value));
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  return value instanceof AssumeRoleConfig || value instanceof STSClientConfig;
}
