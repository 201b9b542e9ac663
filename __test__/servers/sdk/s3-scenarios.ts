/** What users do with an S3 client. */
import { Readable } from "node:stream";
import {
  ChecksumAlgorithm,
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
  waitUntilBucketExists,
  waitUntilBucketNotExists,
  waitUntilObjectExists,
  waitUntilObjectNotExists,
} from "@aws-sdk/client-s3";
import { BUCKET, multipartScenarios } from "./multipart-scenarios.js";
import { presigned } from "./presigned.js";
import { refusal, type Scenario, type ServiceScenarios } from "./scenarios.js";

/** No names of buckets in hosts; and a chunk of a stream may not be small, unless it is the last. */
export const S3_OPTIONS = { forcePathStyle: true, requestStreamBufferSize: 65_536 };

const waiting = (client: S3Client) => ({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 });

/** An object as it was read, its body as bytes. */
async function got(client: S3Client, input: { Key: string } & Record<string, unknown>): Promise<object> {
  const { Body, ...answer } = await client.send(new GetObjectCommand({ Bucket: BUCKET, ...input }));
  return { ...answer, bytes: await Body?.transformToByteArray() };
}

const ODD_KEYS = ["plain", "a b+c/ü/日本/😀", "100%/%20", "!*'()~-_.", "a=b&c;d:e,f@g$h"];

