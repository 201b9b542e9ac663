/** Where a bucket is: the default endpoint of its region, and whether it is named in the host or in the path. */
import { parseEndpoint } from "../../aws/endpoints.js";
import { partitionOrStandard } from "../../aws/partitions.js";
import { BRSValidationError } from "../../errors.js";
import { checkRegion, refused } from "./options.js";

export interface BucketEndpoint {
  readonly region: string;
  /** Takes the place of the region's own endpoint; a path in it comes before the bucket. */
  readonly endpoint?: string | URL | undefined;
  readonly forcePathStyle?: boolean | undefined;
}

/** A bucket name that is one label of a host name; with dots it is several, which no wildcard certificate covers. */
const LABEL = /^(?=.{3,63}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const ADDRESS = /^(?:\d+\.\d+\.\d+\.\d+|\[.*\])$/;

/**
 * The URL of a bucket: `https://bucket.s3.eu-west-1.amazonaws.com/`, or `https://s3.eu-west-1.amazonaws.com/a.bucket` where the
 * bucket cannot stand in a host name: it has dots or is no host name, or the endpoint is an IP address. As the AWS SDK does.
 */
export function bucketUrl(bucket: string, { region, endpoint, forcePathStyle }: BucketEndpoint): string {
  checkBucket(bucket);
  if (forcePathStyle !== undefined && typeof forcePathStyle !== "boolean") {
    throw refused("forcePathStyle", "true or false", forcePathStyle);
  }
  const base = endpoint === undefined ? regionalEndpoint(region) : parseEndpoint(String(endpoint), "endpoint");
  const folder = base.pathname.replace(/\/$/, "");
  return forcePathStyle === true || !LABEL.test(bucket) || ADDRESS.test(base.hostname)
    ? `${base.origin}${folder}/${bucket}`
    : `${base.protocol}//${bucket}.${base.host}${folder || "/"}`;
}

function regionalEndpoint(region: string): URL {
  return new URL(`https://s3.${checkRegion(region)}.${partitionOrStandard(region).dnsSuffix}`);
}

function checkBucket(bucket: unknown): void {
  if (typeof bucket === "string" && bucket.startsWith("arn:")) {
    throw new BRSValidationError(`"bucket" must be a name, found an ARN: give the alias of the access point instead`, {
      param: "bucket",
      value: bucket,
    });
  }
  if (typeof bucket !== "string" || !/^[\w.-]{1,255}$/.test(bucket) || /^\.{1,2}$/.test(bucket)) {
    throw refused("bucket", "the name of a bucket: letters, digits, '.', '-' and '_'", bucket);
  }
}
