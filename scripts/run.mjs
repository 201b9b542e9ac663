/** `npm run demo`, `test`, `bench`, `explain` and `fuzz` on a fresh clone: installs and builds what is missing, then runs the task. */
import { join } from "node:path";
import { build, installPackages, requireTools } from "./prepare.mjs";
import { passThrough, root } from "./steps.mjs";

const TASKS = {
  demo: "scripts/demo.mjs",
  test: "scripts/test.mjs",
  bench: "benchmark/index.mjs",
  explain: "examples/explain.mjs",
  fuzz: "scripts/fuzz.mjs",
};

const [task, ...args] = process.argv.slice(2);
if (!Object.hasOwn(TASKS, task ?? "")) {
  console.error(`usage: node scripts/run.mjs ${Object.keys(TASKS).join("|")} [arguments of the task]`);
  process.exit(2);
}
requireTools();
if (!(await installPackages()) || !(await build())) process.exit(1);
console.log();
process.exitCode = await passThrough(process.execPath, [join(root, TASKS[task]), ...args]);
