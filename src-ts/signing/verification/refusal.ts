/** Refusals: which HTTP status belongs to each of AWS's codes, and how an error of the core becomes one. */
import { type BRSErrorOptions, fromNative, SigningError, VerificationError } from "../../errors.js";

/** As S3 and STS answer; 403 for the rest. */
const STATUS: Readonly<Record<string, number>> = {
  AuthorizationQueryParametersError: 400,
  BadDigest: 400,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  ExpiredToken: 400,
  IncompleteBody: 400,
  IncompleteSignature: 400,
  InternalFailure: 500,
  InvalidArgument: 400,
  InvalidChunkSizeError: 400,
  InvalidPolicyDocument: 400,
  InvalidRequest: 400,
  InvalidToken: 400,
  InvalidURI: 400,
  MalformedPOSTRequest: 400,
  MalformedTrailerError: 400,
  MaxPostPreDataLengthExceededError: 400,
  MissingContentLength: 411,
  NotImplemented: 501,
  ServiceUnavailable: 503,
  XAmzContentSHA256Mismatch: 400,
};

/** A refusal under one of AWS's codes. */
export function refusal(code: string, message: string, options: BRSErrorOptions = {}): VerificationError {
  return new VerificationError(message, { statusCode: STATUS[code] ?? 403, ...options, code });
}

/** Runs a native call; what it refuses is a VerificationError with its status. */
export function called<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    const known = fromNative(error);
    if (known instanceof VerificationError) throw refusal(known.code, known.message);
    // A method that is none: what cannot be signed cannot have been.
    if (known instanceof SigningError)
      throw refusal("InvalidRequest", "The request is not well formed.", { cause: known });
    throw known;
  }
}
