/** `npm run bench`: prints the ratios that the README quotes, then the core's own figures; `--ratios` leaves those out. */
import { spawnSync } from "node:child_process";
import { coldStart } from "./cold-start.mjs";
import { presigning, signing, signingGlobally } from "./sign.mjs";

const BUDGETS = [
  ["signSync", "aws4", 8],
  ["signSync", "@smithy/signature-v4", 16],
  ["await sign", "aws4", 6],
  ["presignMany, one core", "aws4 (signQuery)", 12],
  ["presignMany, one core", "getSignedUrl (AWS SDK)", 150],
  ["signSync, SigV4a", "@smithy/signature-v4a", 10],
  ["require and first signature", "require and first signature, aws4", 1],
];

function table(title, results) {
  const width = Math.max(...[...results.keys()].map((name) => name.length));
  console.log(`\n${title}\n${"".padEnd(width)}        µs   per second`);
  for (const [name, nanoseconds] of results) {
    const perSecond = Math.round(1e9 / nanoseconds).toLocaleString("en-US");
    console.log(`${name.padEnd(width)}  ${(nanoseconds / 1000).toFixed(2).padStart(8)}  ${perSecond.padStart(11)}`);
  }
}

const results = new Map();
for (const [title, run] of [
  ["Signing: small JSON request, 510-byte token", signing],
  ["Presigning: S3 GetObject, 510-byte token, for each URL", presigning],
  ["Signing for all regions: S3 GetObject, 510-byte token", signingGlobally],
  ["Cold start of a process", coldStart],
]) {
  const found = await run();
  table(title, found);
  for (const [name, nanoseconds] of found) results.set(name, nanoseconds);
}
console.log("\nRatios (medians of interleaved rounds in this run)");
for (const [ours, theirs, budget] of BUDGETS) {
  const ratio = results.get(theirs) / results.get(ours);
  const verdict = ratio >= budget ? "reached" : "missed";
  console.log(
    `${`${ours} is ${ratio.toFixed(1)} x ${theirs}`.padEnd(58)} budget ${String(budget).padStart(3)} x  ${verdict}`,
  );
}
if (!process.argv.includes("--ratios")) {
  console.log("\nThe core alone (criterion)");
  const { status } = spawnSync("cargo", ["bench", "-p", "aws-refresh-session-core"], { stdio: "inherit" });
  process.exitCode = status ?? 1;
}
