/** What boto3-refresh-session's tests of its configs say, with the same outcomes; a better one stands in the title. */
import test from "ava";
import {
  AssumeRoleConfig,
  type AssumeRoleOptions,
  BRSConfigurationError,
  BRSValidationError,
  STSClientConfig,
} from "aws-refresh-session";
import { ROLE } from "./role.js";

/** As code without types uses it. */
type Loose = Record<string, unknown>;

const open = (more: Partial<AssumeRoleOptions> = {}) => new AssumeRoleConfig({ ...ROLE, ...more });

test("AssumeRoleConfig: read by name or in brackets, written alike, spread to plain data", (t) => {
  const config = open();
  const inBrackets = (name: string) => (config as unknown as Loose)[name];
  t.is(inBrackets("RoleArn"), ROLE.RoleArn);
  t.is(config.RoleSessionName, "unit-test");
  t.is(config.SerialNumber, undefined);
  t.false("SerialNumber" in config);
  for (const name of ["ExternalId"]) (config as unknown as Loose)[name] = "external";
  t.is(config.ExternalId, "external");
  config.TokenCode = "123456";
  t.is(inBrackets("TokenCode"), "123456");
  t.deepEqual({ ...config }, { ...ROLE, ExternalId: "external", TokenCode: "123456" });
});

test("AssumeRoleConfig: an unknown name and a wrong TokenCode are refused when they are written", (t) => {
  const config = open();
  const write = (name: string, value: unknown) => {
    (config as unknown as Loose)[name] = value;
  };
  t.throws(() => write("NotAKey", "nope"), { instanceOf: BRSValidationError });
  t.throws(() => write("TokenCode", "bad"), { instanceOf: BRSValidationError });
  t.deepEqual({ ...config }, { ...ROLE });
});

test("AssumeRoleConfig: an unknown name reads as undefined, as of every object; there, AttributeError", (t) => {
  t.is((open() as unknown as Loose).NotAKey, undefined);
});

test("AssumeRoleConfig: an unknown name is refused at construction; better: as an error of the package", (t) => {
  t.throws(() => open({ NotAKey: "nope" } as object), { instanceOf: BRSValidationError });
});

for (const value of [123, 12.34, {}, [], Symbol("object")]) {
  test(`AssumeRoleConfig: RoleArn has to be text, not ${Array.isArray(value) ? "an array" : String(value)}`, (t) => {
    t.throws(() => new AssumeRoleConfig({ RoleArn: value as unknown as string }), { instanceOf: BRSValidationError });
  });
}

for (const value of ["", "short", "arn:aws:iam::1", "arn:aws:iam::123456"]) {
  test(`AssumeRoleConfig: RoleArn has at least 20 characters: "${value}"`, (t) => {
    t.throws(() => new AssumeRoleConfig({ RoleArn: value }), { instanceOf: BRSValidationError });
  });
}

test("AssumeRoleConfig: setdefault, which is ??=, checks", (t) => {
  const config = open();
  config.ExternalId ??= "external";
  t.is(config.ExternalId, "external");
  t.throws(
    () => {
      (config as unknown as Loose).NotAKey ??= "nope";
    },
    { instanceOf: BRSValidationError },
  );
});

test("AssumeRoleConfig: setdefault, which is ??=, keeps what is there", (t) => {
  const config = open({ ExternalId: "original" });
  config.ExternalId ??= "new";
  t.is(config.ExternalId, "original");
});

test("AssumeRoleConfig: update and |=, which are Object.assign, check; better: there, |= does not", (t) => {
  const config = open();
  Object.assign(config, { ExternalId: "external" });
  t.is(config.ExternalId, "external");
  t.throws(() => Object.assign(config, { TokenCode: "bad" }), { instanceOf: BRSValidationError });
  t.false("TokenCode" in config);
});

test("AssumeRoleConfig: null removes a parameter", (t) => {
  const config = open({ ExternalId: "external" });
  t.true("ExternalId" in config);
  (config as unknown as Loose).ExternalId = null;
  t.false("ExternalId" in config);
  t.is(config.ExternalId, undefined);
});

test("AssumeRoleConfig: pop and popitem, which are delete, remove a parameter, but not RoleArn", (t) => {
  const config = open({ ExternalId: "external", SourceIdentity: "source" });
  delete config.ExternalId;
  t.false("ExternalId" in config);
  t.is(config.SourceIdentity, "source");
  t.throws(
    () => {
      (config as unknown as Loose).RoleArn = null;
    },
    { instanceOf: BRSConfigurationError },
  );
  t.is(config.RoleArn, ROLE.RoleArn);
});

test("AssumeRoleConfig: a code of six digits is taken", (t) => {
  t.is(open({ TokenCode: "123456" }).TokenCode, "123456");
});

for (const TokenCode of ["12345", "1234567", "abc123", "12345x"]) {
  test(`AssumeRoleConfig: a code that is not six digits is refused: "${TokenCode}"`, (t) => {
    t.throws(() => open({ TokenCode }), { instanceOf: BRSValidationError });
  });
}

test("STSClientConfig: there is no name of a service to get wrong; there, any but sts warns and is replaced", (t) => {
  const config = new STSClientConfig();
  t.deepEqual({ ...config }, {});
  t.throws(
    () => {
      (config as unknown as Loose).service_name = "ec2";
    },
    { instanceOf: BRSValidationError },
  );
});

test("STSClientConfig: read and written by name; what is not set is undefined", (t) => {
  const config = new STSClientConfig({ region: "us-east-1" });
  t.is(config.region, "us-east-1");
  config.region = "us-west-2";
  t.deepEqual({ ...config }, { region: "us-west-2" });
  t.is(config.endpoint, undefined);
  t.false("endpoint" in config);
});
