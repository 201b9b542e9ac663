/** What a session can tell without calling AWS: partitions, regions and services. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { getPartitionForRegion, PARTITIONS } from "../aws/partitions.js";
import { serviceEndpoints } from "../aws/regions.js";
import { applicationFolders } from "../defaults.js";
import { BRSValidationError } from "../errors.js";
import { requireFrom } from "../optional-peer.js";
import { checkBoolean, checkNames, checkRecord, checkText, describe } from "../strategies/option-checks.js";

export interface AvailableRegionsOptions {
  /** Default "aws". */
  partitionName?: string;
  /** Adds the endpoints that stand for no region or for one in another way, such as "aws-global" and "fips-us-east-1". */
  allowNonRegional?: boolean;
}

/** Names of the partitions of AWS, the standard one first. */
export function availablePartitions(): string[] {
  return PARTITIONS.map(({ name }) => name);
}

/** See `RefreshableSession.getPartitionForRegion`. */
export function partitionForRegion(region: string): string {
  const partition = typeof region === "string" ? getPartitionForRegion(region) : undefined;
  if (partition !== undefined) return partition.name;
  const value = describe(region);
  throw new BRSValidationError(`region must be one of an AWS partition, such as "eu-central-1", but is ${value}`, {
    param: "region",
    value,
  });
}

/** See `RefreshableSession.getAvailableRegions`. */
export function availableRegions(service: string, options: AvailableRegionsOptions = {}): string[] {
  checkText("service", service, { expected: 'the name of a service, such as "s3"' });
  const given = checkRecord("options", options, '{ partitionName: "aws-cn" }');
  checkNames("options.", given, ["partitionName", "allowNonRegional"]);
  const { partitionName = "aws", allowNonRegional = false } = options;
  checkText("options.partitionName", partitionName, { expected: 'the name of a partition, such as "aws-cn"' });
  checkBoolean("options.allowNonRegional", allowNonRegional);
  const { regions, others } = serviceEndpoints(service, partitionName);
  return allowNonRegional ? [...regions, ...others].sort() : [...regions];
}

const SCOPE = "@aws-sdk";
const CLIENT = "client-";

/**
 * See `RefreshableSession.getAvailableServices`.
 *
 * @param folders where the application is; packages are looked for as `require` would from there
 */
export function availableServices(folders: readonly string[] = applicationFolders()): string[] {
  const places = new Set(folders.flatMap((folder) => requireFrom(folder).resolve.paths(SCOPE) ?? []));
  const names = [...places].flatMap((place) => packagesIn(join(place, SCOPE)));
  const services = names.filter((name) => name.startsWith(CLIENT)).map((name) => name.slice(CLIENT.length));
  return [...new Set(services)].sort();
}

function packagesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
