/** What the SDK's signer of auth schemes does about a wrong clock: learns the offset of a client from the answers it gets. */
import { systemClock } from "../defaults.js";
import type { SdkSigningProperties } from "./sdk-types.js";

/** An offset under four minutes is not why a service refuses a signature. */
const TOLERATED_MS = 240_000;
/** Of a request that took longer than this, nobody knows when its answer was written. */
const LONGEST_MS = 900_000;

/** An answer, or an error of the SDK with one. */
interface Dated {
  readonly statusCode?: unknown;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

interface SdkError {
  readonly ServerTime?: unknown;
  readonly $response?: unknown;
  $metadata?: { clockSkewCorrected?: boolean };
}

/**
 * When the next signature of a client is made, in milliseconds since the epoch; notes what its answer will be judged by, under
 * the SDK's own names, which its handlers go by, too.
 *
 * @param isOff whether the client is told to leave its clock alone
 */
export function signingTime(properties: SdkSigningProperties, isOff: boolean): number {
  const { config, context } = properties;
  const { systemClockOffset } = config;
  const now = systemClock();
  properties._disableClockSkewCorrection = isOff;
  properties._skipClockSkewSampling = isOff || context.__smithy_context?.eventStream?.output === true;
  if (!properties._skipClockSkewSampling) {
    properties._preRequestSystemClockOffset = systemClockOffset;
    properties._requestSentAt = now;
  }
  return isOff ? now : now + (systemClockOffset || 0);
}

/** Learns from an answer of a service. */
export function learnFromAnswer(answer: unknown, properties: SdkSigningProperties): void {
  if (properties._skipClockSkewSampling || properties._disableClockSkewCorrection) return;
  learn(header(answer, "date"), answer, properties);
}

/** Learns from an error, and marks it as one that the SDK tries again when a wrong clock explains it. */
export function learnFromError(error: unknown, properties: SdkSigningProperties): void {
  if (properties._skipClockSkewSampling || properties._disableClockSkewCorrection) return;
  const { ServerTime, $response, $metadata } = Object(error) as SdkError;
  const date = ServerTime ?? header($response, "date");
  if (!date) return;
  learn(date, $response, properties);
  const offset = properties.config.systemClockOffset ?? 0;
  if (Math.abs(offset) < TOLERATED_MS || offset === properties._preRequestSystemClockOffset) return;
  if ($metadata !== undefined) $metadata.clockSkewCorrected = true;
}

function learn(date: unknown, answer: unknown, { config, _requestSentAt }: SdkSigningProperties): void {
  // A cached answer has an Age, and its Date is the time of another request.
  if (!date || header(answer, "age") !== undefined) return;
  const now = systemClock();
  const serverTime = Date.parse(String(date));
  if (Number.isNaN(serverTime) || (_requestSentAt !== undefined && now - _requestSentAt > LONGEST_MS)) return;
  config.systemClockOffset = serverTime - now;
}

function header(answer: unknown, name: "date" | "age"): string | undefined {
  const { statusCode, headers } = Object(answer) as Dated;
  if (typeof statusCode !== "number" || typeof headers !== "object") return undefined;
  return headers[name] ?? headers[name === "date" ? "Date" : "Age"];
}
