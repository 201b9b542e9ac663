/** The parameters of STS AssumeRole: their types, and the checks that a session makes before it ever calls STS. */
import { checkFields, type FieldRules } from "./sts-fields.js";

/**
 * The `assumeRole` option: the input of STS AssumeRole, in AWS's own spelling.
 *
 * @example
 * ```ts
 * import type { AssumeRoleOptions } from "aws-refresh-session";
 *
 * const assumeRole: AssumeRoleOptions = {
 *   RoleArn: "arn:aws:iam::123456789012:role/reports",
 *   DurationSeconds: 3600,
 *   ExternalId: "customer-17",
 *   Tags: [{ Key: "team", Value: "blue" }],
 * };
 * ```
 */
export interface AssumeRoleOptions {
  /** `arn:<partition>:iam::<account>:role/<name>`. */
  RoleArn: string;
  /** Appears in CloudTrail and in the ARN of the session; default "aws-refresh-session". */
  RoleSessionName?: string;
  /** Lifetime of each set of credentials; AWS takes 900 to 43200 and uses 3600 when left out. */
  DurationSeconds?: number;
  ExternalId?: string;
  /** A session policy as JSON text. */
  Policy?: string;
  PolicyArns?: ReadonlyArray<{ arn: string }>;
  Tags?: ReadonlyArray<{ Key: string; Value: string }>;
  TransitiveTagKeys?: readonly string[];
  SourceIdentity?: string;
  /** The MFA device; goes with the option `mfaTokenProvider`, or with TokenCode. */
  SerialNumber?: string;
  /** A code of the MFA device. It serves one refresh, since AWS takes each code once. */
  TokenCode?: string;
  ProvidedContexts?: ReadonlyArray<{ ProviderArn: string; ContextAssertion: string }>;
}

/** Checked parameters: a copy that nobody else holds, with the session name filled in. */
export type AssumeRoleParameters = Readonly<AssumeRoleOptions & { RoleSessionName: string }>;

export const DEFAULT_ROLE_SESSION_NAME = "aws-refresh-session";

export const ASSUME_ROLE_RULES: FieldRules<AssumeRoleOptions> = {
  fields: [
    "RoleArn",
    "RoleSessionName",
    "DurationSeconds",
    "ExternalId",
    "Policy",
    "PolicyArns",
    "Tags",
    "TransitiveTagKeys",
    "SourceIdentity",
    "SerialNumber",
    "TokenCode",
    "ProvidedContexts",
  ],
  required: ["RoleArn"],
  example: '{ RoleArn: "arn:aws:iam::123456789012:role/name" }',
};

/**
 * Checks every parameter and copies it, so that what the caller does to the object later changes nothing. Whether device
 * and code go together is a matter of `MfaCodes`, which knows whether a provider gives the codes.
 */
export function checkAssumeRole(given: unknown): AssumeRoleParameters {
  const checked = checkFields<AssumeRoleOptions>("assumeRole", given, ASSUME_ROLE_RULES);
  const parameters: AssumeRoleParameters = { RoleSessionName: DEFAULT_ROLE_SESSION_NAME, ...checked };
  return Object.freeze(parameters);
}
