/** Tests of the checks of the parameters of AssumeRole. */
import test from "ava";
import { BRSValidationError } from "aws-refresh-session";
import { checkAssumeRole } from "../../dist/strategies/assume-role.js";

const RoleArn = "arn:aws:iam::123456789012:role/reports";
const SerialNumber = "arn:aws:iam::123456789012:mfa/jane";

test("roles of servers that are not AWS's are named as those name them", (t) => {
  for (const arn of ["arn:minio:iam:us-east-1::role/idmp-app", "arn:ceph:iam:::role/application"]) {
    t.is(checkAssumeRole({ RoleArn: arn }).RoleArn, arn);
  }
  for (const arn of [
    "arn:aws:iam:us-east-1::role/app",
    "arn:aws:iam:::role/application",
    "arn:minio:s3:::role/application",
  ]) {
    t.throws(() => checkAssumeRole({ RoleArn: arn }), { instanceOf: BRSValidationError });
  }
});

test("fills in the name of the session and nothing else", (t) => {
  t.deepEqual(checkAssumeRole({ RoleArn }), { RoleArn, RoleSessionName: "aws-refresh-session" });
  t.deepEqual(checkAssumeRole({ RoleArn, RoleSessionName: undefined, Policy: undefined }), {
    RoleArn,
    RoleSessionName: "aws-refresh-session",
  });
});

test("takes every parameter of the API", (t) => {
  const all = {
    RoleArn: "arn:aws-us-gov:iam::123456789012:role/path/to/reports",
    RoleSessionName: "jane@example.com",
    DurationSeconds: 3600,
    ExternalId: "customer:17/a",
    Policy: '{"Version":"2012-10-17","Statement":[]}',
    PolicyArns: [{ arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }],
    Tags: [
      { Key: "team", Value: "blue" },
      { Key: "größe", Value: "" },
    ],
    TransitiveTagKeys: ["team"],
    SourceIdentity: "jane",
    SerialNumber,
    TokenCode: "012345",
    ProvidedContexts: [{ ProviderArn: "arn:aws:iam::aws:contextProvider/IdentityCenter", ContextAssertion: "abcd" }],
  };
  t.deepEqual(checkAssumeRole(all), all);
});

test("copies all that it is given", (t) => {
  const given = { RoleArn, Tags: [{ Key: "team", Value: "blue" }], TransitiveTagKeys: ["team"] };
  const parameters = checkAssumeRole(given);
  given.RoleArn = "changed";
  (given.Tags[0] as { Value: string }).Value = "red";
  given.TransitiveTagKeys.push("more");
  t.deepEqual(parameters, {
    RoleArn,
    RoleSessionName: "aws-refresh-session",
    Tags: [{ Key: "team", Value: "blue" }],
    TransitiveTagKeys: ["team"],
  });
  t.true(Object.isFrozen(parameters));
});

