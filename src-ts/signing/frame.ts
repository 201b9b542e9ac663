/**
 * The buffer in which a request crosses into the core and its answer comes back; `crates/core/src/wire/frame.rs` tells its form.
 *
 * One text written at once costs a fraction of objects, arrays or a string for each header (docs/architecture.md has the
 * measurement), and an answer in the same buffer costs no allocation in the core.
 */
import { masked, SigningError } from "../errors.js";
import {
  ALGORITHM_SIGV4A,
  BODY_DIGEST,
  CONTENT_SHA256_HEADER,
  DIALECTS,
  DOUBLE_ENCODE_PATH,
  NORMALIZE_PATH,
} from "./flags.js";
import type { HeaderLines, PreparedRequest, SigningScope, Triple } from "./prepared.js";
import { type HeadersInput, type Payload, payloadOf, type SignableRequest } from "./request.js";

/** Doubles before the text; their meaning is their place. */
const HANDLE = 0;
const VERSION = 1;
const NOW = 2;
const SIGNING_DATE = 3;
const FLAGS = 4;
const HEADER_COUNT = 5;
const HEAD_BYTES = 6;
const TAIL_BYTES = 7;
const EXPIRES_IN = 8;
/** Bytes before the text. */
export const HEADER = 72;

/** A frame: the same memory as doubles and as bytes. */
export interface Frame {
  readonly doubles: Float64Array;
  readonly bytes: Buffer;
}

/** Which triple signs, when and how. */
export interface Stamp {
  readonly handle: number;
  readonly version: number;
  readonly now: number;
  readonly signingDate: number;
  /** Settings as bits. */
  readonly flags: number;
  /** Seconds; 0 for a signature in headers. */
  readonly expiresIn: number;
}

/** Room for the frames of almost all requests; larger ones get a frame of their own. */
const SHARED_BYTES = 1 << 16;
function newFrame(size: number): Frame {
  const doubles = new Float64Array(Math.ceil(size / 8));
  return { doubles, bytes: Buffer.from(doubles.buffer) };
}

// One for each thread: no other call can run between writing a frame and reading its answer.
const shared = newFrame(SHARED_BYTES);

/** A request written into a frame, with its body beside it when that is not text. */
export interface WrittenRequest {
  readonly frame: Frame;
  readonly body: Uint8Array | undefined;
}

/**
 * Writes a request into a frame that has room for an answer of `answerBytes` more than three times the text.
 *
 * @param prefix region, service and unsigned header names, each ended by a line feed
 */
export function writeRequest(
  prefix: string,
  request: SignableRequest,
  stamp: Stamp,
  answerBytes: number,
): WrittenRequest {
  const { method = "GET", url, headers } = request;
  const href = typeof url === "string" ? url : hrefOf(url);
  if (typeof method !== "string") throw malformed("method", "a string", method);
  let text = `${prefix + method}\n${href}\n`;
  let count = 0;
  if (headers !== undefined && headers !== null) {
    if (typeof headers !== "object") throw malformed("headers", "an object, a Headers, a Map or pairs", headers);
    if (Symbol.iterator in headers) {
      for (const pair of headers as Iterable<readonly [string, string]>) {
        if (!Array.isArray(pair)) throw malformed("headers", "pairs of a name and a value", pair);
        const [name, value] = pair;
        text += `${headerText(name, "a header name")}\n${headerText(value, name)}\n`;
        count++;
      }
    } else {
      // Twice as fast as a list of keys; no HTTP client sends what a header object inherits.
      for (const name in headers) {
        if (!Object.hasOwn(headers, name)) continue;
        const value = headers[name];
        if (typeof value === "string") {
          text += `${name}\n${value}\n`;
          count++;
        } else {
          for (const each of valuesOf(value, name)) {
            text += `${name}\n${each}\n`;
            count++;
          }
        }
      }
    }
  }
  return write(text, count, payloadOf(request.body), stamp, answerBytes);
}

