/** Runs a program of the user's and takes what it writes: no shell, no terminal, bounded in time and size. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { follow, type StartTimer, systemTimer } from "../aws/hold.js";
import { plainLine, withoutSecrets } from "../aws/service-error.js";
import type { Environment } from "../defaults.js";
import { shown } from "../errors.js";
import type { ProcessHold } from "../strategies/strategy.js";

/** Seconds. */
export const DEFAULT_COMMAND_TIMEOUT = 30;

const MAX_STDOUT_BYTES = 1 << 20;
const MAX_STDERR_BYTES = 1 << 16;
/** The end of what the program wrote to stderr goes into an error, where the reason usually stands. */
const MAX_SHOWN_STDERR = 500;

export interface RunCommandOptions {
  readonly cwd?: string | undefined;
  /** All variables of the program; default: those of this process. */
  readonly env?: Environment | undefined;
  /** What the program reads from stdin; without it stdin is at its end from the start. */
  readonly input?: string | Uint8Array | undefined;
  /** Seconds until the program is killed. Default 30. */
  readonly timeout?: number | undefined;
  /** Kills the program; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Whether anybody awaits the call; without it somebody does. */
  readonly hold?: ProcessHold | undefined;
  readonly startTimer?: StartTimer | undefined;
}

/** What went wrong, for programs: `ENOENT` and the like are in `details.errno` of the failure. */
export type CommandFailureReason = "not-found" | "permission" | "system" | "timeout" | "exit" | "output";

/**
 * Why a program gave nothing. Its message completes the sentence "<option> ..."; whoever called makes an error of the
 * package of it. Nothing in it quotes stdout, the arguments or the input.
 *
 * @property stderr - the end of what the program wrote there, without arguments, input and digits that may be a code
 * @property retryable - whether the same command may succeed at another time
 */
export class CommandFailure extends Error {
  readonly reason: CommandFailureReason;
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryable: boolean;

  constructor(reason: CommandFailureReason, problem: string, details: Record<string, unknown> = {}) {
    super(problem);
    this.reason = reason;
    this.details = details;
    this.retryable = reason === "timeout" || reason === "exit" || reason === "system";
  }
}

/** What a program wrote before it ended with exit code 0. */
export interface CommandOutput {
  readonly stdout: string;
  /** As in {@link CommandFailure}: fit for an error. */
  readonly stderr: string;
}

/**
 * Runs `command[0]` with the rest as its arguments. What it needs from a person it has to ask for by a window of its own or
 * at the terminal device: stdin, stdout and stderr are not those of this process.
 *
 * The program keeps this process alive only while somebody waits. When time is up, the signal aborts or stdout passes 1 MiB,
 * the program is killed; programs that it started are its own matter.
 *
 * @throws CommandFailure, or the reason of the signal
 */
export function runCommand(command: readonly string[], options: RunCommandOptions = {}): Promise<CommandOutput> {
  const { signal, hold, startTimer = systemTimer, timeout = DEFAULT_COMMAND_TIMEOUT } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    let child: ChildProcess;
    try {
      child = start(command, options);
    } catch (error) {
      return reject(startFailure(error, command, options));
    }
    const stdout = new Output(MAX_STDOUT_BYTES);
    const stderr = new Output(MAX_STDERR_BYTES);
    const shownStderr = () => presentable(stderr.text(), command, options.input);
    let isOver = false;
    const finish = (settle: () => void) => {
      if (isOver) return;
      isOver = true;
      signal?.removeEventListener("abort", onAbort);
      timer.cancel();
      for (const release of releases) release();
      // Programs that it started may hold the pipes open for ever.
      for (const pipe of child.stdio) pipe?.destroy();
      settle();
    };
    const kill = (reason: unknown) => {
      child.kill("SIGKILL");
      child.unref();
      finish(() => reject(reason));
    };
    const onAbort = () => kill(signal?.reason);
    const ended = (code: number | null, killedBy: string | null) => {
      const how = code === null ? `was ended by ${killedBy}` : `ended with exit code ${code}`;
      if (code === 0) return finish(() => resolve({ stdout: stdout.text(), stderr: shownStderr() }));
      const details = { exitCode: code, ...(killedBy !== null && { signal: killedBy }), stderr: shownStderr() };
      finish(() => reject(new CommandFailure("exit", `${program(command)} ${how}${said(details.stderr)}`, details)));
    };
    const onTime = () => {
      // It has ended, and only a program that it left behind holds its output open.
      if (child.exitCode !== null || child.signalCode !== null) return ended(child.exitCode, child.signalCode);
      const details = { timeout, stderr: shownStderr() };
      const problem = `${program(command)} did not end within ${timeout} s${said(details.stderr)}`;
      kill(new CommandFailure("timeout", problem, details));
    };
    const timer = startTimer(timeout * 1000, onTime);
    const releases = [timer, child, ...pipesOf(child)].map((target) => follow(hold, target));
    signal?.addEventListener("abort", onAbort, { once: true });
    child.on("error", (error) => finish(() => reject(startFailure(error, command, options))));
    child.on("close", ended);
    child.stdout?.on("data", (chunk: Buffer) => {
      if (stdout.add(chunk)) return;
      kill(new CommandFailure("output", `${program(command)} wrote more than ${MAX_STDOUT_BYTES} bytes to stdout`));
    });
    child.stderr?.on("data", (chunk: Buffer) => void stderr.add(chunk));
    // A program need not read what it is given.
    child.stdin?.on("error", () => {});
    child.stdin?.end(options.input);
  });
}

