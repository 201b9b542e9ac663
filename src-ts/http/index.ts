/** Sub-path `aws-refresh-session/http`: signed requests through the HTTP clients that people use, none of which is imported. */
export type { Clock } from "../defaults.js";
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
export type { Explanation } from "../signing/explain.js";
export type { SignableRequest } from "../signing/request.js";
export type { SignedHeaders } from "../signing/signer-calls.js";
export type { SignerOptions } from "../signing/signer-options.js";
export type { TemporaryCredentials } from "../strategies/strategy.js";
export { ApiGateway } from "./api-gateway/api-gateway.js";
export type {
  ApiGatewayKeys,
  ApiGatewayOptions,
  ApiGatewaySession,
  ApiGatewaySettings,
} from "./api-gateway/options.js";
export type { ApiGatewayRequest } from "./api-gateway/request.js";
export { aws4 } from "./aws4/aws4.js";
export type { Aws4Credentials, Aws4Keys, Aws4Request, Aws4Signed } from "./aws4/types.js";
export type { AxiosLike } from "./axios.js";
export type { FetchLike } from "./fetch/signed-fetch.js";
export type { GotExtension } from "./got.js";
export { HttpSigner, type HttpSignerOptions } from "./http-signer.js";
export type { NodeRequestOptions } from "./node-http.js";
export type { ConnectionClass, ConnectionLike } from "./open-search.js";
export { SignedHttp } from "./signed-http.js";
export type { UndiciInterceptor, UndiciSigningOptions } from "./undici/interceptor.js";
