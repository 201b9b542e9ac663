/** Everything that has to hold before a change lands: `npm test` and the gates around it, all run, then one sum. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build, installPackages, missingTools } from "./prepare.mjs";
import { capture, localProgram, root, step } from "./steps.mjs";
import { Sums } from "./sums.mjs";

const sums = new Sums();

/** Prints the sums as the last line and ends the process. */
function finish() {
  console.log(`\n${sums}`);
  process.exit(sums.failed === 0 ? 0 : 1);
}

/** Gates that do not touch each other's files run at once; their lines come in this order. */
async function gates(works) {
  const begun = works.map(([name, work]) => [name, work()]);
  for (const [name, result] of begun) sums.check((await step(name, () => result)).ok);
}
const node = (name, ...args) => [name, () => capture(process.execPath, args)];
const cargo = (name, ...args) => [name, () => capture("cargo", args)];
const script = (name, file) => [
  name,
  async () => {
    const result = await capture(process.execPath, [join(root, "scripts", file)]);
    return { ...result, ...(result.ok ? { detail: result.output.trim().replaceAll("\n", "; ") } : {}) };
  },
];

const GENERATED = ["index.js", "index.d.ts", "Cargo.lock"];
const contents = () =>
  GENERATED.map((name) => (existsSync(join(root, name)) ? readFileSync(join(root, name), "utf8") : null));

const missing = missingTools();
for (const line of missing) console.log(line);
if (missing.length > 0) {
  sums.check(false);
  finish();
}

// Compared with what was there before the build, not with git: so it holds for changes that are not committed yet.
const before = contents();
if (!(await installPackages())) {
  sums.check(false);
  finish();
}
sums.check(await build());
if (sums.failed > 0) finish();

async function generatedFiles() {
  const after = contents();
  const stale = GENERATED.filter((_, index) => before[index] !== after[index]);
  const output = `${stale.join(" and ")} did not fit the sources: commit what \`npm run build\` wrote`;
  return { ok: stale.length === 0, output, detail: stale.length === 0 ? "current" : stale.join(", ") };
}

await gates([
  ["generated files", generatedFiles],
  cargo("rustfmt", "fmt", "--all", "--check", "--", "--color=never"),
  node(
    "biome",
    localProgram("@biomejs/biome", "biome"),
    ...["ci", "--colors=off", "--error-on-warnings", "--max-diagnostics=200", "."],
  ),
  node("tsc src-ts", localProgram("typescript", "tsc"), "-p", "tsconfig.json", "--noEmit"),
  node("tsc __test__", localProgram("typescript", "tsc"), "-p", "__test__/tsconfig.json"),
  cargo("clippy", "clippy", "--workspace", "--all-targets", "--", "-D", "warnings"),
  script("package", "check-package.mjs"),
  script("glibc", "check-glibc.mjs"),
  script("builder's paths", "check-paths.mjs"),
]);

console.log();
const tests = await capture("npm", ["test"], { echo: true });
sums.add(Sums.ofClosingLine(tests));
finish();
