/** Sub-path `aws-refresh-session/signing`: signing, presigning and verification, usable without sessions. */
export type { Clock } from "../defaults.js";
export {
  BindingError,
  BRSConfigurationError,
  BRSCredentialError,
  BRSError,
  type BRSErrorOptions,
  BRSValidationError,
  CredentialsNotReadyError,
  SigningError,
  VerificationError,
} from "../errors.js";
export type { CredentialSource } from "../refresh/credential-source.js";
export type { RefreshableCredentials } from "../refresh/refreshable-credentials.js";
export type { TemporaryCredentials } from "../strategies/strategy.js";
export type { EventHeaders, EventHeaderValue } from "./events/event-headers.js";
export type { SignEventStreamOptions, SignedEventStream } from "./events/event-stream.js";
export type { EventMessage, FormattedEvent, SignableMessage, SignedMessage } from "./events/sign-event.js";
export type { Explanation } from "./explain.js";
export type { PresignManyOptions } from "./presign-many.js";
export type { ItemSource } from "./presigning/batch-reader.js";
export type { ListItem, ListOptions } from "./presigning/list-items.js";
export type { PostCondition } from "./presigning/post-policy.js";
export type { PresignStreamOptions } from "./presigning/presign-stream.js";
export type { PresignedPost, PresignedPostOptions } from "./presigning/presigned-post.js";
export type { BodyInput, HeadersInput, HeaderValue, SignableRequest } from "./request.js";
export {
  type AuthInstance,
  type AuthInstanceOptions,
  type AuthToken,
  AuthTokenExpiredError,
  type AuthTokenSource,
  type AuthType,
  AwsHeaders,
  type AwsHeadersInput,
  AwsPreparedRequest,
  AwsRequest,
  type AwsRequestInit,
  authTypes,
  type BeforeSignEvent,
  type ChecksumContext,
  type ChooseSignerEvent,
  type DefaultSigningHooksOptions,
  type IdentityCache,
  NoAuthTokenError,
  NoCredentialsError,
  NoRegionError,
  type Params,
  type ParamValue,
  type PostPolicy,
  type PreparedBody,
  type RequestContext,
  type RequestData,
  RequestSigner,
  type RequestSignerOptions,
  type RequestSignOptions,
  registerDefaultSigningHooks,
  resolveAuthSchemePreference,
  resolveAuthType,
  S3ExpressIdentityCache,
  type S3ExpressIdentityOptions,
  S3ExpressIdentityResolver,
  type SeekableBody,
  type SigningContext,
  type SigningEvent,
  type SigningEventEmitter,
  SigningEvents,
  type SigningType,
  UnknownSignatureVersionError,
  UnseekableStreamError,
  UnsupportedSignatureVersionError,
} from "./request-signer/index.js";
export type { RequestLike } from "./signed-request.js";
export { Signer } from "./signer.js";
export type { ExplainOptions, PresignedUrl, PresignOptions, SignedHeaders, SignOptions } from "./signer-calls.js";
export type { SignerOptions } from "./signer-options.js";
export type { SignedStream, SignStreamOptions, StreamedBody } from "./streams/sign-stream.js";
export type { ChecksumAlgorithm, ComputedTrailer, TrailerValue } from "./streams/trailers.js";
export {
  type DbConnectAuthTokenOptions,
  generateDbConnectAdminAuthToken,
  generateDbConnectAuthToken,
} from "./tokens/dsql.js";
export { type DbAuthTokenOptions, generateDbAuthToken } from "./tokens/rds.js";
export {
  type ClaimedCredentials,
  type CredentialScope,
  clientErrorListener,
  type ErrorForm,
  type LengthRange,
  type PostFields,
  type ReceivedRequest,
  ReplayGuard,
  type ReplayGuardOptions,
  type RequestListener,
  type SignatureAlgorithm,
  type StoredCredentials,
  type VerifiedHandler,
  type VerifiedPost,
  type VerifiedRequest,
  type VerifiedWithBody,
  type VerifierOptions,
  type VerifyingListenerOptions,
  type VerifyOptions,
  type VerifyPostOptions,
  verifyingListener,
  verifyPost,
  verifyRequest,
} from "./verify.js";
export {
  type AppSyncAuthorization,
  type AppSyncConnection,
  type AppSyncOptions,
  type AppSyncStartMessage,
  type AppSyncSubscription,
  appSyncRealtimeConnection,
  appSyncRealtimeStart,
} from "./websockets/appsync.js";
export { type IotWebSocketOptions, presignIotWebSocket } from "./websockets/iot.js";
export type { PresignedSocket, SocketOptions } from "./websockets/presigned-socket.js";
export { presignTranscribeWebSocket, type TranscribeWebSocketOptions } from "./websockets/transcribe.js";
