/**
 * Signatures over requests that already hold everything that will be signed: the common ground of the dialects that put
 * their own headers and parameters on a request (botocore's auth types, the AWS SDK's `SignatureV4`).
 *
 * The core canonicalises, hashes and signs by the rules of the dialect; nothing is dropped from the request here, and nothing but
 * the hash of its body is added.
 */
import { CredentialsNotReadyError, fromNative } from "../errors.js";
import { native } from "../native.js";
import type { RefreshableCredentials } from "../refresh/refreshable-credentials.js";
import { answerOf, type Frame, writePrepared } from "./frame.js";

/** Whose rules a canonical request follows; `crates/core/src/sign/dialect.rs` is the table of them, docs/dialects.md the reasons. */
export type DialectName = "aws" | "smithy" | "botocore";

/** What a signature is made for, besides the request. */
export interface SigningScope {
  /** Region of the credential scope; the region set, separated by commas, for "sigv4a". */
  readonly region: string;
  readonly service: string;
  readonly dialect: DialectName;
  readonly algorithm?: "sigv4" | "sigv4a";
  readonly doubleEncodePath: boolean;
  readonly normalizePath: boolean;
  /** Lower-case names that stay unsigned besides those that the dialect never signs. */
  readonly unsignedHeaders?: Iterable<string>;
  /** Lower-case names that are signed although the dialect, or `unsignedHeaders`, would leave them out. */
  readonly signableHeaders?: Iterable<string>;
}

/** Headers as they stand in a frame: name and value in turn, each a line of its own and ended by a line feed. */
export interface HeaderLines {
  readonly lines: string;
  /** How many headers the lines are. */
  readonly count: number;
}

export interface PreparedRequest {
  readonly method: string;
  /** The path as it stands in the URL; may be empty. */
  readonly path: string;
  /** The query as it stands in the URL, without "?"; may be empty. */
  readonly query: string;
  /** All headers, `host` among them; repeated names are repeated headers. */
  readonly headers: Iterable<readonly [name: string, value: string]> | HeaderLines;
  /** Content to be hashed in the core, or the text that ends the canonical request, verbatim. */
  readonly payload: string | Uint8Array | { readonly hash: string };
  /** Signs the hash of the payload as the header `x-amz-content-sha256` too, which is not among the headers then. */
  readonly addsContentSha256?: boolean;
}

/** One triple of credentials, to write into a request and to sign it with, unchanged by a refresh in between. */
export interface Triple {
  readonly handle: number;
  readonly version: number;
  readonly accessKeyId: string;
  readonly sessionToken: string | undefined;
  /** Infinity for credentials that do not expire. */
  readonly expirationMs: number;
  /** Milliseconds since the epoch by the credentials' clock. */
  readonly now: number;
}

export interface PreparedSignature {
  /** `host;x-amz-date`. */
  readonly signedHeaders: string;
  /** 64 hex digits, or the DER signature in hex for "sigv4a". */
  readonly signature: string;
  /** The value of the header that `addsContentSha256` added. */
  readonly contentSha256?: string;
}

/** The texts behind a signature, exact: the session token stands in them. */
export interface PreparedExplanation extends PreparedSignature {
  readonly canonicalRequest: string;
  readonly stringToSign: string;
}

/** The triple that is current once a refresh that is due has settled. */
export async function currentTriple(credentials: RefreshableCredentials): Promise<Triple> {
  await credentials.getFrozenCredentials();
  return heldTriple(credentials);
}

/**
 * The triple that is current, without waiting.
 *
 * @throws CredentialsNotReadyError when a refresh has to be awaited first
 */
export function readyTriple(credentials: RefreshableCredentials): Triple {
  // Asked for the refusal while a refresh is due, and for the refresh that may be advised.
  void credentials.frozen;
  return heldTriple(credentials);
}

/** How often a signature is tried again when a refresh, in whichever thread, came between. */
const ATTEMPTS = 3;

