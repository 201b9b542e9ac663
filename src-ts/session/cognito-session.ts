/** Method "cognito": sessions of an identity in a Cognito identity pool. */
import { CognitoIdentityClient } from "../aws/cognito-identity.js";
import {
  type CognitoIdentityOptions,
  CognitoStrategy,
  checkCognito,
  type LoginsProvider,
} from "../strategies/cognito.js";
import { type ClientSettings, checkClientSettings, resolveStsSettings } from "../strategies/sts-client-config.js";
import type { BuiltInDefinition } from "./method-definition.js";
import type { SessionOptions } from "./options.js";

/**
 * No credentials are needed: the calls are not signed.
 *
 * @example
 * ```ts
 * import type { CognitoSessionOptions } from "aws-refresh-session";
 *
 * const options: CognitoSessionOptions = {
 *   method: "cognito",
 *   cognito: { IdentityPoolId: "eu-central-1:11111111-2222-3333-4444-555555555555" },
 *   cognitoLoginsProvider: async ({ signal }) => {
 *     const response = await fetch("https://app.example.com/id-token", { signal });
 *     return { "accounts.google.com": await response.text() };
 *   },
 * };
 * ```
 */
export interface CognitoSessionOptions extends SessionOptions {
  method: "cognito";
  /** The pool or the identity, and its logins. */
  cognito: CognitoIdentityOptions;
  /** Gives the tokens of the logins; called at each refresh. */
  cognitoLoginsProvider?: LoginsProvider;
  /** How Cognito is reached. */
  cognitoClientConfig?: ClientSettings;
}

export const COGNITO: BuiltInDefinition = {
  names: {
    method: "cognito",
    own: ["cognito", "cognitoLoginsProvider", "cognitoClientConfig"] satisfies ReadonlyArray<
      keyof CognitoSessionOptions
    >,
  },
  refreshMethod: "cognito-identity",
  open(given, { options, onClockOffset }) {
    const cognito = checkCognito(given);
    const settings = checkClientSettings(
      "cognitoClientConfig",
      given.cognitoClientConfig === undefined ? {} : given.cognitoClientConfig,
    );
    const client = new CognitoIdentityClient({
      ...resolveStsSettings(settings, { ...options, region: cognito.region }, "AWS_ENDPOINT_URL_COGNITO_IDENTITY"),
      region: settings.region ?? cognito.region,
      onClockOffset,
    });
    return {
      strategy: new CognitoStrategy(cognito, client),
      // Who the session is, is a question for STS in the region of the pool.
      ...(options.region === undefined && { stsSettings: { region: cognito.region } }),
    };
  },
};