function start([file = "", ...args]: readonly string[], { cwd, env, input }: RunCommandOptions): ChildProcess {
  return spawn(file, args, {
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    shell: false,
    windowsHide: true,
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env }),
  });
}

/** The pipes are sockets, which can be unref'd, although their types do not say so. */
function pipesOf(child: ChildProcess): Array<{ ref(): unknown; unref(): unknown }> {
  const pipes = [child.stdin, child.stdout, child.stderr];
  return pipes.filter((pipe) => pipe !== null && "unref" in pipe) as unknown as Array<{
    ref(): unknown;
    unref(): unknown;
  }>;
}

/** The first bytes of a stream, as much as may be kept. */
class Output {
  readonly #chunks: Buffer[] = [];
  readonly #limit: number;
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False when the limit is passed; the chunk is dropped then. */
  add(chunk: Buffer): boolean {
    this.#length += chunk.length;
    if (this.#length > this.#limit) return false;
    this.#chunks.push(chunk);
    return true;
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}

function program(command: readonly string[]): string {
  return `the command ${shown(programName(command))}`;
}

/**
 * The first word of a command as errors may show it. Arguments may be secrets, and what was meant for a shell has some in
 * that word: a variable in front (`TOKEN=...`), or the whole line.
 */
export function programName([file = ""]: readonly string[]): string {
  const shell = /^\s*(\w+=|\S*)\s*(.*)$/s.exec(file);
  return shell?.[2] ? `${shell[1]}...` : file;
}

function said(stderr: string): string {
  return stderr === "" ? "" : `: ${stderr}`;
}

/** stderr without what must not be in an error: arguments that are no names of options or files, the input, digits, keys. */
function presentable(text: string, [, ...args]: readonly string[], input: string | Uint8Array | undefined): string {
  const secrets = args
    .flatMap((argument) => [argument, argument.slice(argument.indexOf("=") + 1)])
    .filter((argument) => argument.length > 3 && !/^([-./\\~]|[a-z]:)/i.test(argument));
  const written = input === undefined ? "" : Buffer.from(input).toString("utf8").trim();
  if (written !== "") secrets.push(written);
  const clean = withoutSecrets(text, secrets)
    .replace(/\d{3}[\s-]?\d{3,}/g, "<redacted>")
    .replace(/[\w+/=-]{32,}/g, (word) => (isKeyLike(word) ? "<redacted>" : word));
  const line = plainLine(clean);
  return line.length > MAX_SHOWN_STDERR ? `...${line.slice(-MAX_SHOWN_STDERR)}` : line;
}

/** Secret keys and tokens mix letters of both cases with digits; paths and names of that length rarely do. */
function isKeyLike(word: string): boolean {
  return /[A-Z]/.test(word) && /[a-z]/.test(word) && /\d/.test(word);
}

/** The error of Node holds all arguments, so it is not passed on as a cause. */
function startFailure(thrown: unknown, command: readonly string[], { cwd }: RunCommandOptions): CommandFailure {
  const { code = "unknown", syscall } = thrown as { code?: string; syscall?: string };
  const details = { errno: code, ...(syscall !== undefined && { syscall: syscall.split(" ", 1)[0] }) };
  if (code === "ENOENT" && cwd !== undefined && !existsSync(cwd)) {
    return new CommandFailure("not-found", `${program(command)} was not started: cwd is not there`, details);
  }
  if (code === "ENOENT") {
    const isForShell = programName(command) !== command[0];
    const advice = isForShell
      ? "no shell reads it, so variables in front and arguments are no part of its name"
      : "install it, or give its whole path";
    return new CommandFailure("not-found", `${program(command)} was not found; ${advice}`, details);
  }
  if (code === "EACCES" || code === "EPERM") {
    const advice = "make the file executable for this user, and cwd accessible";
    return new CommandFailure("permission", `${program(command)} may not be started; ${advice}`, details);
  }
  return new CommandFailure("system", `${program(command)} was not started: the system answered ${code}`, details);
}
