/** Tests of running a program of the user: what keeps the process, and what becomes of programs that others leave behind. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import test from "ava";
import { CommandFailure, programName, runCommand } from "../../dist/sources/run-command.js";

const run = promisify(execFile);
const module = new URL("../../dist/sources/run-command.js", import.meta.url).href;

/** A program of its own, which waits for a command that does not end, under a hold. */
const waiting = (held: boolean) => `
  import { runCommand } from ${JSON.stringify(module)};
  const listeners = new Set();
  const hold = { held: ${held}, onChange: (listener) => (listeners.add(listener), () => listeners.delete(listener)) };
  const command = [process.execPath, "-e", "process.stdin.resume(); setTimeout(() => console.log('done'), 300)"];
  process.on("exit", () => console.log("exit"));
  runCommand(command, { hold, input: "", timeout: 3600 }).then(({ stdout }) => console.log(stdout.trim()));
`;

for (const [held, output] of [
  [true, "done\nexit\n"],
  [false, "exit\n"],
] as const) {
  test(`a command that ${held ? "somebody" : "nobody"} waits for ${held ? "keeps" : "does not keep"} the process`, async (t) => {
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", waiting(held)], { timeout: 60_000 });
    t.is(stdout, output);
  });
}

test("what a program left behind holds its output open, and does not spoil it", async (t) => {
  const child = "setTimeout(() => {}, 20_000)";
  const script = `
    const child = child_process.spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "inherit", detached: true });
    console.log(child.pid);
    child.unref();`;
  const { stdout } = await runCommand([process.execPath, "-e", script], { timeout: 3 });
  process.kill(Number(stdout.trim()));
  t.regex(stdout, /^\d+\n$/);
});

test("output is read as UTF-8, across pieces", async (t) => {
  const script =
    "const text = Buffer.from('ä€😀'.repeat(20000)); let at = 0;" +
    "const write = () => { if (at < text.length) { process.stdout.write(text.subarray(at, at += 4001), write); } }; write();";
  const { stdout } = await runCommand([process.execPath, "-e", script]);
  t.is(stdout, "ä€😀".repeat(20_000));
});

test("an empty name is a failure like others", async (t) => {
  await t.throwsAsync(runCommand([""]), { instanceOf: CommandFailure });
});

for (const [file, name] of [
  ["/opt/vend", "/opt/vend"],
  ["TOKEN=hush-secret", "TOKEN=..."],
  ["TOKEN=hush secret vend", "TOKEN=..."],
  ["vend --pin hush-secret", "vend..."],
  [" hush", "hush"],
] as const) {
  test(`a command that begins with ${JSON.stringify(file)} is called ${name}`, async (t) => {
    t.is(programName([file]).trim(), name);
    const error = await t.throwsAsync(runCommand([`${file}/not-there`]), { instanceOf: CommandFailure });
    t.false(file !== name && file.includes("secret") && error?.message.includes("secret"));
  });
}

test("what a program says of the value of an argument is not shown", async (t) => {
  const script = "console.error('bad token', process.argv[1].split('=')[1]); process.exit(1)";
  const error = await t.throwsAsync(runCommand([process.execPath, "-e", script, "TOKEN=hush-secret"]), {
    instanceOf: CommandFailure,
  });
  t.regex(error?.message ?? "", /bad token <redacted>$/);
});

for (const input of ["hush-secret\n", Buffer.from("hush-secret\n")]) {
  test(`what a program says of its input, given as ${typeof input}, is not shown`, async (t) => {
    const script = "process.stdin.on('data', (data) => console.error('no ' + data)).on('end', () => process.exit(1))";
    const error = await t.throwsAsync(runCommand([process.execPath, "-e", script], { input }));
    t.regex(error?.message ?? "", /no <redacted>$/);
  });
}

test("what a program says to the terminal does not reach it by the error", async (t) => {
  const script = "console.error('\\x1b[2J\\x07locked\\x9b1m'); process.exit(1)";
  const error = await t.throwsAsync(runCommand([process.execPath, "-e", script]));
  t.notRegex(error?.message ?? "", /\p{Cc}/u);
  t.regex(error?.message ?? "", /locked/);
});
