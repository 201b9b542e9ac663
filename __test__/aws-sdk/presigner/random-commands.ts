/** Random inputs of S3's operations: every member that travels in path, query or headers, and some that do not. */
import { MEMBERS, OPERATIONS } from "../../../dist/aws-sdk/presigner/members-table.js";
import type { Seeded } from "../../parity/seeded.js";

const KEY_PIECES = [
  ..."abcXYZ019",
  "photos",
  "/",
  "//",
  ".",
  "..",
  "/./",
  "/../",
  " ",
  "+",
  "%",
  "%20",
  "%2F",
  "~",
  "-",
  "_",
  "!*'()",
  "&=?#",
  ":;,@$",
  '[]{}|\\^`<>"',
  "ü",
  "日本",
  "😀",
  "\t",
  "\n",
  "\u0000",
  "\u00a0",
  "bucket",
  "undefined",
];
const TEXT_PIECES = [
  ..."aZ0",
  "abc",
  " ",
  "  ",
  "/",
  "+",
  "%",
  "=",
  "&",
  ";",
  ",",
  '"',
  "ü",
  "日",
  "'",
  "(",
  "*",
  "\t",
  "~",
];

/** What clients make something of themselves, or send as a body. */
const OTHERS: Readonly<Record<string, (random: Seeded) => unknown>> = {
  Body: () => "content",
  ChecksumAlgorithm: ({ pick }) => pick(["CRC32", "CRC32C", "SHA1", "SHA256"]),
  SSECustomerKey: () => "a".repeat(32),
  ResponseExpires: ({ below }) => new Date(below(2 ** 31) * 1000),
  IfModifiedSince: ({ below }) => new Date(below(2 ** 31) * 1000),
  Expires: ({ below }) => new Date(below(2 ** 31) * 1000),
  ObjectAttributes: () => ["ETag", "ObjectSize"],
  MaxParts: ({ below }) => below(1000),
};

const KINDS: Readonly<Record<string, (random: Seeded) => unknown>> = {
  s: ({ text }) => text(TEXT_PIECES, 6),
  n: ({ below }) => below(10_000),
  b: ({ chance }) => chance(0.5),
  m: ({ text }) => ({ a: text(TEXT_PIECES, 3), "b-2": text(TEXT_PIECES, 3) }),
};

const KIND_OF = new Map(
  MEMBERS.trim()
    .split("\n")
    .map((line) => {
      const [name = "", , , kind = ""] = line.split(" ");
      return [name, kind];
    }),
);

/** Those that people presign, more often than the rest. */
const USUAL = [
  "GetObject",
  "PutObject",
  "HeadObject",
  "DeleteObject",
  "UploadPart",
  "CreateMultipartUpload",
  "CompleteMultipartUpload",
  "AbortMultipartUpload",
  "ListObjectsV2",
  "ListParts",
  "CopyObject",
];
/** Without the one whose every request carries a random token. */
const ALL_OPERATIONS = OPERATIONS.trim()
  .split(/\s+/)
  .filter((operation) => operation !== "RenameObject");

