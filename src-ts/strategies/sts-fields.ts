/** The parameters of STS's operations: one check each, by the constraints of the STS API reference. */
import {
  checkArray,
  checkNames,
  checkPositiveInteger,
  checkRecord,
  checkText,
  type TextRule,
} from "./option-checks.js";

/** Checks one value and copies it; throws BRSValidationError under the name `param`. */
type FieldCheck = (param: string, value: unknown) => unknown;

const text =
  (rule: TextRule): FieldCheck =>
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
function records(max: number, members: Readonly<Record<string, TextRule>>): FieldCheck {
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

/** One check a parameter; the same name means the same in every operation. */
const FIELDS = {
  RoleArn: text({
    expected: 'the ARN of a role, such as "arn:aws:iam::123456789012:role/name"',
    min: 20,
    max: 2048,
    // Servers that are not AWS's have partitions of their own, with a region (MinIO: "arn:minio:iam:us-east-1::role/...").
    pattern: /^arn:(?:aws[a-z\d-]*:iam::\d{12}|(?!aws)[a-z\d-]+:iam:[a-z\d-]*:\d*):role\/[\x21-\x7e]+$/,
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
  WebIdentityToken: text({ expected: "a token of 4 to 20000 characters", min: 4, max: 20_000, secret: true }),
  ProviderId: text({ expected: 'the host of a provider, such as "www.amazon.com"', min: 4, max: 2048 }),
  PrincipalArn: text({
    expected: 'the ARN of a SAML provider, such as "arn:aws:iam::123456789012:saml-provider/name"',
    min: 20,
    max: 2048,
    pattern: /^arn:[a-z\d-]+:iam::\d{12}:saml-provider\/[\x21-\x7e]+$/,
  }),
  SAMLAssertion: text({
    expected: "a SAML response in base64, of 4 to 100000 characters",
    min: 4,
    max: 100_000,
    pattern: /^[A-Za-z\d+/=\s]+$/,
    secret: true,
  }),
  Name: text({
    expected: "2 to 32 characters of A-Z, a-z, 0-9 and _+=,.@-",
    min: 2,
    max: 32,
    pattern: /^[\w+=,.@-]+$/,
  }),
} satisfies Readonly<Record<string, FieldCheck>>;

export type StsField = keyof typeof FIELDS;

/** What an option holds that is the input of one operation. */
export interface FieldRules<Parameters> {
  readonly fields: ReadonlyArray<StsField & keyof Parameters>;
  /** Checked when they are absent, too: that check is what says that they are needed. */
  readonly required: ReadonlyArray<StsField & keyof Parameters>;
  /** A right value, for the error of one that is no object. */
  readonly example: string;
}

/** Checks every parameter and copies it, so that what the caller does to the object later changes nothing. */
export function checkFields<Parameters extends object>(
  option: string,
  given: unknown,
  { fields, required, example }: FieldRules<Parameters>,
): Parameters {
  const options = checkRecord(option, given, example);
  checkNames(`${option}.`, options, fields);
  const checked: Record<string, unknown> = {};
  for (const name of fields) {
    const value = options[name];
    if (value !== undefined || required.includes(name)) checked[name] = checkField(name, `${option}.${name}`, value);
  }
  return checked as Parameters;
}

/** Checks one parameter, for what comes from elsewhere than an option. */
export function checkField(name: StsField, param: string, value: unknown): unknown {
  return FIELDS[name](param, value);
}
