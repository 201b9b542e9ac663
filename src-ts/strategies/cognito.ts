/** Method "cognito": credentials of an identity in a Cognito identity pool, of a guest or of a user who is signed in elsewhere. */
import type { CognitoIdentityClient, Logins } from "../aws/cognito-identity.js";
import { BRSCredentialError, BRSRequestError, masked } from "../errors.js";
import type { TokenRequest } from "./identity-token.js";
import {
  checkAlternatives,
  checkFunction,
  checkNames,
  checkRecord,
  checkText,
  isRecord,
  refuse,
  type TextRule,
} from "./option-checks.js";
import type { RefreshContext, RefreshStrategy, TemporaryCredentials } from "./strategy.js";
import { checkField } from "./sts-fields.js";

/**
 * The `cognito` option: the input of Cognito's GetId and GetCredentialsForIdentity, in AWS's own spelling.
 *
 * Without logins the identity is a guest's. Tokens end, so fixed `Logins` serve for as long as theirs do;
 * `cognitoLoginsProvider` gives new ones each time.
 *
 * @example
 * ```ts
 * import type { CognitoIdentityOptions } from "aws-refresh-session";
 *
 * const cognito: CognitoIdentityOptions = {
 *   IdentityPoolId: "eu-central-1:11111111-2222-3333-4444-555555555555",
 * };
 * ```
 */
export interface CognitoIdentityOptions {
  /** `<region>:<uuid>`; its region is where the pool is asked. */
  IdentityPoolId?: string;
  /** An identity that is known already, in place of the pool. */
  IdentityId?: string;
  /** The account of the pool, where it is another one. */
  AccountId?: string;
  /** Tokens by the names of their providers: `{ "accounts.google.com": idToken }`. */
  Logins?: Readonly<Record<string, string>>;
  /** The role to take where the pool offers several. */
  CustomRoleArn?: string;
}

/** Gives the tokens of the moment by the names of their providers; called once per refresh. */
export type LoginsProvider = (request: TokenRequest) => Logins | PromiseLike<Logins>;

/** Options of the method, checked. */
export interface CheckedCognito {
  readonly options: Readonly<CognitoIdentityOptions>;
  readonly logins: (context: RefreshContext) => Promise<Logins | undefined>;
  /** Region of the pool or the identity. */
  readonly region: string;
}

const ID: TextRule = {
  expected: 'a region and a UUID, such as "eu-central-1:11111111-2222-3333-4444-555555555555"',
  max: 55,
  pattern: /^[\w-]+:[\da-f-]+$/,
};
const TOKEN: TextRule = { expected: "a token of 1 to 50000 characters", max: 50_000, secret: true };
const ACCOUNT: TextRule = { expected: "an account of 12 digits", pattern: /^\d{12}$/ };

const EXAMPLE = '{ IdentityPoolId: "eu-central-1:11111111-2222-3333-4444-555555555555" }';

/** One check a parameter, by the constraints of the API reference of Cognito identity pools. */
const CHECKS: Readonly<Record<keyof CognitoIdentityOptions, (param: string, value: unknown) => unknown>> = {
  IdentityPoolId: (param, value) => checkText(param, value, ID),
  IdentityId: (param, value) => checkText(param, value, ID),
  AccountId: (param, value) => checkText(param, value, ACCOUNT),
  Logins: checkLogins,
  CustomRoleArn: (param, value) => checkField("RoleArn", param, value),
};

export function checkCognito(given: Readonly<Record<string, unknown>>): CheckedCognito {
  const fields = checkRecord("cognito", given.cognito, EXAMPLE);
  checkNames("cognito.", fields, Object.keys(CHECKS));
  const options = Object.fromEntries(
    Object.entries(CHECKS)
      .filter(([name]) => fields[name] !== undefined)
      .map(([name, check]) => [name, check(`cognito.${name}`, fields[name])]),
  ) as CognitoIdentityOptions;
  const { IdentityPoolId, IdentityId, Logins } = options;
  const { cognitoLoginsProvider: provider } = given;
  checkAlternatives({ "cognito.IdentityPoolId": IdentityPoolId, "cognito.IdentityId": IdentityId }, { needed: true });
  checkAlternatives({ "cognito.Logins": Logins, cognitoLoginsProvider: provider });
  return {
    options: Object.freeze(options),
    logins: provider === undefined ? async () => Logins : loginsFrom(provider),
    region: ((IdentityPoolId ?? IdentityId) as string).split(":", 1)[0] as string,
  };
}

function checkLogins(param: string, value: unknown): Logins {
  if (!isRecord(value)) return refuse(param, 'an object such as { "accounts.google.com": idToken }', value, true);
  return Object.freeze(
    Object.fromEntries(
      Object.entries(value).map(([name, token]) => [name, checkText(`${param}["${name}"]`, token, TOKEN)]),
    ),
  );
}

function loginsFrom(value: unknown): (context: RefreshContext) => Promise<Logins> {
  const provider = checkFunction("cognitoLoginsProvider", value) as LoginsProvider;
  return async ({ signal }) => {
    const answer: unknown = await provider({ signal });
    const isRight =
      isRecord(answer) && Object.values(answer).every((token) => typeof token === "string" && token !== "");
    if (isRight) return answer as Logins;
    throw new BRSCredentialError(
      `cognitoLoginsProvider must give an object of tokens such as { "accounts.google.com": idToken }, but gave ` +
        (isRecord(answer) ? "one with a value that is no text" : masked(answer)),
      { param: "cognitoLoginsProvider", retryable: true },
    );
  };
}

/**
 * Asks for the identity once and for its credentials at each refresh. When Cognito no longer takes the identity, since it
 * was deleted or belongs to other logins, it is asked for anew.
 */
export class CognitoStrategy implements RefreshStrategy {
  readonly method = "cognito";
  readonly #client: CognitoIdentityClient;
  readonly #cognito: CheckedCognito;
  #identityId: string | undefined;

  constructor(cognito: CheckedCognito, client: CognitoIdentityClient) {
    this.#cognito = cognito;
    this.#client = client;
  }

  async refresh(context: RefreshContext): Promise<TemporaryCredentials> {
    const logins = await this.#cognito.logins(context);
    const known = this.#identityId;
    try {
      return await this.#fetch(logins, context);
    } catch (error) {
      if (known === undefined || !refusesIdentity(error)) throw error;
      this.#identityId = undefined;
      return this.#fetch(logins, context);
    }
  }

  close(): void {
    this.#client.close();
  }

  async #fetch(logins: Logins | undefined, context: RefreshContext): Promise<TemporaryCredentials> {
    const { IdentityPoolId, IdentityId, AccountId, CustomRoleArn } = this.#cognito.options;
    const Logins = logins === undefined || Object.keys(logins).length === 0 ? undefined : logins;
    if (IdentityPoolId !== undefined) {
      this.#identityId ??= await this.#client.getId({ AccountId, IdentityPoolId, Logins }, context);
    }
    const identity = this.#identityId ?? (IdentityId as string);
    return this.#client.getCredentialsForIdentity({ CustomRoleArn, IdentityId: identity, Logins }, context);
  }
}

function refusesIdentity(error: unknown): boolean {
  return (
    error instanceof BRSRequestError &&
    (error.details?.awsCode === "NotAuthorizedException" || error.details?.awsCode === "ResourceNotFoundException")
  );
}
