/** Which commands are presigned without the client once it was asked, and which never are. */
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  RenameObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl as theirs } from "@aws-sdk/s3-request-presigner";
import { signatureV4CrtContainer } from "@aws-sdk/signature-v4-multi-region";
import test from "ava";
import { nativePresigner, SignatureV4 } from "aws-refresh-session/aws-sdk";
import { AT, KEYS, SESSION_KEYS } from "../examples.js";
import { watchedClient } from "./watched-client.js";

const get = (change: Partial<GetObjectCommandInput> = {}) =>
  new GetObjectCommand({ Bucket: "b-1", Key: "k", ...change });
const put = (change: Partial<PutObjectCommandInput> = {}) =>
  new PutObjectCommand({ Bucket: "b-1", Key: "k", ...change });

const LEARNED = {
  "an object": (value: string) => get({ Key: value }),
  "a version of an object": (value: string) =>
    get({ VersionId: value, Range: `bytes=${value.length}-`, PartNumber: 2 }),
  "a download under another name": (value: string) =>
    get({ ResponseContentDisposition: value, RequestPayer: "requester" }),
  "an upload": (value: string) =>
    put({ ContentType: value, Metadata: { note: value }, ServerSideEncryption: "AES256" }),
  "an upload with a checksum": (value: string) => put({ ChecksumSHA256: value, ContentLength: value.length }),
  "an upload with a kind of checksum": (value: string) => put({ Key: value, ChecksumAlgorithm: "SHA256" }),
  "a part": (value: string) =>
    new UploadPartCommand({ Bucket: "b-1", Key: "k", UploadId: value, PartNumber: value.length }),
  "a list": (value: string) => new ListObjectsV2Command({ Bucket: "b-1", Prefix: value, MaxKeys: value.length }),
  "a look": (value: string) => new HeadObjectCommand({ Bucket: "b-1", Key: value }),
  "an end": (value: string) => new DeleteObjectCommand({ Bucket: "b-1", Key: value, BypassGovernanceRetention: true }),
  "a copy": (value: string) => new CopyObjectCommand({ Bucket: "b-1", Key: value, CopySource: `b-1/${value}` }),
};

for (const [title, command] of Object.entries(LEARNED)) {
  test(`${title} is presigned without the client, but for the first time`, async (t) => {
    const { client, wasAsked } = watchedClient();
    const presigner = nativePresigner(client);
    await presigner.presign(command("first"), AT);
    t.true(wasAsked(), "the first");
    const urls = [await presigner.presign(command("second one"), AT), await presigner.presign(command("ü/ü"), AT)];
    t.false(wasAsked(), "the next ones");
    const wanted = ["second one", "ü/ü"].map((value) => theirs(client, command(value) as GetObjectCommand, AT));
    t.deepEqual(urls, await Promise.all(wanted));
  });
}

const ALWAYS_ASKED = {
  "a body": () => put({ Body: "content" }),
  "a key of the customer": () => get({ SSECustomerKey: "0".repeat(32), SSECustomerAlgorithm: "AES256" }),
  "a date": () => get({ IfModifiedSince: new Date(0), ResponseExpires: new Date(86_400_000) }),
  "an empty text": () => get({ VersionId: "" }),
  "metadata in capitals": () => put({ Metadata: { Note: "1" } }),
  "an outpost": () =>
    get({ Bucket: "arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op-01234567890123456/accesspoint/point" }),
  "an access point for all regions": () => get({ Bucket: "arn:aws:s3::123456789012:accesspoint:mfzwi23gnjvgw.mrap" }),
  "a directory bucket": () => get({ Bucket: "name--usw2-az1--x-s3" }),
};

for (const [title, command] of Object.entries(ALWAYS_ASKED)) {
  test.serial(`${title}: the client is asked every time`, async (t) => {
    // The SDK presigns for all regions with one class alone: here it is a stand-in that signs with ours.
    signatureV4CrtContainer.CrtSignerV4 = class extends SignatureV4 {} as never;
    t.teardown(() => Object.assign(signatureV4CrtContainer, { CrtSignerV4: null }));
    const s3ExpressIdentityProvider = { getS3ExpressIdentity: async () => SESSION_KEYS };
    const { client, wasAsked } = watchedClient({ s3ExpressIdentityProvider });
    const presigner = nativePresigner(client);
    for (let round = 0; round < 3; round++) {
      const url = await presigner.presign(command(), AT);
      t.true(wasAsked());
      t.is(url, await theirs(client, command(), AT));
      wasAsked();
    }
  });
}

