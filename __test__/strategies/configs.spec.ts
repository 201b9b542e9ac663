/** Tests of AssumeRoleConfig and STSClientConfig: every way of writing into them is checked, and none shows a secret. */
import { Agent } from "node:http";
import { inspect } from "node:util";
import test from "ava";
import {
  AssumeRoleConfig,
  BRSConfigurationError,
  BRSValidationError,
  STSClientConfig,
  STSRefreshableSession,
} from "aws-refresh-session";

const RoleArn = "arn:aws:iam::123456789012:role/reports";
const SerialNumber = "arn:aws:iam::123456789012:mfa/jane";

/** As JavaScript sees it, where anything can be written. */
type Loose = Record<string, unknown>;
const role = (more: object = {}) => new AssumeRoleConfig({ RoleArn, ...more }) as AssumeRoleConfig & Loose;
const client = (given: object = {}) => new STSClientConfig(given) as STSClientConfig & Loose;

test("holds what it was given, and nothing else", (t) => {
  const given = { RoleArn, DurationSeconds: 900, Tags: [{ Key: "team", Value: "blue" }], ExternalId: undefined };
  const config = new AssumeRoleConfig(given as never);
  t.deepEqual(Object.keys(config), ["RoleArn", "DurationSeconds", "Tags"]);
  t.is(config.RoleArn, RoleArn);
  t.is(config.ExternalId, undefined);
  t.false("ExternalId" in config);
  t.deepEqual({ ...config }, { RoleArn, DurationSeconds: 900, Tags: [{ Key: "team", Value: "blue" }] });
});

test("is an instance of its class, and takes another of it", (t) => {
  const config = role({ TokenCode: "123456", SerialNumber });
  const other = new AssumeRoleConfig(config);
  t.true(other instanceof AssumeRoleConfig);
  t.deepEqual({ ...other }, { ...config });
  t.is(other.constructor.name, "AssumeRoleConfig");
});

for (const value of [undefined, null, "", 17, {}, [RoleArn], "arn:aws:iam::123456789012:user/jane", "x".repeat(19)]) {
  test(`refuses ${inspect(value)} as RoleArn, and keeps the one it has`, (t) => {
    t.is(
      t.throws(() => new AssumeRoleConfig({ RoleArn: value } as never), { instanceOf: BRSValidationError })?.param,
      "assumeRole.RoleArn",
    );
    const config = role();
    const error = t.throws(() => {
      config.RoleArn = value as never;
    });
    t.is((error as BRSValidationError).param, "assumeRole.RoleArn");
    t.is(config.RoleArn, RoleArn);
  });
}

test("RoleArn can be changed but not removed", (t) => {
  const config = role();
  config.RoleArn = `${RoleArn}-2`;
  t.is(config.RoleArn, `${RoleArn}-2`);
  for (const nothing of [null, undefined]) {
    t.throws(
      () => {
        config.RoleArn = nothing as never;
      },
      { instanceOf: BRSConfigurationError },
    );
  }
  t.throws(() => delete (config as Loose).RoleArn, { instanceOf: TypeError });
  t.is(config.RoleArn, `${RoleArn}-2`);
});

for (const [name, value] of [
  ["TokenCode", "12345"],
  ["TokenCode", "1234567"],
  ["TokenCode", "abc123"],
  ["TokenCode", "12345x"],
  ["TokenCode", "١٢٣٤٥٦"],
  ["TokenCode", 123_456],
  ["DurationSeconds", "3600"],
  ["DurationSeconds", 0],
  ["RoleSessionName", "a b"],
  ["Policy", { Version: "2012-10-17" }],
  ["Tags", { team: "blue" }],
  ["Tags", [{ Key: "team" }]],
  ["TransitiveTagKeys", "team"],
  ["roleArn", RoleArn],
  ["role_arn", RoleArn],
  ["toString", 1],
  ["__proto__", {}],
] as const) {
  test(`refuses ${inspect(value)} as ${name}, however it is written`, (t) => {
    const own = Object.fromEntries([[name, value]]);
    const config = role();
    const before = { ...config };
    const refused = (write: () => void) => {
      const error = t.throws(write, { instanceOf: BRSValidationError });
      t.true(error?.param?.startsWith(`assumeRole.${name}`), error?.param);
      t.notRegex(inspect(error), /12345|abc123/);
    };
    refused(() => new AssumeRoleConfig({ RoleArn, ...own } as never));
    refused(() => {
      (config as Loose)[name] = value;
    });
    refused(() => Object.assign(config, own));
    refused(() => Reflect.set(config, name, value));
    t.deepEqual({ ...config }, before);
  });
}

test("what is set can be changed, removed and set again, and is checked each time", (t) => {
  const config = role();
  for (const remove of [
    () => delete config.TokenCode,
    () => Object.assign(config, { TokenCode: null }),
    () => Object.assign(config, { TokenCode: undefined }),
  ]) {
    config.TokenCode = "123456";
    config.TokenCode = "654321";
    t.is(config.TokenCode, "654321");
    const write = () => {
      config.TokenCode = "x";
    };
    t.throws(write, { instanceOf: BRSValidationError });
    t.is(config.TokenCode, "654321");
    remove();
    t.false("TokenCode" in config);
    t.throws(write, { instanceOf: BRSValidationError });
    t.deepEqual(Object.keys(config), ["RoleArn"]);
  }
});

test("removing what is not there does nothing", (t) => {
  const config = role({ ExternalId: null });
  config.ExternalId = undefined as never;
  config.Policy = null as never;
  delete config.Tags;
  t.deepEqual(Object.keys(config), ["RoleArn"]);
});

