/** Method "custom": credentials from a function of the user. */
import { types } from "node:util";
import type { Clock } from "../defaults.js";
import { BRSCredentialError } from "../errors.js";
import { type CredentialResult, readCredentialResult } from "./credential-result.js";
import type { Identity, RefreshContext, RefreshStrategy, TemporaryCredentials } from "./strategy.js";

/**
 * The function behind a custom session.
 *
 * It is called once per refresh, with `customCredentialsMethodArgs` (the same object each time; `{}` when there is none)
 * and with a signal that aborts when the refresh ran into `refreshTimeout` or the session was closed.
 */
export type CustomCredentialsMethod<Args extends object = Record<string, unknown>> = (
  args: Args,
  context: { signal: AbortSignal },
) => CredentialResult | PromiseLike<CredentialResult>;

/**
 * Calls the function and reads its answer.
 *
 * An Error that the function throws reaches the callers as it is, so that their own classes and fields survive; anything
 * else thrown becomes the `cause` of a BRSCredentialError. A wrong answer is a BRSCredentialError.
 */
export class CustomStrategy implements RefreshStrategy {
  readonly method = "custom";
  readonly #callable: CustomCredentialsMethod<never>;
  readonly #args: object;
  readonly #clock: Clock;

  constructor(callable: CustomCredentialsMethod<never>, args: object, clock: Clock) {
    this.#callable = callable;
    this.#args = args;
    this.#clock = clock;
  }

  async refresh({ signal }: RefreshContext): Promise<TemporaryCredentials> {
    const answer = await this.#call(signal);
    return readCredentialResult(answer, {
      source: "customCredentialsMethod",
      complete: true,
      now: this.#clock(),
    });
  }

  async getIdentity(): Promise<Identity> {
    return { method: "custom", source: this.#callable.name || "anonymous" };
  }

  async #call(signal: AbortSignal): Promise<unknown> {
    try {
      return await this.#callable(this.#args as never, { signal });
    } catch (error) {
      // Errors of another realm (a vm context, a test runner) are errors, too.
      if (error instanceof Error || types.isNativeError(error)) throw error;
      throw new BRSCredentialError("customCredentialsMethod threw something that is not an Error; see cause", {
        cause: error,
        retryable: true,
      });
    }
  }
}
