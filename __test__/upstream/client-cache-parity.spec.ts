/** The caches beside those of boto3-client-cache: the same order and victims for random calls, and where they differ, what each does. */
import { readFileSync } from "node:fs";
import test from "ava";
import { ask, testWith } from "../parity/python-oracle.js";
import { type Seeded, seeded } from "../parity/seeded.js";
import { DIFFERENCES } from "./client-cache-differences.js";
import { KINDS, type Kind, POLICIES } from "./client-cache-kinds.js";
import { type Observed, observeCache, type Sequence, type Step } from "./client-cache-runner.js";

const NAMES = ["a", "b", "c", "d", "e", "f"];

/** Calls of a mapping put what is given to them into the cache; those of a session build what is not there. */
type Use = "mapping" | "session";

/**
 * A session over there counts two uses of what it builds, ours counts one: the same order, as long as nothing is added by hand.
 * What it builds for a cache of size 0 it cannot find again; ours gives it.
 */
function newStep({ pick, below, chance }: Seeded, use: Use): Step {
  const name = pick(NAMES);
  if (chance(0.75)) return chance(0.5) ? [use === "mapping" ? "add" : "build", name] : ["get", name];
  const others: Step[] = [
    ["has", name],
    ["delete", name],
    ["take", name],
    ["takeNext"],
    ["resize", use === "mapping" ? below(6) : 1 + below(5)],
  ];
  return chance(0.05) ? ["clear"] : pick(others);
}

function newSequences(random: Seeded): Sequence[] {
  return (["client", "resource"] as const).flatMap((kind) =>
    POLICIES.flatMap((policy) =>
      (["mapping", "session"] as const).flatMap((use) =>
        Array.from({ length: 25 }, () => ({
          kind,
          policy,
          maxSize: 1 + random.below(4),
          steps: Array.from({ length: 100 }, () => newStep(random, use)),
        })),
      ),
    ),
  );
}

interface Comparison {
  readonly kind: Kind["name"];
  readonly configs: ReadonlyArray<Readonly<Record<string, unknown>>>;
}

/** Configs of few values, so that some are equal; null is what is left out over there. */
function newComparison({ pick, chance, below }: Seeded): Comparison {
  const nested = () => ({
    ...(chance(0.5) && { region_name: pick(["a", "b"]) }),
    ...(chance(0.5) && { retries: inAnyOrder({ mode: pick(["standard", "legacy"]), max_attempts: below(2) }) }),
    ...(chance(0.3) && { proxies: inAnyOrder({ http: "http://a", https: pick(["http://a", "http://b"]) }) }),
  });
  const inAnyOrder = (given: object) => Object.fromEntries(Object.entries(given).sort(() => (chance(0.5) ? 1 : -1)));
  const configs = Array.from({ length: 40 }, () =>
    inAnyOrder({
      region_name: pick(["a", "b", null]),
      ...(chance(0.5) && { endpoint_url: pick(["a", "http://a", null]) }),
      ...(chance(0.2) && { aws_secret_access_key: pick(["a", "b"]) }),
      ...(chance(0.2) && { api_version: pick(["1", 1, 2]) }),
      ...(chance(0.5) && { config: pick([null, nested()]) }),
    }),
  );
  return { kind: pick(KINDS).name, configs: configs as Comparison["configs"] };
}

/** For each config the first that makes the same key. */
function tellApart({ kind: name, configs }: Comparison): number[] {
  const kind = KINDS.find((each) => each.name === name) as Kind;
  const cache = kind.newCache();
  const keys = configs.map((config) => {
    const given = Object.entries(config).map(([member, value]) => [member, value ?? undefined] as const);
    return cache.key(kind.target, Object.fromEntries(given));
  });
  return keys.map((key) => keys.findIndex((each) => each.equals(key)));
}

/** Deleting what is not there is no error here. */
const asOurs = ([operation]: Step, [outcome, ...rest]: Observed): Observed =>
  operation === "delete" && outcome !== true ? [false, ...rest] : [outcome, ...rest];

const random = seeded();
const sequences = newSequences(random);
const comparisons = Array.from({ length: 25 }, () => newComparison(random));
const differences = DIFFERENCES.map(({ name }) => ({ difference: name }));

let answers: unknown[] | undefined;

/** What is said over there to these, which are some of those above: all are asked at once, by one process. */
function theirAnswers<Answer>(asked: readonly object[]): Answer[] {
  const all = [...sequences, ...comparisons, ...differences];
  answers ??= ask<{ answer: unknown }>(
    "../upstream/client-cache.py",
    all,
    {
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: "/nonexistent/config",
      AWS_SHARED_CREDENTIALS_FILE: "/nonexistent/credentials",
    },
    "boto3-refresh-session",
  ).map(({ answer }) => answer);
  const first = all.indexOf(asked[0] as (typeof all)[number]);
  return answers.slice(first, first + asked.length) as Answer[];
}

const parityTest = testWith("boto3-refresh-session");

parityTest("20 000 random calls: the same answers, order and victims, step by step", (t) => {
  t.log(`SEED=${random.seed}`);
  const all = theirAnswers<Observed[]>(sequences);
  let victims = 0;
  for (const [index, sequence] of sequences.entries()) {
    const { steps, ...cache } = sequence;
    const theirs = all[index]?.map((seen, step) => asOurs(steps[step] as Step, seen)) ?? [];
    const ours = observeCache(sequence);
    const differs = ours.findIndex((seen, step) => JSON.stringify(seen) !== JSON.stringify(theirs[step]));
    const so = `${JSON.stringify(cache)} ${JSON.stringify(steps.slice(0, differs + 1))}`;
    t.deepEqual(ours[differs], theirs[differs], so);
    for (const [step, [, gone]] of ours.entries())
      if (/add|build|resize/.test(steps[step]?.[0] ?? "")) victims += gone.length;
  }
  // They must not all have found room.
  t.true(victims > 1000, `${victims} victims`);
});

parityTest("1000 random configs are told apart alike", (t) => {
  t.log(`SEED=${random.seed}`);
  const all = theirAnswers<number[]>(comparisons);
  for (const [index, comparison] of comparisons.entries())
    t.deepEqual(tellApart(comparison), all[index], JSON.stringify(comparison));
});

parityTest("boto3-client-cache does what is said of it where we differ", (t) => {
  const all = theirAnswers(differences);
  for (const [index, { behaviour, theirs }] of DIFFERENCES.entries()) t.deepEqual(all[index], theirs, behaviour);
});

for (const { behaviour, theirs, ours, observe } of DIFFERENCES) {
  test(`different on purpose: ${behaviour}`, async (t) => {
    t.deepEqual(await observe(t), ours);
    t.notDeepEqual(ours, theirs);
  });
}

test("docs/client-cache-migration.md has the differences, each with a reason", (t) => {
  const page = readFileSync(new URL("../../docs/client-cache-migration.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| (.+?) \| .+? \| .+? \| .+ \|$/gm)].map((row) => row[1]);
  t.deepEqual(
    rows.slice(1),
    DIFFERENCES.map(({ behaviour }) => behaviour),
  );
});
