/** How ava finds and loads the tests: TypeScript as ES modules, one process per file, the package imported by its own name. */
import { fileURLToPath } from "node:url";

// A home without ".aws": no test may read, or depend on, the configuration of whoever runs it.
const home = fileURLToPath(new URL("__test__", import.meta.url));

export default {
  files: ["__test__/**/*.spec.ts"],
  extensions: { ts: "module" },
  // A process per file, so that a test may change process-wide state, and may count handles and threads.
  workerThreads: false,
  nodeArguments: ["--import=@oxc-node/core/register"],
  // The AWS SDK announces at every start when it will leave this version of Node.
  environmentVariables: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true", HOME: home, USERPROFILE: home },
  // Real servers and forty worker threads share two cores in CI: this catches a hang, it judges no speed.
  timeout: "3m",
};