const scenarios: Record<string, Scenario<S3Client>> = {
  "a bucket is made, waited for and removed": async ({ client, name }) => {
    const made = await client.send(new CreateBucketCommand({ Bucket: name }));
    const { state } = await waitUntilBucketExists(waiting(client), { Bucket: name });
    const head = await client.send(new HeadBucketCommand({ Bucket: name }));
    const location = await client.send(new GetBucketLocationCommand({ Bucket: name }));
    await client.send(new DeleteBucketCommand({ Bucket: name }));
    const gone = await waitUntilBucketNotExists(waiting(client), { Bucket: name });
    return { made, state, head, location, gone: gone.state };
  },

  "objects are put, read, read in part and removed": async ({ client, name }) => {
    const results: unknown[] = [];
    for (const odd of ODD_KEYS) {
      const Key = `${name}/${odd}`;
      const put = new PutObjectCommand({
        Bucket: BUCKET,
        Key,
        Body: `body of ${odd}`,
        ContentType: "text/plain; charset=utf-8",
        CacheControl: "max-age=60",
        Metadata: { note: "a  b", "With-Case": "c" },
      });
      const { ETag } = await client.send(put);
      await waitUntilObjectExists(waiting(client), { Bucket: BUCKET, Key });
      results.push(
        ETag,
        await got(client, { Key }),
        await got(client, { Key, Range: "bytes=2-5" }),
        await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key, IfMatch: ETag })),
        await refusal(client.send(new GetObjectCommand({ Bucket: BUCKET, Key, IfNoneMatch: ETag }))),
        await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key })),
        (await waitUntilObjectNotExists(waiting(client), { Bucket: BUCKET, Key })).state,
        await refusal(client.send(new GetObjectCommand({ Bucket: BUCKET, Key }))),
      );
    }
    return results;
  },

  "an object is copied, with metadata of its own": async ({ client, name }) => {
    const [source, Key] = [`${name}/a ü+b`, `${name}/copy`];
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: source, Body: "content", Metadata: { a: "1" } }));
    const CopySource = `${BUCKET}/${encodeURIComponent(source)}`;
    const plain = await client.send(new CopyObjectCommand({ Bucket: BUCKET, Key, CopySource }));
    const first = await got(client, { Key });
    const changed = { MetadataDirective: "REPLACE", Metadata: { b: "2" }, ContentType: "text/html" } as const;
    await client.send(new CopyObjectCommand({ Bucket: BUCKET, Key, CopySource, ...changed }));
    return { plain: plain.CopyObjectResult?.ETag, first, second: await got(client, { Key }) };
  },

  "streams are put with a trailer, and without one": async ({ client, name, another }) => {
    const Key = `${name}/streamed`;
    const pieces = [1, 70_000, 9000, 3].map((length, index) => Buffer.alloc(length, index + 65));
    const ContentLength = pieces.reduce((sum, { length }) => sum + length, 0);
    const body = { Bucket: BUCKET, Key, ContentLength };
    const put = await client.send(new PutObjectCommand({ ...body, Body: Readable.from(pieces) }));
    const first = await got(client, { Key });
    const plain = another({ requestChecksumCalculation: "WHEN_REQUIRED" });
    const again = await plain.send(new PutObjectCommand({ ...body, Body: Readable.from(pieces.toReversed()) }));
    return { put, first, again, second: await got(client, { Key }) };
  },

  "checksums of every kind are sent and checked, of bytes and of streams": async ({ client, name }) => {
    const results: unknown[] = [];
    const content = Buffer.alloc(5000, "content ");
    for (const algorithm of [
      ChecksumAlgorithm.CRC32,
      ChecksumAlgorithm.CRC32C,
      ChecksumAlgorithm.CRC64NVME,
      ChecksumAlgorithm.SHA1,
      ChecksumAlgorithm.SHA256,
    ]) {
      for (const Body of [content, Readable.from([content.subarray(0, 7), content.subarray(7)])]) {
        const object = { Bucket: BUCKET, Key: `${name}/${algorithm}` };
        const put = new PutObjectCommand({
          ...object,
          Body,
          ContentLength: content.length,
          ChecksumAlgorithm: algorithm,
        });
        // The client compares the checksum of the answer with that of the body.
        results.push(await client.send(put), await got(client, { ...object, ChecksumMode: "ENABLED" }));
      }
    }
    const wrong = { Bucket: BUCKET, Key: `${name}/wrong`, Body: content, ChecksumCRC32: "AAAAAA==" };
    results.push(await refusal(client.send(new PutObjectCommand(wrong))));
    return results;
  },

  "a listing is read page by page, and all of it is removed": async ({ client, name }) => {
    const keys = ["a", "b b", "c/é+", "c/x", "d"].map((key) => `${name}/${key}`);
    for (const Key of keys) await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: "content" }));
    const listed = async (more: object) => {
      const pages: unknown[] = [];
      const paginator = paginateListObjectsV2({ client, pageSize: 2 }, { Bucket: BUCKET, Prefix: `${name}/`, ...more });
      for await (const { Contents, CommonPrefixes, KeyCount, IsTruncated } of paginator) {
        const found = Contents?.map(({ Key, Size, ETag }) => ({ Key, Size, ETag }));
        pages.push({ found, CommonPrefixes, KeyCount, IsTruncated });
      }
      return pages;
    };
    const all = await listed({});
    const folders = await listed({ Delimiter: "/", StartAfter: `${name}/a` });
    const Objects = keys.map((Key) => ({ Key }));
    const { Deleted } = await client.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }));
    const deleted = Deleted?.map(({ Key }) => Key).sort();
    return { all, folders, deleted, left: await listed({}) };
  },

  "URLs that are presigned put, read and describe an object": async ({ client, name, way }) => {
    const object = { Bucket: BUCKET, Key: `${name}/a b+ü` };
    const results: unknown[] = [];
    const send = async (command: object, init: RequestInit = {}) => {
      const answer = await fetch(await presigned(way, client, command), init);
      results.push([answer.status, answer.headers.get("content-type"), answer.headers.get("content-disposition")]);
      results.push(await answer.text());
    };
    await send(new PutObjectCommand(object), { method: "PUT", body: "by URL" });
    await send(new GetObjectCommand({ ...object, ResponseContentDisposition: 'attachment; filename="a b.txt"' }));
    await send(new HeadObjectCommand(object), { method: "HEAD" });
    // Of a URL for reading.
    const answer = await fetch(await presigned(way, client, new GetObjectCommand(object)), { method: "DELETE" });
    results.push(answer.status, /<Code>(\w+)/.exec(await answer.text())?.[1]);
    return results;
  },

  ...multipartScenarios,
};

export const s3Scenarios: ServiceScenarios<S3Client> = {
  service: "S3",
  scenarios,
  call: (client) => client.send(new GetObjectCommand({ Bucket: BUCKET, Key: "a" })),
};

/** Makes what the scenarios find. */
export async function prepareS3(client: S3Client): Promise<void> {
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
}
