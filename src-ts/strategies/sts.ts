/** Method "sts": credentials of a role, by STS AssumeRole. */
import { StsClient, type StsOptions } from "../aws/sts.js";
import { BRSConfigurationError, BRSRequestError } from "../errors.js";
import type { RefreshableCredentials } from "../refresh/refreshable-credentials.js";
import type { AssumeRoleParameters } from "./assume-role.js";
import type { Identity, RefreshContext, RefreshStrategy, TemporaryCredentials } from "./strategy.js";

/**
 * Assumes the role at each refresh, as the source credentials of that moment.
 *
 * A source that STS rejects as unknown or expired is invalidated, so that the next refresh asks it again.
 */
export class StsStrategy implements RefreshStrategy {
  readonly method = "sts";
  readonly #parameters: AssumeRoleParameters;
  readonly #source: RefreshableCredentials;
  readonly #client: StsClient;
  #tokenCodeUsed = false;

  constructor(parameters: AssumeRoleParameters, source: RefreshableCredentials, options: StsOptions) {
    this.#parameters = parameters;
    this.#source = source;
    this.#client = new StsClient({ ...options, credentials: source });
  }

  async refresh(context: RefreshContext): Promise<TemporaryCredentials> {
    const { accessKeyId } = await this.#source.getFrozenCredentials(context);
    // Only now is anything sent, so a source that has no credentials does not cost the code.
    this.#useTokenCode();
    try {
      const { credentials } = await this.#client.assumeRole(this.#parameters, context);
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

  #useTokenCode(): void {
    if (this.#parameters.TokenCode === undefined) return;
    if (this.#tokenCodeUsed) {
      throw new BRSConfigurationError(
        "assumeRole.TokenCode was used already: AWS takes a code once, so a fixed one serves a single refresh; " +
          "open a new session with a fresh code",
        { param: "assumeRole.TokenCode" },
      );
    }
    this.#tokenCodeUsed = true;
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
