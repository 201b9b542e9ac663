/** Tests of the options that every session takes: what is refused at construction, and what holds when they are left out. */
import test from "ava";
import {
  BRSConfigurationError,
  type BRSError,
  BRSValidationError,
  CustomRefreshableSession,
  RefreshableSession,
  STSRefreshableSession,
} from "aws-refresh-session";

const assumeRole = { RoleArn: "arn:aws:iam::123456789012:role/reports" };
const customCredentialsMethod = () => {
  throw new Error("nothing in this file refreshes");
};
const env = {};

const openAny = (options: unknown) => new RefreshableSession(options as never);
const sts = (options: object = {}) => openAny({ method: "sts", assumeRole, env, ...options });
const custom = (options: object = {}) => openAny({ method: "custom", customCredentialsMethod, env, ...options });

test("the defaults are those of boto3-refresh-session", (t) => {
  const session = sts();
  t.is(session.refreshMethod, "sts-assume-role");
  t.true(session.deferRefresh);
  t.is(session.advisoryTimeout, 900);
  t.is(session.mandatoryTimeout, 600);
  t.is(session.region, undefined);
  t.is(session.regionName, undefined);
});

test("values given are the effective ones", (t) => {
  const session = custom({ advisoryTimeout: 300, mandatoryTimeout: 0, regionName: "eu-west-1" });
  t.is(session.refreshMethod, "custom");
  t.is(session.advisoryTimeout, 300);
  t.is(session.mandatoryTimeout, 0);
  t.is(session.region, "eu-west-1");
  t.is(session.regionName, "eu-west-1");
});

test("static stability has windows of its own, and takes no others", (t) => {
  const session = custom({ refreshPolicy: "static-stability" });
  t.is(session.advisoryTimeout, undefined);
  t.is(session.mandatoryTimeout, 60);
  for (const [param, value] of [
    ["advisoryTimeout", 900],
    ["mandatoryTimeout", 60],
    ["onMandatoryFailure", "reject"],
  ] as const) {
    const error = t.throws(() => custom({ refreshPolicy: "static-stability", [param]: value }), {
      instanceOf: BRSConfigurationError,
    });
    t.is(error?.param, param);
    t.regex(error?.message ?? "", /static-stability/);
  }
});

test("the region comes from the option, then AWS_REGION, then AWS_DEFAULT_REGION", (t) => {
  const both = { AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "eu-west-2" };
  t.is(sts({ region: "eu-west-3", env: both }).region, "eu-west-3");
  t.is(sts({ env: both }).region, "eu-west-1");
  t.is(sts({ env: { ...both, AWS_REGION: "" } }).region, "eu-west-2");
  t.is(sts({ region: "eu-west-3", regionName: "eu-west-3" }).region, "eu-west-3");
});

test("a region of the environment that is none is refused by the name of the variable", (t) => {
  for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION"]) {
    const error = t.throws(() => sts({ env: { [name]: "evil.example/" } }), { instanceOf: BRSValidationError });
    t.is(error?.param, name);
  }
});

const wrong: Array<[param: string, value: unknown]> = [
  ["region", 7],
  ["region", ""],
  ["region", "eu central"],
  ["region", "evil.example/x"],
  ["region", null],
  ["regionName", {}],
  ["deferRefresh", "false"],
  ["deferRefresh", 0],
  ["deferRefresh", null],
  ["advisoryTimeout", "900"],
  ["advisoryTimeout", -1],
  ["advisoryTimeout", Number.NaN],
  ["advisoryTimeout", Number.POSITIVE_INFINITY],
  ["mandatoryTimeout", -0.5],
  ["mandatoryTimeout", null],
  ["mandatoryTimeout", Number.NaN],
  ["mandatoryTimeout", [600]],
  ["refreshTimeout", 0],
  ["refreshTimeout", -1],
  ["refreshTimeout", "30"],
  ["refreshTimeout", Number.NaN],
  ["refreshTimeout", 3e6],
  ["refreshPolicy", "windowz"],
  ["refreshPolicy", true],
  ["onMandatoryFailure", "ignore"],
  ["onMandatoryFailure", null],
  ["clock", 1_900_000_000_000],
  ["clock", new Date()],
  ["env", "AWS_REGION=eu-west-1"],
  ["env", null],
  ["env", []],
  ["signal", {}],
  ["signal", new AbortController()],
];

for (const [param, value] of wrong) {
  test(`refuses ${param} ${String(value) || '""'} of type ${typeof value}`, (t) => {
    for (const open of [sts, custom]) {
      const error = t.throws(() => open({ [param]: value }), { instanceOf: BRSValidationError });
      t.is(error?.param, param);
      t.true(error?.message.startsWith(`${param} must be `), error?.message);
    }
  });
}

