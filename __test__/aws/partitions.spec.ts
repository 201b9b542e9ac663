/** Which partition a region belongs to. */
import test from "ava";
import { getPartitionForRegion, PARTITIONS, partitionOrStandard } from "../../dist/aws/partitions.js";

test("the regions that a partition signs for, and stands for, belong to it", (t) => {
  for (const partition of PARTITIONS) {
    t.is(getPartitionForRegion(partition.globalRegion), partition);
    t.is(getPartitionForRegion(partition.globalSigningRegion), partition);
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
