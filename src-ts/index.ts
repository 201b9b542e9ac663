/** Entry `aws-refresh-session`: sessions, and what a user of sessions needs beside them. */
export type { SdkStsClient } from "./aws/sdk-sts.js";
export type { CachedCallOptions, EvictionPolicy } from "./clients/cache-options.js";
export type {
  ClientArguments,
  ClientClass,
  ClientConfig,
  ClientConfigOf,
  NamedClientConfig,
  SdkClient,
  SdkRequestHandler,
} from "./clients/sdk-client.js";
export type { SessionCache } from "./clients/session-cache.js";
export type { Clock, Environment } from "./defaults.js";
export {
  BindingError,
  BRSConfigurationError,
  BRSConnectionError,
  BRSCredentialError,
  BRSError,
  type BRSErrorOptions,
  BRSRequestError,
  BRSValidationError,
  ClientCacheError,
  ClientCacheExistsError,
  ClientCacheNotFoundError,
  CredentialsNotReadyError,
  ResourceCacheError,
  ResourceCacheExistsError,
  ResourceCacheNotFoundError,
  SigningError,
  VerificationError,
} from "./errors.js";
export type { MqttClient } from "./iot/mqtt/client.js";
export type { IotMqttOptions } from "./iot/mqtt/options.js";
export type { CredentialSource, ProviderFunction, ProviderProperties } from "./refresh/credential-source.js";
export type { RefreshMessage, RefreshStats } from "./refresh/diagnostics.js";
export type { SessionEventMap, SessionEventName, SessionEvents, SessionListener } from "./refresh/events.js";
export type { RefreshableCredentials } from "./refresh/refreshable-credentials.js";
export type { RegisterOptions } from "./registration.js";
export {
  getAvailableResources,
  type ResourceContext,
  type ResourceFactory,
  registerResource,
} from "./resource-registry.js";
export type { ChainOptions, ChainSessionOptions } from "./session/chain-session.js";
export type { CognitoSessionOptions } from "./session/cognito-session.js";
export type { SessionCredentialProvider } from "./session/credential-provider.js";
export { CustomRefreshableSession, type CustomSessionOptions } from "./session/custom-session.js";
export {
  type BuiltInMethod,
  RefreshableSession,
  type RefreshableSessionConstructor,
  type RegisteredSessionOptions,
} from "./session/facade.js";
export type { FederationTokenOptions, FederationTokenSessionOptions } from "./session/federation-token-session.js";
export type { AvailableRegionsOptions } from "./session/information.js";
export { IOTX509RefreshableSession, type IotSessionOptions } from "./session/iot-session.js";
export type { SessionOptions } from "./session/options.js";
export type { SessionStrategy, StrategyFactory } from "./session/registry.js";
export type { SamlSessionOptions } from "./session/saml-session.js";
export type { SessionSignerOptions } from "./session/session-signer.js";
export type { SessionTokenOptions, SessionTokenSessionOptions } from "./session/session-token-session.js";
export { STSRefreshableSession, type StsSessionOptions } from "./session/sts-session.js";
export type { Waiting } from "./session/until-ready.js";
export type { WebIdentitySessionOptions } from "./session/web-identity-session.js";
export {
  type BodyInput,
  type ClaimedCredentials,
  type CredentialScope,
  type Explanation,
  type HeadersInput,
  type HeaderValue,
  type PresignedUrl,
  type PresignManyOptions,
  type PresignOptions,
  type ReceivedRequest,
  type RequestLike,
  type SignableRequest,
  type SignedHeaders,
  Signer,
  type SignerOptions,
  type SignOptions,
  type StoredCredentials,
  type VerifiedRequest,
  type VerifyOptions,
  verifyRequest,
} from "./signing/index.js";
export {
  type ChainExplanation,
  type ChainLinkName,
  type ChainProvider,
  type ExplainedLink,
  type FromChainOptions,
  type FromEnvOptions,
  type FromProcessOptions,
  type FromProfileOptions,
  type FromWebIdentityOptions,
  fromChain,
  fromEnv,
  fromProcess,
  fromProfile,
  fromWebIdentity,
  type PlaceOptions,
  type SourceOptions,
} from "./sources/index.js";
export type { AssumeRoleOptions } from "./strategies/assume-role.js";
export type { CognitoIdentityOptions, LoginsProvider } from "./strategies/cognito.js";
export { AssumeRoleConfig } from "./strategies/configs/assume-role-config.js";
export { STSClientConfig } from "./strategies/configs/sts-client-config.js";
export type {
  BotoCredentialResult,
  CredentialResult,
  SdkCredentialResult,
  StsCredentialResult,
} from "./strategies/credential-result.js";
export type { CustomCredentialsMethod } from "./strategies/custom.js";
export type { TokenProvider, TokenRequest } from "./strategies/identity-token.js";
export type {
  MfaCommandOptions,
  MfaOptions,
  MfaTokenFunction,
  MfaTokenProvider,
  MfaTokenRequest,
  TotpOptions,
  TotpProvider,
} from "./strategies/mfa/index.js";
export type { SamlOptions } from "./strategies/saml.js";
export type {
  Identity,
  ProcessHold,
  RefreshContext,
  RefreshStrategy,
  TemporaryCredentials,
} from "./strategies/strategy.js";
export type { ClientSettings, StsClientConfig } from "./strategies/sts-client-config.js";
export type { WebIdentityOptions, WebIdentityTokenOptions } from "./strategies/web-identity.js";
