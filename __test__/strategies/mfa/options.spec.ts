/** Tests of what is refused as mfaTokenProvider and mfaTokenProviderArgs when a session is made. */
import { inspect } from "node:util";
import test from "ava";
import { BRSConfigurationError, BRSValidationError, RefreshableSession } from "aws-refresh-session";
import { warningsOf } from "../../support/warnings.js";

const RoleArn = "arn:aws:iam::123456789012:role/reports";
const SerialNumber = "arn:aws:iam::123456789012:mfa/jane";
const TOTP = { totp: { secret: "JBSWY3DPEHPK3PXP" } };

const open = (options: object, parameters: object = { SerialNumber }) =>
  new RefreshableSession({ assumeRole: { RoleArn, ...parameters }, env: {}, ...options } as never).close();

for (const mfaTokenProvider of [
  () => "123456",
  async () => "123456",
  "pass mfa/aws",
  ["pass", "mfa/aws"],
  Object.freeze(["pass"]),
  TOTP,
]) {
  test(`takes ${inspect(mfaTokenProvider)}`, (t) => t.notThrows(() => open({ mfaTokenProvider })));
}

for (const mfaTokenProvider of [
  null,
  123_456,
  true,
  {},
  { secret: "JBSWY3DPEHPK3PXP" },
  new Map(),
  ["a", 1],
  ["a", null],
]) {
  test(`refuses ${inspect(mfaTokenProvider)}`, (t) => {
    const error = t.throws(() => open({ mfaTokenProvider }), { instanceOf: BRSValidationError });
    t.regex(error?.param ?? "", /^mfaTokenProvider/);
    t.notRegex(inspect(error), /JBSW/);
  });
}

test("refuses a name beside totp", (t) => {
  const error = t.throws(() => open({ mfaTokenProvider: { ...TOTP, timeout: 3 } }), { instanceOf: BRSValidationError });
  t.is(error?.param, "mfaTokenProvider.timeout");
});

for (const [what, mfaTokenProvider] of [
  ["an empty list", []],
  ["a list of an empty word", [""]],
  ["an empty line", ""],
  ["a line of spaces", " \t\n"],
  ["a quote that is not closed", 'pass "mfa/hushhush'],
  ["a backslash at the end", "pass mfa/hushhush\\"],
] as const) {
  test(`refuses ${what} as a command`, (t) => {
    const error = t.throws(() => open({ mfaTokenProvider }), { instanceOf: BRSConfigurationError });
    t.is(error?.param, "mfaTokenProvider");
    t.notRegex(inspect(error), /hushhush/);
  });
}

test("refuses a command with a NUL in it", (t) => {
  const error = t.throws(() => open({ mfaTokenProvider: ["pass", "a\0b"] }), { instanceOf: BRSValidationError });
  t.is(error?.param, "mfaTokenProvider");
});

// The first six are options of Python's subprocess, or of Node's child_process.
for (const name of ["stdout", "stderr", "shell", "executable", "preexec_fn", "stdio", "retries"]) {
  test(`refuses ${name} as an option of a command`, (t) => {
    for (const value of [true, false, "x"]) {
      const error = t.throws(() => open({ mfaTokenProvider: "pass aws", mfaTokenProviderArgs: { [name]: value } }), {
        instanceOf: BRSConfigurationError,
      });
      t.is(error?.param, `mfaTokenProviderArgs.${name}`);
      t.regex(error?.message ?? "", /cwd, env, input, timeout/);
    }
  });
}

test("takes the options of commands, and undefined for any", (t) => {
  for (const mfaTokenProviderArgs of [
    {},
    { cwd: "/", env: { A: "b", C: undefined }, input: "1234\n", timeout: 0.5 },
    { input: Buffer.from("1234") },
    { shell: undefined, timeout: undefined },
  ]) {
    t.notThrows(() => open({ mfaTokenProvider: "pass aws", mfaTokenProviderArgs }));
  }
});

for (const [name, value] of [
  ["cwd", 1],
  ["cwd", ""],
  ["env", "HOME=hushhush"],
  ["env", { HOME: 1 }],
  ["env", ["hushhush"]],
  ["input", 123_456],
  ["input", { text: "hushhush" }],
  ["timeout", 0],
  ["timeout", -1],
  ["timeout", "30"],
  ["timeout", Number.NaN],
  ["timeout", Number.POSITIVE_INFINITY],
  ["timeout", null],
] as const) {
  test(`refuses ${inspect(value)} as ${name} of a command`, (t) => {
    const mfaTokenProviderArgs = { [name]: value };
    const error = t.throws(() => open({ mfaTokenProvider: ["pass"], mfaTokenProviderArgs }), {
      instanceOf: BRSValidationError,
    });
    t.is(error?.param, `mfaTokenProviderArgs.${name}`);
    t.notRegex(inspect(error), /hushhush|123456/);
  });
}

test("arguments are for functions and commands", (t) => {
  for (const options of [{}, { mfaTokenProvider: TOTP }]) {
    const error = t.throws(
      () => open({ ...options, mfaTokenProviderArgs: {} }, "mfaTokenProvider" in options ? undefined : {}),
      {
        instanceOf: BRSConfigurationError,
      },
    );
    t.is(error?.param, "mfaTokenProviderArgs");
  }
  const error = t.throws(() => open({ mfaTokenProvider: () => "123456", mfaTokenProviderArgs: "phone" }), {
    instanceOf: BRSValidationError,
  });
  t.is(error?.param, "mfaTokenProviderArgs");
});

test("device and code go together, and a provider needs a device", (t) => {
  const param = (parameters: object, options: object = {}) =>
    t.throws(() => open(options, parameters), { instanceOf: BRSConfigurationError })?.param;
  t.is(param({ SerialNumber }), "assumeRole.TokenCode");
  t.is(param({ TokenCode: "123456" }), "assumeRole.SerialNumber");
  for (const mfaTokenProvider of [() => "123456", "pass aws", TOTP]) {
    t.is(param({}, { mfaTokenProvider }), "assumeRole.SerialNumber");
    t.is(param({ TokenCode: "123456" }, { mfaTokenProvider }), "assumeRole.SerialNumber");
  }
});

test.serial("a TokenCode beside a provider is warned of", async (t) => {
  const warnings = await warningsOf(() => {
    open({ mfaTokenProvider: () => "654321" }, { SerialNumber, TokenCode: "123456" });
    open({ mfaTokenProvider: () => "654321" });
  });
  t.deepEqual(
    warnings.map(({ name, code }) => [name, code]),
    [["BRSWarning", "BRS_TOKEN_CODE_UNUSED"]],
  );
  t.regex(warnings[0]?.message ?? "", /^assumeRole\.TokenCode/);
  t.notRegex(inspect(warnings), /123456/);
});

test("boto's names are known", (t) => {
  for (const [boto, ours] of [
    ["mfa_token_provider", "mfaTokenProvider"],
    ["mfa_token_provider_kwargs", "mfaTokenProviderArgs"],
  ] as const) {
    const error = t.throws(() => open({ [boto]: {} }), { instanceOf: BRSValidationError });
    t.regex(error?.message ?? "", new RegExp(`did you mean ${ours}\\?`));
  }
});
