/** Members of inputs that a client checks before it signs, and what they may be. */
import type { Making } from "./made-inputs.js";

type Values = Readonly<Record<string, readonly unknown[]>>;

/** By service; a member that may only be undefined is left out. */
const CHECKED: Readonly<Record<string, (arn: (service: string, resource: string) => string) => Values>> = {
  s3: (arn) => ({
    Bucket: [
      "a-bucket",
      "a.dotted.bucket",
      "Old_Bucket",
      "a-bucket--use1-az4--x-s3",
      arn("s3", "accesspoint/point"),
      arn("s3-object-lambda", "accesspoint/point"),
    ],
    ChecksumAlgorithm: ["CRC32", "CRC32C", "SHA1", "SHA256", undefined],
    // A label of the host.
    RequestRoute: ["io-label"],
  }),
  kinesis: (arn) => ({
    StreamARN: [arn("kinesis", "stream/a b~é")],
    ConsumerARN: [arn("kinesis", "stream/a/consumer/b:1")],
    ResourceARN: [arn("kinesis", "stream/a*b")],
  }),
  sqs: () => ({ QueueUrl: ["https://sqs.us-east-1.amazonaws.com/123456789012/a-queue"] }),
  // Requests to endpoints of several regions are signed with SigV4a, which multi-region.spec.ts has.
  eventbridge: () => ({ EndpointId: [undefined] }),
  sesv2: () => ({ EndpointId: [undefined] }),
};

const partitionOf = (region: string): string =>
  region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";

/** What the named members of a service's inputs may be. */
export function checkedMembers({ service, region }: Pick<Making, "service" | "region">): Values {
  const arn = (of: string, resource: string) => `arn:${partitionOf(region)}:${of}:${region}:123456789012:${resource}`;
  return CHECKED[service]?.(arn) ?? {};
}
