/**
 * `npm run fuzz`: random inputs to the canonicaliser (10 million) and the verifier (1 million), in a release build that checks for
 * overflow. Arguments go to `crates/core/examples/fuzz`: --canonical N --verify N --seed S --from N --threads N.
 */
import { join } from "node:path";
import { passThrough, root } from "./steps.mjs";

process.exitCode = await passThrough(
  "cargo",
  [
    ...["run", "--release", "--quiet", "-p", "aws-refresh-session-core", "--example", "fuzz", "--"],
    ...process.argv.slice(2),
  ],
  {
    env: {
      ...process.env,
      // What wraps in the published build would hide here; a folder of its own spares the others a build.
      CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS: "true",
      CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS: "true",
      CARGO_PROFILE_RELEASE_LTO: "thin",
      CARGO_TARGET_DIR: join(root, "target", "fuzz"),
    },
  },
);
