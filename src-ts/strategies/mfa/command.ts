/** Codes from a command: the last six digits that it writes to stdout. */
import { BRSConfigurationError } from "../../errors.js";
import { splitCommandLine } from "../../sources/command-line.js";
import { CommandFailure, DEFAULT_COMMAND_TIMEOUT, programName, runCommand } from "../../sources/run-command.js";
import {
  checkRecord,
  checkSeconds,
  checkText,
  givenNames,
  isRecord,
  LONGEST_TIMER_SECONDS,
  refuse,
} from "../option-checks.js";
import { type CodeRequest, type CodeSource, type MfaCommandOptions, STEP_SECONDS } from "./provider.js";

const PARAM = "mfaTokenProvider";
const ARGS = "mfaTokenProviderArgs";

/** A token as a word of its own: a part of a longer word or number is none. */
const TOKEN = /\b\d{6}\b/g;

export class CommandCodes implements CodeSource {
  readonly prompts = true;
  readonly period = STEP_SECONDS;
  readonly patience: number;
  readonly #command: readonly string[];
  readonly #options: MfaCommandOptions;

  /** @throws BRSConfigurationError for an empty or badly quoted command, or an option that commands do not have */
  constructor(command: string | readonly unknown[], args: unknown) {
    this.#command = typeof command === "string" ? splitCommandLine(command, { param: PARAM }) : checkWords(command);
    if (this.#command[0] === "") throw emptyCommand();
    if (this.#command.some((word) => word.includes("\0")))
      refuse(PARAM, "a command without NUL characters", command, true);
    this.#options = checkCommandOptions(args);
    this.patience = this.#options.timeout ?? DEFAULT_COMMAND_TIMEOUT;
  }

  async ask({ signal, hold }: CodeRequest): Promise<string> {
    const { stdout, stderr } = await this.#run(signal, hold);
    const code = stdout.match(TOKEN)?.at(-1);
    if (code !== undefined) return code;
    throw new BRSConfigurationError(
      `${PARAM}: the command wrote no code to stdout; it has to print six digits that stand alone`,
      { param: PARAM, value: programName(this.#command), details: { reason: "no-token", stderr }, retryable: true },
    );
  }

  async #run(signal: AbortSignal, hold: CodeRequest["hold"]) {
    try {
      return await runCommand(this.#command, { ...this.#options, signal, hold });
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      const { reason, message, details, retryable } = error;
      throw new BRSConfigurationError(`${PARAM}: ${message}`, {
        param: PARAM,
        value: programName(this.#command),
        details: { reason, ...details },
        retryable,
      });
    }
  }
}

function emptyCommand(): BRSConfigurationError {
  return new BRSConfigurationError(`${PARAM} is an empty command; name a program, and its arguments behind it`, {
    param: PARAM,
  });
}

function checkWords(words: readonly unknown[]): readonly string[] {
  if (words.length === 0) throw emptyCommand();
  return words.map((word, index) =>
    typeof word === "string" ? word : refuse(`${PARAM}[${index}]`, "text", word, true),
  );
}

const COMMAND_OPTIONS: Readonly<Record<keyof MfaCommandOptions, (param: string, value: unknown) => unknown>> = {
  cwd: (param, value) => checkText(param, value, { expected: "the path of a folder" }),
  env: checkVariables,
  input: (param, value) =>
    typeof value === "string" || value instanceof Uint8Array ? value : refuse(param, "text or bytes", value, true),
  timeout: (param, value) => checkSeconds(param, value, { above: true, max: LONGEST_TIMER_SECONDS }),
};

function checkVariables(param: string, value: unknown): unknown {
  const fits = isRecord(value) && Object.values(value).every((text) => text === undefined || typeof text === "string");
  return fits ? { ...value } : refuse(param, "an object of variables that are text", value, true);
}

function checkCommandOptions(given: unknown): MfaCommandOptions {
  const options = checkRecord(ARGS, given, "{ timeout: 60 }");
  const checked: Record<string, unknown> = {};
  for (const name of givenNames(options)) {
    const param = `${ARGS}.${name}`;
    const check = Object.hasOwn(COMMAND_OPTIONS, name) ? COMMAND_OPTIONS[name as keyof MfaCommandOptions] : undefined;
    if (check === undefined) {
      throw new BRSConfigurationError(
        `${param} is not an option of commands, which take ${Object.keys(COMMAND_OPTIONS).join(", ")}: ` +
          "the output is always read, and no shell or other program is put between",
        { param },
      );
    }
    checked[name] = check(param, options[name]);
  }
  return checked;
}
