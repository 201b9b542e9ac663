/** Everything public of request signing by botocore's rules. */
export type { AuthInstance } from "./auth-instance.js";
export { resolveAuthSchemePreference, resolveAuthType } from "./auth-schemes.js";
export { type AuthType, authTypes } from "./auth-types.js";
export { AwsHeaders, type AwsHeadersInput } from "./aws-headers.js";
export { AwsPreparedRequest, AwsRequest, type AwsRequestInit } from "./aws-request.js";
export type { AuthToken, AuthTokenSource } from "./bearer.js";
export { type DefaultSigningHooksOptions, registerDefaultSigningHooks } from "./default-hooks.js";
export {
  AuthTokenExpiredError,
  NoAuthTokenError,
  NoCredentialsError,
  NoRegionError,
  UnknownSignatureVersionError,
  UnseekableStreamError,
  UnsupportedSignatureVersionError,
} from "./errors.js";
export type { Params, ParamValue } from "./query-encoding.js";
export type {
  ChecksumContext,
  IdentityCache,
  PostPolicy,
  RequestContext,
  SigningContext,
} from "./request-context.js";
export type { PreparedBody, RequestData, SeekableBody } from "./request-data.js";
export {
  type AuthInstanceOptions,
  RequestSigner,
  type RequestSignerOptions,
  type RequestSignOptions,
  type SigningType,
} from "./request-signer.js";
export { S3ExpressIdentityCache, S3ExpressIdentityResolver } from "./s3-express-identity.js";
export type { S3ExpressIdentityOptions } from "./s3-express-options.js";
export {
  type BeforeSignEvent,
  type ChooseSignerEvent,
  type SigningEvent,
  type SigningEventEmitter,
  SigningEvents,
} from "./signing-events.js";