for (const options of [null, undefined, "sts", 7, [], () => {}]) {
  test(`refuses ${String(options) || "[]"} for the options`, (t) => {
    const error = t.throws(() => openAny(options), { instanceOf: BRSValidationError });
    t.is(error?.param, "options");
    t.throws(() => new STSRefreshableSession(options as never), { instanceOf: BRSValidationError });
    t.throws(() => new CustomRefreshableSession(options as never), { instanceOf: BRSValidationError });
  });
}

test("a mandatory window above the advisory one is refused, defaults included", (t) => {
  for (const options of [
    { advisoryTimeout: 60, mandatoryTimeout: 61 },
    { mandatoryTimeout: 901 },
    { advisoryTimeout: 599 },
  ]) {
    const error = t.throws(() => custom(options), { instanceOf: BRSConfigurationError });
    t.is(error?.param, "mandatoryTimeout");
    t.regex(error?.message ?? "", /is above advisoryTimeout/);
  }
  t.notThrows(() => custom({ advisoryTimeout: 60, mandatoryTimeout: 60 }));
  t.regex(t.throws(() => custom({ advisoryTimeout: 599 }))?.message ?? "", /600 \(the default\)/);
});

test("region and regionName that differ are refused", (t) => {
  const error = t.throws(() => sts({ region: "eu-west-1", regionName: "eu-west-2" }), {
    instanceOf: BRSConfigurationError,
  });
  t.is(error?.param, "regionName");
  t.regex(error?.message ?? "", /eu-west-1.*eu-west-2/);
});

for (const [name, why] of [
  ["store", "is not in this version"],
  ["random", "is not an option"],
  ["x", "is not an option"],
] as const) {
  test(`refuses ${name}, which ${why}`, (t) => {
    for (const open of [sts, custom]) {
      const error = t.throws(() => open({ [name]: "value" }), { instanceOf: BRSValidationError });
      t.is(error?.param, name);
      t.regex(error?.message ?? "", new RegExp(`^${name} ${why}; .*advisoryTimeout`));
    }
  });
}

test("an option that is undefined counts as left out", (t) => {
  t.notThrows(() => sts({ advisoryTimeout: undefined, region: undefined, shared: undefined }));
});

test("names of other packages, of another case and with a slip are answered with the right one", (t) => {
  for (const [name, right] of [
    ["region_name", "regionName"],
    ["defer_refresh", "deferRefresh"],
    ["AdvisoryTimeout", "advisoryTimeout"],
    ["assume_role_kwargs", "assumeRole"],
    ["sts_client_kwargs", "stsClientConfig"],
    ["params", "assumeRole"],
    ["roleArn", "assumeRole.RoleArn"],
    ["masterCredentials", "stsClientConfig.credentials"],
    ["profile", "profileName"],
    ["advisoryTimout", "advisoryTimeout"],
    ["assumerole", "assumeRole"],
    ["regoin", "region"],
    ["deferRefreshh", "deferRefresh"],
  ] as const) {
    const error = t.throws(() => sts({ [name]: 1 }), { instanceOf: BRSValidationError });
    t.is(error?.param, name);
    t.true(error?.message.endsWith(`did you mean ${right}?`), error?.message);
  }
});

test("so are names inside of options", (t) => {
  const meant = (options: object) => t.throws(() => sts(options), { instanceOf: BRSValidationError })?.message;
  t.is(
    meant({ assumeRole: { role_arn: "x" } }),
    "assumeRole.role_arn is not an option; did you mean assumeRole.RoleArn?",
  );
  t.is(
    meant({ assumeRole, stsClientConfig: { endpoint_url: "x" } }),
    "stsClientConfig.endpoint_url is not an option; did you mean stsClientConfig.endpoint?",
  );
  t.regex(meant({ assumeRole: { Arn: "x" } }) ?? "", /known here: RoleArn, RoleSessionName/);
});

test("an option of another method is refused as such", (t) => {
  const misplaced = t.throws(() => sts({ customCredentialsMethod }), { instanceOf: BRSValidationError });
  t.is(misplaced?.param, "customCredentialsMethod");
  t.regex(misplaced?.message ?? "", /belongs? to method "custom"|option of method "custom"/);
  const other = t.throws(() => custom({ assumeRole }), { instanceOf: BRSValidationError });
  t.is(other?.param, "assumeRole");
  t.regex(other?.message ?? "", /option of method "sts", but this session has method "custom"/);
});

test("the value of an unknown option is not quoted", (t) => {
  t.notRegex(t.throws(() => sts({ secretKey: "wJalrXUtnFEMI" }))?.message ?? "", /wJalrXUtnFEMI/);
});

test("a signal that has aborted already is not opened with", (t) => {
  const reason = new Error("too late");
  t.is(
    t.throws(() => custom({ signal: AbortSignal.abort(reason) })),
    reason,
  );
});

test("every refusal is a BRSError with a stable code", (t) => {
  t.is((t.throws(() => sts({ x: 1 })) as BRSError).code, "ERR_VALIDATION");
  t.is((t.throws(() => sts({ advisoryTimeout: 1 })) as BRSError).code, "ERR_CONFIGURATION");
});
