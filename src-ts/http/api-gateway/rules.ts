/** Which headers IAM authorization of API Gateway sets on a request, and which of the user's it signs. */
import { SigningError } from "../../errors.js";
import { amzDate } from "../../signing/amz-date.js";
import { SIGNATURE_HEADERS } from "../../signing/signed-request.js";
import type { SignedHeaders } from "../../signing/signer-calls.js";
import type { OutgoingRequest } from "../outgoing-request.js";

/** The user's values of these are discarded. A Date is replaced as well, where there is one. */
export const replacedHeaders = (algorithm: "sigv4" | "sigv4a"): ReadonlySet<string> =>
  algorithm === "sigv4" ? SIGNATURE_HEADERS : new Set([...SIGNATURE_HEADERS, "x-amz-region-set"]);

/**
 * Signed when the user sets them, although signers leave them out elsewhere. What is left unsigned of the user's are connection,
 * expect, user-agent and x-amzn-trace-id.
 */
export const ALSO_SIGNED = [
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
] as const;

/** Methods whose payload is announced by the client, if at all, and not by the signature. */
const UNANNOUNCED: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** What a signature adds to a request besides `authorization`. */
export interface Additions {
  /** Lower-case names of headers that the user's request loses. */
  readonly replaces: ReadonlySet<string>;
  /** Host as clients send it for the URL. */
  readonly host: string;
  /** 64 hex digits. */
  readonly payloadHash: string;
  /** Bytes; undefined where the body is sent otherwise and only its hash is known. */
  readonly payloadLength: number | undefined;
  /** Milliseconds since the epoch. */
  readonly millis: number;
  readonly sessionToken: string | undefined;
  readonly regionSet: string | undefined;
}

export interface RuledHeaders {
  /** To be set, in lower case. */
  readonly set: SignedHeaders;
  /** What is sent: the user's that stay, those to be set, and the host. */
  readonly all: readonly (readonly [name: string, value: string])[];
}

export function ruledHeaders({ method, headers }: OutgoingRequest, additions: Additions): RuledHeaders {
  const { replaces, payloadHash, payloadLength = 0, millis, sessionToken, regionSet } = additions;
  const kept: [name: string, value: string][] = [];
  const given = new Map<string, string>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (replaces.has(lower)) continue;
    given.set(lower, value);
    if (lower !== "date") kept.push([lower, checkValue(lower, value)]);
  }
  const set: SignedHeaders = {};
  // A body that goes in chunks has no length: servers refuse a request that has both.
  const isAnnounced = given.has("content-length") || given.has("transfer-encoding");
  if (payloadLength > 0 && !isAnnounced && !UNANNOUNCED.has(method.toUpperCase())) {
    set["content-length"] = String(payloadLength);
  }
  if (given.has("date")) set.date = new Date(millis).toUTCString();
  else set["x-amz-date"] = amzDate(millis);
  set["x-amz-content-sha256"] = payloadHash;
  if (sessionToken !== undefined) set["x-amz-security-token"] = sessionToken;
  if (regionSet !== undefined) set["x-amz-region-set"] = regionSet;
  // Clients send a Host in any case: theirs is the same.
  const host: [string, string][] = given.has("host") ? [] : [["host", additions.host]];
  return { set, all: [...host, ...kept, ...Object.entries(set)] };
}

/** Beyond what the core refuses: a line feed, which it takes for a folded value. */
function checkValue(name: string, value: string): string {
  if (!/[\r\n\0]/.test(value)) return value;
  throw new SigningError(`the value of header "${name}" holds a line end or NUL, which no request can carry`, {
    code: "ERR_SIGN_HEADER",
    param: name,
  });
}
