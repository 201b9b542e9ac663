/** The code and message of a refusal, in whichever protocol the service wrote it. */
import { readJsonError } from "../aws/json-protocol.js";
import { readXmlError, type SaidError } from "../aws/service-error.js";

/** In bytes: refusals of AWS are far shorter, and of what is longer no more than this is held back or in memory. */
export const LONGEST_REFUSAL = 1 << 16;

/** What API Gateway says without a code of its own, in its own words: those of an application may be like them. */
const MESSAGES: readonly (readonly [pattern: RegExp, code: string])[] = [
  [/^the security token included in the request (?:is|has) expired/i, "ExpiredToken"],
  [/^the security token included in the request is invalid/i, "UnrecognizedClientException"],
  [/^signature (?:expired|not yet current): \d{8}T\d{6}Z /i, "RequestTimeTooSkewed"],
];

/**
 * Reads XML where the body is XML, and JSON otherwise; `errorType` is the header `x-amzn-errortype`.
 *
 * @param ofApplication whether the body may be that of an application behind the service: then a code in it is the application's
 */
export function readRefusal(body: string, errorType: string | undefined, ofApplication = false): SaidError {
  const answer = { statusCode: 0, headers: errorType === undefined ? {} : { "x-amzn-errortype": errorType }, body };
  const isXml = /^\s*</.test(body);
  const read = isXml ? readXmlError(answer) : readJsonError(answer);
  const byHeader = readJsonError({ ...answer, body: "" }).code;
  const said = ofApplication ? { message: isXml ? undefined : read.message, code: byHeader } : read;
  if (said.code !== undefined) return said;
  const code = MESSAGES.find(([pattern]) => pattern.test(said.message ?? ""))?.[1];
  return { ...said, code: code ?? byHeader };
}
