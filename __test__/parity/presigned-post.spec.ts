/** Presigned POSTs against @aws-sdk/s3-presigned-post: URL, fields, policy and signature, and each case in which they differ. */
import { S3Client } from "@aws-sdk/client-s3";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import test, { type ExecutionContext } from "ava";
import { type PresignedPostOptions, Signer } from "aws-refresh-session/signing";
import { KEYS, NOW, SESSION_KEYS } from "../signing/examples.js";
import { freezeDate } from "./frozen-date.js";
import { seeded } from "./seeded.js";

type Given = PresignedPostOptions & { region?: string; hasToken?: boolean };

async function both({ region = "eu-west-1", hasToken = false, ...options }: Given) {
  const credentials = hasToken ? SESSION_KEYS : KEYS;
  const { bucket, key, fields, conditions, expiresIn, endpoint, forcePathStyle } = options;
  const client = new S3Client({
    region,
    credentials: { ...credentials },
    ...(endpoint !== undefined && { endpoint: String(endpoint) }),
    ...(forcePathStyle !== undefined && { forcePathStyle }),
  });
  const theirs = await createPresignedPost(client, {
    Bucket: bucket,
    Key: key,
    Expires: expiresIn,
    ...(fields !== undefined && { Fields: fields }),
    ...(conditions !== undefined && { Conditions: conditions as never }),
  });
  const signer = new Signer({ service: "s3", region, credentials, clock: () => Date.now() });
  return { theirs, ours: await signer.createPresignedPost(options) };
}

const policyOf = ({ Policy = "" }: Record<string, string>) => Buffer.from(Policy, "base64").toString();

async function same(t: ExecutionContext, given: Given): Promise<void> {
  const { theirs, ours } = await both(given);
  const title = JSON.stringify(given);
  t.is(ours.url, theirs.url, title);
  t.is(policyOf(ours.fields), policyOf(theirs.fields), title);
  t.deepEqual(ours.fields, theirs.fields, title);
  t.deepEqual(Object.keys(ours.fields), Object.keys(theirs.fields), title);
}

/** Written so that it is not taken for a template that lost its quotes. */
const FILENAME = "\u0024{filename}";

const PLAIN = { bucket: "bucket", key: "folder/a key.txt", expiresIn: 3_600 } as const;

const URLS: readonly (readonly [title: string, given: Partial<Given>])[] = [
  ["a bucket that can stand in a host name", {}],
  ["a bucket with dots", { bucket: "my.dotted.bucket" }],
  ["a bucket in upper case", { bucket: "Legacy_Bucket" }],
  ["path style", { forcePathStyle: true }],
  ["China", { region: "cn-north-1" }],
  ["GovCloud", { region: "us-gov-west-1" }],
  ["an isolated partition", { region: "us-iso-east-1" }],
  ["us-east-1", { region: "us-east-1" }],
  ["an IP address", { endpoint: "http://127.0.0.1:9000" }],
  ["an endpoint in plain http", { endpoint: "http://localhost:9000" }],
  ["an endpoint in plain http and path style", { endpoint: "http://localhost:9000", forcePathStyle: true }],
  ["an endpoint with a path", { endpoint: "https://s3.example.com/storage" }],
  ["an endpoint with a path and a bucket with dots", { endpoint: "https://s3.example.com/storage", bucket: "a.b.c" }],
  ["an endpoint in plain http and a bucket with dots", { endpoint: "http://s3.example.com", bucket: "a.b.c" }],
];

for (const [title, given] of URLS) {
  test.serial(`with ${title} all is equal`, async (t) => {
    freezeDate(t, () => NOW + 987);
    for (const hasToken of [false, true]) await same(t, { ...PLAIN, ...given, hasToken });
  });
}

test.serial("300 random forms are equal", async (t) => {
  const random = seeded();
  const { below, pick, text } = random;
  t.log(`SEED=${random.seed}`);
  freezeDate(t, () => NOW + below(1_000));
  const pieces = [..."aZ09-_.~ +%&=?#/\\:;,@!$'()*[]{}<>|^`\"", "\t", "\n", "%20", "$key", "{file}"];
  for (let round = 0; round < 300; round++) {
    const fields = Object.fromEntries(
      Array.from({ length: below(4) }, (_, index) => [`x-amz-meta-${index}${pick(["a", "B", "-c"])}`, text(pieces, 8)]),
    );
    const conditions = Array.from({ length: below(4) }, () =>
      pick([
        ["content-length-range", below(10), 10 + below(1_000)] as const,
        ["starts-with", "$Content-Type", text(pieces, 4)] as const,
        ["starts-with", "$x-amz-meta-tag", ""] as const,
        ["eq", "$acl", text(pieces, 4)] as const,
        { "Cache-Control": text(pieces, 4) },
      ]),
    );
    freezeDate(t, () => NOW + round * 1_337);
    await same(t, {
      bucket: pick(["bucket", "a-b-c", "my.dotted.bucket"]),
      key: text(pieces, 12) + pick(["", "", FILENAME]),
      ...(below(3) === 0 ? {} : { fields }),
      ...(below(3) === 0 ? {} : { conditions }),
      expiresIn: 1 + below(604_800),
      region: pick(["us-east-1", "eu-central-1", "cn-northwest-1"]),
      hasToken: below(2) === 0,
    });
  }
});

test.serial(
  "a file name in the middle of a key is free, where theirs asks for a literal that no upload can have",
  async (t) => {
    freezeDate(t, () => NOW);
    const { theirs, ours } = await both({ ...PLAIN, key: `in/${FILENAME}/out` });
    t.true(policyOf(theirs.fields).includes(`{"key":"in/${FILENAME}/out"}`));
    t.true(policyOf(ours.fields).includes('["starts-with","$key","in/"]'));
    t.is(ours.fields.key, theirs.fields.key as string);
  },
);

test.serial(
  "text beyond ASCII is escaped, as S3 asks, where theirs is not: the same policy in other bytes",
  async (t) => {
    freezeDate(t, () => NOW);
    const { theirs, ours } = await both({ ...PLAIN, key: "grüße/日本😀", fields: { "x-amz-meta-a": "é\u007f" } });
    t.not(policyOf(ours.fields), policyOf(theirs.fields));
    t.regex(policyOf(ours.fields), /^[ -~]*$/);
    t.deepEqual(JSON.parse(policyOf(ours.fields)), JSON.parse(policyOf(theirs.fields)));
  },
);
