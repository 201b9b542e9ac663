/** Runs child processes as named steps: one calm line each, and their output only when they fail. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const cargoHome = process.env.CARGO_HOME || join(homedir(), ".cargo");
export const rustupHome = process.env.RUSTUP_HOME || join(homedir(), ".rustup");

const NAME_WIDTH = 22;

/**
 * Starts a command and collects what it prints, both streams in order of arrival. Never rejects: a command that cannot be
 * started is a failure whose output says so. `echo` also shows it as it comes.
 */
export function capture(command, args, { cwd = root, env = process.env, echo = false } = {}) {
  return new Promise((resolve) => {
    const chunks = [];
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        chunks.push(chunk);
        if (echo) process.stdout.write(chunk);
      });
    }
    const settle = (code, note = "") => resolve({ ok: code === 0, output: Buffer.concat(chunks).toString() + note });
    child.on("error", (error) => settle(1, `cannot start ${command}: ${error.message}\n`));
    child.on("close", (code, signal) => settle(code, signal ? `${command} was ended by ${signal}\n` : ""));
  });
}

/** Runs a command with this terminal as its own; resolves to its exit code. */
export function passThrough(command, args, { cwd = root, env = process.env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: "inherit" });
    child.on("error", (error) => {
      console.error(`cannot start ${command}: ${error.message}`);
      resolve(1);
    });
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/**
 * One line `name  detail (seconds)` around a piece of work.
 *
 * `work` resolves to `{ ok, output, detail? }`; `output` is printed in full when `ok` is false.
 */
export async function step(name, work) {
  const started = performance.now();
  process.stdout.write(`${name.padEnd(NAME_WIDTH)} `);
  const result = await work();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${result.ok ? (result.detail ?? "ok") : `FAILED${result.detail ? `: ${result.detail}` : ""}`} (${seconds} s)`,
  );
  if (!result.ok && result.output) console.log(`\n${result.output.trimEnd()}\n`);
  return result;
}

/** A step that is one command. */
export const commandStep = (name, command, args, options) => step(name, () => capture(command, args, options));

/** Arguments that run an installed package's program by this very Node, without a shell, on every platform. */
export function localProgram(packageName, program = packageName) {
  const folder = join(root, "node_modules", packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = typeof bin === "string" ? bin : bin[program];
  if (file === undefined) throw new Error(`${packageName} brings no program ${program}`);
  return join(folder, file);
}
