/** Sub-path `aws-refresh-session/aws-sdk`: parts for clients of the AWS SDK for JavaScript v3, which is never imported. */
export {
  BRSConfigurationError,
  BRSCredentialError,
  BRSError,
  type BRSErrorOptions,
  BRSValidationError,
  CredentialsNotReadyError,
  SigningError,
} from "../errors.js";
export type { CredentialSource } from "../refresh/credential-source.js";
export type { RefreshableCredentials } from "../refresh/refreshable-credentials.js";
export type { TemporaryCredentials } from "../strategies/strategy.js";
export type { SdkMiddlewareStack, SdkPlace, SdkPlugin } from "./around-signing.js";
export { expiredTokenRecovery, type RecoverableCredentials } from "./expired-token-recovery.js";
export { hostClockOffset } from "./host-clock-offset.js";
export { withNativeSigning } from "./native-signing.js";
export { type ClockKeeper, NativeSigV4aSigner, NativeSigV4Signer } from "./native-sigv4-signer.js";
export { nativeSigV4a, SignatureV4a, type SigV4aContainers } from "./native-sigv4a.js";
export { getSignedUrl } from "./presigner/get-signed-url.js";
export { type NativePresigner, nativePresigner } from "./presigner/native-presigner.js";
export type { PresignCommandsOptions } from "./presigner/presign-commands.js";
export type { PresigningClient, PresigningCommand } from "./presigner/sdk-client.js";
export type {
  HeaderNames,
  SdkCredentials,
  SdkDateInput,
  SdkEventSigningOptions,
  SdkFormattedEvent,
  SdkHttpRequest,
  SdkHttpSigner,
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
