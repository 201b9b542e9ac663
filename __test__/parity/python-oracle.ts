/** Runs a Python program of this folder with the botocore that is installed beside MiniStack: JSON lines in, JSON lines out. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import test from "ava";
import { inCI } from "../support/in-ci.js";

const venv = fileURLToPath(new URL("../../.servers/ministack/", import.meta.url));
const python = `${venv}${process.platform === "win32" ? "Scripts/python.exe" : "bin/python"}`;

/** Registers a test that needs botocore: skipped where that is not installed, but not in CI. */
export const oracleTest = existsSync(python) || inCI ? test : test.skip;

/** What the program answers to each of the cases, in order. */
export function ask<Answer>(
  program: string,
  cases: readonly object[],
  environment: Readonly<Record<string, string>> = {},
): Answer[] {
  const output = execFileSync(python, [fileURLToPath(new URL(program, import.meta.url))], {
    input: cases.map((each) => `${JSON.stringify(each)}\n`).join(""),
    encoding: "utf8",
    maxBuffer: 1 << 28,
    // Nothing of the machine's own configuration of AWS may reach it.
    env: { PATH: process.env.PATH ?? "", PYTHONDONTWRITEBYTECODE: "1", PYTHONIOENCODING: "utf-8", ...environment },
  });
  return output
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
