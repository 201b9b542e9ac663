/**
 * Codes of MFA devices for the calls of STS that need one: a method checks its options once with `checkMfaOptions`, and
 * makes each call through `MfaCodes.send`.
 */
export { MfaCodes, type MfaCodesOptions, type MfaParameters } from "./mfa-codes.js";
export { checkMfaOptions, type MfaFacts, refreshTimeoutWith } from "./options.js";
export type {
  MfaCommandOptions,
  MfaOptions,
  MfaTokenFunction,
  MfaTokenProvider,
  MfaTokenRequest,
  TotpOptions,
  TotpProvider,
} from "./provider.js";
