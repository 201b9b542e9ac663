/** botocore in a process of its own, asked one case a line; and the rule for tests where it is not installed. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";

/** What botocore made of a case. */
export interface OracleAnswer {
  readonly error?: string;
  readonly url: string;
  readonly headers: ReadonlyArray<readonly [string, string]>;
  readonly timestamp: string | null;
  readonly fields: Record<string, string> | null;
  readonly policy: Record<string, unknown> | null;
  readonly prepared: {
    readonly url: string;
    readonly headers: ReadonlyArray<readonly [string, string]>;
    readonly body: string | null;
  };
  readonly canonicalRequest: string | null;
  readonly stringToSign: string | null;
}

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const python =
  process.env.BOTOCORE_PYTHON ??
  path(`../../.servers/ministack/${process.platform === "win32" ? "Scripts/python.exe" : "bin/python"}`);
const inCI = !["", "0", "false"].includes((process.env.CI ?? "").toLowerCase());

type Register = (title: string, implementation: (t: ExecutionContext) => Promise<void>) => void;

/** Registers tests that ask botocore. Without the modules they need they count as skipped; in CI they run, and fail. */
export function oracleTests(...modules: string[]): Register {
  const isThere = existsSync(python) && spawnSync(python, ["-c", `import ${modules.join(", ")}`]).status === 0;
  return isThere || inCI ? test.serial : test.skip;
}

/** Asks botocore about every case; `pure` is its Python classes, otherwise those of the AWS CRT. */
export async function askBotocore(cases: readonly object[], pure: boolean): Promise<OracleAnswer[]> {
  const child = spawn(python, [path("botocore-oracle.py")], {
    env: { PATH: process.env.PATH ?? "", PYTHONIOENCODING: "utf-8", ...(pure ? { BOTO_DISABLE_CRT: "true" } : {}) },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const answers: OracleAnswer[] = [];
  const reading = (async () => {
    for await (const line of createInterface({ input: child.stdout })) answers.push(JSON.parse(line) as OracleAnswer);
  })();
  for (const each of cases) {
    if (!child.stdin.write(`${JSON.stringify(each)}\n`)) await once(child.stdin, "drain");
  }
  child.stdin.end();
  await Promise.all([reading, ended]);
  if (answers.length !== cases.length) throw new Error(`botocore answered ${answers.length} of ${cases.length} cases`);
  return answers;
}
