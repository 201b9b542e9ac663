/** Answers of services without what differs from call to call by its nature: ids, dates and the names of a run. */

/** Members that a service makes up anew for every call. */
const MADE_UP = new Set([
  "$metadata",
  "requestId",
  "RequestId",
  "UploadId",
  "MessageId",
  "ReceiptHandle",
  "SequenceNumber",
  "StartingSequenceNumber",
  "ShardIterator",
  "NextShardIterator",
  "MillisBehindLatest",
  "TableId",
  "RevisionId",
  "VersionId",
  "VersionIdsToStages",
  "SecretVersionsToStages",
  "TableSizeBytes",
  "ARN",
  "NextToken",
  "NextMarker",
  "ContinuationToken",
  "NextContinuationToken",
  "AccessKeyId",
  "SecretAccessKey",
  "SessionToken",
  "AssumedRoleId",
  "UserId",
  "Location",
]);

/** Plain data in which the name of the run is the same for all runs. */
export function comparable(value: unknown, name: string): unknown {
  if (typeof value === "string") return value.replaceAll(name, "<run>");
  if (value instanceof Date) return "<date>";
  if (value instanceof Uint8Array) return `<bytes> ${Buffer.from(value).toString("base64")}`;
  if (Array.isArray(value)) return value.map((each) => comparable(each, name));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([member, each]) => [
      member.replaceAll(name, "<run>"),
      MADE_UP.has(member) && each !== undefined ? `<${status(each)}>` : comparable(each, name),
    ]),
  );
}

/** Of metadata the status counts. */
const status = (value: unknown): string =>
  String((value as { httpStatusCode?: unknown } | null)?.httpStatusCode ?? typeof value);
