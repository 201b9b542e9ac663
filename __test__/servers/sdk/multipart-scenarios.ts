/** What users do with an S3 client when objects are large. */
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { refusal, type Scenario } from "./scenarios.js";

/** Is there before the scenarios run. */
export const BUCKET = "scenarios";

/** The least that a part but the last may have. */
const PART = 5 << 20;

export const multipartScenarios: Record<string, Scenario<S3Client>> = {
  "a stream of unknown length is uploaded in parts": async ({ client, name }) => {
    const piece = Buffer.alloc(1 << 20, "piece of a stream ");
    const object = { Bucket: BUCKET, Key: `${name}/uploaded ü` };
    const Body = Readable.from(Array.from({ length: 6 }, () => piece));
    const upload = new Upload({ client, params: { ...object, Body, Metadata: { a: "1" } }, queueSize: 2 });
    const { ETag } = await upload.done();
    const { ContentLength, Metadata } = await client.send(new HeadObjectCommand(object));
    const range = new GetObjectCommand({ ...object, Range: `bytes=${PART - 3}-${PART + 3}` });
    const { Body: read } = await client.send(range);
    return { ETag, ContentLength, Metadata, read: await read?.transformToString() };
  },

  "parts are sent, copied and listed one by one": async ({ client, name }) => {
    const object = { Bucket: BUCKET, Key: `${name}/parts` };
    const begun = await client.send(new CreateMultipartUploadCommand({ ...object, ContentType: "text/plain" }));
    const part = { ...object, UploadId: begun.UploadId };
    const Body = Buffer.alloc(PART, "a part ");
    const first = await client.send(new UploadPartCommand({ ...part, PartNumber: 1, Body }));
    const tail = Readable.from(["the ", "end"]);
    const last = await client.send(new UploadPartCommand({ ...part, PartNumber: 2, Body: tail, ContentLength: 7 }));
    const { Parts } = await client.send(new ListPartsCommand(part));
    const parts = [first, last].map(({ ETag }, index) => ({ ETag, PartNumber: index + 1 }));
    const completed = await client.send(
      new CompleteMultipartUploadCommand({ ...part, MultipartUpload: { Parts: parts } }),
    );
    const head = await client.send(new HeadObjectCommand(object));

    const again = await client.send(new CreateMultipartUploadCommand({ ...object, Key: `${object.Key} copy` }));
    const target = { Bucket: BUCKET, Key: `${object.Key} copy`, UploadId: again.UploadId };
    const source = { CopySource: `${BUCKET}/${object.Key}`, CopySourceRange: "bytes=0-99" };
    const copied = await client.send(new UploadPartCopyCommand({ ...target, PartNumber: 1, ...source }));
    await client.send(new AbortMultipartUploadCommand(target));
    const gone = await refusal(client.send(new ListPartsCommand(target)));
    const sizes = Parts?.map(({ PartNumber, Size, ETag }) => ({ PartNumber, Size, ETag }));
    return { sizes, completed: completed.ETag, head, copied: copied.CopyPartResult?.ETag, gone };
  },
};
