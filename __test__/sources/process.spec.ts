/** Credentials that a program writes. */
import test, { type ExecutionContext } from "ava";
import { BRSConfigurationError, BRSCredentialError, BRSValidationError } from "aws-refresh-session";
import { fromProcess } from "aws-refresh-session/sources";
import { newHome } from "./home.js";

const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const KEYS = { Version: 1, AccessKeyId: "AKID", SecretAccessKey: SECRET };

/** A command that runs this script. */
function program(t: ExecutionContext, script: string): string {
  const { write } = newHome(t);
  return `"${process.execPath}" "${write("program.cjs", script)}"`;
}

const writes = (t: ExecutionContext, answer: unknown) =>
  program(t, `process.stdout.write(${JSON.stringify(typeof answer === "string" ? answer : JSON.stringify(answer))})`);

test("takes the answer of the program", async (t) => {
  const answer = { ...KEYS, SessionToken: "token", Expiration: "2100-01-01T00:00:00Z", AccountId: "123456789012" };
  t.deepEqual(await fromProcess({ command: writes(t, answer) })(), {
    accessKeyId: "AKID",
    secretAccessKey: SECRET,
    sessionToken: "token",
    expiration: new Date("2100-01-01T00:00:00Z"),
    accountId: "123456789012",
  });
  t.deepEqual(await fromProcess({ command: writes(t, KEYS) })(), { accessKeyId: "AKID", secretAccessKey: SECRET });
});

test("takes the command from the profile, and its account where the program tells none", async (t) => {
  const command = writes(t, KEYS);
  const { homeDir } = newHome(t, {
    config: `[default]\ncredential_process = ${command}\naws_account_id = 111122223333\n[profile none]\nregion = x\n`,
  });
  const { accessKeyId, accountId } = await fromProcess({ env: {}, homeDir })();
  t.deepEqual([accessKeyId, accountId], ["AKID", "111122223333"]);
  await t.throwsAsync(fromProcess({ env: {}, homeDir, profileName: "none" })(), {
    instanceOf: BRSCredentialError,
    message: /profile "none" has no credential_process/,
  });
  await t.throwsAsync(fromProcess({ env: {}, homeDir, profileName: "missing" })(), { code: "ERR_PROFILE_NOT_FOUND" });
});

test("no shell expands the command, and its variables are those given", async (t) => {
  const script = `const [word] = process.argv.slice(2);
    console.log(JSON.stringify({ Version: 1, AccessKeyId: word, SecretAccessKey: process.env.MARK }));`;
  const command = `${program(t, script)} '$HOME;*\`id\`' ; true`;
  const { accessKeyId, secretAccessKey } = await fromProcess({ command, env: { MARK: "from-env" } })();
  t.is(accessKeyId, "$HOME;*`id`");
  t.is(secretAccessKey, "from-env");
});

test("each call runs the program anew", async (t) => {
  const { homeDir, path } = newHome(t);
  const script = `const { appendFileSync, readFileSync } = require("node:fs");
    appendFileSync(${JSON.stringify(path("count"))}, "x");
    const AccessKeyId = "AKID" + readFileSync(${JSON.stringify(path("count"))}, "utf8").length;
    console.log(JSON.stringify({ Version: 1, AccessKeyId, SecretAccessKey: "s" }));`;
  const provider = fromProcess({ command: program(t, script), homeDir });
  t.is((await provider()).accessKeyId, "AKID1");
  t.is((await provider({ forceRefresh: true })).accessKeyId, "AKID2");
});

const answers: ReadonlyArray<readonly [title: string, answer: unknown, says: RegExp]> = [
  ["nothing", "", /no JSON object/],
  ["text", SECRET, /no JSON object/],
  ["a list", [KEYS], /no JSON object/],
  ["no version", { ...KEYS, Version: undefined }, /Version undefined/],
  ["a version as text", { ...KEYS, Version: "1" }, /Version string/],
  ["another version", { ...KEYS, Version: 2 }, /Version 2/],
  ["no secret", { Version: 1, AccessKeyId: "AKID" }, /without SecretAccessKey/],
  [
    "another spelling",
    { Version: 1, accessKeyId: "AKID", secretAccessKey: SECRET },
    /without AccessKeyId and SecretAcc/,
  ],
  ["a key id that is none", { ...KEYS, AccessKeyId: 7 }, /AccessKeyId/],
  ["an end without a zone", { ...KEYS, Expiration: "2100-01-01T00:00:00" }, /Expiration/],
  ["an end that is over", { ...KEYS, Expiration: "2000-01-01T00:00:00Z" }, /ended at 2000/],
];

for (const [title, answer, says] of answers) {
  test(`refuses ${title}`, async (t) => {
    const error = await t.throwsAsync(fromProcess({ command: writes(t, answer) })(), {
      instanceOf: BRSCredentialError,
    });
    t.regex(error?.message ?? "", says);
    t.true(error?.retryable);
    t.false(`${error?.stack}${JSON.stringify(error)}`.includes(SECRET));
  });
}

test("an exit code is told with what the program wrote to stderr, but no key of it", async (t) => {
  const command = program(t, `console.error("no route to vault, key ${SECRET}"); process.exit(3)`);
  const error = await t.throwsAsync(fromProcess({ command })(), { code: "ERR_CREDENTIAL_PROCESS" });
  t.true(error instanceof BRSCredentialError);
  t.regex(error?.message ?? "", /exit code 3: no route to vault, key <redacted>/);
  t.is((error as BRSCredentialError).details?.exitCode, 3);
  t.false(JSON.stringify(error).includes(SECRET));
});

test("a program that is not there is named, its arguments are not", async (t) => {
  const command = `/no/such/program --secret=${SECRET}`;
  const error = await t.throwsAsync(fromProcess({ command })(), { code: "ERR_CREDENTIAL_PROCESS" });
  t.regex(error?.message ?? "", /\/no\/such\/program.*not found/);
  t.false(`${error?.stack}${JSON.stringify(error)}`.includes(SECRET));
});

test("a program that does not end is killed when its time is up, or the signal aborts", async (t) => {
  const command = program(t, "setInterval(() => {}, 1000)");
  await t.throwsAsync(fromProcess({ command, timeout: 0.2 })(), { code: "ERR_CREDENTIAL_PROCESS", message: /0.2 s/ });
  const controller = new AbortController();
  const waiting = fromProcess({ command })({ signal: controller.signal });
  setTimeout(() => controller.abort(new Error("enough")), 50);
  await t.throwsAsync(waiting, { message: "enough" });
  await t.throwsAsync(fromProcess({ command })({ signal: AbortSignal.abort(new Error("before")) }), {
    message: "before",
  });
});

test("wrong options are refused at once", (t) => {
  t.throws(() => fromProcess({ command: "" }), { instanceOf: BRSValidationError });
  t.throws(() => fromProcess({ command: "a 'b" }), { instanceOf: BRSConfigurationError, message: /not closed/ });
  t.throws(() => fromProcess({ timeout: 0 }), { instanceOf: BRSValidationError });
  t.throws(() => fromProcess({ region: "eu-west-1" } as never), { message: /region is not an option/ });
  t.throws(() => fromProcess({ comand: "x" } as never), { message: /comand is not an option/ });
});
