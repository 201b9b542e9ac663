/** Method "chain": sessions of whatever the default chain finds. */
import type { Clock } from "../defaults.js";
import { askProvider } from "../refresh/credential-source.js";
import { type ChainLinkName, type ChainProvider, mfaCodesOf } from "../sources/chain.js";
import { readCredentialResult } from "../strategies/credential-result.js";
import { type MfaOptions, refreshTimeoutWith } from "../strategies/mfa/index.js";
import { checkNames, checkRecord } from "../strategies/option-checks.js";
import { chainIn } from "../strategies/resolve-source.js";
import type { RefreshContext, RefreshStrategy, TemporaryCredentials } from "../strategies/strategy.js";
import type { SessionOptions } from "./options.js";
import type { BuiltInDefinition } from "./refreshable-session.js";

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
    const mfa = mfaCodesOf({ ...mfaOptions, clock: options.clock });
    return {
      strategy: new ChainStrategy(provider, options.clock, mfa?.prompts({}) === true),
      ...(mfa !== undefined && { refreshTimeout: refreshTimeoutWith(mfa) }),
    };
  },
};

/** Looks along the chain at each refresh. */
class ChainStrategy implements RefreshStrategy {
  readonly method = "chain";
  readonly #provider: ChainProvider;
  readonly #clock: Clock;
  /** Whether a role of the profile may ask a person for a code. */
  readonly prompts: boolean;

  constructor(provider: ChainProvider, clock: Clock, prompts: boolean) {
    this.prompts = prompts;
    this.#provider = provider;
    this.#clock = clock;
  }

  async refresh(context: RefreshContext): Promise<TemporaryCredentials> {
    const answer = await askProvider(this.#provider, context);
    return readCredentialResult(answer, { source: "the credential chain", complete: false, now: this.#clock() });
  }
}
