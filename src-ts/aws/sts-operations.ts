/** The operations of STS that the package uses: what each sends, what is secret in it, and how its answer is read. */

import { credentialsIn, type Field } from "./answer-fields.js";
import type { CallOptions } from "./service-caller.js";
import type {
  AssumedRole,
  AssumeRoleParameters,
  CallerIdentity,
  FederatedUser,
  FederationTokenParameters,
  SamlParameters,
  SamlRole,
  SessionTokenParameters,
  VendedCredentials,
  WebIdentityParameters,
  WebIdentityRole,
} from "./sts-calls.js";

/** What differs between the operations, beyond their parameters. */
export interface StsOperation<Result> {
  readonly parameters: object;
  /** Parameters that must not appear in an error. */
  readonly secrets?: ReadonlyArray<string | undefined>;
  readonly once?: boolean;
  /** Proven by a token among the parameters, which nobody signs. */
  readonly unsigned?: boolean;
  /** What to do about a code of AWS, where that differs from what signed calls need. */
  readonly advice?: Readonly<Record<string, string>>;
  /** Codes that another refresh may not meet, since it comes with another token. */
  readonly passing?: ReadonlySet<string>;
  read(field: Field): Result;
}

/** STS, whoever sends the requests. */
export abstract class StsOperations {
  /** Ends the connections kept open. Later calls reject with ERR_CLOSED; the source of the credentials stays open. */
  abstract close(): void;

  /** Sends one request and reads its answer. */
  protected abstract send<Result>(
    action: string,
    operation: StsOperation<Result>,
    options?: CallOptions,
  ): Promise<Result>;

  /** Asks for credentials of a role. */
  async assumeRole(parameters: AssumeRoleParameters, options?: CallOptions): Promise<AssumedRole> {
    const { TokenCode, ExternalId, Policy, ProvidedContexts = [] } = parameters;
    const assertions = ProvidedContexts.map(({ ContextAssertion }) => ContextAssertion);
    const secrets = [TokenCode, ExternalId, Policy, ...assertions];
    const once = TokenCode !== undefined;
    return this.send("AssumeRole", { parameters, secrets, once, read: readRole }, options);
  }

  /** Asks for credentials of a role in exchange for a token of an OpenID Connect or OAuth 2.0 provider. Not signed. */
  async assumeRoleWithWebIdentity(parameters: WebIdentityParameters, options?: CallOptions): Promise<WebIdentityRole> {
    const { WebIdentityToken, Policy } = parameters;
    return this.send(
      "AssumeRoleWithWebIdentity",
      {
        parameters,
        secrets: [WebIdentityToken, Policy],
        unsigned: true,
        advice: WEB_IDENTITY_ADVICE,
        passing: TOKEN_CODES,
        read: (field) => ({
          ...readRole(field),
          subject: field("SubjectFromWebIdentityToken", false),
          provider: field("Provider", false),
          audience: field("Audience", false),
        }),
      },
      options,
    );
  }

  /** Asks for credentials of a role in exchange for the answer of a SAML identity provider. Not signed. */
  async assumeRoleWithSAML(parameters: SamlParameters, options?: CallOptions): Promise<SamlRole> {
    const { SAMLAssertion, Policy } = parameters;
    return this.send(
      "AssumeRoleWithSAML",
      {
        parameters,
        secrets: [SAMLAssertion, Policy],
        unsigned: true,
        advice: SAML_ADVICE,
        passing: TOKEN_CODES,
        read: (field) => ({
          ...readRole(field),
          subject: field("Subject", false),
          subjectType: field("SubjectType", false),
          issuer: field("Issuer", false),
          audience: field("Audience", false),
          nameQualifier: field("NameQualifier", false),
        }),
      },
      options,
    );
  }

  /** Asks for temporary credentials of the user whose long-lived keys sign the call. */
  async getSessionToken(parameters: SessionTokenParameters = {}, options?: CallOptions): Promise<VendedCredentials> {
    const { TokenCode } = parameters;
    return this.send(
      "GetSessionToken",
      {
        parameters,
        secrets: [TokenCode],
        once: TokenCode !== undefined,
        read: (field) => ({ credentials: credentialsIn(field) }),
      },
      options,
    );
  }

  /** Asks for temporary credentials of a federated user, by the long-lived keys of an IAM user. */
  async getFederationToken(parameters: FederationTokenParameters, options?: CallOptions): Promise<FederatedUser> {
    return this.send(
      "GetFederationToken",
      {
        parameters,
        secrets: [parameters.Policy],
        read: (field) => {
          const federatedUserArn = field("FederatedUser/Arn", false);
          return {
            credentials: credentialsIn(field, federatedUserArn),
            federatedUserArn,
            federatedUserId: field("FederatedUser/FederatedUserId", false),
            packedPolicySize: percentage(field),
          };
        },
      },
      options,
    );
  }

  /** Asks who the credentials speak as. Needs no permission. */
  async getCallerIdentity(options?: CallOptions): Promise<CallerIdentity> {
    return this.send(
      "GetCallerIdentity",
      {
        parameters: {},
        read: (field) => ({ Account: field("Account"), Arn: field("Arn"), UserId: field("UserId") }),
      },
      options,
    );
  }
}

/** Codes of STS that say that a token was refused. */
const TOKEN_CODES: ReadonlySet<string> = new Set(["ExpiredTokenException", "InvalidIdentityToken"]);

const WEB_IDENTITY_ADVICE: Readonly<Record<string, string>> = {
  AccessDenied: "check the trust policy of the role: its provider, and its conditions on audience and subject",
  ExpiredTokenException: "the web identity token has expired; whoever issues it must renew it",
  InvalidIdentityToken:
    "check that the token is whole, and that its issuer is an identity provider of the role's account",
  IDPRejectedClaim: "the identity provider no longer takes the token; sign in again",
};

const SAML_ADVICE: Readonly<Record<string, string>> = {
  AccessDenied: "check the trust policy of the role and the Role attribute of the assertion",
  ExpiredTokenException: "an assertion must be used within five minutes of its issue; ask for a new one",
  InvalidIdentityToken: "check that the assertion is the whole answer of the identity provider in base64",
};

function readRole(field: Field): AssumedRole {
  const assumedRoleArn = field("AssumedRoleUser/Arn", false);
  return {
    credentials: credentialsIn(field, assumedRoleArn),
    assumedRoleArn,
    sourceIdentity: field("SourceIdentity", false),
    packedPolicySize: percentage(field),
  };
}

function percentage(field: Field): number | undefined {
  const text = field("PackedPolicySize", false);
  return text === undefined ? undefined : Number(text);
}
