/** Whether this run is the gate, where a tool that is missing is a failure, or somebody's machine, where it is a skip. */
export const inCI = !["", "0", "false"].includes((process.env.CI ?? "").toLowerCase());
