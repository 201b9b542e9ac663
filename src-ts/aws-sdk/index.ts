/** Sub-path `aws-refresh-session/aws-sdk`: parts for clients of the AWS SDK for JavaScript v3, which is never imported. */
export {
  BRSCredentialError,
  BRSError,
  type BRSErrorOptions,
  CredentialsNotReadyError,
  SigningError,
} from "../errors.js";
export type { CredentialSource } from "../refresh/credential-source.js";
export type {
  HeaderNames,
  SdkCredentials,
  SdkDateInput,
  SdkEventSigningOptions,
  SdkFormattedEvent,
  SdkHttpRequest,
  SdkIdentity,
  SdkMessage,
  SdkMessageHeaderValue,
  SdkMessageSigningOptions,
  SdkPresigningOptions,
  SdkRequestSigningOptions,
  SdkSignableMessage,
  SdkSignedMessage,
  SdkSigningOptions,
} from "./sdk-types.js";
export { SignatureV4, type SignatureV4Init } from "./signature-v4.js";
