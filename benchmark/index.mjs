/** `npm run bench`: prints the ratios that the README quotes, then the core's own figures; `--ratios` leaves those out. */
import { spawnSync } from "node:child_process";
import { CLIENT_BUDGETS, clientMemory, clients } from "./clients.mjs";
import { coldStart } from "./cold-start.mjs";
import { freshRead } from "./fresh-read.mjs";
import { scaling } from "./presign-scaling.mjs";
import { presigningCommands } from "./presigner.mjs";
import { SDK_BUDGET, sdkClients, shareOf } from "./sdk-client.mjs";
import { presigning, signing, signingGlobally } from "./sign.mjs";
import { loopDelay, streaming } from "./streams.mjs";
import { undici } from "./undici.mjs";

const BUDGETS = [
  ["signSync", "aws4", 8],
  ["signSync", "@smithy/signature-v4", 16],
  ["await sign", "aws4", 6],
  ["presignMany, one core", "aws4 (signQuery)", 12],
  ["presignMany, one core", "getSignedUrl (AWS SDK)", 150],
  ["nativePresigner: presignMany", "getSignedUrl of the SDK", 100],
  ["nativePresigner: presign", "getSignedUrl of the SDK", 100],
  ["on all cores", "on the calling thread", 1.8],
  ["signSync, SigV4a", "@smithy/signature-v4a", 10],
  ["signStream", "bare SHA-256 (node:crypto)", 0.9],
  ["undici, signed GET", "undici, GET", 0.9],
  ["undici, signed POST", "undici, POST", 0.9],
  ["ClientCache, hit, LRU", "boto3-client-cache, hit", 16],
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
  ["Presigning commands of an S3 client: GetObject, 510-byte token, for each URL", presigningCommands],
  ["Signing for all regions: S3 GetObject, 510-byte token", signingGlobally],
  ["presignMany of 20 000 URLs on one core and on all, for each URL", scaling],
  ["Streams of 64 MiB in signed chunks, for each MiB", streaming],
  ["Requests through undici on loopback, 510-byte token", undici],
  ["Reading fresh credentials", freshRead],
  ["Clients of the AWS SDK found in a cache, processor time", clients],
  ["Cold start of a process", coldStart],
]) {
  const found = await run();
  table(title, found);
  for (const [name, nanoseconds] of found) results.set(name, nanoseconds);
}
const requests = await sdkClients();
for (const { title, cpu } of requests) table(`A request of an AWS SDK client, processor time: ${title}`, cpu);
console.log("\nRatios (medians of interleaved rounds in this run)");
for (const [ours, theirs, budget] of BUDGETS) {
  // boto3-client-cache is among what the tests install.
  if (!results.has(theirs)) continue;
  const ratio = results.get(theirs) / results.get(ours);
  const verdict = ratio >= budget ? "reached" : "missed";
  console.log(
    `${`${ours} is ${ratio.toFixed(ratio < 10 ? 2 : 1)} x ${theirs}`.padEnd(68)} budget ${String(budget).padStart(3)} x  ${verdict}`,
  );
}
const LIMITS = [["frozen", 300], ["frozen, shared by threads", 300], ...CLIENT_BUDGETS];
for (const [name, budget] of LIMITS) {
  const nanoseconds = results.get(name);
  const verdict = nanoseconds <= budget ? "reached" : "missed";
  console.log(`${`${name}: takes ${Math.round(nanoseconds)} ns`.padEnd(68)} budget ${budget} ns  ${verdict}`);
}
const { entry, native, client } = clientMemory();
console.log(
  `An entry of the client cache takes ${entry} bytes of the heap and ${native} outside, an S3Client ${client}`,
);
for (const { title, cpu } of requests) {
  for (const name of ["SignatureV4", "withNativeSigning"]) {
    const share = shareOf(cpu, name);
    const verdict = share <= SDK_BUDGET ? "reached" : "missed";
    console.log(`${`${title}: ${name} adds ${share.toFixed(2)} of stock`.padEnd(68)} budget ${SDK_BUDGET}  ${verdict}`);
  }
}
const delay = await loopDelay();
console.log(
  `${`signStream delays the event loop by ${delay.toFixed(1)} ms (99th percentile)`.padEnd(68)} budget 5 ms  ${delay < 5 ? "reached" : "missed"}`,
);
if (!process.argv.includes("--ratios")) {
  console.log("\nThe core alone (criterion)");
  const { status } = spawnSync("cargo", ["bench", "-p", "aws-refresh-session-core"], { stdio: "inherit" });
  process.exitCode = status ?? 1;
}
