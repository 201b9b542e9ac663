/** Which regions a service has, and what it is called, read from the table of facts when somebody asks. */
import { ENDPOINT_SETS, PARTITION_REGIONS, SERVICES } from "./regions-table.js";

/** Names of the endpoints of one service in one partition. */
export interface ServiceEndpoints {
  readonly regions: readonly string[];
  /** Endpoints that stand for no region, or for one in another way: "aws-global", "fips-us-east-1". */
  readonly others: readonly string[];
}

const NONE: ServiceEndpoints = { regions: [], others: [] };

/**
 * The endpoints of a service by botocore's name for it ("elbv2") or by that of its package in the AWS SDK for JavaScript
 * ("elastic-load-balancing-v2"); none for a service or a partition that the table does not know.
 */
export function serviceEndpoints(service: string, partition: string): ServiceEndpoints {
  const partitions = PARTITION_REGIONS.slice(1)
    .split(/\n(?! )/)
    .map((line) => line.split(/\s+/));
  const index = partitions.findIndex(([name]) => name === partition);
  const reference = referencesOf(service)?.[index];
  if (!reference) return NONE;
  const [, ...regions] = partitions[index] as string[];
  const [mask = "", ...others] = (lines(ENDPOINT_SETS)[Number.parseInt(reference, 36)] as string).split(" ");
  const chosen = (text: string) => {
    const bits = Number.parseInt(text, 36);
    // No bitwise operators: they would cut off what is above 32 bits.
    return regions.filter((_, bit) => Math.floor(bits / 2 ** bit) % 2 === 1);
  };
  return {
    regions: chosen(mask),
    others: others.flatMap((entry) => {
      const [form = "", some] = entry.split(":");
      return some === undefined ? form : chosen(some).map((region) => form.replace("*", region));
    }),
  };
}

const lines = (table: string) => table.slice(1).split("\n");

/** What the package of the AWS SDK for JavaScript calls a service, given that name or botocore's; undefined for one that is not known. */
export function packageNameOf(service: string): string | undefined {
  return rowOf(service)?.names.at(-1);
}

function referencesOf(service: string): string[] | undefined {
  return rowOf(service)?.references.split(",");
}

function rowOf(service: string): { names: string[]; references: string } | undefined {
  for (const row of SERVICES.split(/\s/)) {
    const [names = "", references = ""] = row.split(":");
    const known = names.split("=");
    if (known.includes(service)) return { names: known, references };
  }
  return undefined;
}
