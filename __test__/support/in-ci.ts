/** Whether this run is the gate, where a tool that is missing is a failure, or somebody's machine, where it is a skip. */
import test from "ava";

export const inCI = !["", "0", "false"].includes((process.env.CI ?? "").toLowerCase());

/** Registers tests that need something: skipped where that is missing, but not in CI. */
export const testWhere = (isThere: boolean) => (isThere || inCI ? test : test.skip);
