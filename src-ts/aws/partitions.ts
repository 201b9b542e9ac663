/** The partitions of AWS: their domains, their regions, and which of them a region belongs to. */

/** One isolated part of AWS with its own domains and its own identities. */
export interface Partition {
  /** Name as it stands in ARNs, such as `aws` or `aws-us-gov`. */
  readonly name: string;
  /** Domain of the ordinary endpoints. */
  readonly dnsSuffix: string;
  /** Domain of the endpoints that also answer over IPv6. */
  readonly dualStackDnsSuffix: string;
  /** Form of the names of its regions, known and yet to come. */
  readonly regionPattern: RegExp;
  /** The region that partition-wide services sign for. */
  readonly globalSigningRegion: string;
  /** The pseudo region that stands for the partition as a whole. */
  readonly globalRegion: string;
  /** The regions known when this version was made, in alphabetical order. */
  readonly regions: readonly string[];
}

function partition(
  name: string,
  [dnsSuffix, dualStackDnsSuffix]: readonly [string, string],
  regionPattern: RegExp,
  globalSigningRegion: string,
  regions: string,
): Partition {
  return Object.freeze({
    name,
    dnsSuffix,
    dualStackDnsSuffix,
    regionPattern,
    globalSigningRegion,
    globalRegion: `${name}-global`,
    regions: Object.freeze(regions.trim().split(/\s+/)),
  });
}

const STANDARD_REGIONS = `
  af-south-1
  ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2
  ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7
  ca-central-1 ca-west-1
  eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3
  il-central-1 me-central-1 me-south-1 me-west-1 mx-central-1 sa-east-1 sa-west-1
  us-east-1 us-east-2 us-west-1 us-west-2`;

const STANDARD = partition(
  "aws",
  ["amazonaws.com", "api.aws"],
  /^(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$/,
  "us-east-1",
  STANDARD_REGIONS,
);

/** Every partition, the standard one first. */
export const PARTITIONS: readonly Partition[] = Object.freeze([
  STANDARD,
  partition(
    "aws-cn",
    ["amazonaws.com.cn", "api.amazonwebservices.com.cn"],
    /^cn-\w+-\d+$/,
    "cn-northwest-1",
    "cn-north-1 cn-northwest-1",
  ),
  partition(
    "aws-us-gov",
    ["amazonaws.com", "api.aws"],
    /^us-gov-\w+-\d+$/,
    "us-gov-west-1",
    "us-gov-east-1 us-gov-west-1",
  ),
  partition(
    "aws-iso",
    ["c2s.ic.gov", "api.aws.ic.gov"],
    /^us-iso-\w+-\d+$/,
    "us-iso-east-1",
    "us-iso-east-1 us-iso-west-1",
  ),
  partition(
    "aws-iso-b",
    ["sc2s.sgov.gov", "api.aws.scloud"],
    /^us-isob-\w+-\d+$/,
    "us-isob-east-1",
    "us-isob-east-1 us-isob-west-1",
  ),
  partition(
    "aws-iso-e",
    ["cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"],
    /^eu-isoe-\w+-\d+$/,
    "eu-isoe-west-1",
    "eu-isoe-west-1",
  ),
  partition(
    "aws-iso-f",
    ["csp.hci.ic.gov", "api.aws.hci.ic.gov"],
    /^us-isof-\w+-\d+$/,
    "us-isof-south-1",
    "us-isof-east-1 us-isof-south-1",
  ),
  partition(
    "aws-eusc",
    ["amazonaws.eu", "api.amazonwebservices.eu"],
    /^eusc-de-\w+-\d+$/,
    "eusc-de-east-1",
    "eusc-de-east-1",
  ),
]);

/**
 * The partition a region belongs to, by its name in the table or by the form of its name, so that a region opened after
 * this version was made still finds its partition. `undefined` for a name that fits none.
 */
export function getPartitionForRegion(region: string): Partition | undefined {
  return (
    PARTITIONS.find(({ regions, globalRegion }) => globalRegion === region || regions.includes(region)) ??
    PARTITIONS.find(({ regionPattern }) => regionPattern.test(region))
  );
}

/** As `getPartitionForRegion`, with the standard partition for a name that fits none, as the AWS SDKs do. */
export function partitionOrStandard(region: string): Partition {
  return getPartitionForRegion(region) ?? STANDARD;
}
