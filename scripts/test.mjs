/** `npm test` after the build: the Rust tests, the real servers, then ava; with arguments only ava, which gets them. */
import { prepareServers } from "./servers.mjs";
import { capture, localProgram, passThrough, step } from "./steps.mjs";
import { Sums } from "./sums.mjs";

const ava = localProgram("ava");
const args = process.argv.slice(2);
if (args.length > 0) process.exit(await passThrough(process.execPath, [ava, ...args]));

const sums = new Sums();

await step("cargo tests", async () => {
  const result = await capture("cargo", ["test", "--workspace", "--quiet", "--no-fail-fast"]);
  const counts = Sums.ofCargo(result);
  sums.add(counts);
  return { ...result, detail: Sums.text(counts) };
});

await prepareServers();

await step("ava tests", async () => {
  const result = await capture(process.execPath, [ava, "--tap"]);
  const counts = Sums.ofTap(result);
  sums.add(counts);
  const real = result.output.match(/^(not )?ok \d+ - servers › (?!.*# SKIP$)/gm)?.length ?? 0;
  // What passed would bury what did not.
  const output = result.output.replace(/^(ok .*|# .* hook)\n(# {3}.*\n)*/gm, "");
  return { ok: result.ok, output, detail: `${Sums.text(counts)}; ${real} of them against real servers` };
});

console.log(`\n${sums}`);
process.exitCode = sums.failed === 0 ? 0 : 1;
