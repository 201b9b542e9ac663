/** A home directory for one test, with AWS's files in it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";

export interface Home {
  readonly homeDir: string;
  /** Path of a file below it. */
  path(name: string): string;
  /** Writes a file below it and gives its path; `config` and `credentials` are those in `.aws`. */
  write(name: string, content: string): string;
}

/** Removed when the test is over. */
export function newHome(t: ExecutionContext, files: Readonly<Record<string, string>> = {}): Home {
  const homeDir = mkdtempSync(join(tmpdir(), "home-"));
  t.teardown(() => rmSync(homeDir, { recursive: true, force: true }));
  mkdirSync(join(homeDir, ".aws"));
  const path = (name: string) => join(homeDir, ...(/^(config|credentials)$/.test(name) ? [".aws"] : []), name);
  const write = (name: string, content: string) => {
    writeFileSync(path(name), content, { mode: 0o600 });
    return path(name);
  };
  for (const [name, content] of Object.entries(files)) write(name, content);
  return { homeDir, path, write };
}