const wrong: Array<[param: string, options: Record<string, unknown>]> = [
  ["assumeRole.RoleArn", { RoleArn: undefined }],
  ["assumeRole.RoleArn", { RoleArn: null }],
  ["assumeRole.RoleArn", { RoleArn: 17 }],
  ["assumeRole.RoleArn", { RoleArn: "" }],
  ["assumeRole.RoleArn", { RoleArn: "reports" }],
  ["assumeRole.RoleArn", { RoleArn: "arn:aws:iam::123456789012:user/jane" }],
  ["assumeRole.RoleArn", { RoleArn: "arn:aws:iam::12345678901:role/reports" }],
  ["assumeRole.RoleArn", { RoleArn: "arn:aws:iam::１23456789012:role/reports" }],
  ["assumeRole.RoleArn", { RoleArn: "arn:aws:iam:us-east-1:123456789012:role/reports" }],
  ["assumeRole.RoleArn", { RoleArn: "arn:aws:iam::123456789012:role/" }],
  ["assumeRole.RoleArn", { RoleArn: `${RoleArn}\n` }],
  ["assumeRole.RoleArn", { RoleArn: `${RoleArn} x` }],
  ["assumeRole.RoleArn", { RoleArn: [RoleArn] }],
  ["assumeRole.RoleSessionName", { RoleSessionName: "a" }],
  ["assumeRole.RoleSessionName", { RoleSessionName: "a".repeat(65) }],
  ["assumeRole.RoleSessionName", { RoleSessionName: "a b" }],
  ["assumeRole.RoleSessionName", { RoleSessionName: "größe" }],
  ["assumeRole.RoleSessionName", { RoleSessionName: null }],
  ["assumeRole.DurationSeconds", { DurationSeconds: "3600" }],
  ["assumeRole.DurationSeconds", { DurationSeconds: 0 }],
  ["assumeRole.DurationSeconds", { DurationSeconds: -900 }],
  ["assumeRole.DurationSeconds", { DurationSeconds: 900.5 }],
  ["assumeRole.DurationSeconds", { DurationSeconds: Number.NaN }],
  ["assumeRole.ExternalId", { ExternalId: "x" }],
  ["assumeRole.ExternalId", { ExternalId: "x".repeat(1225) }],
  ["assumeRole.ExternalId", { ExternalId: "two words" }],
  ["assumeRole.Policy", { Policy: { Version: "2012-10-17" } }],
  ["assumeRole.Policy", { Policy: "" }],
  ["assumeRole.PolicyArns", { PolicyArns: "arn:aws:iam::aws:policy/ReadOnlyAccess" }],
  ["assumeRole.PolicyArns", { PolicyArns: Array(11).fill({ arn: RoleArn }) }],
  ["assumeRole.PolicyArns[0]", { PolicyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"] }],
  ["assumeRole.PolicyArns[0].Arn", { PolicyArns: [{ Arn: RoleArn }] }],
  ["assumeRole.PolicyArns[1].arn", { PolicyArns: [{ arn: RoleArn }, { arn: "short" }] }],
  ["assumeRole.Tags", { Tags: { team: "blue" } }],
  ["assumeRole.Tags[0].Value", { Tags: [{ Key: "team" }] }],
  ["assumeRole.Tags[0].Key", { Tags: [{ Key: "", Value: "blue" }] }],
  ["assumeRole.Tags[0].Key", { Tags: [{ Key: "a".repeat(129), Value: "blue" }] }],
  ["assumeRole.Tags[0].Value", { Tags: [{ Key: "team", Value: "<blue>" }] }],
  ["assumeRole.Tags[0].key", { Tags: [{ key: "team", value: "blue" }] }],
  ["assumeRole.TransitiveTagKeys", { TransitiveTagKeys: "team" }],
  ["assumeRole.TransitiveTagKeys[0]", { TransitiveTagKeys: [{ Key: "team" }] }],
  ["assumeRole.SourceIdentity", { SourceIdentity: "j" }],
  ["assumeRole.SerialNumber", { SerialNumber: "short", TokenCode: "123456" }],
  ["assumeRole.TokenCode", { SerialNumber, TokenCode: 123_456 }],
  ["assumeRole.TokenCode", { SerialNumber, TokenCode: "12345" }],
  ["assumeRole.TokenCode", { SerialNumber, TokenCode: "1234567" }],
  ["assumeRole.TokenCode", { SerialNumber, TokenCode: "12345x" }],
  ["assumeRole.TokenCode", { SerialNumber, TokenCode: "١٢٣٤٥٦" }],
  ["assumeRole.TokenCode", { SerialNumber, TokenCode: "123456\n" }],
  ["assumeRole.ProvidedContexts[0].ContextAssertion", { ProvidedContexts: [{ ProviderArn: RoleArn }] }],
  ["assumeRole.roleArn", { roleArn: RoleArn }],
  ["assumeRole.RoleARN", { RoleARN: RoleArn }],
  ["assumeRole.__proto__x", { __proto__x: 1 }],
];

for (const [param, options] of wrong) {
  test(`refuses ${JSON.stringify(options).slice(0, 90)}`, (t) => {
    const error = t.throws(() => checkAssumeRole({ RoleArn, ...options }), { instanceOf: BRSValidationError });
    t.is(error?.param, param);
    t.true(error?.message.startsWith(`${param} `));
  });
}

for (const [what, options] of [
  ["null", null],
  ["an array", []],
  ["text", RoleArn],
  ["nothing", undefined],
] as const) {
  test(`refuses ${what} as assumeRole`, (t) => {
    const error = t.throws(() => checkAssumeRole(options), { instanceOf: BRSValidationError });
    t.is(error?.param, "assumeRole");
    t.regex(error?.message ?? "", /RoleArn/);
  });
}

test("secret values are not quoted", (t) => {
  for (const options of [
    { TokenCode: "65432", SerialNumber },
    { ExternalId: "hush hush" },
    { RoleArn: { token: "hush hush" } },
    { Tags: [{ Key: "hush", secret: "hush hush" }] },
  ]) {
    const error = t.throws(() => checkAssumeRole({ RoleArn, ...options }));
    t.notRegex(`${error?.message} ${JSON.stringify(error)}`, /65432|hush hush/);
  }
});