function write(head: string, headers: number, payload: Payload, stamp: Stamp, answerBytes: number): WrittenRequest {
  const tail = payload.text;
  const text = head + tail;
  // A UTF-16 unit becomes three bytes at most, and so does a character of a URL that is percent-encoded.
  const size = HEADER + text.length * 3 + answerBytes;
  const frame = size <= SHARED_BYTES ? shared : newFrame(size);
  const { doubles, bytes } = frame;
  const written = bytes.write(text, HEADER);
  // Most requests are ASCII; only others have to be measured.
  const tailBytes = written === text.length ? tail.length : Buffer.byteLength(tail);
  doubles[HANDLE] = stamp.handle;
  doubles[VERSION] = stamp.version;
  doubles[NOW] = stamp.now;
  doubles[SIGNING_DATE] = stamp.signingDate;
  doubles[FLAGS] = stamp.flags | payload.flag;
  doubles[HEADER_COUNT] = headers;
  doubles[HEAD_BYTES] = written - tailBytes;
  doubles[TAIL_BYTES] = tailBytes;
  doubles[EXPIRES_IN] = stamp.expiresIn;
  return { frame, body: payload.bytes };
}

/** Room for the names of the signed headers and a signature, besides the request itself. */
const PREPARED_ANSWER = 1024;

/** Writes a request to which nothing will be added; its head has one line more: path and query in place of the URL. */
export function writePrepared(
  triple: Pick<Triple, "handle" | "version" | "now">,
  scope: SigningScope,
  signingDate: number,
  request: PreparedRequest,
): WrittenRequest {
  let names = "";
  if (scope.unsignedHeaders !== undefined) for (const name of scope.unsignedHeaders) names += ` ${name}`;
  if (scope.signableHeaders !== undefined) for (const name of scope.signableHeaders) names += ` +${name}`;
  const { method, path, query, headers, payload } = request;
  const { lines, count } = "lines" in headers ? headers : headerLines(headers);
  const head = `${scope.region}\n${scope.service}\n${names.slice(1)}\n${method}\n${path}\n${query}\n${lines}`;
  const isContent = typeof payload === "string" || payload instanceof Uint8Array;
  const written: Payload = isContent ? payloadOf(payload) : { flag: BODY_DIGEST, text: payload.hash, bytes: undefined };
  const flags =
    DIALECTS[scope.dialect] |
    (scope.doubleEncodePath ? DOUBLE_ENCODE_PATH : 0) |
    (scope.normalizePath ? NORMALIZE_PATH : 0) |
    (request.addsContentSha256 === true ? CONTENT_SHA256_HEADER : 0) |
    (scope.algorithm === "sigv4a" ? ALGORITHM_SIGV4A : 0);
  const { handle, version, now } = triple;
  return write(head, count, written, { handle, version, now, signingDate, flags, expiresIn: 0 }, PREPARED_ANSWER);
}

function headerLines(headers: Iterable<readonly [name: string, value: string]>): HeaderLines {
  let lines = "";
  let count = 0;
  for (const [name, value] of headers) {
    lines += `${headerText(name, "a header name")}\n${unfolded(headerText(value, name))}\n`;
    count++;
  }
  return { lines, count };
}

/** A folded value is white space to every dialect; in a frame it would pass for two lines. */
export function unfolded(value: string): string {
  return value.includes("\n") ? value.replaceAll("\n", " ") : value;
}

/** The answer that a call left in a frame. */
export function answerOf(frame: Frame, length: number): string {
  return frame.bytes.toString("latin1", HEADER, HEADER + length);
}

function hrefOf(url: unknown): string {
  const href = (url as URL | undefined)?.href;
  if (typeof href !== "string") throw malformed("url", "a string or URL", url);
  return href;
}

function headerText(text: unknown, what: string): string {
  if (typeof text !== "string") throw malformed(`headers: ${what}`, "a string", text);
  return text;
}

function valuesOf(value: HeadersInput[keyof HeadersInput] | unknown, name: string): readonly string[] {
  if (value === undefined) return [];
  if (typeof value === "number" && Number.isFinite(value)) return [String(value)];
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value;
  throw malformed(`headers: ${name}`, "a string, a number or a list of strings", value);
}

/** What was found is not shown: headers hold secrets, and a presigned URL is one. */
function malformed(param: string, expected: string, found: unknown): SigningError {
  return new SigningError(`"${param}" must be ${expected}, found ${masked(found)}`, {
    code: "ERR_SIGN_REQUEST",
    param,
  });
}
