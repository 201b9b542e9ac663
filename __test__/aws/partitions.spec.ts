/** Which partition a region belongs to. */
import test from "ava";
import { getPartitionForRegion, PARTITIONS, partitionOrStandard } from "../../dist/aws/partitions.js";

test("every region of the table finds its own partition, and fits the form of its names", (t) => {
  for (const partition of PARTITIONS) {
    for (const region of partition.regions) {
      t.is(getPartitionForRegion(region), partition, region);
      t.regex(region, partition.regionPattern);
    }
    t.is(getPartitionForRegion(partition.globalRegion), partition);
    t.true(partition.regions.includes(partition.globalSigningRegion));
    t.deepEqual(
      partition.regions,
      [...partition.regions].sort((a, b) => a.localeCompare(b)),
    );
  }
});

test("the eight partitions have their names and domains", (t) => {
  t.deepEqual(
    PARTITIONS.map(({ name, dnsSuffix, dualStackDnsSuffix }) => [name, dnsSuffix, dualStackDnsSuffix]),
    [
      ["aws", "amazonaws.com", "api.aws"],
      ["aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn"],
      ["aws-us-gov", "amazonaws.com", "api.aws"],
      ["aws-iso", "c2s.ic.gov", "api.aws.ic.gov"],
      ["aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud"],
      ["aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"],
      ["aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov"],
      ["aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu"],
    ],
  );
});

test("a region that opened later is placed by the form of its name", (t) => {
  t.is(getPartitionForRegion("eu-north-9")?.name, "aws");
  t.is(getPartitionForRegion("us-gov-south-3")?.name, "aws-us-gov");
  t.is(getPartitionForRegion("eusc-de-west-2")?.name, "aws-eusc");
});

test("a name that fits no partition is unknown, and endpoints take the standard one", (t) => {
  t.is(getPartitionForRegion("moon-1"), undefined);
  t.is(partitionOrStandard("moon-1").name, "aws");
});
