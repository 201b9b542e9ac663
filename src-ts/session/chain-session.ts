/** Method "chain": sessions of whatever the default chain finds. */
import { providerStrategy } from "../refresh/credential-source.js";
import type { ChainLinkName } from "../sources/chain.js";
import type { MfaOptions } from "../strategies/mfa/index.js";
import { checkNames, checkRecord } from "../strategies/option-checks.js";
import { chainIn } from "../strategies/resolve-source.js";
import type { BuiltInDefinition } from "./method-definition.js";
import type { SessionOptions } from "./options.js";

/** The `chain` option. */
export interface ChainOptions {
  /** Which places are looked at, and in which order; default: all, in the order of botocore. */
  order?: readonly ChainLinkName[];
}

/**
 * The credentials of the environment, else of the profile: `profileName`, `region`, `env`, `homeDir` and `clock` say where
 * it looks, as `fromChain` describes.
 *
 * @example
 * ```ts
 * import type { ChainSessionOptions } from "aws-refresh-session";
 *
 * const options: ChainSessionOptions = { method: "chain", profileName: "reports" };
 * ```
 */
export interface ChainSessionOptions extends SessionOptions, MfaOptions {
  method: "chain";
  /** Where the chain looks; default: everywhere. */
  chain?: ChainOptions;
}

export const CHAIN: BuiltInDefinition = {
  names: {
    method: "chain",
    own: ["chain", "mfaTokenProvider", "mfaTokenProviderArgs"] satisfies ReadonlyArray<keyof ChainSessionOptions>,
  },
  open(given, { options }) {
    const { mfaTokenProvider, mfaTokenProviderArgs } = given as Partial<ChainSessionOptions>;
    const chain = checkRecord("chain", given.chain === undefined ? {} : given.chain, '{ order: ["env"] }');
    checkNames("chain.", chain, ["order"]);
    const mfaOptions: MfaOptions = {
      ...(mfaTokenProvider !== undefined && { mfaTokenProvider }),
      ...(mfaTokenProviderArgs !== undefined && { mfaTokenProviderArgs }),
    };
    const provider = chainIn(options, { ...(chain as ChainOptions), ...mfaOptions });
    const { refreshTimeout } = provider;
    const use = { method: "chain", name: "the credential chain", clock: options.clock };
    return {
      strategy: providerStrategy(provider, use),
      ...(refreshTimeout !== undefined && { refreshTimeout }),
    };
  },
};
