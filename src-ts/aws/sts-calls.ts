/** What the calls of STS take and give: parameters in AWS's own spelling, results with their credentials read. */
import type { TemporaryCredentials } from "../strategies/strategy.js";

/** A managed policy that limits a session. */
interface PolicyArn {
  readonly arn: string;
}

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** What limits a session beyond the role or the user itself. */
interface SessionPolicies {
  /** A policy as JSON text. */
  Policy?: string | undefined;
  PolicyArns?: readonly PolicyArn[] | undefined;
}

/** A code of an MFA device, and which device. */
interface MfaParameters {
  SerialNumber?: string | undefined;
  TokenCode?: string | undefined;
}

/** Parameters of AssumeRole. See the API reference of STS for the limits of all of these. */
export interface AssumeRoleParameters extends SessionPolicies, MfaParameters {
  RoleArn: string;
  RoleSessionName: string;
  DurationSeconds?: number | undefined;
  ExternalId?: string | undefined;
  Tags?: readonly Tag[] | undefined;
  TransitiveTagKeys?: readonly string[] | undefined;
  SourceIdentity?: string | undefined;
  ProvidedContexts?: ReadonlyArray<{ readonly ProviderArn: string; readonly ContextAssertion: string }> | undefined;
}

/** Parameters of AssumeRoleWithWebIdentity. */
export interface WebIdentityParameters extends SessionPolicies {
  RoleArn: string;
  RoleSessionName: string;
  /** An OpenID Connect ID token, or an OAuth 2.0 access token of the provider that `ProviderId` names. */
  WebIdentityToken: string;
  /** For OAuth 2.0 access tokens alone: `www.amazon.com` or `graph.facebook.com`. */
  ProviderId?: string | undefined;
  DurationSeconds?: number | undefined;
}

/** Parameters of AssumeRoleWithSAML. */
export interface SamlParameters extends SessionPolicies {
  RoleArn: string;
  /** ARN of the SAML provider in IAM. */
  PrincipalArn: string;
  /** The response of the identity provider in base64. */
  SAMLAssertion: string;
  DurationSeconds?: number | undefined;
}

/** Parameters of GetSessionToken. */
export interface SessionTokenParameters extends MfaParameters {
  DurationSeconds?: number | undefined;
}

/** Parameters of GetFederationToken. */
export interface FederationTokenParameters extends SessionPolicies {
  Name: string;
  DurationSeconds?: number | undefined;
  Tags?: readonly Tag[] | undefined;
}

/** What a call that vends credentials gave. */
export interface VendedCredentials {
  readonly credentials: TemporaryCredentials;
}

/** What AssumeRole gave. What services that only resemble STS leave out is undefined. */
export interface AssumedRole extends VendedCredentials {
  /** ARN of the role session. */
  readonly assumedRoleArn: string | undefined;
  readonly sourceIdentity: string | undefined;
  /** Percentage of the size that session policies and tags may have together. */
  readonly packedPolicySize: number | undefined;
}

/** What AssumeRoleWithWebIdentity gave. */
export interface WebIdentityRole extends AssumedRole {
  /** The user, as the provider of the token knows them: its `sub`. */
  readonly subject: string | undefined;
  /** Who issued the token. */
  readonly provider: string | undefined;
  readonly audience: string | undefined;
}

/** What AssumeRoleWithSAML gave. */
export interface SamlRole extends AssumedRole {
  /** NameID of the assertion. */
  readonly subject: string | undefined;
  /** Format of the NameID: "transient", "persistent" or a full URI. */
  readonly subjectType: string | undefined;
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  /** Tells users of one name at different providers apart. */
  readonly nameQualifier: string | undefined;
}

/** What GetFederationToken gave. */
export interface FederatedUser extends VendedCredentials {
  readonly federatedUserArn: string | undefined;
  /** `<account>:<name>`. */
  readonly federatedUserId: string | undefined;
  readonly packedPolicySize: number | undefined;
}

/** What GetCallerIdentity gave, in AWS's own spelling. */
export interface CallerIdentity {
  readonly Account: string;
  readonly Arn: string;
  readonly UserId: string;
}
