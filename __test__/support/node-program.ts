/** Runs a program in a Node process of its own, to see what it says and that it ends by itself. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { ExecutionContext } from "ava";

/** What the program writes to stdout until it has ended, which it must do with exit code 0. */
export async function outputOf(t: ExecutionContext, program: string, ...nodeArguments: string[]): Promise<string> {
  const child = spawn(process.execPath, [...nodeArguments, "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  t.teardown(() => child.kill());
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  t.deepEqual(await once(child, "close"), [0, null]);
  return output;
}
