/** The options of the verifiers, and their checks: one that is misspelled would leave its check out. */
import type { Clock } from "../../defaults.js";
import { BRSValidationError, masked, shown } from "../../errors.js";
import { checkNames } from "../option-names.js";
import type { ClaimedCredentials, StoredCredentials } from "./lookup.js";
import { checkSkew, ReplayGuard } from "./replay-guard.js";

/** The algorithms of signatures: by HMAC for one region, by ECDSA for a set of them. */
export type SignatureAlgorithm = "sigv4" | "sigv4a";

/** Seconds that a signer's clock may differ unless the caller says otherwise. */
export const MAX_SKEW = 900;

/** What every verifier is told. */
export interface VerifierOptions {
  /** Looks the secret of a key id up; undefined for an unknown one. What it throws refuses the request. */
  getCredentials(claimed: ClaimedCredentials): StoredCredentials | undefined | Promise<StoredCredentials | undefined>;
  /** Region that the credential scope must name, or the region set of SigV4a hold. */
  region: string;
  /** Accepts each signature once; see `ReplayGuard`. */
  replay?: ReplayGuard;
  /** Seconds that the signer's clock may differ. Default: 900. */
  maxSkew?: number;
  clock?: Clock;
}

export interface VerifyOptions extends VerifierOptions {
  /** Service that the credential scope must name. */
  service: string;
  /**
   * Values that the `host` header may have, with their ports. "any" lets a request that was meant for another server with the
   * same keys be sent to this one.
   */
  hosts: readonly string[] | "any";
  /** "allow-unsigned" accepts bodies that the signature leaves open, as S3 does. */
  payload?: "signed" | "allow-unsigned";
  /** Accepted algorithms. Default: both. */
  algorithms?: readonly SignatureAlgorithm[];
  /**
   * Accepts an `X-Amz-Security-Token` that stands after `X-Amz-Signature` in the query and was not signed, as AWS IoT has it.
   * The token must be the stored one all the same. Default: false.
   */
  tokenAfterSignature?: boolean;
  /** The most bytes of one signed chunk of an aws-chunked body; a chunk is held until it is proved. Default: 16 MiB. */
  maxChunkBytes?: number;
}

/** Refuses an option by name; of objects only the kind is shown, since one of them may hold secrets. */
export function refuseOption(param: string, expected: string, found: unknown): never {
  const seen = typeof found === "object" && found !== null && !Array.isArray(found) ? masked(found) : shown(found);
  throw new BRSValidationError(`"${param}" must be ${expected}, found ${seen}`, { param });
}

const isWhole = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

/** Refuses anything but a whole number in these bounds; undefined passes. */
export function checkWhole(param: string, value: unknown, least: number, most: number): void {
  if (value !== undefined && !isWhole(value, least, most))
    refuseOption(param, `an integer from ${least} to ${most}`, value);
}

/** Checks what all verifiers share. */
export function checkVerifier(options: VerifierOptions, names: readonly string[], what: string): void {
  checkNames(options, what, names);
  const { getCredentials, region, replay, maxSkew, clock } = options;
  if (typeof getCredentials !== "function") refuseOption("getCredentials", "a function", getCredentials);
  if (typeof region !== "string" || region === "") refuseOption("region", "the name of a region", region);
  if (replay !== undefined && !(replay instanceof ReplayGuard)) refuseOption("replay", "a ReplayGuard", replay);
  if (maxSkew !== undefined && !(typeof maxSkew === "number" && maxSkew >= 0))
    refuseOption("maxSkew", "seconds, 0 or more", maxSkew);
  if (clock !== undefined && typeof clock !== "function") refuseOption("clock", "a function", clock);
}

/** The names of the options of `verifyRequest`. */
export const REQUEST_OPTIONS: readonly (keyof VerifyOptions)[] = [
  "getCredentials",
  "service",
  "region",
  "hosts",
  "payload",
  "maxSkew",
  "clock",
  "replay",
  "algorithms",
  "tokenAfterSignature",
  "maxChunkBytes",
];

/** Checks the options of `verifyRequest`, or of `what` whose further names are `also`. */
export function checkedOptions(
  options: VerifyOptions,
  what = "verifyRequest",
  also: readonly string[] = [],
): VerifyOptions {
  checkVerifier(options, [...REQUEST_OPTIONS, ...also], what);
  const { service, hosts, payload, algorithms, tokenAfterSignature, maxChunkBytes } = options;
  if (typeof service !== "string" || service === "") refuseOption("service", "the name of a service", service);
  const isList = Array.isArray(hosts) && hosts.length > 0 && hosts.every((host) => /^[^\s]+$/.test(host));
  if (hosts !== "any" && !isList) refuseOption("hosts", 'a list of host names with their ports, or "any"', hosts);
  if (payload !== undefined && payload !== "signed" && payload !== "allow-unsigned") {
    refuseOption("payload", `"signed" or "allow-unsigned"`, payload);
  }
  const isKnown = (name: unknown) => name === "sigv4" || name === "sigv4a";
  if (algorithms !== undefined && !(Array.isArray(algorithms) && algorithms.length > 0 && algorithms.every(isKnown))) {
    refuseOption("algorithms", `a list of "sigv4" and "sigv4a"`, algorithms);
  }
  if (tokenAfterSignature !== undefined && typeof tokenAfterSignature !== "boolean") {
    refuseOption("tokenAfterSignature", "true or false", tokenAfterSignature);
  }
  checkWhole("maxChunkBytes", maxChunkBytes, 1, 0xffff_ffff);
  const { replay, maxSkew = MAX_SKEW } = options;
  if (replay !== undefined) checkSkew(replay, maxSkew);
  return options;
}
