/** What a signer can be told at construction, its defaults by service, and the check of every field. */
import type { Clock } from "../defaults.js";
import { BRSValidationError, shown } from "../errors.js";
import type { CredentialSource } from "../refresh/credential-source.js";
import {
  ALGORITHM_SIGV4A,
  CONTENT_SHA256_HEADER,
  DOUBLE_ENCODE_PATH,
  ENGINE_AWS_SIGV4,
  NORMALIZE_PATH,
  OMIT_SESSION_TOKEN,
  UNSIGNED_PAYLOAD,
} from "./flags.js";
import { refuseUnknown } from "./option-names.js";

export interface SignerOptions {
  /** Name of the service in the credential scope: "execute-api", "s3", "dynamodb". */
  service: string;
  /**
   * Region in the credential scope. For "sigv4a" the set of regions that may accept the signature: names, `*` for any part of
   * one, as a list or separated by commas.
   */
  region: string | readonly string[];
  credentials: CredentialSource;
  /** "sigv4a" signs for a set of regions with a key derived from the secret (ECDSA), as multi-region access points want it. */
  algorithm?: "sigv4" | "sigv4a";
  /** Whether bodies are signed when a request does not say so itself; "unsigned" is for S3 over TLS. */
  payload?: "signed" | "unsigned";
  /** Whether `%` in the path is encoded again. Only the s3 family says no. */
  doubleEncodePath?: boolean;
  /** Whether dot segments and runs of slashes are resolved. Only the s3 family says no. */
  normalizePath?: boolean;
  /** Whether the payload hash travels as `x-amz-content-sha256`. Only the s3 family and "aoss" say yes. */
  contentSha256Header?: boolean;
  /** Headers that stay unsigned besides those that always do, such as those a proxy rewrites. */
  unsignedHeaders?: readonly string[];
  /** Whether the session token is added after signing, as IoT's websockets want it. */
  omitSessionToken?: boolean;
  /** "aws-sigv4" signs through the Rust crate of that name instead of our own canonicaliser. */
  engine?: "core" | "aws-sigv4";
  clock?: Clock;
}

export interface ResolvedSignerOptions {
  /** Region, service and unsigned header names, each ended by a line feed. */
  readonly prefix: string;
  /** The settings; see flags.ts. */
  readonly flags: number;
  /** What travels as `x-amz-region-set`; undefined for an algorithm whose scope names the region. */
  readonly regionSet: string | undefined;
}

/** Services whose paths are signed as they are and whose payload hash travels. */
export const S3_FAMILY: ReadonlySet<string> = new Set(["s3", "s3-outposts", "s3-object-lambda", "s3express"]);

/**
 * OpenSearch Serverless wants the payload hash, and refuses a signed content-length: "Signing HTTP requests with other clients"
 * in the OpenSearch Service developer guide.
 */
const SERVERLESS_SEARCH = "aoss";

export const SIGNER_OPTION_NAMES: readonly (keyof SignerOptions)[] = [
  "service",
  "region",
  "credentials",
  "algorithm",
  "payload",
  "doubleEncodePath",
  "normalizePath",
  "contentSha256Header",
  "unsignedHeaders",
  "omitSessionToken",
  "engine",
  "clock",
];

export function resolveSignerOptions(options: SignerOptions): ResolvedSignerOptions {
  if (typeof options !== "object" || options === null) {
    throw new BRSValidationError(`a Signer takes an object of options, found ${shown(options)}`, { param: "options" });
  }
  refuseUnknown(options, "Signer", SIGNER_OPTION_NAMES);
  const algorithm = oneOf(options.algorithm, "algorithm", ["sigv4", "sigv4a"]);
  const isGlobal = algorithm === "sigv4a";
  const region = isGlobal ? regionSetOf(options.region) : scopePart(options.region, "region");
  const service = scopePart(options.service, "service");
  const isS3 = S3_FAMILY.has(service);
  const isServerlessSearch = service === SERVERLESS_SEARCH;
  if (options.clock !== undefined && typeof options.clock !== "function")
    throw refused("clock", "a function", options.clock);
  const payload = oneOf(options.payload, "payload", ["signed", "unsigned"]);
  const engine = oneOf(options.engine, "engine", ["core", "aws-sigv4"]);
  if (isGlobal && engine === "aws-sigv4") {
    throw new BRSValidationError(
      `"engine": "aws-sigv4" signs with "sigv4" only; leave "engine" out to sign with "sigv4a"`,
      {
        param: "engine",
        value: engine,
      },
    );
  }
  const flags =
    (flag(options.doubleEncodePath, "doubleEncodePath", !isS3) ? DOUBLE_ENCODE_PATH : 0) |
    (flag(options.normalizePath, "normalizePath", !isS3) ? NORMALIZE_PATH : 0) |
    (flag(options.contentSha256Header, "contentSha256Header", isS3 || isServerlessSearch) ? CONTENT_SHA256_HEADER : 0) |
    (payload === "unsigned" ? UNSIGNED_PAYLOAD : 0) |
    (flag(options.omitSessionToken, "omitSessionToken", false) ? OMIT_SESSION_TOKEN : 0) |
    (engine === "aws-sigv4" ? ENGINE_AWS_SIGV4 : 0) |
    (isGlobal ? ALGORITHM_SIGV4A : 0);
  const unsigned = unsignedNames(options.unsignedHeaders, isServerlessSearch ? ["content-length"] : []);
  return {
    prefix: `${region}\n${service}\n${unsigned}\n`,
    flags,
    regionSet: isGlobal ? region : undefined,
  };
}

function scopePart(value: unknown, param: string): string {
  if (typeof value === "string" && /^[\w.-]+$/.test(value)) return value;
  throw refused(param, "letters, digits, '-', '_' and '.', such as those in an AWS endpoint", value);
}

/** Regions, with `*` for any part of one, separated by commas as the header carries them. */
export function regionSetOf(value: unknown): string {
  const names = typeof value === "string" ? value.split(",").map((name) => name.trim()) : value;
  const isRegion = (name: unknown) => typeof name === "string" && /^[\w.*-]+$/.test(name);
  if (Array.isArray(names) && names.length > 0 && names.every(isRegion)) return names.join(",");
  throw refused("region", 'for "sigv4a" one or more regions, such as "us-east-1", "eu-*" or "*"', value);
}

function flag(value: unknown, param: string, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value === "boolean") return value;
  throw refused(param, "a boolean", value);
}

/** The first of the allowed values is the default. */
function oneOf(value: unknown, param: string, allowed: readonly [string, ...string[]]): string {
  if (value === undefined) return allowed[0];
  if (typeof value === "string" && allowed.includes(value)) return value;
  throw refused(param, allowed.map((each) => `"${each}"`).join(" or "), value);
}

function unsignedNames(given: unknown, always: readonly string[]): string {
  const names = given === undefined ? [] : given;
  const isName = (name: unknown) => typeof name === "string" && /^[!#$%&'*+.^_`|~\w-]+$/.test(name);
  if (!Array.isArray(names) || !names.every(isName)) throw refused("unsignedHeaders", "a list of header names", names);
  const lower = [...names, ...always].map((name: string) => name.toLowerCase());
  if (lower.includes("host")) throw refused("unsignedHeaders", 'a list without "host", which is always signed', names);
  return lower.join(" ");
}

function refused(param: string, expected: string, found: unknown): BRSValidationError {
  return new BRSValidationError(`"${param}" must be ${expected}, found ${shown(found)}`, { param, value: found });
}