/** Members that operations of each kind have in common, so that most of what is drawn means something. */
const MEMBERS_OF: Readonly<Record<string, readonly string[]>> = {
  GetObject: [
    "VersionId",
    "PartNumber",
    "Range",
    "IfMatch",
    "IfNoneMatch",
    "ResponseContentType",
    "ResponseContentDisposition",
    "ResponseCacheControl",
    "ResponseExpires",
    "IfModifiedSince",
    "ChecksumMode",
    "RequestPayer",
    "ExpectedBucketOwner",
    "SSECustomerAlgorithm",
    "SSECustomerKey",
  ],
  HeadObject: ["VersionId", "PartNumber", "Range", "ChecksumMode", "RequestPayer", "ExpectedBucketOwner"],
  PutObject: [
    "ContentType",
    "Metadata",
    "ACL",
    "Tagging",
    "StorageClass",
    "ServerSideEncryption",
    "SSEKMSKeyId",
    "BucketKeyEnabled",
    "ChecksumAlgorithm",
    "ChecksumCRC32",
    "ChecksumSHA256",
    "ContentLength",
    "ContentMD5",
    "ContentEncoding",
    "CacheControl",
    "ContentDisposition",
    "Expires",
    "IfNoneMatch",
    "Body",
    "ObjectLockMode",
    "WebsiteRedirectLocation",
    "RequestPayer",
    "ExpectedBucketOwner",
  ],
  UploadPart: [
    "PartNumber",
    "UploadId",
    "ContentLength",
    "ContentMD5",
    "ChecksumAlgorithm",
    "ChecksumSHA1",
    "Body",
    "RequestPayer",
  ],
  CreateMultipartUpload: [
    "ContentType",
    "Metadata",
    "ACL",
    "StorageClass",
    "ServerSideEncryption",
    "ChecksumAlgorithm",
    "ChecksumType",
    "Tagging",
  ],
  CompleteMultipartUpload: ["UploadId", "ChecksumCRC32", "ChecksumType", "MpuObjectSize", "IfNoneMatch"],
  AbortMultipartUpload: ["UploadId", "RequestPayer", "ExpectedBucketOwner"],
  ListObjectsV2: [
    "Prefix",
    "Delimiter",
    "MaxKeys",
    "StartAfter",
    "ContinuationToken",
    "FetchOwner",
    "EncodingType",
    "RequestPayer",
  ],
  ListParts: ["UploadId", "MaxParts", "PartNumberMarker", "RequestPayer"],
  CopyObject: [
    "CopySource",
    "MetadataDirective",
    "CopySourceIfMatch",
    "TaggingDirective",
    "StorageClass",
    "Metadata",
    "ACL",
  ],
  DeleteObject: ["VersionId", "MFA", "BypassGovernanceRetention", "RequestPayer", "ExpectedBucketOwner", "IfMatch"],
};

const NEEDS: Readonly<Record<string, readonly string[]>> = {
  UploadPart: ["PartNumber", "UploadId"],
  AbortMultipartUpload: ["UploadId"],
  CompleteMultipartUpload: ["UploadId"],
  ListParts: ["UploadId"],
  CopyObject: ["CopySource"],
};

/** An operation with a set of members. */
export interface Shape {
  readonly operation: string;
  readonly bucket: string | undefined;
  readonly members: readonly string[];
}

export function randomShape(random: Seeded, buckets: readonly string[]): Shape {
  const { pick, chance } = random;
  const operation = chance(0.85) ? pick(USUAL) : pick(ALL_OPERATIONS);
  const usual = MEMBERS_OF[operation];
  const likely = usual ?? [...KIND_OF.keys()];
  const members = new Set(NEEDS[operation] ?? []);
  for (const member of likely) if (chance(usual === undefined ? 0.03 : 0.15)) members.add(member);
  return { operation, bucket: pick(buckets), members: [...members] };
}

/** An input of that shape with values of its own. */
export function randomInput(random: Seeded, { operation, bucket, members }: Shape): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  if (bucket !== undefined) input.Bucket = bucket;
  if (!/Bucket|^List(?!Parts)/.test(operation)) input.Key = random.text(KEY_PIECES, 6);
  for (const member of members) {
    const make = OTHERS[member] ?? KINDS[KIND_OF.get(member) ?? "s"] ?? KINDS.s;
    // Now and then what makes a client do something else: nothing, or an empty text.
    input[member] = random.chance(0.03) ? random.pick([undefined, "", null]) : make?.(random);
  }
  return input;
}

/** Options as `getSignedUrl` takes them, all of them. */
export function randomOptions({ chance, pick, below }: Seeded, signingDate: Date): Record<string, unknown> {
  const set = () =>
    new Set(
      [
        "x-amz-acl",
        "x-amz-checksum-sha256",
        "x-amz-meta-a",
        "x-amz-server-side-encryption",
        "range",
        "content-length",
      ].filter(() => chance(0.4)),
    );
  return {
    signingDate: pick<unknown>([signingDate, signingDate.getTime() / 1000, signingDate.toISOString()]),
    ...(chance(0.7) && { expiresIn: pick([1, 60, 900, 3600, 604_800, 1 + below(604_800), undefined]) }),
    ...(chance(0.08) && { unhoistableHeaders: set() }),
    ...(chance(0.08) && { hoistableHeaders: set() }),
    ...(chance(0.08) && { unsignableHeaders: set() }),
    ...(chance(0.08) && { signableHeaders: new Set([...set(), "content-type", "user-agent"]) }),
    ...(chance(0.08) && { signingRegion: pick(["eu-central-1", "us-east-1"]) }),
    ...(chance(0.05) && { signingService: pick(["s3", "s3-outposts"]) }),
  };
}
