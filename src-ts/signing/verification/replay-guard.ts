/** The guard against replays: a signature is accepted once while it is valid. */
import { BRSValidationError, shown } from "../../errors.js";
import { native } from "../../native.js";
import { refuseUnknown } from "../option-names.js";
import { refusal } from "./refusal.js";

export interface ReplayGuardOptions {
  /** Signatures held at a time, about 120 bytes each, 1 to 2^32 - 1. Default: 1 000 000. */
  maxEntries?: number;
}

type ProvedSignature = InstanceType<typeof native.ProvedSignature>;
type UsedSignatures = InstanceType<typeof native.UsedSignatures>;

const DEFAULT_MAX_ENTRIES = 1_000_000;
const guards = new WeakMap<ReplayGuard, UsedSignatures>();
/** The `maxSkew`, in seconds, of the verifiers of a guard. */
const skews = new WeakMap<ReplayGuard, number>();

/**
 * Remembers the signatures that were accepted, each until it is no longer valid by the verifier's clock: `maxSkew` after its date,
 * or at the end of a presigned URL or POST policy. **With a guard a presigned URL or a POST policy works once**, and so do two
 * equal requests that one client signs in the same second.
 *
 * What is remembered is a hash of key id and string to sign, never the signature: of one SigV4a signature anybody can make another
 * that is as good. A guard that is full of valid signatures refuses (ServiceUnavailable, 503) rather than forget one. If the
 * clock goes back, signatures that ended before what was forgotten are refused as well.
 *
 * A signature is used once it was found right, whatever becomes of the body that it covers.
 *
 * One guard serves any number of verifiers of this thread that have the same `maxSkew` (with another, one would still accept what the
 * guard has forgotten), and marks a signature in the same step that looks for it. It
 * knows nothing of other processes: behind a load balancer every process accepts a signature once.
 *
 * @example
 * ```ts
 * import { ReplayGuard, verifyRequest, type ReceivedRequest, type VerifyOptions } from "aws-refresh-session/signing";
 *
 * const replay = new ReplayGuard({ maxEntries: 100_000 });
 * const verify = (request: ReceivedRequest, options: VerifyOptions) => verifyRequest(request, { ...options, replay });
 * ```
 */
export class ReplayGuard {
  /** @throws BRSValidationError when `maxEntries` is no such number */
  constructor(options: ReplayGuardOptions = {}) {
    if (typeof options !== "object" || options === null) {
      throw new BRSValidationError(`a ReplayGuard takes an object of options, found ${shown(options)}`, {
        param: "options",
      });
    }
    refuseUnknown(options, "ReplayGuard", ["maxEntries"]);
    const { maxEntries = DEFAULT_MAX_ENTRIES } = options;
    if (!Number.isInteger(maxEntries) || maxEntries < 1 || maxEntries > 0xffff_ffff) {
      throw new BRSValidationError(`"maxEntries" must be an integer from 1 to 4294967295, found ${shown(maxEntries)}`, {
        param: "maxEntries",
      });
    }
    guards.set(this, new native.UsedSignatures(maxEntries));
  }

  /** How many signatures are held; ended ones are dropped when the next is admitted. */
  get size(): number {
    return guards.get(this)?.size ?? 0;
  }
}

/**
 * Refuses verifiers that accept signatures for different times beside one guard: it forgets a signature when the verifier that
 * accepted it would no longer, and another might take it once more.
 */
export function checkSkew(guard: ReplayGuard, maxSkew: number): void {
  const others = skews.get(guard) ?? maxSkew;
  if (others !== maxSkew) {
    throw new BRSValidationError(
      `"maxSkew" must be ${others} as for the other verifiers of this ReplayGuard, found ${shown(maxSkew)}: give each its own guard`,
      { param: "maxSkew", value: maxSkew },
    );
  }
  skews.set(guard, maxSkew);
}

/** Marks a signature as used; refuses one that was, and every one while the guard is full. */
export function admit(guard: ReplayGuard | undefined, proved: ProvedSignature, now: number): void {
  if (guard === undefined) return;
  const answer = guards.get(guard)?.admit(proved, now);
  if (answer === "first") return;
  if (answer === "repeated") {
    throw refusal("AccessDenied", "The signature of this request was used before.", { details: { reason: "replay" } });
  }
  throw refusal(
    "ServiceUnavailable",
    "The replay guard is full: the request is refused rather than a signature forgotten.",
    {
      details: { reason: "replay-guard-full" },
      retryable: true,
    },
  );
}