/** Signs once a refresh that is due has settled, and again when the credentials were replaced before the signature was made. */
export async function onceReady<Signed>(credentials: RefreshableCredentials, sign: () => Signed): Promise<Signed> {
  for (let attempt = 1; ; attempt++) {
    await credentials.getFrozenCredentials();
    try {
      return sign();
    } catch (error) {
      if (!(error instanceof CredentialsNotReadyError) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** The triple that is held, whatever its age; its version is 0 while there is none. */
export function heldTriple(credentials: RefreshableCredentials): Triple {
  const { handle, version, accessKeyId, sessionToken, expirationMs } = credentials.cell;
  return { handle, version, accessKeyId, sessionToken, expirationMs, now: credentials.now() };
}

/**
 * Signs a prepared request.
 *
 * @throws SigningError when it cannot be signed; CredentialsNotReadyError when the triple is no longer the current one
 */
export function signPrepared(
  triple: Triple,
  scope: SigningScope,
  signingDate: number,
  request: PreparedRequest,
): PreparedSignature {
  const { frame, body } = writePrepared(triple, scope, signingDate, request);
  const answer = answerText(frame, native.signPrepared, body);
  const end = answer.indexOf("\n");
  const signedHeaders = answer.slice(0, end);
  if (request.addsContentSha256 !== true) return { signedHeaders, signature: answer.slice(end + 1) };
  const hash = answer.indexOf("\n", end + 1);
  return { signedHeaders, signature: answer.slice(end + 1, hash), contentSha256: answer.slice(hash + 1) };
}

/** What `Authorization` says; `credential` is the access key id and the scope, separated by a slash. */
export function authorizationText(algorithm: string, credential: string, signed: PreparedSignature): string {
  return `${algorithm} Credential=${credential}, SignedHeaders=${signed.signedHeaders}, Signature=${signed.signature}`;
}

/** Signs a prepared request and tells what was hashed and signed on the way. */
export function explainPrepared(
  triple: Triple,
  scope: SigningScope,
  signingDate: number,
  request: PreparedRequest,
): PreparedExplanation {
  const { frame, body } = writePrepared(triple, scope, signingDate, request);
  try {
    const [canonicalRequest = "", stringToSign = "", signature = "", signedHeaders = ""] = native.explainPrepared(
      frame.bytes,
      body,
    );
    return { canonicalRequest, stringToSign, signature, signedHeaders };
  } catch (error) {
    throw fromNative(error);
  }
}

/** The names of the headers that a signature over these would cover: `host;x-amz-date`. */
export function signedHeaderNames(scope: SigningScope, headers: PreparedRequest["headers"]): string {
  const nobody = { handle: 0, version: 0, now: 0 };
  const { frame } = writePrepared(nobody, scope, 0, { method: "GET", path: "", query: "", headers, payload: "" });
  return answerText(frame, native.signedHeaderNames, undefined);
}

/** The signature of a text by the signing key of the scope, as 64 hex digits: a POST policy, or what a caller composed. */
export function signText(triple: Triple, scope: SigningScope, signingDate: number, text: string): string {
  const frame = scopeFrame(triple, scope, signingDate);
  return answerText(frame, native.signText, Buffer.from(text));
}

/** A frame of which the core takes triple, scope and date alone. It is valid until the next frame is written. */
export function scopeFrame(triple: Triple, scope: SigningScope, signingDate: number): Frame {
  const nothing = { method: "GET", path: "", query: "", headers: [], payload: { hash: "" } };
  return writePrepared(triple, scope, signingDate, nothing).frame;
}

function answerText<Body extends Uint8Array | undefined>(
  frame: Frame,
  call: (frame: Buffer, body: Body) => number,
  body: Body,
): string {
  let answer: number;
  try {
    answer = call(frame.bytes, body);
  } catch (error) {
    throw fromNative(error);
  }
  if (answer >= 0) return answerOf(frame, answer & 0x3fffffff);
  throw new CredentialsNotReadyError(
    "the credentials changed or expired while a request was being signed: sign it again",
  );
}
