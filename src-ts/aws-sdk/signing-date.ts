/** The signing date in the forms that the AWS SDK takes it in. */
import { millisOf } from "../signing/amz-date.js";
import type { SdkDateInput } from "./sdk-types.js";

/**
 * Milliseconds since the epoch: a number is seconds, and so is a text that is a number; other texts are read by `Date`.
 *
 * @throws SigningError for what is no date from 1970 to 9999
 */
export function signingMillis(signingDate: SdkDateInput | undefined, now: number): number {
  if (signingDate === undefined) return now;
  if (typeof signingDate === "number") return millisOf(new Date(signingDate * 1000)) ?? now;
  if (typeof signingDate === "string") {
    const seconds = Number(signingDate);
    return millisOf(new Date(seconds ? seconds * 1000 : signingDate)) ?? now;
  }
  return millisOf(signingDate) ?? now;
}
