/** Sub-path `aws-refresh-session/signing`: signing, presigning and verification, usable without sessions. */
export {
  BindingError,
  BRSConfigurationError,
  BRSCredentialError,
  BRSError,
  BRSValidationError,
  CredentialsNotReadyError,
  SigningError,
  VerificationError,
} from "../errors.js";
export type { CredentialSource } from "../refresh/credential-source.js";
export type { EventHeaders, EventHeaderValue } from "./events/event-headers.js";
export type { SignEventStreamOptions, SignedEventStream } from "./events/event-stream.js";
export type { EventMessage, FormattedEvent, SignableMessage, SignedMessage } from "./events/sign-event.js";
export type { Explanation } from "./explain.js";
export type { PresignManyOptions } from "./presign-many.js";
export type { BodyInput, HeadersInput, HeaderValue, SignableRequest } from "./request.js";
export type { RequestLike } from "./signed-request.js";
export { type PresignedUrl, type PresignOptions, type SignedHeaders, Signer, type SignOptions } from "./signer.js";
export type { SignerOptions } from "./signer-options.js";
export type { SignedStream, SignStreamOptions, StreamedBody } from "./streams/sign-stream.js";
export type { ChecksumAlgorithm, ComputedTrailer, TrailerValue } from "./streams/trailers.js";
export {
  type ClaimedCredentials,
  type CredentialScope,
  type ReceivedRequest,
  type StoredCredentials,
  type VerifiedRequest,
  type VerifyOptions,
  verifyRequest,
} from "./verify.js";
