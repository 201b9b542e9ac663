/** Ava tests that need a server: started before them, ended after them. */
import test, { type ExecutionContext } from "ava";
import { inCI } from "../support/in-ci.js";
import { isInstalled, type RunningServer, type ServerProgram, startServer } from "./server-program.js";

export type { RunningServer, ServerProgram } from "./server-program.js";

export type Register = (title: string, implementation: (t: ExecutionContext) => void | Promise<void>) => void;

/**
 * Registers the tests of a file that need a server: they run one after the other, each file on a server of its own. Where
 * the server is not installed they count as skipped; in CI they run all the same, and fail. `complete` makes what the server is
 * started with where that takes a while.
 */
export function serverTests(
  server: ServerProgram,
  prepare: (running: RunningServer) => Promise<void>,
  complete: () => Promise<ServerProgram> = async () => server,
): Register {
  if (!isInstalled(server) && !inCI) return test.skip;
  let running: RunningServer | undefined;
  test.before(async () => {
    running = await startServer(await complete());
    await prepare(running);
  });
  test.after.always(() => running?.stop());
  return test.serial;
}
