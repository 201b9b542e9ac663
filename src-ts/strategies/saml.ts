/** The parameters of STS AssumeRoleWithSAML, and where its assertion comes from. */
import type { SamlParameters } from "../aws/sts-calls.js";
import { fixedToken, type TokenSource, tokenProvider } from "./identity-token.js";
import { checkAlternatives } from "./option-checks.js";
import { checkFields } from "./sts-fields.js";

/**
 * The `saml` option: the input of STS AssumeRoleWithSAML, in AWS's own spelling.
 *
 * The assertion names the session (its attribute RoleSessionName) and must be used within five minutes of its issue, so a
 * fixed one serves the first refresh alone; `samlAssertionProvider` gives a new one each time.
 *
 * @example
 * ```ts
 * import type { SamlOptions } from "aws-refresh-session";
 *
 * const saml: SamlOptions = {
 *   RoleArn: "arn:aws:iam::123456789012:role/reports",
 *   PrincipalArn: "arn:aws:iam::123456789012:saml-provider/idp",
 * };
 * ```
 */
export interface SamlOptions {
  /** `arn:<partition>:iam::<account>:role/<name>`. */
  RoleArn: string;
  /** ARN of the SAML provider in IAM. */
  PrincipalArn: string;
  /** The response of the identity provider in base64. */
  SAMLAssertion?: string;
  PolicyArns?: ReadonlyArray<{ arn: string }>;
  /** A session policy as JSON text. */
  Policy?: string;
  /** Seconds; AWS takes 900 to 43200, and ends the session when the assertion says so. */
  DurationSeconds?: number;
}

/** Options of the method, checked. */
export interface CheckedSaml {
  readonly parameters: Readonly<Omit<SamlParameters, "SAMLAssertion">>;
  readonly assertion: TokenSource;
}

export function checkSaml(given: Readonly<Record<string, unknown>>): CheckedSaml {
  const { SAMLAssertion, ...parameters } = checkFields<SamlOptions>("saml", given.saml, {
    fields: ["RoleArn", "PrincipalArn", "SAMLAssertion", "PolicyArns", "Policy", "DurationSeconds"],
    required: ["RoleArn", "PrincipalArn"],
    example:
      '{ RoleArn: "arn:aws:iam::123456789012:role/name", PrincipalArn: "arn:aws:iam::123456789012:saml-provider/name" }',
  });
  const { samlAssertionProvider: provider } = given;
  checkAlternatives({ samlAssertionProvider: provider, "saml.SAMLAssertion": SAMLAssertion }, { needed: true });
  return {
    parameters: Object.freeze(parameters),
    assertion:
      SAMLAssertion === undefined
        ? tokenProvider("SAMLAssertion", "samlAssertionProvider", provider)
        : fixedToken(SAMLAssertion),
  };
}
