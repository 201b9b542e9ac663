/** Bearer authorization (RFC 6750): where the token comes from, how long it is kept, and when it is refused. */
import { BRSCredentialError, BRSValidationError, masked, shown } from "../../errors.js";
import { replaceHeader } from "./auth-input.js";
import type { AwsRequest } from "./aws-request.js";
import { AuthTokenExpiredError, NoAuthTokenError } from "./errors.js";

/** A bearer token; without `expiration` it is taken to be valid for ever. */
export interface AuthToken {
  readonly token: string;
  readonly expiration?: Date | undefined;
}

/** A token, or a function that gets one; it is asked again when the last one is within five minutes of its end. */
export type AuthTokenSource = AuthToken | (() => AuthToken | Promise<AuthToken>);

/** Remaining lifetime below which a provider is asked again. */
const REFRESH_WINDOW_MS = 300_000;

/** The token of one signer: one question to its provider at a time, however many requests wait for the answer. */
export class BearerToken {
  readonly #source: AuthTokenSource | undefined;
  #held: AuthToken | undefined;
  #asking: Promise<AuthToken> | undefined;

  constructor(source: AuthTokenSource | undefined) {
    const isObject = typeof source === "object" && source !== null;
    if (source !== undefined && typeof source !== "function" && !isObject) {
      throw new BRSValidationError(
        `"authToken" must be { token, expiration? } or a function that gives one, found ${masked(source)}`,
        {
          param: "authToken",
        },
      );
    }
    this.#source = source;
  }

  /**
   * Writes the Authorization header.
   *
   * Rejects with NoAuthTokenError, AuthTokenExpiredError, BRSCredentialError for a token that no header can carry, or with
   * what the provider rejects with while no valid token is held.
   */
  async authorize(request: AwsRequest, now: () => number): Promise<void> {
    const { token } = await this.#current(now);
    replaceHeader(request.headers, "Authorization", `Bearer ${token}`);
  }

  async #current(now: () => number): Promise<AuthToken> {
    const source = this.#source;
    if (source === undefined) throw new NoAuthTokenError();
    if (typeof source === "object") return checked(source, now());
    const held = this.#held;
    if (held !== undefined && remaining(held, now()) > REFRESH_WINDOW_MS) return held;
    this.#asking ??= this.#ask(source, now).finally(() => {
      this.#asking = undefined;
    });
    try {
      return await this.#asking;
    } catch (error) {
      if (held !== undefined && remaining(held, now()) > 0) return held;
      throw error;
    }
  }

  async #ask(source: () => AuthToken | Promise<AuthToken>, now: () => number): Promise<AuthToken> {
    const answer = checked(await source(), now());
    const { token, expiration } = answer;
    this.#held = expiration === undefined ? { token } : { token, expiration: new Date(expiration) };
    return this.#held;
  }
}

function remaining({ expiration }: AuthToken, now: number): number {
  return expiration === undefined ? Number.POSITIVE_INFINITY : expiration.getTime() - now;
}

function checked(found: AuthToken | null | undefined, now: number): AuthToken {
  if (found === undefined || found === null) throw new NoAuthTokenError();
  const { token, expiration } = found;
  if (typeof token !== "string" || token === "") {
    throw new NoAuthTokenError(`"authToken.token" must be a non-empty string, found ${masked(token)}`, {
      param: "authToken.token",
    });
  }
  if (!/^[!-~]+$/.test(token)) {
    throw new BRSCredentialError(`"authToken.token" has characters that no header can carry: ${masked(token)}`, {
      param: "authToken.token",
    });
  }
  if (expiration === undefined) return found;
  if (!(expiration instanceof Date) || Number.isNaN(expiration.getTime())) {
    throw new BRSCredentialError(`"authToken.expiration" must be a valid Date, found ${shown(expiration)}`, {
      param: "authToken.expiration",
    });
  }
  if (remaining(found, now) > 0) return found;
  throw new AuthTokenExpiredError(
    `the bearer token expired at ${expiration.toISOString()} ("authToken.expiration"): get a new one, or give a function that does`,
    { param: "authToken.expiration", details: { expiration: expiration.toISOString() } },
  );
}
