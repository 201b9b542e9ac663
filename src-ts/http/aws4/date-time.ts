/** The date of a request in the form of `X-Amz-Date`, from whatever form its user gave it. */
import { SigningError, shown } from "../../errors.js";
import { amzDate, millisOf } from "../../signing/amz-date.js";

const BASIC = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** `given` is the value of `X-Amz-Date`, or of `Date` in any form that JavaScript reads. */
export function dateTimeOf(given: string): string {
  if (BASIC.test(given)) return given;
  const millis = Date.parse(given);
  if (Number.isNaN(millis)) throw unreadable(given);
  return amzDate(millisOf(new Date(millis)) as number);
}

export function millisOfDateTime(text: string): number {
  const millis = Date.parse(text.replace(BASIC, "$1-$2-$3T$4:$5:$6Z"));
  if (Number.isNaN(millis)) throw unreadable(text);
  return millis;
}

function unreadable(found: string): SigningError {
  return new SigningError(`the date of the request must be like 20150830T123600Z, found ${shown(found)}`, {
    code: "ERR_SIGN_DATE",
    param: "X-Amz-Date",
  });
}
