/**
 * Writes src-ts/aws/regions-table.ts: which regions each service has, as the botocore knows it that is installed, pinned, in
 * .servers/. Run it after that pin was raised; the parity tests tell when the table is out of date.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { prepareServers } from "./servers.mjs";
import { root } from "./steps.mjs";

const WIDTH = 118;

/** A set of regions as a number in base 36, of which each bit stands for a region of the partition, the lowest for its first. */
const mask = (chosen, regions) => chosen.reduce((sum, region) => sum + 2 ** regions.indexOf(region), 0).toString(36);

/** A name such as "fips-eu-west-1" as the region in it and the rest, "fips-*". */
function split(name, regions) {
  const found = regions.filter((region) => name.includes(region)).sort((a, b) => b.length - a.length)[0];
  return found === undefined ? undefined : { region: found, form: name.replace(found, "*") };
}

/** The endpoints of one service in one partition, as one line of `sets`. */
function encodeSet([regional, all], regions) {
  const forms = new Map();
  const names = [];
  for (const name of all.filter((each) => !regional.includes(each))) {
    const parts = split(name, regions);
    if (parts === undefined) names.push(name);
    else forms.set(parts.form, [...(forms.get(parts.form) ?? []), parts.region]);
  }
  const others = [...forms].map(([form, chosen]) => `${form}:${mask(chosen, regions)}`);
  return [mask(regional, regions), ...others, ...names].join(" ");
}

/** Text of `entries`, divided by blanks, in lines of about the width of the other files. */
export function wrapped(entries) {
  const lines = [""];
  for (const entry of entries) {
    const line = lines.at(-1);
    if (line !== "" && line.length + 1 + entry.length > WIDTH) lines.push(entry);
    else lines[lines.length - 1] = line === "" ? entry : `${line} ${entry}`;
  }
  return lines.join("\n");
}

/** The module that holds the facts; `services` maps names to `{ id, endpoints: { partition: [regional, all] } }`. */
export function regionsTable({ version, partitions, services }) {
  const regionsOf = new Map(
    partitions.map((partition) => [
      partition,
      [...new Set(Object.values(services).flatMap(({ endpoints }) => endpoints[partition]?.[0] ?? []))].sort(),
    ]),
  );
  const sets = new Map();
  const reference = (pair, partition) => {
    if (pair === undefined) return "";
    const text = encodeSet(pair, regionsOf.get(partition));
    if (!sets.has(text)) sets.set(text, sets.size.toString(36));
    return sets.get(text);
  };
  const rows = Object.entries(services).flatMap(([name, { id, endpoints }]) => {
    const alias = id.toLowerCase().replaceAll(" ", "-");
    const own = alias === name || Object.hasOwn(services, alias) ? name : `${name}=${alias}`;
    const references = partitions.map((partition) => reference(endpoints[partition], partition));
    const isNowhere = references.every((each) => each === "");
    return isNowhere ? [] : `${own}:${references.join(",").replace(/,+$/, "")}`;
  });
  return `/** Which regions each service has; written by scripts/regions.mjs from the endpoint data of botocore ${version}, not by hand. */

/** The regions of each partition, after its name. */
export const PARTITION_REGIONS = \`
${[...regionsOf].map(([partition, regions]) => wrapped([partition, ...regions]).replaceAll("\n", "\n  ")).join("\n")}\`;

/**
 * Sets of endpoints, one a line: a number in base 36 whose bits stand for regions of the partition, the lowest for the first;
 * then other names, where \`form:number\` has a name for each region of the number, put in the place of the asterisk.
 */
export const ENDPOINT_SETS = \`
${[...sets.keys()].join("\n")}\`;

/**
 * Services: botocore's name, \`=\` and that of the package of the AWS SDK for JavaScript where it differs, then by partition, in
 * the order above, the line of their endpoints in base 36; nothing where there are none.
 */
export const SERVICES = \`
${wrapped(rows)}\`;
`;
}

/** What botocore answers to one question of botocore-regions.py. */
function ask(question) {
  const venv = join(root, ".servers", "ministack");
  const python = process.platform === "win32" ? join(venv, "Scripts", "python.exe") : join(venv, "bin", "python");
  const { status, stdout, stderr } = spawnSync(python, [join(root, "scripts", "regions", "botocore-regions.py")], {
    input: `${JSON.stringify(question)}\n`,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`botocore did not answer: ${stderr}`);
  return JSON.parse(stdout);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await prepareServers();
  const file = join(root, "src-ts", "aws", "regions-table.ts");
  writeFileSync(file, regionsTable(ask({ ask: "services" })));
  console.log(`${file} written`);
}
