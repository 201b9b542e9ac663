/** Real SDK clients with our signer send what they send with their own. */
import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { HttpRequest } from "@smithy/core/protocols";
import test from "ava";
import { CustomRefreshableSession } from "aws-refresh-session";
import { SignatureV4, type SignatureV4Init } from "aws-refresh-session/aws-sdk";
import { freezeDate } from "./frozen-date.js";
import { type Client, comparable, sentBy } from "./sent-requests.js";
import { StandInHandler } from "./stand-in-handler.js";

const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const SESSION_KEYS = { ...KEYS, sessionToken: `token+/=${"x".repeat(400)}` };
const Bucket = "a-bucket";
const express = "a-bucket--use1-az4--x-s3";

const s3 = (more: object) => new S3Client({ region: "us-east-1", ...more });
const sts = (more: object) => new STSClient({ region: "eu-west-1", ...more });

const COMMANDS: readonly (readonly [title: string, client: (more: object) => Client, command: () => object])[] = [
  ["GetCallerIdentity", sts, () => new GetCallerIdentityCommand({})],
  [
    "AssumeRole",
    sts,
    () => new AssumeRoleCommand({ RoleArn: "arn:aws:iam::123456789012:role/é", RoleSessionName: "a" }),
  ],
  ["GetObject", s3, () => new GetObjectCommand({ Bucket, Key: "a b/ü+(1)/../x//y" })],
  [
    "GetObject of a range",
    s3,
    () => new GetObjectCommand({ Bucket, Key: "key", Range: "bytes=0-9", VersionId: "null" }),
  ],
  ["HeadBucket", s3, () => new HeadBucketCommand({ Bucket })],
  ["ListObjectsV2", s3, () => new ListObjectsV2Command({ Bucket, Prefix: "a b&c=/%20", Delimiter: "/", MaxKeys: 7 })],
  ["PutObject", s3, () => new PutObjectCommand({ Bucket, Key: "k", Body: "content", Metadata: { a: "b  c" } })],
  [
    "PutObject with encryption",
    s3,
    () => new PutObjectCommand({ Bucket, Key: "k", Body: Buffer.alloc(3000, 1), ServerSideEncryption: "aws:kms" }),
  ],
  ["CopyObject", s3, () => new CopyObjectCommand({ Bucket, Key: "k", CopySource: "other/ü key" })],
  ["DeleteObjects", s3, () => new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "a&<b>" }] } })],
  ["CreateMultipartUpload", s3, () => new CreateMultipartUploadCommand({ Bucket, Key: "k" })],
  ["GetObject of S3 Express", s3, () => new GetObjectCommand({ Bucket: express, Key: "k" })],
  ["PutObject of S3 Express", s3, () => new PutObjectCommand({ Bucket: express, Key: "k", Body: "content" })],
];

for (const [title, make, command] of COMMANDS) {
  for (const [whose, credentials] of [
    ["long-lived keys", KEYS],
    ["a session token", SESSION_KEYS],
    ["a provider", async () => SESSION_KEYS],
  ] as const) {
    test.serial(`${title} with ${whose} is sent as by the stock client`, async (t) => {
      freezeDate(t, Date.UTC(2026, 10, 21, 14));
      for (const systemClockOffset of [0, 3_600_000]) {
        const more = { credentials, systemClockOffset };
        const stock = await sentBy(make, command(), more);
        let constructed = 0;
        class Counted extends SignatureV4 {
          constructor(init: SignatureV4Init) {
            super(init);
            constructed++;
          }
        }
        const ours = await sentBy(make, command(), { ...more, signerConstructor: Counted });
        t.true(constructed > 0);
        t.true(stock.length > 0 && /^AWS4-HMAC-SHA256 /.test(stock.at(-1)?.headers.authorization ?? ""));
        t.deepEqual(ours.map(comparable), stock.map(comparable));
        t.true(HttpRequest.isInstance(ours.at(-1)));
      }
    });
  }
}

test.serial("an instance given as signer signs what the stock client signs", async (t) => {
  freezeDate(t, Date.UTC(2026, 10, 21, 14));
  const stock = await sentBy(sts, new GetCallerIdentityCommand({}), { credentials: SESSION_KEYS });
  // The client names no region and no service in its calls then: those of the signer count.
  const signer = new SignatureV4({ service: "sts", region: "eu-west-1", credentials: SESSION_KEYS });
  const ours = await sentBy(sts, new GetCallerIdentityCommand({}), { credentials: SESSION_KEYS, signer });
  t.deepEqual(ours.map(comparable), stock.map(comparable));
});

test.serial("a client with the credentials of a session signs with what a refresh brought", async (t) => {
  let made = 0;
  const session = new CustomRefreshableSession({
    customCredentialsMethod: () => ({
      access_key: `AKID${++made}`,
      secret_key: "secret",
      token: `token-${made}`,
      expiry_time: new Date(Date.now() + 3_600_000),
    }),
  });
  t.teardown(() => session.close());
  const requestHandler = new StandInHandler();
  const client = sts({ credentials: session.credentials, requestHandler, signerConstructor: SignatureV4 });
  const send = () => client.send(new GetCallerIdentityCommand({})).catch(() => {});
  await send();
  await session.getCredentials().refresh({ force: true });
  await send();
  client.destroy();
  t.deepEqual(
    requestHandler.sent.map(({ headers }) => headers["x-amz-security-token"]),
    ["token-1", "token-2"],
  );
});

test.serial("a multi-region access point is signed for all regions, without another package", async (t) => {
  const command = new GetObjectCommand({ Bucket: "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap", Key: "k" });
  const [sent] = await sentBy(s3, command, { credentials: KEYS, signerConstructor: SignatureV4 });
  t.is(sent?.headers["x-amz-region-set"], "*");
  t.regex(
    sent?.headers.authorization ?? "",
    /^AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/s3\/aws4_request, /,
  );
  // The stock client cannot send it as it stands.
  t.deepEqual(await sentBy(s3, command, { credentials: KEYS }), []);
});
