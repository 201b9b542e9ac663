/**
 * What boto3-refresh-session's tests of commands for MFA codes say, with the same outcomes; a better one stands in the title.
 * There `subprocess` is a stand-in; here every command really runs.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { BRSConfigurationError, type StsSessionOptions } from "aws-refresh-session";
import { openRole, ROLE } from "./role.js";

type Provider = Exclude<StsSessionOptions["mfaTokenProvider"], undefined>;

let devices = 0;

/** A session of its own device, since each code of a device serves once in a process. */
function open(t: ExecutionContext, mfaTokenProvider: Provider, mfaTokenProviderArgs?: object) {
  const assumeRole = { ...ROLE, SerialNumber: `arn:aws:iam::123456789012:mfa/device-${devices++}` };
  return openRole(t, {
    assumeRole,
    mfaTokenProvider,
    ...(mfaTokenProviderArgs !== undefined && { mfaTokenProviderArgs }),
  } as Partial<StsSessionOptions>);
}

/** A command that runs a piece of JavaScript. */
const script = (text: string): string[] => [process.execPath, "-e", text];

const prints = (text: string) => script(`process.stdout.write(${JSON.stringify(text)})`);

/** Opens a session and refreshes it: where of the two a mistake is told is not what these tests are about. */
async function failure(t: ExecutionContext, ...given: [Provider, object?]): Promise<BRSConfigurationError> {
  const attempt = async () => {
    const { session } = await open(t, ...given);
    await session.refreshableCredentials();
  };
  return (await t.throwsAsync(attempt, { instanceOf: BRSConfigurationError })) as BRSConfigurationError;
}

for (const stdout of ["", "abc", "12345", "1234567", "otp123456", "!!!"]) {
  test(`command: output without a code is refused: "${stdout}"; better: and is not shown`, async (t) => {
    const { message, details, param } = await failure(t, prints(stdout));
    t.is(param, "mfaTokenProvider");
    if (/\d/.test(stdout)) t.false(`${message}${JSON.stringify(details)}`.includes(stdout));
  });
}

for (const [stdout, code] of [
  ["123456", "123456"],
  ["token: 123456\n", "123456"],
  ["first 111111 last 222222", "222222"],
  ["id=000123", "000123"],
] as const) {
  test(`command: the last six digits that stand alone are the code: ${JSON.stringify(stdout)}`, async (t) => {
    const { session, endpoint } = await open(t, prints(stdout));
    await session.refreshableCredentials();
    t.is(endpoint.sts.requests[0]?.TokenCode, code);
  });
}

test("command: as one string it is split as a shell would, without one", async (t) => {
  const { session, endpoint } = await open(t, `"${process.execPath}" -e 'console.log("code 654321")'`);
  await session.refreshableCredentials();
  t.is(endpoint.sts.requests[0]?.TokenCode, "654321");
});

const posixTest = process.platform === "win32" ? test.skip : test;

posixTest("command: without permission to run it", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mfa-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "codes");
  writeFileSync(file, "echo 123456\n", { mode: 0o600 });
  t.is((await failure(t, [file])).details?.reason, "permission");
});

test("command: not there", async (t) => {
  t.is((await failure(t, ["/nonexistent/codes"])).details?.reason, "not-found");
});

posixTest("command: another failure of the system to start it", async (t) => {
  // A file where a folder would have to be.
  t.is((await failure(t, [`${process.execPath}/codes`])).details?.reason, "system");
});

test("command: it takes too long", async (t) => {
  const { details } = await failure(t, script("setTimeout(() => {}, 60_000)"), { timeout: 0.2 });
  t.is(details?.reason, "timeout");
  t.is(details?.timeout, 0.2);
});

test("command: it ends with another exit code; better: its output is not shown", async (t) => {
  const error = await failure(t, script("console.log(987654); console.error('locked'); process.exitCode = 2"));
  t.is(error.details?.reason, "exit");
  t.is(error.details?.exitCode, 2);
  t.regex(error.message, /locked/);
  t.false(JSON.stringify([error.message, error.details]).includes("987654"));
});

test("command: quotes without an end", async (t) => {
  await failure(t, "echo '123456");
});

for (const [name, value] of [
  ["stdout", "pipe"],
  ["not_a_kwarg", true],
  ["shell", true],
  ["executable", "/bin/sh"],
  ["preexec_fn", () => {}],
] as const) {
  test(`command: the option ${name} is refused`, async (t) => {
    t.is((await failure(t, prints("123456"), { [name]: value })).param, `mfaTokenProviderArgs.${name}`);
  });
}
