/** Verification of received requests, for servers that speak SigV4 and for tests of clients that do. */
import { type Clock, systemClock } from "../defaults.js";
import { BRSValidationError, fromNative, masked, SigningError, VerificationError } from "../errors.js";
import { native } from "../native.js";

/** A request as it came over the wire: with Node's `request.url` and `request.rawHeaders`, never parsed forms of them. */
export interface ReceivedRequest {
  readonly method: string;
  /** The raw request target, such as `/path?query`. */
  readonly target: string;
  /** Names and values in turn, as in `IncomingMessage.rawHeaders`: duplicates kept, order kept. */
  readonly rawHeaders: readonly string[];
  /** The whole body; absent when it has not been read, which leaves the payload "pending". */
  readonly body?: string | Uint8Array;
}

/** What a lookup is asked for. Nothing of it is proved yet. */
export interface ClaimedCredentials {
  readonly accessKeyId: string;
  readonly sessionToken: string | undefined;
  readonly scope: CredentialScope;
}

export interface CredentialScope {
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

export interface StoredCredentials {
  readonly secretAccessKey: string;
  /** The token that belongs to the key id; a request with another, or without it, is refused. */
  readonly sessionToken?: string | undefined;
  /** Whatever the caller wants to know the sender by; handed back with the result. */
  readonly principal?: unknown;
}

export interface VerifyOptions {
  /** Looks the secret of a key id up; undefined for an unknown one. What it throws refuses the request. */
  getCredentials(claimed: ClaimedCredentials): StoredCredentials | undefined | Promise<StoredCredentials | undefined>;
  /** Service and region that the credential scope must name. */
  service: string;
  region: string;
  /**
   * Values that the `host` header may have, with their ports. "any" lets a request that was meant for another server with the
   * same keys be sent to this one.
   */
  hosts: readonly string[] | "any";
  /** "allow-unsigned" accepts bodies that the signature leaves open, as S3 does. */
  payload?: "signed" | "allow-unsigned";
  /** Seconds that the signer's clock may differ. */
  maxSkew?: number;
  clock?: Clock;
}

export interface VerifiedRequest {
  readonly accessKeyId: string;
  readonly principal: unknown;
  readonly scope: CredentialScope;
  readonly signedHeaders: readonly string[];
  /** "pending": the body was not given; it must still be compared with `x-amz-content-sha256`. */
  readonly payload: "verified" | "unsigned" | "pending";
  readonly signedAt: Date;
  /** The end of a presigned URL. */
  readonly expiresAt: Date | undefined;
}

/**
 * Verifies the signature of a received request, in headers or in the query.
 *
 * Rejects with VerificationError whose `code` is AWS's own: MissingAuthenticationToken, IncompleteSignature,
 * AuthorizationQueryParametersError, InvalidClientTokenId, InvalidToken, RequestTimeTooSkewed, AccessDenied,
 * XAmzContentSHA256Mismatch, SignatureDoesNotMatch and others. Its message may be sent to the client; it quotes what should have
 * been signed, without secret or token.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { VerificationError, verifyRequest } from "aws-refresh-session/signing";
 *
 * createServer(async (request, response) => {
 *   const body = Buffer.concat(await Array.fromAsync(request));
 *   const { method = "GET", url: target = "/", rawHeaders } = request;
 *   try {
 *     const { accessKeyId } = await verifyRequest(
 *       { method, target, rawHeaders, body },
 *       {
 *         service: "execute-api",
 *         region: "eu-west-1",
 *         hosts: ["api.example.com"],
 *         getCredentials: ({ accessKeyId }) => (accessKeyId === "AKIDEXAMPLE" ? { secretAccessKey: "..." } : undefined),
 *       },
 *     );
 *     response.end(`hello ${accessKeyId}`);
 *   } catch (error) {
 *     response.writeHead(403).end(error instanceof VerificationError ? error.code : "InternalFailure");
 *   }
 * });
 * ```
 */
export async function verifyRequest(request: ReceivedRequest, options: VerifyOptions): Promise<VerifiedRequest> {
  const { maxSkew = 900, clock = systemClock } = checkedOptions(options);
  const text = wireText(request);
  const claim = called(() => native.readSignature(text));
  const { accessKeyId, sessionToken, region, service } = claim;
  const signedAt = new Date(claim.signedAt);
  const scope = { date: signedAt.toISOString().slice(0, 10).replaceAll("-", ""), region, service };
  const stored = await lookedUp(options, { accessKeyId, sessionToken: sessionToken ?? undefined, scope });
  const payload = called(() =>
    native.verifySignature(
      text,
      bytesOf(request.body),
      options.service,
      options.region,
      options.hosts === "any" ? "" : options.hosts.join("\n").toLowerCase(),
      stored.secretAccessKey,
      stored.sessionToken ?? null,
      clock(),
      maxSkew * 1000,
      options.payload === "allow-unsigned",
    ),
  );
  return {
    accessKeyId,
    principal: stored.principal,
    scope,
    signedHeaders: claim.signedHeaders.split(";"),
    payload: payload as VerifiedRequest["payload"],
    signedAt,
    expiresAt: claim.expiresAt === 0 ? undefined : new Date(claim.expiresAt),
  };
}

async function lookedUp(options: VerifyOptions, claimed: ClaimedCredentials): Promise<StoredCredentials> {
  let stored: StoredCredentials | undefined;
  try {
    stored = await options.getCredentials(claimed);
  } catch (cause) {
    throw new VerificationError("The credentials could not be looked up.", {
      code: "InternalFailure",
      cause,
      retryable: true,
    });
  }
  if (stored === undefined || stored === null) {
    throw new VerificationError("The security token included in the request is invalid.", {
      code: "InvalidClientTokenId",
    });
  }
  if (typeof stored.secretAccessKey !== "string" || stored.secretAccessKey === "") {
    throw new VerificationError("The credentials that were looked up have no secret.", { code: "InternalFailure" });
  }
  if (stored.sessionToken != null && typeof stored.sessionToken !== "string") {
    throw new VerificationError("The token of the credentials that were looked up is no text.", {
      code: "InternalFailure",
    });
  }
  return stored;
}

/** What no request line and no header can hold, and what Latin-1 does not have: it would be cut to another character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const NOT_RECEIVED = /[\0-\x08\x0a-\x1f\x7f\u0100-\uffff]/;

/** Node decodes received bytes as Latin-1; encoding them back gives what was signed. */
function wireText(request: ReceivedRequest): Buffer {
  const { method, target, rawHeaders } = request ?? {};
  if (
    typeof method !== "string" ||
    typeof target !== "string" ||
    !Array.isArray(rawHeaders) ||
    rawHeaders.length % 2 === 1
  ) {
    throw new BRSValidationError(`a received request needs "method", "target" and "rawHeaders" as Node gives them`, {
      param: "request",
    });
  }
  const lines = [method, target, ...rawHeaders];
  if (lines.some((line) => typeof line !== "string" || NOT_RECEIVED.test(line))) {
    throw new VerificationError("The request is not well formed.", { code: "InvalidRequest" });
  }
  return Buffer.from(`${lines.join("\n")}\n`, "latin1");
}

function bytesOf(body: ReceivedRequest["body"]): Uint8Array | undefined {
  if (typeof body === "string") return Buffer.from(body);
  if (body === undefined) return undefined;
  if (body instanceof Uint8Array && !(body.buffer instanceof SharedArrayBuffer)) return body;
  throw new BRSValidationError(`"body" must be a string or bytes that are not shared, found ${masked(body)}`, {
    param: "body",
  });
}

function called<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    const known = fromNative(error);
    // A method that is none: what cannot be signed cannot have been.
    if (!(known instanceof SigningError)) throw known;
    throw new VerificationError("The request is not well formed.", { code: "InvalidRequest", cause: known });
  }
}

