/** Which sessions share their credentials, which may not, and what is compared. */
import { inspect } from "node:util";
import test from "ava";
import {
  AssumeRoleConfig,
  BRSConfigurationError,
  BRSValidationError,
  CustomRefreshableSession,
  RefreshableSession,
  type SessionOptions,
  STSClientConfig,
  type StsSessionOptions,
} from "aws-refresh-session";
import { native } from "../../dist/native.js";
import { handleOf } from "../refresh/counting-source.js";

const ROLE = "arn:aws:iam::123456789012:role/reports";
const KEYS = { accessKeyId: "AKIDSOURCE", secretAccessKey: "hush-secret" };

const sts = (options: Partial<StsSessionOptions> = {}) =>
  new RefreshableSession({
    region: "eu-west-1",
    env: {},
    shared: true,
    assumeRole: { RoleArn: ROLE },
    ...options,
  } as StsSessionOptions);

const cellOf = (session: RefreshableSession) => native.cellId(handleOf(session.getCredentials()));

let count = 0;
const custom = (options: Partial<SessionOptions> & { args?: object } = {}) => {
  const { args, ...others } = options;
  return new CustomRefreshableSession({
    customCredentialsMethod: async () => ({
      accessKeyId: `AKID${++count}`,
      secretAccessKey: "secret",
      sessionToken: "token",
      expiration: new Date(Date.now() + 3_600_000),
    }),
    ...(args !== undefined && { customCredentialsMethodArgs: args }),
    env: {},
    ...others,
  });
};

test("sessions of one name in one thread share their refresh, and those of no name share nothing", async (t) => {
  const [one, other, alone] = [custom({ shared: "here" }), custom({ shared: "here" }), custom()];
  t.is(cellOf(one), cellOf(other));
  t.not(cellOf(one), cellOf(alone));
  const ids = (await Promise.all([one, one, other, other].map((each) => each.refreshableCredentials()))).map(
    ({ accessKeyId }) => accessKeyId,
  );
  t.is(new Set(ids).size, 1);
  t.not((await alone.refreshableCredentials()).accessKeyId, ids[0]);
  one.close();
  t.is((await other.refreshableCredentials()).accessKeyId, ids[0] ?? "", "closing one leaves the other what it holds");
  await t.throwsAsync(one.refreshableCredentials(), { code: "ERR_CLOSED" });
  other.close();
  const next = custom({ shared: "here" });
  t.not((await next.refreshableCredentials()).accessKeyId, ids[0], "the last to close leaves nothing");
  for (const session of [next, alone]) session.close();
});

test("whose files are read counts, by whatever variables", (t) => {
  const chain = (env: Record<string, string>, homeDir?: string) =>
    new RefreshableSession({ method: "chain", env, shared: true, ...(homeDir !== undefined && { homeDir }) });
  const home = (path: string) => ({ HOME: path, USERPROFILE: path });
  const one = chain(home("/home/one"));
  const inFolder = chain({ ...home("/home/one"), AWS_CONFIG_FILE: "$FOLDER/config", FOLDER: "/etc/one" });
  const equal = [chain(home("/home/two"), "/home/one"), chain({}, "/home/one")];
  for (const each of equal) t.is(cellOf(each), cellOf(one));
  const other = chain(home("/home/two"));
  const inOther = chain({ ...home("/home/one"), AWS_CONFIG_FILE: "$FOLDER/config", FOLDER: "/etc/two" });
  t.is(new Set([one, other, inFolder, inOther].map(cellOf)).size, 4);
  for (const each of [one, inFolder, ...equal, other, inOther]) each.close();
});

test("without a name equal options share, whatever their order and form", (t) => {
  const given = { region: "eu-west-1", maxAttempts: 5, credentials: { ...KEYS } };
  const first = sts({ stsClientConfig: given });
  for (const equal of [
    sts({ stsClientConfig: { credentials: { ...KEYS }, maxAttempts: 5, region: "eu-west-1" } }),
    sts({ stsClientConfig: new STSClientConfig(given), assumeRole: new AssumeRoleConfig({ RoleArn: ROLE }) }),
    sts({ stsClientConfig: given, regionName: "eu-west-1", advisoryTimeout: 900, refreshPolicy: "windows" }),
    // What each session has for itself.
    sts({ stsClientConfig: given, deferRefresh: true, refreshTimeout: 5, backgroundRefresh: true, clock: () => 0 }),
    sts({ stsClientConfig: given, env: { EDITOR: "vi" } }),
  ]) {
    t.is(cellOf(equal), cellOf(first));
    equal.close();
  }
  for (const different of [
    sts(),
    sts({ stsClientConfig: { ...given, credentials: { ...KEYS, secretAccessKey: "another" } } }),
    sts({ stsClientConfig: given, assumeRole: { RoleArn: `${ROLE}2` } }),
    sts({ stsClientConfig: given, assumeRole: { RoleArn: ROLE, ExternalId: "external" } }),
    sts({ stsClientConfig: given, region: "eu-west-2" }),
    sts({ stsClientConfig: given, mandatoryTimeout: 5 }),
    sts({ stsClientConfig: given, onMandatoryFailure: "serve-valid" }),
    sts({ stsClientConfig: given, refreshPolicy: "static-stability" }),
    sts({ stsClientConfig: given, profileName: "other" }),
    sts({ stsClientConfig: given, env: { AWS_ACCESS_KEY_ID: "AKID" } }),
    // Its files would be those of another user.
    sts({ stsClientConfig: given, env: { HOME: "/elsewhere", USERPROFILE: "/elsewhere" } }),
    sts({ stsClientConfig: given, homeDir: "/elsewhere" }),
  ]) {
    t.not(cellOf(different), cellOf(first));
    different.close();
  }
  first.close();
});