test("Object.assign takes several, and stops at a wrong one", (t) => {
  const config = role();
  Object.assign(config, { SerialNumber, TokenCode: "123456" });
  t.deepEqual({ ...config }, { RoleArn, SerialNumber, TokenCode: "123456" });
  t.throws(() => Object.assign(config, { ExternalId: "customer-17", TokenCode: 1 }), {
    instanceOf: BRSValidationError,
  });
  t.is(config.TokenCode, "123456");
});

test("lists are copies that do not change", (t) => {
  const Tags = [{ Key: "team", Value: "blue" }];
  const config = role({ Tags, TransitiveTagKeys: ["team"] });
  (Tags[0] as Loose).Value = "<red>";
  t.is(config.Tags?.[0]?.Value, "blue");
  t.throws(() => (config.Tags as unknown[]).push({ Key: "<x>" }), { instanceOf: TypeError });
  t.throws(
    () => {
      (config.Tags?.[0] as Loose).Value = "<red>";
    },
    { instanceOf: TypeError },
  );
  t.throws(() => (config.TransitiveTagKeys as string[]).push("<x>"), { instanceOf: TypeError });
});

test("copies are of the same class and go their own way; clones are plain data", (t) => {
  const config = role({ SerialNumber, TokenCode: "123456", Tags: [{ Key: "team", Value: "blue" }] });
  const copy = config.copy();
  copy.TokenCode = "654321";
  t.is(config.TokenCode, "123456");
  t.true(copy instanceof AssumeRoleConfig);
  const clone = structuredClone(config) as Loose;
  t.deepEqual(clone, { ...config });
  t.is(Object.getPrototypeOf(clone), Object.prototype);
});

test("a subclass is copied as itself", (t) => {
  class Reports extends AssumeRoleConfig {
    constructor() {
      super({ RoleArn });
    }
  }
  t.true(new Reports().copy() instanceof Reports);
});

test("secrets are shown neither by inspect nor as JSON", (t) => {
  const ContextAssertion = "hush-assertion";
  const config = role({
    SerialNumber,
    TokenCode: "123456",
    ExternalId: "hush-id",
    Policy: '{"hush":1}',
    ProvidedContexts: [{ ProviderArn: RoleArn, ContextAssertion }],
  });
  for (const shown of [
    inspect(config, { depth: 9, showHidden: true }),
    inspect({ config }),
    JSON.stringify({ config }),
  ]) {
    t.notRegex(shown, /123456(?!789012)|hush/);
    t.true(shown.includes(SerialNumber));
    t.regex(shown, /TokenCode.*<masked>/s);
  }
  t.is(config.ProvidedContexts?.[0]?.ContextAssertion, ContextAssertion);
  t.regex(inspect(config), /^AssumeRoleConfig \{/);
});

test("STSClientConfig takes what stsClientConfig takes, or nothing", (t) => {
  t.deepEqual({ ...client() }, {});
  const all = {
    region: "eu-central-1",
    endpoint: "https://sts.example.com",
    agent: new Agent(),
    requestTimeout: 3,
    maxAttempts: 5,
    useFips: true,
    useDualstack: false,
    allowInsecureEndpoint: true,
    credentials: async () => ({ accessKeyId: "AKID", secretAccessKey: "hush" }),
  };
  t.deepEqual({ ...client(all) }, all);
  t.is(client(all).agent, all.agent);
});

for (const [name, value] of [
  ["region", "a/b"],
  ["region", 7],
  ["endpoint", "/sts"],
  ["endpoint", "https://user:hush@sts.example.com"],
  ["agent", {}],
  ["requestTimeout", 0],
  ["requestTimeout", "10"],
  ["maxAttempts", 1.5],
  ["useFips", "yes"],
  ["credentials", "AKID:hush"],
  ["clock", () => 0],
  ["startTimer", () => {}],
  ["serviceName", "sts"],
] as const) {
  test(`STSClientConfig: refuses ${inspect(value)} as ${name}, however it is written`, (t) => {
    const config = client({ region: "eu-central-1" });
    for (const write of [
      () => client({ [name]: value }),
      () => Object.assign(config, { [name]: value }),
      () => {
        (config as Loose)[name] = value;
      },
    ]) {
      const error = t.throws(write, { instanceOf: BRSValidationError });
      t.is(error?.param, `stsClientConfig.${name}`);
      t.notRegex(inspect(error), /hush/);
    }
    t.deepEqual({ ...config }, { region: "eu-central-1" });
  });
}

test("STSClientConfig: half an identity is refused, and a whole one is not shown", (t) => {
  t.throws(() => client({ credentials: { accessKeyId: "AKID" } }));
  const config = client({ credentials: { accessKeyId: "AKIDHUSH", secretAccessKey: "hush" }, agent: new Agent() });
  for (const shown of [inspect(config, { depth: 9, showHidden: true }), JSON.stringify(config)])
    t.notRegex(shown, /hush/i);
  t.deepEqual(config.credentials, { accessKeyId: "AKIDHUSH", secretAccessKey: "hush" });
});

test("the order of endpoint and its permission does not matter; the session judges", (t) => {
  const stsClientConfig = client({ endpoint: "http://sts.example.com" });
  const open = () => new STSRefreshableSession({ assumeRole: role(), stsClientConfig, env: {} }).close();
  t.is(t.throws(open, { instanceOf: BRSConfigurationError })?.param, "stsClientConfig.endpoint");
  stsClientConfig.allowInsecureEndpoint = true;
  t.notThrows(open);
});

test("sessions take both", (t) => {
  const session = new STSRefreshableSession({
    assumeRole: role({ DurationSeconds: 900 }),
    stsClientConfig: client({ region: "eu-central-1" }),
    env: {},
  });
  t.is(session.refreshMethod, "sts-assume-role");
  session.close();
});
