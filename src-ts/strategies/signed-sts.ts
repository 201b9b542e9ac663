/** Strategies that ask STS for credentials as the source credentials of the moment. */
import type { VendedCredentials } from "../aws/sts-calls.js";
import type { StsOperations } from "../aws/sts-operations.js";
import { BRSRequestError } from "../errors.js";
import type { RefreshableCredentials } from "../refresh/refreshable-credentials.js";
import type { Identity, RefreshContext, RefreshStrategy, TemporaryCredentials } from "./strategy.js";

/** One call of STS and who signs it. */
export interface SignedCall {
  readonly method: string;
  readonly sts: StsOperations;
  /** The credentials that sign; undefined where the client has its own. */
  readonly source: RefreshableCredentials | undefined;
  /** Whether a person may be asked for the next call. */
  prompts?(): boolean;
  /** Makes the call; `caller` are the credentials that sign it. */
  ask(
    sts: StsOperations,
    context: RefreshContext,
    caller: TemporaryCredentials | undefined,
  ): Promise<VendedCredentials>;
}

/**
 * Makes the call at each refresh.
 *
 * A source that STS rejects as unknown or expired is invalidated; where it has other credentials then (keys rotated in a
 * file, say) the call is made once more with those. A call for which a person would be asked is left to the next refresh.
 */
export class SignedStsStrategy implements RefreshStrategy {
  readonly method: string;
  readonly #call: SignedCall;

  constructor(call: SignedCall) {
    this.method = call.method;
    this.#call = call;
  }

  get prompts(): boolean {
    const { prompts, source } = this.#call;
    return prompts?.() === true || source?.wouldPrompt === true;
  }

  async refresh(context: RefreshContext): Promise<TemporaryCredentials> {
    const { source, sts } = this.#call;
    // Before anybody is asked for a code: a source that has no credentials costs none.
    const caller = await source?.getFrozenCredentials(context);
    try {
      return (await this.#call.ask(sts, context, caller)).credentials;
    } catch (error) {
      if (source === undefined || caller === undefined || !rejectsCaller(error)) throw error;
      source.invalidate(caller.accessKeyId);
      if (this.prompts) throw error;
      // Whatever the source says now is no better news than that STS refused what it said before.
      const renewed = await source.getFrozenCredentials(context).catch(() => caller);
      if (renewed.accessKeyId === caller.accessKeyId) throw error;
      return (await this.#call.ask(sts, context, renewed)).credentials;
    }
  }

  /** GetCallerIdentity as the source. */
  async getSourceIdentity(): Promise<Identity> {
    const { Account, Arn, UserId } = await this.#call.sts.getCallerIdentity();
    return { Account, Arn, UserId };
  }

  close(): void {
    this.#call.sts.close();
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
