/** Instants in the form of `x-amz-date`, `20150830T123600Z`, and the signing dates that users give. */
import type { Clock } from "../defaults.js";
import { SigningError, shown } from "../errors.js";

let lastSecond = Number.NaN;
let lastText = "";

/** The text for an instant in milliseconds. Requests come in bursts: most share their second with the one before. */
export function amzDate(millis: number): string {
  const second = Math.floor(millis / 1000);
  if (second !== lastSecond) {
    lastText = `${new Date(second * 1000).toISOString().replace(/[-:]/g, "").slice(0, 15)}Z`;
    lastSecond = second;
  }
  return lastText;
}

const FORM = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** Whether a text has the form of {@link amzDate}, whatever its numbers are. */
export function isAmzDate(text: string): boolean {
  return FORM.test(text);
}

/** The instant of a text in the form of {@link amzDate}, in milliseconds; NaN for any other, and where there is no such instant. */
export function millisOfAmzDate(text: string): number {
  return FORM.test(text) ? Date.parse(text.replace(FORM, "$1-$2-$3T$4:$5:$6Z")) : Number.NaN;
}

/** Milliseconds of a signing date that a user gave. */
export function millisOf(signingDate: Date | undefined): number | undefined {
  if (signingDate === undefined) return undefined;
  const millis = signingDate instanceof Date ? signingDate.getTime() : Number.NaN;
  if (isSignable(millis)) return millis;
  throw new SigningError(`"signingDate" must be a valid Date from 1970 to 9999, found ${shown(signingDate)}`, {
    code: "ERR_SIGN_DATE",
    param: "signingDate",
  });
}

/** Milliseconds that a clock of a user gave. */
export function millisFrom(clock: Clock): number {
  const millis = clock();
  if (isSignable(millis)) return millis;
  throw new SigningError(`"clock" must give milliseconds from 1970 to 9999, found ${shown(millis)}`, {
    code: "ERR_SIGN_DATE",
    param: "clock",
  });
}

/** The years in which the text has four digits; the core would clamp others and disagree with the header. */
function isSignable(millis: unknown): boolean {
  return typeof millis === "number" && millis >= 0 && millis < 253_402_300_800_000;
}
