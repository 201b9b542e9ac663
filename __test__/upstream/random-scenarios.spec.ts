/** Random scenarios in which our sessions and those of boto3-refresh-session have to come to the same, step by step. */
import { ask, testWith } from "../parity/python-oracle.js";
import { seeded } from "../parity/seeded.js";
import { type Answer, observeOurs, type Scenario } from "./scenario-runner.js";

const random = seeded();
const { below, pick, chance } = random;

/** Longer than any pause after a failure, of which there are none over there. */
const LONGEST_PAUSE = 31;

/**
 * One window, so that every caller waits there; lifetimes of at least four windows, so that these count as given; and failures
 * only for callers who come alone, since over there each of several would try again.
 */
function newScenario(index: number): Scenario {
  const window = 10 + below(900);
  const mayFail = chance(0.5);
  const newAnswer = (): Answer => {
    if (mayFail && chance(0.4)) return "fail";
    const lifetime = 4 * window + below(8 * window);
    return chance(0.3) ? { expiry: "date", lifetime } : { lifetime };
  };
  let clock = 0;
  const steps = random.list(14, () => {
    clock += LONGEST_PAUSE + pick([0, 1, below(window), below(4 * window), 4 * window, below(12 * window)]);
    return { clock, callers: mayFail ? 1 : 1 + below(4), answers: random.list(2, newAnswer), expect: {} };
  });
  return {
    name: `random ${index}`,
    options: { deferRefresh: false, advisoryTimeout: window, mandatoryTimeout: window },
    answers: [{ lifetime: 4 * window + below(4 * window) }],
    steps,
  };
}

testWith("boto3-refresh-session")("100 random scenarios come to the same on both sides", async (t) => {
  t.log(`SEED=${random.seed}`);
  const scenarios = Array.from({ length: 100 }, (_, index) => newScenario(index));
  const theirs = ask<object[]>("../upstream/scenarios.py", scenarios, {}, "boto3-refresh-session");
  const seen = new Set<string>();
  for (const [index, scenario] of scenarios.entries()) {
    const ours = await observeOurs(scenario);
    t.deepEqual(ours, theirs[index], JSON.stringify(scenario));
    for (const outcome of JSON.stringify(ours).match(/AKID\d|Outage/g) ?? []) seen.add(outcome);
  }
  // They must not all be idle.
  for (const outcome of ["AKID1", "AKID4", "Outage"]) t.true(seen.has(outcome), outcome);
});
