/** Tests of codes from commands, which are run for real. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { inspect } from "node:util";
import test from "ava";
import { BRSConfigurationError } from "aws-refresh-session";
import { CommandCodes } from "../../../dist/strategies/mfa/command.js";
import { node, printing } from "./commands.js";

const request = (signal = new AbortController().signal) => ({ serialNumber: "GAHT12345678", signal });
const codeOf = (command: string | string[], args: object = {}, signal?: AbortSignal) =>
  new CommandCodes(command, args).ask(request(signal));

for (const [output, code] of [
  ["123456", "123456"],
  ["token: 123456\n", "123456"],
  ["first 111111 last 222222", "222222"],
  ["id=000123", "000123"],
  ["123456\r\n", "123456"],
  ["\u001b[1m654321\u001b[0m is not one, 654321 is", "654321"],
  ["1234567 123456 12345", "123456"],
] as const) {
  test(`finds the code in ${JSON.stringify(output)}`, async (t) => t.is(await codeOf(printing(output)), code));
}

for (const output of ["", "abc", "12345", "1234567", "otp123456", "123456abc", "123_456", "١٢٣٤٥٦", "123 456"]) {
  test(`finds no code in ${JSON.stringify(output)}`, async (t) => {
    const error = await t.throwsAsync(codeOf(printing(output)), { instanceOf: BRSConfigurationError });
    t.is(error?.param, "mfaTokenProvider");
    t.is(error?.details?.reason, "no-token");
    t.true(error?.retryable);
    if (output !== "") t.false(JSON.stringify({ ...error, message: error?.message }).includes(output));
  });
}

test("stderr is not searched for a code", async (t) => {
  const error = await t.throwsAsync(codeOf(node("console.error('code 123456 was shown')")));
  t.is((error as BRSConfigurationError).details?.stderr, "code <redacted> was shown");
});

test("a line is split into words, and no shell sees it", async (t) => {
  const command = `"${process.execPath}" -e 'console.log(process.argv.slice(1).join("|"), 123456)' '$HOME' "a b" ; exit`;
  t.is(await codeOf(command), "123456");
  const shown = `"${process.execPath}" -e 'process.exit(process.argv.slice(1).join() === "$HOME,a b,;,exit" ? 7 : 0)' '$HOME' "a b" ; exit`;
  const error = await t.throwsAsync(codeOf(shown), { instanceOf: BRSConfigurationError });
  t.is(error?.details?.exitCode, 7);
});

test("runs in cwd, with env, and reads input", async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "mfa-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, "code.txt"), "111111");
  t.is(await codeOf(node("console.log(fs.readFileSync('code.txt', 'utf8'))"), { cwd: folder }), "111111");
  t.is(await codeOf(node("console.log(process.env.MFA_CODE)"), { env: { MFA_CODE: "222222" } }), "222222");
  const reading = node("process.stdin.on('data', (data) => console.log(String(data)))");
  t.is(await codeOf(reading, { input: "333333\n" }), "333333");
  t.is(await codeOf(reading, { input: Buffer.from("444444") }), "444444");
});

test("env takes the place of all variables, and without it they are those of this process", async (t) => {
  const all = node("console.log(Object.keys(process.env).includes('PATH') ? 111111 : 222222)");
  t.is(await codeOf(all, { env: { A: "b" } }), "222222");
  t.is(await codeOf(all), "111111");
});

test("stdin is at its end where there is no input", async (t) => {
  t.is(await codeOf(node("process.stdin.on('end', () => console.log(123456)).resume()")), "123456");
});

test("input that nobody reads is no failure", async (t) => {
  t.is(await codeOf(node("console.log(123456)"), { input: "x".repeat(1 << 20) }), "123456");
});

const failures: Array<
  [what: string, command: string[], args: object, reason: string, details: object, retryable: boolean]
> = [
  ["a program that is not there", ["no-such-program-here", "hushhush"], {}, "not-found", { errno: "ENOENT" }, false],
  [
    "a folder that is not there",
    printing("123456"),
    { cwd: "/no/such/folder" },
    "not-found",
    { errno: "ENOENT" },
    false,
  ],
  ["an exit code", node("console.log(123456); process.exit(3)"), {}, "exit", { exitCode: 3, stderr: "" }, true],
  ["an uncaught error", node("console.log(123456); throw 1"), {}, "exit", { exitCode: 1 }, true],
  ["more than a mebibyte", node("process.stdout.write('123456 '.repeat(300000))"), {}, "output", {}, false],
  [
    "a program that does not end",
    node("console.log(123456); setTimeout(() => {}, 1e6)"),
    { timeout: 0.3 },
    "timeout",
    { timeout: 0.3 },
    true,
  ],
];
if (process.platform !== "win32") {
  failures.push(
    ["a folder in place of a program", ["/"], {}, "permission", { errno: "EACCES" }, false],
    ["a file that is no program", [import.meta.filename], {}, "permission", { errno: "EACCES" }, false],
    [
      "too many arguments for the system",
      [process.execPath, "x".repeat(1 << 22)],
      {},
      "system",
      { errno: "E2BIG" },
      true,
    ],
    ["a signal", node("process.kill(process.pid, 'SIGKILL')"), {}, "exit", { exitCode: null, signal: "SIGKILL" }, true],
  );
}

for (const [what, command, args, reason, details, retryable] of failures) {
  test(`${what}: reason "${reason}"`, async (t) => {
    const error = await t.throwsAsync(codeOf(command, args), { instanceOf: BRSConfigurationError });
    t.is(error?.param, "mfaTokenProvider");
    t.is(error?.value, command[0]);
    t.like(error?.details, { reason, ...details });
    t.is(error?.retryable, retryable);
    t.true(error?.message.startsWith("mfaTokenProvider: the command "));
    t.notRegex(inspect(error, { depth: 9 }), /123456|hushhush/);
  });
}

test("stderr is in the error, in short, and without what may be secret", async (t) => {
  const script = `console.error("x".repeat(9000), "key SEED2345", "pin 9876", "codes 123456 123 456 1234567", process.argv[2]);
    process.exit(1)`;
  const command = node(script, "SEED2345", "--pin=9876");
  const error = await t.throwsAsync(codeOf(command, { input: "9876\n" }), { instanceOf: BRSConfigurationError });
  const stderr = String(error?.details?.stderr);
  t.true(stderr.length <= 503);
  t.regex(stderr, /^\.\.\.x+ key <redacted> pin <redacted> codes <redacted> <redacted> <redacted> --pin=<redacted>$/);
  t.true(error?.message.endsWith(stderr));
  t.notRegex(inspect(error, { depth: 9, showHidden: true }), /SEED2345|9876|123456/);
});

test("an abort kills the program and is told by its own reason", async (t) => {
  const controller = new AbortController();
  const folder = mkdtempSync(path.join(tmpdir(), "mfa-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const script =
    "fs.writeFileSync('pid', String(process.pid)); fs.renameSync('pid', 'started'); setTimeout(() => {}, 1e6)";
  const asked = codeOf(node(script), { cwd: folder }, controller.signal);
  while (!existsSync(path.join(folder, "started"))) await new Promise((resolve) => setTimeout(resolve, 10));
  controller.abort(new Error("enough"));
  await t.throwsAsync(asked, { message: "enough" });
  const pid = Number(readFileSync(path.join(folder, "started"), "utf8"));
  const isAlive = () => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  while (isAlive()) await new Promise((resolve) => setTimeout(resolve, 10));
  t.false(isAlive());
});

test("nothing is started for a signal that has aborted", async (t) => {
  await t.throwsAsync(codeOf(["no-such-program-here"], {}, AbortSignal.abort(new Error("enough"))), {
    message: "enough",
  });
});