test("a token that the client draws is drawn for every URL", async (t) => {
  const { client } = watchedClient();
  const presigner = nativePresigner(client);
  const command = () => new RenameObjectCommand({ Bucket: "b-1", Key: "k", RenameSource: "b-1/j" });
  const urls = [
    await presigner.presign(command()),
    await presigner.presign(command()),
    await presigner.presign(command()),
  ];
  const tokens = urls.map((url) => new URL(url).searchParams.get("x-amz-client-token"));
  t.is(new Set(tokens).size, 3);
  t.false(tokens.includes(null));
});

test("a command may be presigned again, and was sent before or not", async (t) => {
  const { client, wasAsked } = watchedClient();
  const presigner = nativePresigner(client);
  const command = get();
  const urls = [await presigner.presign(command, AT), await presigner.presign(command, AT)];
  wasAsked();
  urls.push(await presigner.presign(command, AT));
  t.false(wasAsked());
  t.deepEqual(new Set(urls), new Set([await theirs(client, get(), AT)]));
});

test("commands and options stay as they are given", async (t) => {
  const { client } = watchedClient();
  const presigner = nativePresigner(client);
  for (let round = 0; round < 2; round++) {
    const command = put({ ServerSideEncryption: "AES256" });
    const options = { ...AT, unhoistableHeaders: new Set(["x-amz-acl"]), unsignableHeaders: new Set<string>() };
    await presigner.presign(command, options);
    t.deepEqual(command.input, put({ ServerSideEncryption: "AES256" }).input);
    t.deepEqual([...options.unhoistableHeaders, ...options.unsignableHeaders], ["x-amz-acl"]);
  }
});

test("an input that needs the client does not slow down others with its members", async (t) => {
  const { client, wasAsked } = watchedClient();
  const presigner = nativePresigner(client);
  for (const VersionId of ["", "first"]) await presigner.presign(get({ VersionId }), AT);
  wasAsked();
  await presigner.presign(get({ VersionId: "second" }), AT);
  t.false(wasAsked());
  t.is(await presigner.presign(get({ VersionId: "" }), AT), await theirs(client, get({ VersionId: "" }), AT));
});

test("of many calls at once the client is asked for the first alone", async (t) => {
  const { client, count } = watchedClient();
  const presigner = nativePresigner(client);
  await presigner.presign(get(), AT);
  const each = count();
  const keys = Array.from({ length: 200 }, (_, index) => `${index}`);
  const urls = await Promise.all(keys.map((Key) => presigner.presign(put({ Key }), AT)));
  t.is(count(), 2 * each);
  t.is(urls[199], await theirs(client, put({ Key: "199" }), AT));
  const nameless = keys.map(() =>
    presigner.presign(new HeadObjectCommand({ Bucket: "b-1", Key: undefined as never }), AT),
  );
  for (const { status } of await Promise.allSettled(nameless)) t.is(status, "rejected");
});

test("no more than 500 templates are kept of one configuration", async (t) => {
  const { client, wasAsked } = watchedClient();
  const presigner = nativePresigner(client);
  const presign = (bucket: number) => presigner.presign(get({ Bucket: `bucket-${bucket}` }), AT);
  for (let bucket = 0; bucket < 500; bucket++) await presign(bucket);
  wasAsked();
  await presign(0);
  t.false(wasAsked(), "all fit");
  await presign(500);
  await presign(1);
  wasAsked();
  await presign(0);
  t.true(wasAsked(), "the oldest had to go");
});

test("credentials without a token, and with one, from one call to the next", async (t) => {
  let current: typeof KEYS = KEYS;
  const { client, wasAsked } = watchedClient({ credentials: async () => ({ ...current, expiration: new Date(0) }) });
  const presigner = nativePresigner(client);
  for (const next of [KEYS, SESSION_KEYS, KEYS]) {
    current = next;
    const url = await presigner.presign(get(), AT);
    t.is(url, await theirs(client, get(), AT));
    t.is(url.includes("X-Amz-Security-Token"), next === SESSION_KEYS);
  }
  wasAsked();
  await presigner.presign(get(), AT);
  t.false(wasAsked());
});
