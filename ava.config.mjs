/** How ava finds and loads the tests: compiled ahead, one process per file, the package imported by its own name. */
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileTests } from "./scripts/compile-tests.mjs";

compileTests();

// A home without ".aws": no test may read, or depend on, the configuration of whoever runs it. What tools keep there stays.
const home = fileURLToPath(new URL("node_modules/.cache/home", import.meta.url));
const { RUSTUP_HOME = join(homedir(), ".rustup"), CARGO_HOME = join(homedir(), ".cargo") } = process.env;

const waits = (file) => /-(minute|outage|recovery)\.spec\.ts$/.test(file);

export default {
  files: ["__test__/**/*.spec.ts"],
  typescript: { rewritePaths: { "__test__/": ".tests/" }, compile: false },
  // A process per file, so that a test may change process-wide state, and may count handles and threads.
  workerThreads: false,
  // More than the processors of CI: the tests of real servers spend their time waiting for credentials to end.
  concurrency: 5,
  // Those that wait for a minute while credentials end: begun last, they would leave the processors idle at the end.
  sortTestFiles: (one, other) => Number(waits(other)) - Number(waits(one)) || (one < other ? -1 : 1),
  // The first: the AWS SDK announces at every start when it will leave this version of Node.
  environmentVariables: {
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    HOME: home,
    USERPROFILE: home,
    RUSTUP_HOME,
    CARGO_HOME,
  },
  // Real servers and forty worker threads share two cores in CI: this catches a hang, it judges no speed.
  timeout: "3m",
};
