/**
 * Compiles `__test__` into `.tests`, file by file at the same depth: two hundred test processes that each load a compiler take
 * longer than this once. Types are checked by a gate of their own.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { localProgram, root } from "./steps.mjs";

const from = join(root, "__test__");
const to = join(root, ".tests");

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** Makes the folder a place from which the package is found by its own name, as its tests import it. */
function prepareFolder() {
  mkdirSync(join(to, "node_modules"), { recursive: true });
  writeFileSync(join(to, "package.json"), '{ "type": "module" }\n');
  const self = join(to, "node_modules", "aws-refresh-session");
  if (!existsSync(self)) symlinkSync(join("..", ".."), self, "junction");
}

/** Takes away what was compiled from a test that is gone: an import would still find it. */
function dropOrphans(sources) {
  const kept = new Set(sources.map((source) => source.replace(/\.ts$/, ".js")));
  for (const folder of readdirSync(to, { withFileTypes: true })) {
    if (!folder.isDirectory() || folder.name === "node_modules") continue;
    for (const file of filesIn(join(to, folder.name))) {
      if (!kept.has(join(folder.name, file))) rmSync(join(to, folder.name, file));
    }
  }
}

export function compileTests() {
  prepareFolder();
  const sources = filesIn(from);
  dropOrphans(sources);
  const options = [
    // Nothing is looked up in what they import: each file is translated by itself.
    ...["--noCheck", "--noResolve", "--noEmit", "false", "--inlineSourceMap"],
    ...["--rootDir", from, "--outDir", to],
    ...["--incremental", "--tsBuildInfoFile", join(to, "compiled.tsbuildinfo")],
  ];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [localProgram("typescript", "tsc"), "-p", join(from, "tsconfig.json"), ...options],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`the tests could not be compiled:\n${stdout}${stderr}`);
  // What tests read from beside them: programs in Python, recorded answers.
  for (const source of sources) {
    if (source.endsWith(".ts") || source === "tsconfig.json") continue;
    mkdirSync(dirname(join(to, source)), { recursive: true });
    copyFileSync(join(from, source), join(to, source));
  }
}
