/** Which service and region a host of AWS names, and the host of a service. */

/** Names in hosts that differ from those in signatures. */
const SIGNING_NAMES: Readonly<Record<string, string>> = {
  "appsync-api": "appsync",
  "bedrock-runtime": "bedrock",
  email: "ses",
  "git-codecommit": "codecommit",
  "lambda-url": "lambda",
  neptune: "neptune-db",
};

/** Services of S3 that sign under a name of their own. */
const OF_S3 = /^s3-(?:outposts|object-lambda)$/;
const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d+$/;
const SUFFIX = /\.(?:amazonaws\.com(?:\.cn)?|api\.aws|on\.aws)$/;

/** Empty strings for what the host does not tell. */
export function serviceOfHost(host: string | null | undefined): [service: string, region: string] {
  const name = (host ?? "").toLowerCase().replace(/:\d+$/, "");
  const suffix = SUFFIX.exec(name);
  if (suffix === null) return ["", ""];
  const labels = name.slice(0, suffix.index).split(".");
  // Endpoints of a VPC, and those that speak IPv6 too, say so in a label of their own.
  if (labels.at(-1) === "vpce") labels.pop();
  const dual = labels.findIndex((label, at) => label === "dualstack" && /^s3/.test(labels[at - 1] ?? ""));
  if (dual > 0) labels.splice(dual, 1);
  const [first = "", second] = labels.slice(-2);
  if (second === undefined) return ofS3(first, "") ?? [signingName(first), ""];
  // Some put the region first: domain.us-east-1.es.amazonaws.com.
  if (REGION.test(first) && !REGION.test(second)) return [signingName(second), first];
  // The name of a bucket, before the global host or an old regional one.
  return ofS3(second, "") ?? ofS3(first, second) ?? [signingName(first), second];
}

/** S3 in the forms of its hosts: `s3`, `s3-eu-west-1`, `s3-fips`, `s3-accelerate`, `s3-control`, `s3express-use1-az4`. */
function ofS3(label: string, region: string): [service: string, region: string] | undefined {
  if (label === "s3") return ["s3", region || "us-east-1"];
  if (/^s3express-/.test(label)) return ["s3express", region];
  if (OF_S3.test(label)) return [label, region];
  if (!/^s3-/.test(label)) return undefined;
  const rest = label.slice(3);
  return ["s3", REGION.test(rest) ? rest : region];
}

function signingName(label: string): string {
  const plain = label.replace(/-fips$/, "");
  return SIGNING_NAMES[plain] ?? plain;
}

/** Services that have one host for all regions. */
const GLOBAL: readonly string[] = ["cloudfront", "iam", "importexport", "ls", "route53", "sts"];
/** Services whose host in us-east-1 names no region. */
const GLOBAL_AT_HOME: readonly string[] = ["s3", "sdb"];

export function isSingleRegion(service: string, region: string): boolean {
  return GLOBAL.includes(service) || (GLOBAL_AT_HOME.includes(service) && region === "us-east-1");
}

export function hostOfService(service: string, region: string): string {
  const subdomain = service === "ses" ? "email" : service;
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return `${subdomain}${isSingleRegion(service, region) ? "" : `.${region}`}.${suffix}`;
}
