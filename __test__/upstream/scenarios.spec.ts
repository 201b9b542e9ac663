/**
 * One file of scenarios, run through our sessions and through boto3-refresh-session: both come to the same, or each to its own
 * for the reason that stands there.
 */
import { readFileSync } from "node:fs";
import test from "ava";
import { ask, testWith } from "../parity/python-oracle.js";
import { observeOurs, type Scenario } from "./scenario-runner.js";

const scenarios = JSON.parse(readFileSync(new URL("scenarios.json", import.meta.url), "utf8")) as Scenario[];

/** What each side is expected to observe: the construction, then each step. */
function expectations(scenario: Scenario, side: "ours" | "theirs"): object[] {
  const { constructs = { expect: { constructed: "ok", calls: 0 } }, steps = [] } = scenario;
  return [constructs, ...steps].map((each) => ("expect" in each ? each.expect : each[side]));
}

for (const scenario of scenarios) {
  test(`ours: ${scenario.name}`, async (t) => {
    t.deepEqual(await observeOurs(scenario), expectations(scenario, "ours"));
  });
}

testWith("boto3-refresh-session")("boto3-refresh-session comes to what the scenarios say of it", (t) => {
  const observed = ask<object[]>("../upstream/scenarios.py", scenarios, SURROUNDINGS, "boto3-refresh-session");
  t.is(observed.length, scenarios.length);
  for (const [index, scenario] of scenarios.entries()) {
    t.deepEqual(observed[index], expectations(scenario, "theirs"), scenario.name);
  }
});

/** Nothing of the machine's own configuration of AWS may reach it. */
const SURROUNDINGS = {
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_CONFIG_FILE: "/nonexistent/config",
  AWS_SHARED_CREDENTIALS_FILE: "/nonexistent/credentials",
};

test("every difference has its reason, and is one", (t) => {
  for (const scenario of scenarios) {
    const { constructs = { expect: {} }, steps = [] } = scenario;
    for (const each of [constructs, ...steps]) {
      if ("expect" in each) continue;
      t.regex(each.because, /\S+ \S+/, scenario.name);
      t.notDeepEqual(each.ours, each.theirs, scenario.name);
    }
  }
});
