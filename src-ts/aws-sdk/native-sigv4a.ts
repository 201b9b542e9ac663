/** Native SigV4a where the SDK for JavaScript v3 looks for it: in two containers of packages that the user has. */
import { createRequire } from "node:module";
import { sep } from "node:path";
import { applicationFolders } from "../defaults.js";
import { BRSConfigurationError, masked } from "../errors.js";
import { requireFrom } from "../optional-peer.js";
import { SignatureV4, type SignatureV4Init } from "./signature-v4.js";

/** `SignatureV4a` of `@smithy/signature-v4a` and `CrtSignerV4` of `@aws-sdk/signature-v4-crt`, for requests. */
export class SignatureV4a extends SignatureV4 {
  constructor(init: SignatureV4Init) {
    super({ ...init, signingAlgorithm: 1 });
  }
}

/** A module with a container in it, or an object of one: `{ signatureV4CrtContainer }`. */
export type SigV4aContainers =
  | { readonly signatureV4CrtContainer: { CrtSignerV4: unknown } }
  | { readonly signatureV4aContainer: { SignatureV4a: unknown } };

/** The packages that the containers stand in; a version of two years ago has the first alone. */
const PACKAGES = ["@aws-sdk/signature-v4-multi-region", "@smithy/signature-v4"] as const;
/** The clients that bring them, where they are not installed at the top. */
const CLIENTS = ["@aws-sdk/client-s3", "@aws-sdk/client-eventbridge", "@aws-sdk/client-sts"] as const;

/**
 * Lets every SDK v3 client of the process sign with SigV4a natively: requests and presigned URLs of S3 multi-region access
 * points, with no change to the clients and without `@aws-sdk/signature-v4-crt` or `@aws-sdk/signature-v4a`. Clients with
 * {@link withNativeSigning} or {@link SignatureV4} do not need it.
 *
 * Without an argument it finds the SDK's packages that are loaded, and those that the application's folder has: call it after
 * the clients are imported. A bundled application has no packages to find: there, give the module.
 *
 * @returns how many containers hold the native signer now
 * @throws BRSConfigurationError when there is no container, or an argument holds none
 *
 * @example
 * ```ts
 * import { nativeSigV4a } from "aws-refresh-session/aws-sdk";
 * import * as multiRegion from "@aws-sdk/signature-v4-multi-region";
 *
 * nativeSigV4a(multiRegion);
 * ```
 */
export function nativeSigV4a(...modules: readonly SigV4aContainers[]): number {
  const filled = new Set<object>();
  for (const module of modules) {
    if (fill(module, filled) > 0) continue;
    throw new BRSConfigurationError(
      `nativeSigV4a() takes the module ${PACKAGES.join(" or ")}, found ${masked(module)}`,
      { param: "modules" },
    );
  }
  if (modules.length === 0) for (const module of installed()) fill(module, filled);
  if (filled.size > 0) return filled.size;
  throw new BRSConfigurationError(
    `nativeSigV4a() finds none of the packages ${PACKAGES.join(" and ")} in the application's folder or among the modules ` +
      `that are loaded: import the SDK clients first, or give the module, nativeSigV4a(require("${PACKAGES[0]}"))`,
    { param: "modules" },
  );
}

/** Sets the class in the containers of a module; how many there were. */
function fill(module: unknown, filled: Set<object>): number {
  const { signatureV4CrtContainer: crt, signatureV4aContainer: js } = Object(module) as Record<string, unknown>;
  const containers = [
    { container: crt, name: "CrtSignerV4" },
    { container: js, name: "SignatureV4a" },
  ].filter(({ container, name }) => typeof container === "object" && container !== null && name in container);
  for (const { container, name } of containers) {
    (container as Record<string, unknown>)[name] = SignatureV4a;
    filled.add(container as object);
  }
  return containers.length;
}

/** The exports of the packages: of every copy that is loaded, and of those that the application would load. */
function installed(): unknown[] {
  const { cache } = createRequire(__filename);
  const places = PACKAGES.map((name) => `${sep}node_modules${sep}${name.replace("/", sep)}${sep}`);
  const loaded = Object.keys(cache).filter((path) => places.some((place) => path.includes(place)));
  const found: unknown[] = loaded.map((path) => cache[path]?.exports);
  for (const folder of applicationFolders()) {
    const application = requireFrom(folder);
    const clients = CLIENTS.map((name) => resolved(application, name)).filter((path) => path !== undefined);
    for (const load of [application, ...clients.map((path) => createRequire(path))]) {
      found.push(...PACKAGES.filter((name) => resolved(load, name) !== undefined).map((name) => load(name)));
    }
  }
  return found;
}

function resolved(load: NodeJS.Require, name: string): string | undefined {
  try {
    return load.resolve(name);
  } catch {
    return undefined;
  }
}
