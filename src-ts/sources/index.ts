/** Entry `aws-refresh-session/sources`: provider functions of long-lived and other source credentials. */

export type { ProviderFunction, ProviderProperties } from "../refresh/credential-source.js";
export {
  type ChainExplanation,
  type ChainLinkName,
  type ChainProvider,
  type ExplainedLink,
  type FromChainOptions,
  type FromProfileOptions,
  fromChain,
  fromProfile,
} from "./chain.js";
export { type FromEnvOptions, fromEnv } from "./env.js";
export { type FromProcessOptions, fromProcess } from "./process.js";
export { availableProfiles } from "./profiles.js";
export type { PlaceOptions, SourceOptions } from "./source-options.js";
export { type FromWebIdentityOptions, fromWebIdentity } from "./web-identity.js";
