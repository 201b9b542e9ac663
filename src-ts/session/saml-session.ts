/** Method "saml": sessions of a role, in exchange for the answer of a SAML identity provider. */
import type { SdkStsClient } from "../aws/sdk-sts.js";
import type { TokenProvider } from "../strategies/identity-token.js";
import { checkSaml, type SamlOptions } from "../strategies/saml.js";
import type { ClientSettings } from "../strategies/sts-client-config.js";
import { UnsignedStsStrategy } from "../strategies/unsigned-sts.js";
import type { BuiltInDefinition } from "./method-definition.js";
import type { SessionOptions } from "./options.js";
import { unsignedSts } from "./sts-access.js";

/**
 * No credentials are needed: the call is not signed.
 *
 * @example
 * ```ts
 * import type { SamlSessionOptions } from "aws-refresh-session";
 *
 * const options: SamlSessionOptions = {
 *   method: "saml",
 *   region: "eu-central-1",
 *   saml: {
 *     RoleArn: "arn:aws:iam::123456789012:role/reports",
 *     PrincipalArn: "arn:aws:iam::123456789012:saml-provider/idp",
 *   },
 *   samlAssertionProvider: async ({ signal }) => {
 *     const response = await fetch("https://idp.example.com/saml/aws", { signal });
 *     return response.text();
 *   },
 * };
 * ```
 */
export interface SamlSessionOptions extends SessionOptions {
  method: "saml";
  /** The role, the provider, and how to assume it. */
  saml: SamlOptions;
  /** Gives the response of the identity provider in base64; called at each refresh. */
  samlAssertionProvider?: TokenProvider;
  /** How STS is reached; or a client of the AWS SDK, which stays the user's to destroy. */
  stsClientConfig?: ClientSettings | SdkStsClient;
}

export const SAML: BuiltInDefinition = {
  names: {
    method: "saml",
    own: ["saml", "samlAssertionProvider", "stsClientConfig"] satisfies ReadonlyArray<keyof SamlSessionOptions>,
  },
  refreshMethod: "sts-assume-role-with-saml",
  open(given, opening) {
    const { parameters, assertion } = checkSaml(given);
    const { sts, stsSettings } = unsignedSts(given, "saml", opening);
    const strategy = new UnsignedStsStrategy("saml", sts, assertion, (sts, SAMLAssertion, context) =>
      sts.assumeRoleWithSAML({ ...parameters, SAMLAssertion }, context),
    );
    return { strategy, stsSettings };
  },
};