test("who joins a name with other options is refused, and told which option differs", (t) => {
  const stsClientConfig = { credentials: { ...KEYS } };
  const first = sts({ shared: "reports", stsClientConfig });
  for (const [option, options] of [
    ["assumeRole", { assumeRole: { RoleArn: `${ROLE}2` } }],
    ["stsClientConfig", { stsClientConfig: { credentials: { ...KEYS, secretAccessKey: "another" } } }],
    ["stsClientConfig", { stsClientConfig: { ...stsClientConfig, endpoint: "https://sts.example.com" } }],
    ["stsClientConfig", { stsClientConfig: undefined }],
    ["advisoryTimeout", { advisoryTimeout: 1000 }],
    ["mandatoryTimeout", { mandatoryTimeout: 5 }],
    ["onMandatoryFailure", { onMandatoryFailure: "serve-valid" }],
    ["region", { region: "eu-west-2" }],
    ["env", { env: { AWS_PROFILE: "other" } }],
  ] as const) {
    const error = t.throws(() => sts({ shared: "reports", stsClientConfig, ...options } as never), {
      instanceOf: BRSConfigurationError,
      code: "ERR_SHARED_OPTIONS",
    });
    t.true(error?.message.includes(`another "${option}"`), `${option}: ${error?.message}`);
    t.is(error?.param, "shared");
    t.notRegex(inspect(error, { depth: 9 }), /hush/);
  }
  const error = t.throws(() => custom({ shared: "reports" }), { code: "ERR_SHARED_OPTIONS" });
  t.true(error?.message.includes(`another "`));
  first.close();
  custom({ shared: "reports" }).close();
});

test("a name that a user takes is never that of some options", (t) => {
  const [one, other] = [custom({ shared: "options:x" }), custom({ shared: "name:x" })];
  t.not(cellOf(one), cellOf(other));
  for (const session of [one, other]) session.close();
});

test("without a name every option must be plain data, and the error names the one that is not", (t) => {
  const handles = native.countCells();
  for (const [path, open] of [
    ["customCredentialsMethod", () => custom({ shared: true })],
    ["stsClientConfig.credentials", () => sts({ stsClientConfig: { credentials: async () => KEYS } })],
    ["stsClientConfig.credentials", () => sts({ stsClientConfig: { credentials: custom() } })],
  ] as const) {
    const error = t.throws(open, { instanceOf: BRSConfigurationError, code: "ERR_CONFIGURATION" });
    t.true(error?.message.includes(`${path} is `), error?.message);
    t.regex(error?.message ?? "", /shared: "reports"/);
    t.is(error?.param, "shared");
  }
  t.is(native.countCells()[1], handles[1]);
});

test("with a name options that are no data are compared by what they are", (t) => {
  const [one, other] = [
    custom({ shared: "by kind", args: { at: new Date(0) } }),
    custom({ shared: "by kind", args: { at: new Date(0) } }),
  ];
  t.is(cellOf(one), cellOf(other));
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  for (const args of [{ at: new Date(1) }, { at: [] }, circle, undefined]) {
    t.throws(() => custom({ shared: "by kind", ...(args && { args }) }), { code: "ERR_SHARED_OPTIONS" });
  }
  for (const session of [one, other]) session.close();
});

test("the option is checked", (t) => {
  for (const shared of ["", 5, false, {}, "x".repeat(129)]) {
    t.throws(() => custom({ shared: shared as never }), { instanceOf: BRSValidationError, message: /shared/ });
  }
});

test("who learns that another session gave up the credentials holds nothing, and has no age of it", async (t) => {
  const [one, other] = [custom({ shared: "age" }), custom({ shared: "age" })];
  await one.refreshableCredentials();
  await other.refreshableCredentials();
  t.is(typeof other.getCredentials().stats.age, "number");
  one.getCredentials().invalidate();
  t.true(other.getCredentials().refreshNeeded());
  t.like(other.getCredentials().stats, { age: undefined, remaining: undefined });
  one.close();
  other.close();
});
