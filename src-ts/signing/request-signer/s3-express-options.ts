/** The options of the S3 Express identities: their types, their defaults, and the refusal of everything else at construction. */

import { CLIENT_CHECKS, checkValue, type ValueCheck } from "../../aws/client-checks.js";
import { assertRegion, assertSecureEndpoint, parseEndpoint } from "../../aws/endpoints.js";
import type { StartTimer } from "../../aws/hold.js";
import type { HttpAgent } from "../../aws/transport.js";
import { type Clock, type Random, type Sleep, systemClock, systemRandom } from "../../defaults.js";
import { BRSValidationError, shown } from "../../errors.js";
import { asRefreshable, type CredentialSource } from "../../refresh/credential-source.js";
import type { RefreshableCredentials } from "../../refresh/refreshable-credentials.js";

/** Durations are seconds. */
export interface S3ExpressIdentityOptions {
  /** Region of the directory buckets. */
  region: string;
  /** Who asks for the sessions; needs the permission s3express:CreateSession. */
  credentials: CredentialSource;
  /** Address of another service that has CreateSession; plain http only on loopback. */
  endpoint?: string | undefined;
  /** What the sessions may do. Without it S3 gives what the caller may. */
  sessionMode?: "ReadOnly" | "ReadWrite" | undefined;
  /** Agent for the connections; it stays its owner's to close. */
  agent?: HttpAgent | undefined;
  /** Until one attempt is given up. Default 10. */
  requestTimeout?: number | undefined;
  /** Attempts in all, the first included. Default 3. */
  maxAttempts?: number | undefined;
  /** Allows plain http to another machine. */
  allowInsecureEndpoint?: boolean | undefined;
  clock?: Clock | undefined;
  random?: Random | undefined;
  sleep?: Sleep | undefined;
  startTimer?: StartTimer | undefined;
}

/** The same with defaults filled in. */
export interface CheckedExpressOptions {
  readonly region: string;
  readonly credentials: RefreshableCredentials;
  readonly endpoint: URL | undefined;
  readonly sessionMode: string | undefined;
  readonly agent: HttpAgent | undefined;
  readonly requestTimeout: number;
  readonly maxAttempts: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly sleep: Sleep | undefined;
  readonly startTimer: StartTimer | undefined;
}

const CHECKS: Readonly<Record<keyof S3ExpressIdentityOptions, ValueCheck>> = {
  region: ["a region name", (value) => typeof value === "string"],
  sessionMode: ['"ReadOnly" or "ReadWrite"', (value) => value === "ReadOnly" || value === "ReadWrite"],
  ...CLIENT_CHECKS,
};

/** @throws BRSValidationError naming the option, or BRSConfigurationError for plain http off this machine */
export function checkExpressOptions(options: S3ExpressIdentityOptions): CheckedExpressOptions {
  if (typeof options !== "object" || options === null) {
    throw new BRSValidationError(`S3ExpressIdentityResolver takes an object of options, found ${shown(options)}`, {
      param: "options",
    });
  }
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof S3ExpressIdentityOptions] : undefined;
    if (check === undefined) {
      throw new BRSValidationError(
        `"${name}" is not an option of S3ExpressIdentityResolver; it takes ${Object.keys(CHECKS).join(", ")}`,
        { param: name },
      );
    }
    checkValue(name, value, check, { param: name, label: `"${name}"` });
  }
  const { region, endpoint, allowInsecureEndpoint = false } = options;
  assertRegion(region, "region");
  const url = endpoint === undefined ? undefined : parseEndpoint(endpoint, "endpoint");
  if (url !== undefined) assertSecureEndpoint(url, allowInsecureEndpoint, "endpoint");
  return {
    region,
    credentials: asRefreshable(options.credentials),
    endpoint: url,
    sessionMode: options.sessionMode,
    agent: options.agent,
    requestTimeout: options.requestTimeout ?? 10,
    maxAttempts: options.maxAttempts ?? 3,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    sleep: options.sleep,
    startTimer: options.startTimer,
  };
}

/** `name--usw2-az1--x-s3`: the zone is a part of the name. */
const DIRECTORY_BUCKET = /^[a-z0-9][a-z0-9-]*--([a-z0-9-]+)--x-s3$/;

/** @throws BRSValidationError for a name that is not that of a directory bucket */
export function zoneOf(bucket: string): string {
  const zone = DIRECTORY_BUCKET.exec(bucket)?.[1];
  if (zone !== undefined) return zone;
  throw new BRSValidationError(
    `"bucket" must be the name of a directory bucket, such as "name--usw2-az1--x-s3", found ${shown(bucket)}`,
    { param: "bucket", value: bucket },
  );
}
