/** Strategies that exchange a token of an identity provider for credentials of a role, in calls of STS that nobody signs. */
import type { VendedCredentials } from "../aws/sts-calls.js";
import type { StsOperations } from "../aws/sts-operations.js";
import type { TokenSource } from "./identity-token.js";
import type { RefreshContext, RefreshStrategy, TemporaryCredentials } from "./strategy.js";

/** The call of one method, with the token of the moment. */
export type TokenExchange = (sts: StsOperations, token: string, context: RefreshContext) => Promise<VendedCredentials>;

export class UnsignedStsStrategy implements RefreshStrategy {
  readonly method: string;
  readonly #token: TokenSource;
  readonly #exchange: TokenExchange;
  readonly #sts: StsOperations;

  constructor(method: string, sts: StsOperations, token: TokenSource, exchange: TokenExchange) {
    this.method = method;
    this.#token = token;
    this.#exchange = exchange;
    this.#sts = sts;
  }

  async refresh(context: RefreshContext): Promise<TemporaryCredentials> {
    const token = await this.#token(context);
    const { credentials } = await this.#exchange(this.#sts, token, context);
    return credentials;
  }

  close(): void {
    this.#sts.close();
  }
}
