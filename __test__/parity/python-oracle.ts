/** Runs Python programs of the tests with what is installed, pinned, in .servers/: JSON lines in, JSON lines out. */
import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { testWhere } from "../support/in-ci.js";

/** The interpreter of a virtual environment; that of MiniStack has a botocore. */
function pythonOf(environment = "ministack"): string {
  const venv = fileURLToPath(new URL(`../../.servers/${environment}/`, import.meta.url));
  return `${venv}${process.platform === "win32" ? "Scripts/python.exe" : "bin/python"}`;
}

/** Registers a test that needs a virtual environment: skipped where that is not installed, but not in CI. */
export const testWith = (environment?: string) => testWhere(existsSync(pythonOf(environment)));

/** Registers a test that needs botocore. */
export const oracleTest = testWith();

type Variables = Readonly<Record<string, string>>;

/** What is needed to run a program of the tests: its arguments and its surroundings. */
function running(program: string, variables: Variables) {
  return {
    args: [fileURLToPath(new URL(program, import.meta.url))],
    options: {
      encoding: "utf8",
      maxBuffer: 1 << 28,
      // Nothing of the machine's own configuration of AWS may reach it.
      env: { PATH: process.env.PATH ?? "", PYTHONDONTWRITEBYTECODE: "1", PYTHONIOENCODING: "utf-8", ...variables },
    },
  } as const;
}

const toLines = (cases: readonly object[]) => cases.map((each) => `${JSON.stringify(each)}\n`).join("");

const fromLines = <Answer>(output: string): Answer[] =>
  output
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/** What the program answers to each of the cases, in order. */
export function ask<Answer>(
  program: string,
  cases: readonly object[],
  variables: Variables = {},
  environment?: string,
): Answer[] {
  const { args, options } = running(program, variables);
  return fromLines(execFileSync(pythonOf(environment), args, { ...options, input: toLines(cases) }));
}

/** As {@link ask}, for a program that talks to a server of this very process. */
export async function askMeanwhile<Answer>(
  program: string,
  cases: readonly object[],
  variables: Variables = {},
  environment?: string,
): Promise<Answer[]> {
  const { args, options } = running(program, variables);
  const answered = promisify(execFile)(pythonOf(environment), args, options);
  answered.child.stdin?.end(toLines(cases));
  return fromLines((await answered).stdout);
}
