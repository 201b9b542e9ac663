/** Tokens of identity providers: read anew from a file or asked of a function of the user at each refresh. */
import { readFile } from "node:fs/promises";
import { BRSCredentialError, BRSError, masked, shown } from "../errors.js";
import { checkFunction, checkText } from "./option-checks.js";
import type { RefreshContext } from "./strategy.js";
import { checkField, type StsField } from "./sts-fields.js";

/** What a function that gives a token gets. */
export interface TokenRequest {
  /** Aborts when the refresh ran into `refreshTimeout` or the session was closed. */
  readonly signal: AbortSignal;
}

/** Gives the token of the moment, as text; called once per refresh. */
export type TokenProvider = (request: TokenRequest) => string | PromiseLike<string>;

/** One token for one refresh. */
export type TokenSource = (context: RefreshContext) => Promise<string>;

/**
 * The text of a file at each call, without the white space around it.
 *
 * A file that cannot be read, or holds no token, is a BRSCredentialError that a later refresh may not meet: the token is
 * put there by another program.
 */
export function tokenFile(param: string, path: string): TokenSource {
  return async ({ signal }) => {
    let text: string;
    try {
      text = await readFile(path, { encoding: "utf8", signal });
    } catch (cause) {
      signal.throwIfAborted();
      const { code = "unknown" } = cause as { code?: string };
      throw new BRSCredentialError(
        `${param}: ${shown(path)} cannot be read (${code}); check the path, and that the token is put there before it is needed`,
        { param, details: { path, reason: code }, retryable: true },
      );
    }
    return checkToken("WebIdentityToken", `${param} ${shown(path)}`, param, text.trim());
  };
}

/** The answer of a function of the user at each call. */
export function tokenProvider(field: StsField, param: string, value: unknown): TokenSource {
  const provider = checkFunction(param, value) as TokenProvider;
  return async ({ signal }) => checkToken(field, `what ${param} gives`, param, await provider({ signal }));
}

/** The same text each time. */
export function fixedToken(text: string): TokenSource {
  return async () => text;
}

export function checkPath(param: string, value: unknown): string {
  return checkText(param, value, { expected: "the path of a file" });
}

/** What comes at a refresh is judged as an option would be, but the next refresh may get a better one. */
function checkToken(field: StsField, what: string, param: string, value: unknown): string {
  try {
    return checkField(field, what, value) as string;
  } catch (error) {
    if (!(error instanceof BRSError)) throw error;
    throw new BRSCredentialError(error.message, { param, value: masked(value), retryable: true });
  }
}
