/** The date of a request in the form of `X-Amz-Date`, from whatever form its user gave it. */
import { SigningError, shown } from "../../errors.js";
import { amzDate, isAmzDate, millisOf, millisOfAmzDate } from "../../signing/amz-date.js";

/** `given` is the value of `X-Amz-Date`, or of `Date` in any form that JavaScript reads. */
export function dateTimeOf(given: string): string {
  if (isAmzDate(given)) return given;
  const millis = Date.parse(given);
  if (Number.isNaN(millis)) throw unreadable(given);
  return amzDate(millisOf(new Date(millis)) as number);
}

export function millisOfDateTime(text: string): number {
  const millis = isAmzDate(text) ? millisOfAmzDate(text) : Date.parse(text);
  if (Number.isNaN(millis)) throw unreadable(text);
  return millis;
}

function unreadable(found: string): SigningError {
  return new SigningError(`the date of the request must be like 20150830T123600Z, found ${shown(found)}`, {
    code: "ERR_SIGN_DATE",
    param: "X-Amz-Date",
  });
}
