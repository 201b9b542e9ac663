/** The partitions of AWS: their domains, the form of their regions, and which of them a region belongs to. */

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
}

function partition(
  name: string,
  [dnsSuffix, dualStackDnsSuffix]: readonly [string, string],
  regionPattern: RegExp,
  globalSigningRegion: string,
): Partition {
  return Object.freeze({
    name,
    dnsSuffix,
    dualStackDnsSuffix,
    regionPattern,
    globalSigningRegion,
    globalRegion: `${name}-global`,
  });
}

const STANDARD = partition("aws", ["amazonaws.com", "api.aws"], /^(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$/, "us-east-1");

/** Every partition, the standard one first. */
export const PARTITIONS: readonly Partition[] = Object.freeze([
  STANDARD,
  partition("aws-cn", ["amazonaws.com.cn", "api.amazonwebservices.com.cn"], /^cn-\w+-\d+$/, "cn-northwest-1"),
  partition("aws-us-gov", ["amazonaws.com", "api.aws"], /^us-gov-\w+-\d+$/, "us-gov-west-1"),
  partition("aws-iso", ["c2s.ic.gov", "api.aws.ic.gov"], /^us-iso-\w+-\d+$/, "us-iso-east-1"),
  partition("aws-iso-b", ["sc2s.sgov.gov", "api.aws.scloud"], /^us-isob-\w+-\d+$/, "us-isob-east-1"),
  partition("aws-iso-e", ["cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"], /^eu-isoe-\w+-\d+$/, "eu-isoe-west-1"),
  partition("aws-iso-f", ["csp.hci.ic.gov", "api.aws.hci.ic.gov"], /^us-isof-\w+-\d+$/, "us-isof-south-1"),
  partition("aws-eusc", ["amazonaws.eu", "api.amazonwebservices.eu"], /^eusc-de-\w+-\d+$/, "eusc-de-east-1"),
]);

/**
 * The partition a region belongs to, by the form of its name, so that a region opened after this version was made finds its
 * partition, too. `undefined` for a name that fits none.
 */
export function getPartitionForRegion(region: string): Partition | undefined {
  return PARTITIONS.find(({ globalRegion, regionPattern }) => globalRegion === region || regionPattern.test(region));
}

/** As `getPartitionForRegion`, with the standard partition for a name that fits none, as the AWS SDKs do. */
export function partitionOrStandard(region: string): Partition {
  return getPartitionForRegion(region) ?? STANDARD;
}
