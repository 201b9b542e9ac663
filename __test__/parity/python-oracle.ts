/** Runs Python programs of the tests with what is installed, pinned, in .servers/: JSON lines in, JSON lines out. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import test from "ava";
import { inCI } from "../support/in-ci.js";

/** The interpreter of a virtual environment; that of MiniStack has a botocore. */
function pythonOf(environment = "ministack"): string {
  const venv = fileURLToPath(new URL(`../../.servers/${environment}/`, import.meta.url));
  return `${venv}${process.platform === "win32" ? "Scripts/python.exe" : "bin/python"}`;
}

/** Registers a test that needs a virtual environment: skipped where that is not installed, but not in CI. */
export const testWith = (environment?: string) => (existsSync(pythonOf(environment)) || inCI ? test : test.skip);

/** Registers a test that needs botocore. */
export const oracleTest = testWith();

/** What the program answers to each of the cases, in order. */
export function ask<Answer>(
  program: string,
  cases: readonly object[],
  variables: Readonly<Record<string, string>> = {},
  environment?: string,
): Answer[] {
  const output = execFileSync(pythonOf(environment), [fileURLToPath(new URL(program, import.meta.url))], {
    input: cases.map((each) => `${JSON.stringify(each)}\n`).join(""),
    encoding: "utf8",
    maxBuffer: 1 << 28,
    // Nothing of the machine's own configuration of AWS may reach it.
    env: { PATH: process.env.PATH ?? "", PYTHONDONTWRITEBYTECODE: "1", PYTHONIOENCODING: "utf-8", ...variables },
  });
  return output
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
