/** Real S3 clients with our SignatureV4 before VersityGW, which refuses every wrong signature; and as with the stock signer. */
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { SignatureV4 } from "aws-refresh-session/aws-sdk";
import { prepareS3, S3_OPTIONS, s3Scenarios } from "./sdk/s3-scenarios.js";
import { scenarioTests } from "./sdk/scenarios.js";
import { serverTests } from "./server-process.js";
import { ACCOUNT, REGION, versityGw } from "./versitygw.js";

let endpoint: string;
const client = (change: object = {}) =>
  new S3Client({
    region: REGION,
    endpoint,
    forcePathStyle: true,
    credentials: ACCOUNT,
    signerConstructor: SignatureV4,
    maxAttempts: 1,
    ...change,
  });

const test = serverTests(versityGw, async (running) => {
  endpoint = running.endpoint;
  await client().send(new CreateBucketCommand({ Bucket: "bucket" }));
  await prepareS3(client());
});

scenarioTests(test, s3Scenarios, {
  make: (more) => new S3Client(more),
  options: () => ({ endpoint, credentials: ACCOUNT, ...S3_OPTIONS }),
});

for (const Key of ["plain", "a b+c", "ü/日本/😀", "100%/%20", "!*'()~-_.", "a=b&c;d:e,f@g$h", '?#"', "x/y//z"]) {
  test(`a client puts, lists and gets the key ${Key}`, async (t) => {
    const s3 = client();
    for (const Body of [`body of ${Key}`, Buffer.alloc(3 << 20, Key)]) {
      await s3.send(new PutObjectCommand({ Bucket: "bucket", Key, Body, Metadata: { note: "a  b" } }));
      const { Body: got } = await s3.send(new GetObjectCommand({ Bucket: "bucket", Key }));
      t.true(Buffer.from((await got?.transformToByteArray()) ?? []).equals(Buffer.from(Body)));
    }
    const listed = await s3.send(new ListObjectsV2Command({ Bucket: "bucket", Prefix: Key }));
    // Its folders keep no empty segment; the signature of the odd prefix is what counts.
    t.is(listed.$metadata.httpStatusCode, 200);
    s3.destroy();
  });
}

test("a wrong secret is refused", async (t) => {
  const s3 = client({ credentials: { ...ACCOUNT, secretAccessKey: "wrong" } });
  await t.throwsAsync(s3.send(new ListObjectsV2Command({ Bucket: "bucket" })), { name: "SignatureDoesNotMatch" });
  s3.destroy();
});
