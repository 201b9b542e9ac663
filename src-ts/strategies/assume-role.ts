/** The parameters of STS AssumeRole: their types, and the checks that a session makes before it ever calls STS. */
import { BRSConfigurationError } from "../errors.js";
import {
  checkArray,
  checkNames,
  checkPositiveInteger,
  checkRecord,
  checkText,
  type TextRule,
} from "./option-checks.js";

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
  /** The MFA device; goes with TokenCode. */
  SerialNumber?: string;
  /** A code of the MFA device. It serves one refresh, since AWS takes each code once. */
  TokenCode?: string;
  ProvidedContexts?: ReadonlyArray<{ ProviderArn: string; ContextAssertion: string }>;
}

/** Checked parameters: a copy that nobody else holds, with the session name filled in. */
export type AssumeRoleParameters = Readonly<AssumeRoleOptions & { RoleSessionName: string }>;

export const DEFAULT_ROLE_SESSION_NAME = "aws-refresh-session";

/** Checks every parameter and copies it, so that what the caller does to the object later changes nothing. */
export function checkAssumeRole(given: unknown): AssumeRoleParameters {
  const options = checkRecord("assumeRole", given, '{ RoleArn: "arn:aws:iam::123456789012:role/name" }');
  checkNames("assumeRole.", options, Object.keys(CHECKS));
  const checked: Record<string, unknown> = { RoleSessionName: DEFAULT_ROLE_SESSION_NAME };
  for (const [name, check] of Object.entries(CHECKS)) {
    const value = options[name];
    // Only RoleArn is checked when it is absent: that check is what says that it is needed.
    if (value !== undefined || name === "RoleArn") checked[name] = check(`assumeRole.${name}`, value);
  }
  const parameters = checked as unknown as AssumeRoleParameters;
  checkMfa(parameters);
  return Object.freeze(parameters);
}

function checkMfa({ SerialNumber, TokenCode }: AssumeRoleParameters): void {
  if ((SerialNumber === undefined) === (TokenCode === undefined)) return;
  const missing = TokenCode === undefined ? "assumeRole.TokenCode" : "assumeRole.SerialNumber";
  throw new BRSConfigurationError(
    `${missing} is missing: assumeRole.SerialNumber (the MFA device) and assumeRole.TokenCode (a code of it) go together`,
    { param: missing },
  );
}

type Check = (param: string, value: unknown) => unknown;

const text =
  (rule: TextRule): Check =>
  (param, value) =>
    checkText(param, value, rule);

const arn: TextRule = { expected: "an ARN of 20 to 2048 characters", min: 20, max: 2048, pattern: /^arn:[^\s]+$/ };

const sessionName: TextRule = {
  expected: "2 to 64 characters of A-Z, a-z, 0-9 and _+=,.@-",
  min: 2,
  max: 64,
  pattern: /^[\w+=,.@-]+$/,
};

const tagKey: TextRule = {
  expected: "1 to 128 letters, digits, spaces or characters of _.:/=+-@",
  max: 128,
  pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u,
};

const tagValue: TextRule = {
  expected: "at most 256 letters, digits, spaces or characters of _.:/=+-@",
  min: 0,
  max: 256,
  pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u,
};

/** A list of objects whose members are all text. */
function records(max: number, members: Readonly<Record<string, TextRule>>): Check {
  const names = Object.keys(members);
  const example = `{ ${names.map((name) => `${name}: "..."`).join(", ")} }`;
  return (param, value) =>
    checkArray(param, value, max, example).map((entry, index) => {
      const place = `${param}[${index}]`;
      const fields = checkRecord(place, entry, example);
      checkNames(`${place}.`, fields, names);
      return Object.fromEntries(
        Object.entries(members).map(([name, rule]) => [name, checkText(`${place}.${name}`, fields[name], rule)]),
      );
    });
}

/** One check a parameter, by the constraints of the STS API reference, "AssumeRole". */
const CHECKS: Readonly<Record<keyof AssumeRoleOptions, Check>> = {
  RoleArn: text({
    expected: 'the ARN of a role, such as "arn:aws:iam::123456789012:role/name"',
    min: 20,
    max: 2048,
    pattern: /^arn:[a-z\d-]+:iam::\d{12}:role\/[\x21-\x7e]+$/,
  }),
  RoleSessionName: text(sessionName),
  // STS sets the limits; servers compatible with it have others, so only the kind is checked.
  DurationSeconds: checkPositiveInteger,
  ExternalId: text({
    expected: "2 to 1224 characters of A-Z, a-z, 0-9 and _+=,.@:/-",
    min: 2,
    max: 1224,
    pattern: /^[\w+=,.@:/-]+$/,
    secret: true,
  }),
  Policy: text({ expected: "a policy as JSON text (JSON.stringify an object first)" }),
  PolicyArns: records(10, { arn }),
  Tags: records(50, { Key: tagKey, Value: tagValue }),
  TransitiveTagKeys: (param, value) =>
    checkArray(param, value, 50, '"team"').map((key, index) => checkText(`${param}[${index}]`, key, tagKey)),
  SourceIdentity: text(sessionName),
  SerialNumber: text({
    expected: 'the ARN or serial number of an MFA device, such as "arn:aws:iam::123456789012:mfa/name"',
    min: 9,
    max: 256,
    pattern: /^[\w+=/:,.@-]+$/,
  }),
  // Without the u flag \d is ASCII alone, as AWS wants it.
  TokenCode: text({ expected: "text of six digits", min: 6, max: 6, pattern: /^\d{6}$/, secret: true }),
  ProvidedContexts: records(5, {
    ProviderArn: arn,
    ContextAssertion: { expected: "an assertion of 4 to 2048 characters", min: 4, max: 2048, secret: true },
  }),
};
