/**
 * `npm run fuzz`: random inputs to the canonicaliser (10 million) and the verifier (1 million), in a release build. Arguments
 * go to `crates/core/examples/fuzz`: --canonical N --verify N --seed S --from N --threads N.
 */
import { passThrough } from "./steps.mjs";

process.exitCode = await passThrough("cargo", [
  ...["run", "--release", "--quiet", "-p", "aws-refresh-session-core", "--example", "fuzz", "--"],
  ...process.argv.slice(2),
]);
