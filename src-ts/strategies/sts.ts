/** Method "sts": credentials of a role, by STS AssumeRole. */
import { StsClient, type StsOptions } from "../aws/sts.js";
import { BRSRequestError } from "../errors.js";
import type { RefreshableCredentials } from "../refresh/refreshable-credentials.js";
import type { AssumeRoleParameters } from "./assume-role.js";
import type { MfaCodes } from "./mfa/index.js";
import type { Identity, RefreshContext, RefreshStrategy, TemporaryCredentials } from "./strategy.js";

/** What a role is assumed with. */
export interface StsRole {
  /** The parameters of this moment, checked. */
  readonly parameters: () => AssumeRoleParameters;
  readonly mfa: MfaCodes;
  readonly source: RefreshableCredentials;
}

/**
 * Assumes the role at each refresh, with the parameters and as the source credentials of that moment.
 *
 * A source that STS rejects as unknown or expired is invalidated, so that the next refresh asks it again.
 */
export class StsStrategy implements RefreshStrategy {
  readonly method = "sts";
  readonly #parameters: () => AssumeRoleParameters;
  readonly #mfa: MfaCodes;
  readonly #source: RefreshableCredentials;
  readonly #client: StsClient;

  constructor({ parameters, mfa, source }: StsRole, options: StsOptions) {
    this.#parameters = parameters;
    this.#mfa = mfa;
    this.#source = source;
    this.#client = new StsClient({ ...options, credentials: source });
  }

  get prompts(): boolean {
    return this.#mfa.prompts(this.#parameters()) || this.#source.wouldPrompt;
  }

  async refresh(context: RefreshContext): Promise<TemporaryCredentials> {
    const parameters = this.#parameters();
    const { accessKeyId } = await this.#source.getFrozenCredentials(context);
    // Only now is anybody asked for a code: a source that has no credentials costs none.
    try {
      const { credentials } = await this.#mfa.send(parameters, context, (withCode) =>
        this.#client.assumeRole(withCode, context),
      );
      return credentials;
    } catch (error) {
      if (rejectsCaller(error)) this.#source.invalidate(accessKeyId);
      throw error;
    }
  }

  /** GetCallerIdentity as the caller of AssumeRole. */
  async getSourceIdentity(): Promise<Identity> {
    const { Account, Arn, UserId } = await this.#client.getCallerIdentity();
    return { Account, Arn, UserId };
  }

  close(): void {
    this.#client.close();
  }
}

const REJECTED_CALLER: ReadonlySet<unknown> = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidClientTokenId",
  "UnrecognizedClientException",
]);

function rejectsCaller(error: unknown): boolean {
  return error instanceof BRSRequestError && REJECTED_CALLER.has(error.details?.awsCode);
}