/** The names of all options: one that is misspelled would leave its check out. */
const NAMES: ReadonlySet<string> = new Set<keyof VerifyOptions>([
  "getCredentials",
  "service",
  "region",
  "hosts",
  "payload",
  "maxSkew",
  "clock",
]);

function checkedOptions(options: VerifyOptions): VerifyOptions {
  const refuse = (param: string, expected: string): never => {
    throw new BRSValidationError(`"${param}" must be ${expected}`, { param });
  };
  if (typeof options?.getCredentials !== "function") refuse("getCredentials", "a function");
  for (const name of Object.keys(options)) {
    if (!NAMES.has(name)) {
      throw new BRSValidationError(`"${name}" is not an option of verifyRequest; it takes ${[...NAMES].join(", ")}`, {
        param: name,
      });
    }
  }
  if (typeof options.service !== "string" || options.service === "") refuse("service", "the name of a service");
  if (typeof options.region !== "string" || options.region === "") refuse("region", "the name of a region");
  const { hosts, payload, maxSkew, clock } = options;
  const isList = Array.isArray(hosts) && hosts.length > 0 && hosts.every((host) => /^[^\s]+$/.test(host));
  if (hosts !== "any" && !isList) refuse("hosts", 'a list of host names with their ports, or "any"');
  if (payload !== undefined && payload !== "signed" && payload !== "allow-unsigned") {
    refuse("payload", `"signed" or "allow-unsigned"`);
  }
  if (maxSkew !== undefined && !(typeof maxSkew === "number" && maxSkew >= 0)) refuse("maxSkew", "seconds, 0 or more");
  if (clock !== undefined && typeof clock !== "function") refuse("clock", "a function");
  return options;
}
