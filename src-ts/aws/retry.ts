/** Which failures of an AWS call are worth another attempt, and how long to wait before it. */
import type { Random, Sleep } from "../defaults.js";
import { BRSConnectionError, BRSRequestError } from "../errors.js";

/** AWS's names for "too fast": worth waiting longer for than an ordinary failure. */
const THROTTLING_CODES: ReadonlySet<string> = new Set([
  "BandwidthLimitExceeded",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
]);

/** AWS's names for failures that pass by themselves, whatever status they come with. */
const TRANSIENT_CODES: ReadonlySet<string> = new Set([
  "IDPCommunicationError",
  "InternalError",
  "InternalFailure",
  "RequestTimeout",
  "RequestTimeoutException",
  "ServiceUnavailable",
]);

const BASE_DELAY_MS = 100;
const THROTTLED_BASE_DELAY_MS = 500;
const MAX_DELAY_MS = 5_000;

/** Whether an answer says "slow down". */
export function isThrottling(statusCode: number, awsCode: string | undefined): boolean {
  return statusCode === 429 || (awsCode !== undefined && THROTTLING_CODES.has(awsCode));
}

/** Whether an error answer may well be another answer a moment later. */
export function isTransient(statusCode: number, awsCode: string | undefined): boolean {
  return (
    statusCode >= 500 || isThrottling(statusCode, awsCode) || (awsCode !== undefined && TRANSIENT_CODES.has(awsCode))
  );
}

/**
 * Longest wait before the next attempt, or `undefined` when this failure is final. A 2xx answer that cannot be read is
 * final within the call although a later call may succeed.
 */
export function backoffCeiling(error: unknown, attempt: number): number | undefined {
  let base: number;
  if (error instanceof BRSConnectionError && error.retryable) {
    base = BASE_DELAY_MS;
  } else if (error instanceof BRSRequestError && error.statusCode !== undefined) {
    const awsCode = error.details?.awsCode as string | undefined;
    if (!isTransient(error.statusCode, awsCode)) return undefined;
    base = isThrottling(error.statusCode, awsCode) ? THROTTLED_BASE_DELAY_MS : BASE_DELAY_MS;
  } else {
    return undefined;
  }
  return Math.min(MAX_DELAY_MS, base * 2 ** (attempt - 1));
}

export interface RetryOptions {
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
  readonly random: Random;
  readonly sleep: Sleep;
  readonly signal?: AbortSignal | undefined;
  /** Says of a failure that it was mended and can be tried again at once; believed for one failure of a call. */
  readonly mended?: (error: unknown) => boolean;
}

/**
 * Calls `attempt` until it succeeds, fails for good, or has been called `maxAttempts` times; the last failure is what the
 * caller gets. Waits are random between zero and a ceiling that doubles (100 ms, throttled 500 ms, at most 5 s), so a
 * call never takes longer than its attempts and their ceilings together.
 */
export async function withRetries<T>(options: RetryOptions, attempt: (number: number) => Promise<T>): Promise<T> {
  const { maxAttempts, random, sleep, signal } = options;
  let mayMend = options.mended !== undefined;
  for (let number = 1; ; number++) {
    signal?.throwIfAborted();
    try {
      return await attempt(number);
    } catch (error) {
      signal?.throwIfAborted();
      if (number >= maxAttempts) throw error;
      if (mayMend && options.mended?.(error)) {
        mayMend = false;
        continue;
      }
      const ceiling = backoffCeiling(error, number);
      if (ceiling === undefined) throw error;
      await sleep(Math.floor(random() * ceiling), signal);
    }
  }
}
