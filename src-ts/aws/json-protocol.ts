/** Answers of AWS services that speak JSON: errors, whose code stands in a header or in the body, and results. */
import { isRecord } from "../strategies/option-checks.js";
import { type ErrorReader, UnreadableAnswer } from "./service-error.js";

/** The whole body of a 2xx answer. */
export function parseJsonAnswer(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // The parser's own message may quote the answer.
    throw new UnreadableAnswer("something that is no JSON");
  }
}

/**
 * Reads an error of the protocols awsJson and restJson.
 *
 * Source: "Operation error serialization" of the Smithy specification: `x-amzn-errortype`, then `__type` or `code` of the body;
 * a namespace before "#" and an address behind ":" are no part of the code.
 */
export const readJsonError: ErrorReader = ({ body, headers }) => {
  const fields = recordIn(body);
  const text = (...values: unknown[]) => values.find((value): value is string => typeof value === "string");
  const type = text(headers["x-amzn-errortype"], fields.__type, fields.code);
  return { code: type?.split("#").at(-1)?.split(":", 1)[0], message: text(fields.message, fields.Message) };
};

/** Empty for what is no object in JSON: then the header alone tells. */
function recordIn(body: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body);
    return isRecord(parsed) ? parsed : {};
  } catch {
    return {};
  }
}
