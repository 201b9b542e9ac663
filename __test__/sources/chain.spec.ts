/** The default chain: which place wins, what it tells of itself, and how it ends. */
import { inspect } from "node:util";
import test from "ava";
import { BRSConfigurationError, BRSCredentialError, BRSValidationError } from "aws-refresh-session";
import { fromChain, fromProfile } from "aws-refresh-session/sources";
import { startTestEndpoint } from "aws-refresh-session/testing";
import { newHome } from "./home.js";

const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const VARIABLES = { AWS_ACCESS_KEY_ID: "AKIDENV", AWS_SECRET_ACCESS_KEY: SECRET };
const ROLE = "arn:aws:iam::123456789012:role/reports";
const keys = (id: string) => `aws_access_key_id = ${id}\naws_secret_access_key = ${SECRET}\n`;

test("variables win over profiles, unless a profile is named in code", async (t) => {
  const { homeDir } = newHome(t, { credentials: `[default]\n${keys("AKIDDEFAULT")}[p]\n${keys("AKIDP")}` });
  const idOf = async (options: Parameters<typeof fromChain>[0]) =>
    (await fromChain({ homeDir, ...options })()).accessKeyId;
  t.is(await idOf({ env: VARIABLES }), "AKIDENV");
  t.is(await idOf({ env: { ...VARIABLES, AWS_PROFILE: "p" } }), "AKIDENV");
  t.is(await idOf({ env: VARIABLES, profileName: "p" }), "AKIDP");
  t.is(await idOf({ env: { AWS_PROFILE: "p" } }), "AKIDP");
  t.is(await idOf({ env: {} }), "AKIDDEFAULT");
  t.is((await fromProfile({ homeDir, env: { ...VARIABLES, AWS_PROFILE: "p" } })()).accessKeyId, "AKIDP");
});

test("what changes is followed", async (t) => {
  const { homeDir, write } = newHome(t, { credentials: `[default]\n${keys("AKIDONE")}` });
  const env: Record<string, string> = {};
  const chain = fromChain({ env, homeDir });
  t.is((await chain()).accessKeyId, "AKIDONE");
  write("credentials", `[default]\n${keys("AKIDTWO")}`);
  t.is((await chain()).accessKeyId, "AKIDTWO");
  Object.assign(env, VARIABLES);
  t.is((await chain()).accessKeyId, "AKIDENV");
});

test("files are not read where variables answer", async (t) => {
  const { homeDir } = newHome(t, { config: "broken" });
  t.is((await fromChain({ env: VARIABLES, homeDir })()).accessKeyId, "AKIDENV");
  await t.throwsAsync(fromChain({ env: {}, homeDir })(), { code: "ERR_CONFIG_PARSE" });
});

test("a profile that was asked for has to be there", async (t) => {
  const { homeDir } = newHome(t);
  const chain = fromChain({ env: { ...VARIABLES, AWS_PROFILE: "missing" }, homeDir });
  await t.throwsAsync(chain(), { instanceOf: BRSConfigurationError, code: "ERR_PROFILE_NOT_FOUND" });
  const { problem, links, profileChosenBy } = await chain.explain();
  t.regex(problem ?? "", /"missing"/);
  t.is(profileChosenBy, "AWS_PROFILE");
  t.true(links.every(({ outcome }) => outcome === "not asked"));
});

test("when no place has anything, all that was looked at is told", async (t) => {
  const { homeDir } = newHome(t, { config: "[default]\nregion = eu-west-1\n" });
  const chain = fromChain({ env: {}, homeDir });
  const error = await t.throwsAsync(chain(), { instanceOf: BRSCredentialError });
  for (const said of [/AWS_ACCESS_KEY_ID is not set/, /no role_arn/, /no credential_process/, /ENOENT/, /CONTAINER/]) {
    t.regex(error?.message ?? "", said);
  }
  const { links, chosen, problem } = await chain.explain();
  t.deepEqual(error?.details?.links, links);
  t.is(chosen, undefined);
  t.is(problem, "no place has credentials");
  t.deepEqual(
    links.map(({ name }) => name),
    [
      "env",
      "assume-role",
      "assume-role-with-web-identity",
      "sso",
      "shared-credentials-file",
      "login",
      "custom-process",
      "config-file",
      "container-role",
    ],
  );
});

test("a place that has something wrong ends the search", async (t) => {
  const { homeDir } = newHome(t, { credentials: `[default]\n${keys("AKIDDEFAULT")}` });
  const half = fromChain({ env: { AWS_ACCESS_KEY_ID: "AKID" }, homeDir });
  await t.throwsAsync(half(), { instanceOf: BRSCredentialError, message: /AWS_SECRET_ACCESS_KEY/ });
  const { links, problem } = await half.explain();
  t.deepEqual(
    links.slice(0, 2).map(({ outcome }) => outcome),
    ["failed", "not asked"],
  );
  t.is(problem, links[0]?.said);
});

