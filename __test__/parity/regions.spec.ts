/** Regions, partitions and services against what botocore's own functions answer. */
import test from "ava";
import { CustomRefreshableSession } from "aws-refresh-session";
import { PARTITIONS } from "../../dist/aws/partitions.js";
import { ask, oracleTest } from "./python-oracle.js";
import { seeded } from "./seeded.js";

const PROGRAM = "../../scripts/regions/botocore-regions.py";

interface Facts {
  readonly version: string;
  readonly partitions: string[];
  readonly services: Record<string, { id: string; endpoints: Record<string, [regional: string[], all: string[]]> }>;
}

interface PartitionRow {
  readonly id: string;
  readonly regionRegex: string;
  readonly regions: Record<string, object>;
  readonly outputs: { dnsSuffix: string; dualStackDnsSuffix: string; implicitGlobalRegion: string };
}

const session = new CustomRefreshableSession({ customCredentialsMethod: () => ({}) as never, env: {} });
test.after.always(() => session.close());

oracleTest("every service has botocore's regions in every partition, with and without the non-regional ones", (t) => {
  const [facts] = ask<Facts>(PROGRAM, [{ ask: "services" }]);
  if (facts === undefined) return t.fail("botocore did not answer");
  t.deepEqual([...session.getAvailablePartitions()].sort(), [...facts.partitions].sort());
  let compared = 0;
  for (const [service, { id, endpoints }] of Object.entries(facts.services)) {
    for (const partitionName of [...facts.partitions, "aws-nowhere"]) {
      const [regional, all] = endpoints[partitionName] ?? [[], []];
      t.deepEqual(session.getAvailableRegions(service, { partitionName }), regional, `${service} in ${partitionName}`);
      const everywhere = session.getAvailableRegions(service, { partitionName, allowNonRegional: true });
      t.deepEqual(everywhere, all, `${service} in ${partitionName}, all`);
      compared += 1;
      // The name of its package in the AWS SDK for JavaScript, unless botocore has another service of that name.
      const alias = id.toLowerCase().replaceAll(" ", "-");
      if (Object.hasOwn(facts.services, alias)) continue;
      t.deepEqual(session.getAvailableRegions(alias, { partitionName }), regional, `${alias} in ${partitionName}`);
    }
  }
  t.log(`${Object.keys(facts.services).length} services of botocore ${facts.version}`);
  t.true(compared > 3_000);
});

oracleTest("partitions have botocore's domains, forms of regions and regions to sign for", (t) => {
  const [rows] = ask<PartitionRow[]>(PROGRAM, [{ ask: "partition facts" }]);
  const facts = PARTITIONS.map(({ name, dnsSuffix, dualStackDnsSuffix, globalSigningRegion, regionPattern }) => ({
    id: name,
    outputs: { dnsSuffix, dualStackDnsSuffix, implicitGlobalRegion: globalSigningRegion },
    // Python's have a hyphen escaped and groups of one.
    form: regionPattern.source,
  }));
  const byName = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
  t.deepEqual(
    facts.sort(byName),
    (rows ?? [])
      .map(({ id, outputs: { dnsSuffix, dualStackDnsSuffix, implicitGlobalRegion }, regionRegex }) => ({
        id,
        outputs: { dnsSuffix, dualStackDnsSuffix, implicitGlobalRegion },
        form: regionRegex.replaceAll("\\-", "-").replaceAll("(de)", "de"),
      }))
      .sort(byName),
  );
  for (const { id, regions } of rows ?? []) {
    for (const region of Object.keys(regions)) t.is(session.getPartitionForRegion(region), id, region);
  }
});

oracleTest("known, later and unknown regions belong where botocore puts them", (t) => {
  const [rows] = ask<PartitionRow[]>(PROGRAM, [{ ask: "partition facts" }]);
  const random = seeded();
  t.log(`SEED=${random.seed}`);
  const parts = [
    "us",
    "eu",
    "cn",
    "gov",
    "iso",
    "isob",
    "isoe",
    "isof",
    "eusc",
    "de",
    "af",
    "mx",
    "moon",
    "",
    "US",
    "1",
  ];
  const places = ["east", "northwest", "central", "x", "_", "e-t"];
  const invented = random.list(2_000, () => {
    const { pick } = random;
    const middle = random.chance(0.4) ? `-${pick(parts)}` : "";
    return `${pick(parts)}${middle}-${pick(places)}-${pick(["1", "7", "12", "", "a", "1a"])}`;
  });
  const known = (rows ?? []).flatMap(({ regions }) => Object.keys(regions));
  const asked = ["", "us-east-1 ", "us-east-9", "us-gov-south-3", "eusc-de-west-2", "nowhere", ...known, ...invented];
  const answers = ask<string | null>(
    PROGRAM,
    asked.map((region) => ({ ask: "partition", region })),
  );
  for (const [index, region] of asked.entries()) {
    // botocore does not place the pseudo regions of whole partitions; its own partitions.json, above, does.
    if (PARTITIONS.some(({ globalRegion }) => globalRegion === region)) continue;
    const expected = answers[index] as string | null;
    const place = () => session.getPartitionForRegion(region);
    if (expected === null) t.throws(place, { code: "ERR_VALIDATION" }, region);
    else t.is(place(), expected, region);
  }
});
