/** A request as it came over the wire, and the bytes of it that the core reads. */
import { BRSValidationError, masked } from "../../errors.js";
import { refusal } from "./refusal.js";

/** A request as it came over the wire: with Node's `request.url` and `request.rawHeaders`, never parsed forms of them. */
export interface ReceivedRequest {
  readonly method: string;
  /** The raw request target, such as `/path?query`. */
  readonly target: string;
  /** Names and values in turn, as in `IncomingMessage.rawHeaders`: duplicates kept, order kept. */
  readonly rawHeaders: readonly string[];
  /** The whole body, as it was received; absent when it has not been read, which leaves the payload "pending". */
  readonly body?: string | Uint8Array;
}

/** What no request line and no header can hold, and what Latin-1 does not have: it would be cut to another character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const NOT_RECEIVED = /[\0-\x08\x0a-\x1f\x7f\u0100-\uffff]/;

/** Node decodes received bytes as Latin-1; encoding them back gives what was signed. */
export function wireText(request: ReceivedRequest): Buffer {
  if (typeof request !== "object" || request === null) {
    throw malformed("request", 'an object with "method", "target" and "rawHeaders"', request);
  }
  const { method, target, rawHeaders } = request;
  if (typeof method !== "string") throw malformed("method", "the method, as `request.method` of Node", method);
  if (typeof target !== "string") throw malformed("target", "the raw target, as `request.url` of Node", target);
  if (!Array.isArray(rawHeaders) || rawHeaders.length % 2 === 1) {
    throw malformed("rawHeaders", "names and values in turn, as `request.rawHeaders` of Node", rawHeaders);
  }
  const lines = [method, target, ...rawHeaders];
  if (lines.some((line) => typeof line !== "string" || NOT_RECEIVED.test(line))) {
    throw refusal("InvalidRequest", "The request is not well formed.");
  }
  return Buffer.from(`${lines.join("\n")}\n`, "latin1");
}

function malformed(param: string, expected: string, found: unknown): BRSValidationError {
  const seen = Array.isArray(found) ? `a list of ${found.length}` : masked(found);
  return new BRSValidationError(`"${param}" must be ${expected}, found ${seen}`, { param });
}

export function bytesOf(body: ReceivedRequest["body"]): Uint8Array | undefined {
  if (typeof body === "string") return Buffer.from(body);
  if (body === undefined) return undefined;
  if (body instanceof Uint8Array && !(body.buffer instanceof SharedArrayBuffer)) return body;
  throw new BRSValidationError(`"body" must be a string or bytes that are not shared, found ${masked(body)}`, {
    param: "body",
  });
}