test("explain calls nobody and tells no secret", async (t) => {
  const { homeDir, path } = newHome(t);
  const profiles = [
    `[default]\nrole_arn = ${ROLE}\nsource_profile = base\nexternal_id = ${SECRET}`,
    `[profile base]\n${keys("AKIDBASE")}aws_session_token = ${SECRET}`,
    `[profile program]\ncredential_process = /bin/touch ${path("started")} ${SECRET}`,
  ];
  const { homeDir: home } = newHome(t, { config: profiles.join("\n") });
  // Nothing listens there.
  const env = { AWS_ENDPOINT_URL_STS: "http://127.0.0.1:9" };
  const role = await fromChain({ env, homeDir: home }).explain();
  t.is(role.chosen, "assume-role");
  t.regex(role.links[1]?.said ?? "", /role\/reports of profile "default", assumed by keys of profile "base"/);
  const program = await fromChain({ env, homeDir: home, profileName: "program" }).explain();
  t.is(program.chosen, "custom-process");
  t.false(inspect([role, program], { depth: 9 }).includes(SECRET));
  await t.throwsAsync(fromProfile({ env: {}, homeDir, profileName: "program" })(), { code: "ERR_PROFILE_NOT_FOUND" });
});

test("sources of later versions are named when they are the ones that count", async (t) => {
  const { homeDir } = newHome(t, {
    config: [
      "[profile sso]\nsso_account_id = 123456789012",
      "[profile login]\nlogin_session = arn:aws:sts::1:x",
      `[profile imds]\nrole_arn = ${ROLE}\ncredential_source = Ec2InstanceMetadata`,
      `[profile behind]\nrole_arn = ${ROLE}\nsource_profile = sso`,
    ].join("\n"),
  });
  for (const [profileName, says] of [
    ["sso", /AWS SSO \(sso_account_id\)/],
    ["login", /aws login \(login_session\)/],
    ["imds", /credential_source Ec2InstanceMetadata/],
    ["behind", /AWS SSO/],
  ] as const) {
    await t.throwsAsync(fromChain({ env: {}, homeDir, profileName })(), {
      code: "ERR_SOURCE_UNSUPPORTED",
      message: says,
    });
  }
  const container = { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials" };
  await t.throwsAsync(fromChain({ env: container, homeDir })(), { code: "ERR_SOURCE_UNSUPPORTED" });
  t.is((await fromChain({ env: { ...VARIABLES, ...container }, homeDir })()).accessKeyId, "AKIDENV");
});

test("order says which places are looked at", async (t) => {
  const { homeDir } = newHome(t, { credentials: `[default]\n${keys("AKIDFILE")}` });
  const chain = fromChain({ env: VARIABLES, homeDir, order: ["shared-credentials-file", "env"] });
  t.is((await chain()).accessKeyId, "AKIDFILE");
  t.deepEqual(
    (await chain.explain()).links.map(({ name, outcome }) => [name, outcome]),
    [
      ["shared-credentials-file", "chosen"],
      ["env", "not asked"],
    ],
  );
  t.throws(() => fromChain({ order: ["environment" as never] }), {
    instanceOf: BRSValidationError,
    message: /order\[0\]/,
  });
  t.throws(() => fromChain({ order: ["env", "env"] }), { message: /"env" twice/ });
});

test("a role behind a role is assumed hop by hop, each signed by the one before", async (t) => {
  const endpoint = await startTestEndpoint();
  t.teardown(() => endpoint.close());
  const { accessKeyId, secretAccessKey } = endpoint.credentials;
  const { homeDir } = newHome(t, {
    config: `[profile outer]\nrole_arn = ${ROLE}\nsource_profile = inner\nduration_seconds = 900\nregion = eu-west-1
[profile inner]\nrole_arn = arn:aws:iam::123456789012:role/inner\nsource_profile = base\nrole_session_name = hop\n`,
    credentials: `[base]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  });
  const chain = fromChain({ env: { AWS_ENDPOINT_URL_STS: endpoint.stsUrl, AWS_PROFILE: "outer" }, homeDir });
  const credentials = await chain();
  t.is(credentials.accountId, "123456789012");
  t.true(credentials.expiration instanceof Date);
  t.deepEqual(
    endpoint.sts.requests.map(({ RoleArn, RoleSessionName, DurationSeconds }) => [
      RoleArn,
      RoleSessionName,
      DurationSeconds,
    ]),
    [
      ["arn:aws:iam::123456789012:role/inner", "hop", undefined],
      [ROLE, "aws-refresh-session", "900"],
    ],
  );
  t.is(endpoint.stats.stsRequestsRefused, 0);
});

test("wrong values of a role are blamed on the key of the profile", async (t) => {
  const role = (line: string) =>
    newHome(t, { config: `[default]\n${line}\ncredential_source = Environment\n` }).homeDir;
  for (const [line, says] of [
    ["role_arn = no-arn", /profile "default" role_arn must be/],
    [`role_arn = ${ROLE}\nexternal_id = ${"é".repeat(9)}`, /profile "default" external_id must be/],
    [`role_arn = ${ROLE}\nrole_session_name = x`, /role_session_name must be/],
    [`role_arn = ${ROLE}\nduration_seconds = -1`, /duration_seconds must be/],
  ] as const) {
    const error = await t.throwsAsync(fromChain({ env: {}, homeDir: role(line) })(), {
      instanceOf: BRSConfigurationError,
    });
    t.regex(error?.message ?? "", says);
  }
});

test("wrong options are refused at once", (t) => {
  t.throws(() => fromChain({ profile: "p" } as never), { message: /profile is not an option/ });
  t.throws(() => fromChain({ profileName: "" }), { instanceOf: BRSValidationError });
  t.throws(() => fromChain({ region: "evil.example/" }), { instanceOf: BRSValidationError });
  t.throws(() => fromProfile({ order: ["env"] } as never), { message: /order is not an option/ });
  t.throws(() => fromProfile({ env: "x" as never }), { message: /^env must be an object/ });
  t.throws(() => fromProfile(7 as never), { instanceOf: BRSValidationError });
});
