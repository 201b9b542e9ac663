/** The code and message of a refusal, in whichever protocol the service wrote it. */
import { readJsonError } from "../aws/json-protocol.js";
import { readXmlError, type SaidError } from "../aws/service-error.js";

/** What API Gateway says without a code of its own. */
const MESSAGES: readonly (readonly [pattern: RegExp, code: string])[] = [
  [/security token .* expired/i, "ExpiredToken"],
  [/security token .* invalid/i, "UnrecognizedClientException"],
  [/signature expired|signature not yet current/i, "RequestTimeTooSkewed"],
];

/** Reads XML where the body is XML, and JSON otherwise; `errorType` is the header `x-amzn-errortype`. */
export function readRefusal(body: string, errorType: string | undefined): SaidError {
  const answer = { statusCode: 0, headers: errorType === undefined ? {} : { "x-amzn-errortype": errorType }, body };
  const said = /^\s*</.test(body) ? readXmlError(answer) : readJsonError(answer);
  if (said.code !== undefined) return said;
  const code = MESSAGES.find(([pattern]) => pattern.test(said.message ?? ""))?.[1];
  return { ...said, code: code ?? readJsonError({ ...answer, body: "" }).code };
}
