/** Verification of received requests, for servers that speak SigV4 or SigV4a and for tests of clients that do. */
import type { Transform } from "node:stream";
import { systemClock } from "../../defaults.js";
import { BRSConfigurationError } from "../../errors.js";
import { native } from "../../native.js";
import { BodyVerifierStream } from "./body-verifier.js";
import { type CredentialScope, checkExpiration, lookedUp } from "./lookup.js";
import { checkedOptions, MAX_SKEW, type SignatureAlgorithm, type VerifyOptions } from "./options.js";
import { bytesOf, type ReceivedRequest, wireText } from "./received-request.js";
import { called } from "./refusal.js";
import { admit } from "./replay-guard.js";

export interface VerifiedRequest {
  readonly accessKeyId: string;
  readonly principal: unknown;
  readonly algorithm: SignatureAlgorithm;
  readonly scope: CredentialScope;
  readonly signedHeaders: readonly string[];
  /**
   * "pending": the body was not given, and is proved only once it has passed through `bodyVerifier()`. "unsigned": the signature
   * leaves the body open.
   */
  readonly payload: "verified" | "unsigned" | "pending";
  readonly signedAt: Date;
  /** The end of a presigned URL. */
  readonly expiresAt: Date | undefined;
  /** The body without the frames of its chunks, when a whole aws-chunked body was given. */
  readonly decodedBody?: Buffer;
  /**
   * A Transform for the body that was not given: it takes the body as it was received, and gives it without the frames of its
   * chunks. It compares what the headers declare: the hash of the body, or the signature of each chunk (before its bytes come
   * out) and of the trailer, the checksums in the trailer, and the decoded length. What is wrong fails the stream with a
   * VerificationError. Until it has ended, nothing may be done with the body that cannot be undone. Once only.
   */
  bodyVerifier(): Transform;
}

const MAX_CHUNK_BYTES = 16 * 1024 * 1024;

/**
 * Verifies the signature of a received request: SigV4 and SigV4a, in headers or in the query, with the date in `x-amz-date` or
 * in a signed `Date` header, with S3 Express session tokens, and with aws-chunked bodies.
 *
 * Rejects with VerificationError whose `code` is AWS's own, with the HTTP status in `statusCode`: MissingAuthenticationToken,
 * IncompleteSignature, AuthorizationQueryParametersError, InvalidClientTokenId, InvalidToken, ExpiredToken, RequestTimeTooSkewed,
 * AccessDenied, XAmzContentSHA256Mismatch, SignatureDoesNotMatch and others. Its message may be sent to the client; it quotes
 * what should have been signed, without secret or token.
 *
 * Of a SigV4a signature (r, s) anybody can make (r, -s), which is as good, and AWS's signers make both kinds; so both are
 * accepted, and nothing should be keyed by a signature. A replay guard is keyed by what was signed.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { VerificationError, verifyRequest } from "aws-refresh-session/signing";
 *
 * createServer(async (request, response) => {
 *   const chunks: Buffer[] = [];
 *   for await (const chunk of request) chunks.push(chunk);
 *   const body = Buffer.concat(chunks);
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
  return verifyReceived(request, checkedOptions(options), () => undefined);
}

/**
 * The same with options that were checked. `readBody` is asked for the body of a request that has none, if and only if it cannot be
 * verified without.
 */
export async function verifyReceived(
  request: ReceivedRequest,
  options: VerifyOptions,
  readBody: () => Uint8Array | undefined | Promise<Uint8Array | undefined>,
): Promise<VerifiedRequest> {
  const { maxSkew = MAX_SKEW, clock = systemClock, algorithms, hosts } = options;
  const text = wireText(request);
  const given = bytesOf(request.body);
  const claim = called(() => native.readSignature(text));
  const { accessKeyId, sessionToken, isS3Session, region, service, needsBody } = claim;
  const signedAt = new Date(claim.signedAt);
  const scope = { date: signedAt.toISOString().slice(0, 10).replaceAll("-", ""), region, service };
  const stored = await lookedUp(options, {
    accessKeyId,
    sessionToken: sessionToken ?? undefined,
    scope,
    ...(isS3Session ? { isS3Session } : {}),
  });
  const body = given ?? (needsBody ? await readBody() : undefined);
  const now = clock();
  const proved = called(() =>
    native.verifySignature(
      text,
      body,
      options.service,
      options.region,
      hosts === "any" ? "" : hosts.join("\n").toLowerCase(),
      stored.secretAccessKey,
      stored.sessionToken ?? null,
      now,
      maxSkew * 1000,
      options.maxChunkBytes ?? MAX_CHUNK_BYTES,
      (options.payload === "allow-unsigned" ? 1 : 0) +
        ((algorithms?.includes("sigv4") ?? true) ? 2 : 0) +
        ((algorithms?.includes("sigv4a") ?? true) ? 4 : 0) +
        (options.tokenAfterSignature === true ? 8 : 0),
    ),
  );
  checkExpiration(stored, now);
  admit(options.replay, proved, now);
  const decodedBody = proved.takeDecoded();
  const verified: Omit<VerifiedRequest, "bodyVerifier"> = {
    accessKeyId,
    principal: stored.principal,
    algorithm: claim.algorithm as SignatureAlgorithm,
    scope,
    signedHeaders: claim.signedHeaders.split(";"),
    payload: proved.payload as VerifiedRequest["payload"],
    signedAt,
    expiresAt: claim.expiresAt === 0 ? undefined : new Date(claim.expiresAt),
    ...(decodedBody === null ? {} : { decodedBody }),
  };
  const bodyVerifier = () => {
    const verifier = body === undefined ? proved.takeBody() : null;
    if (verifier === null) {
      throw new BRSConfigurationError("the body was given to verifyRequest, or is being verified already", {
        param: "body",
      });
    }
    return new BodyVerifierStream(verifier);
  };
  // Not enumerable, so that the result can be logged and compared as plain data.
  return Object.defineProperty(verified as VerifiedRequest, "bodyVerifier", { value: bodyVerifier });
}
