/** How the presigner is called: lists, options, errors, and the call of the SDK's own presigner. */
import { ListHostedZonesCommand, Route53Client } from "@aws-sdk/client-route-53";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { getSignedUrl as theirs } from "@aws-sdk/s3-request-presigner";
import type { RequestPresigningArguments } from "@smithy/types";
import test from "ava";
import { getSignedUrl, type NativePresigner, nativePresigner } from "aws-refresh-session/aws-sdk";
import * as oldest from "oldest-client-s3";
import { getSignedUrl as oldestTheirs } from "oldest-s3-request-presigner";
import { AT, KEYS, SESSION_KEYS } from "../examples.js";
import { freezeDate } from "../frozen-date.js";
import { watchedClient } from "./watched-client.js";

const client = new S3Client({ region: "eu-west-1", credentials: SESSION_KEYS });
const get = (Key: string) => new GetObjectCommand({ Bucket: "b-1", Key });

/** A bit of everything: batches, signed headers, several buckets, requests that only the client can make. */
function mixed(index: number) {
  if (index % 97 === 0) return new PutObjectCommand({ Bucket: "b-1", Key: `${index}`, Body: "content" });
  if (index % 10 === 3) return new PutObjectCommand({ Bucket: "b-1", Key: `${index}`, ContentLength: index });
  if (index % 10 === 4) return new GetObjectCommand({ Bucket: "b-2", Key: `ü ${index}`, Range: `bytes=${index}-` });
  if (index % 10 === 5) return new ListObjectsV2Command({ Bucket: "b.2", Prefix: `p/${index}` });
  return get(`photos/${index}.jpg`);
}

test("a list has the URLs of one by one, in its order", async (t) => {
  const presigner = nativePresigner(client);
  const done: number[] = [];
  const commands = Array.from({ length: 1_700 }, (_, index) => mixed(index));
  const urls = await presigner.presignMany(commands, { ...AT, expiresIn: 60, onProgress: (count) => done.push(count) });
  t.is(urls.length, commands.length);
  for (const [index, url] of urls.entries()) {
    t.is(url, await presigner.presign(mixed(index), { ...AT, expiresIn: 60 }), `${index}`);
    if (index % 25 === 0) t.is(url, await theirs(client, mixed(index) as GetObjectCommand, { ...AT, expiresIn: 60 }));
  }
  t.deepEqual(
    done,
    [...done].sort((one, other) => one - other),
  );
  t.is(done.at(-1), 1_700);
  t.deepEqual(await presigner.presignMany([]), []);
  t.deepEqual(await presigner.presignMany(new Set([get("a")]), AT), [await theirs(client, get("a"), AT)]);
});

test("a list is signed with one set of credentials, at one time", async (t) => {
  let calls = 0;
  const rotating = async () => ({ ...KEYS, accessKeyId: `AKID${++calls}`, expiration: new Date(0) });
  const presigner = nativePresigner(new S3Client({ region: "eu-west-1", credentials: rotating }));
  const urls = await presigner.presignMany(Array.from({ length: 1_100 }, (_, index) => mixed(index + 1)));
  const told = new Set(
    urls
      .map((url) => new URL(url).searchParams)
      .map((query) => `${query.get("X-Amz-Credential")} ${query.get("X-Amz-Date")}`),
  );
  t.is(told.size, 1);
});

test("a list ends with the signal, and with the first command that cannot be presigned", async (t) => {
  const presigner = nativePresigner(client);
  const commands = Array.from({ length: 3_000 }, (_, index) => get(`${index}`));
  await t.throwsAsync(presigner.presignMany(commands, { signal: AbortSignal.abort(new Error("never mind")) }), {
    message: "never mind",
  });
  const ending = new AbortController();
  const onProgress = () => ending.abort(new Error("enough"));
  await t.throwsAsync(presigner.presignMany(commands, { signal: ending.signal, onProgress }), { message: "enough" });
  const nameless = new GetObjectCommand({ Bucket: "b-1", Key: undefined as never });
  await t.throwsAsync(presigner.presignMany([get("a"), nameless, get("b")]), { message: /Key/ });
  await t.throwsAsync(presigner.presignMany([get("a"), "b" as never]), {
    code: "ERR_VALIDATION",
    message: /"command"/,
  });
  for (const name of ["signal", "onProgress"]) {
    await t.throwsAsync(presigner.presignMany([], { [name]: 3 }), { code: "ERR_VALIDATION", message: RegExp(name) });
  }
  await t.throwsAsync(presigner.presignMany("abc" as never), { code: "ERR_VALIDATION", message: /"commands"/ });
});

test.serial("the time is now, as the SDK reads it, and the lifetime the SDK's", async (t) => {
  freezeDate(t, Date.UTC(2026, 10, 21));
  const presigner = nativePresigner(client);
  for (const options of [{}, { expiresIn: undefined }, { expiresIn: 1 }, { signingDate: "2026-01-01T00:00:00Z" }]) {
    const wanted = await theirs(client, get("k"), options as RequestPresigningArguments);
    for (let round = 0; round < 2; round++) t.is(await presigner.presign(get("k"), options), wanted);
    t.deepEqual(await presigner.presignMany([get("k")], options), [wanted]);
  }
});

test("wrong options and arguments are refused, each by its name", async (t) => {
  const presigner = nativePresigner(client);
  for (const expiresIn of [0, -1, 1.5, 604_801, "900", Number.NaN, null]) {
    const wrong = { expiresIn } as { expiresIn: number };
    await t.throwsAsync(presigner.presign(get("k"), wrong), { code: "ERR_SIGN_EXPIRES", message: /1 to 604800/ });
    await t.throwsAsync(presigner.presignMany([get("k")], wrong), { code: "ERR_SIGN_EXPIRES" });
    await t.throwsAsync(getSignedUrl(client, get("k"), wrong), { code: "ERR_SIGN_EXPIRES" });
  }
  const misspelled = { expiresin: 60 } as object;
  await t.throwsAsync(presigner.presign(get("k"), misspelled), { code: "ERR_VALIDATION", message: /"expiresin"/ });
  await t.throwsAsync(presigner.presignMany([get("k")], misspelled), { code: "ERR_VALIDATION" });
  await t.notThrowsAsync(getSignedUrl(client, get("k"), misspelled), "as in the SDK");
  await t.throwsAsync(presigner.presign({} as never), { code: "ERR_VALIDATION", message: /"command"/ });
  for (const nothing of [undefined, null, {}, "s3"]) {
    t.throws(() => nativePresigner(nothing as never), { code: "ERR_VALIDATION", message: /"client"/ });
    await t.throwsAsync(getSignedUrl(nothing as never, get("k")), { code: "ERR_VALIDATION", message: /"client"/ });
  }
});

test("the call of the SDK's presigner takes its place, and learns of each client once", async (t) => {
  // Types: it can stand where the SDK's function stands.
  const newestCall: typeof theirs = getSignedUrl;
  const oldestCall: typeof oldestTheirs = getSignedUrl;
  const { client: watched, wasAsked } = watchedClient();
  for (const key of ["a", "b"]) t.is(await newestCall(watched, get(key), AT), await theirs(watched, get(key), AT));
  wasAsked();
  await newestCall(watched, get("c"), AT);
  t.false(wasAsked());
  const old = new oldest.S3Client({ region: "eu-west-1", credentials: KEYS });
  const command = new oldest.HeadObjectCommand({ Bucket: "b-1", Key: "k" });
  t.is(await oldestCall(old, command, AT), await oldestTheirs(old, command, AT));
});

test("clients of other services are presigned where the SDK's URLs are of use", async (t) => {
  const route53 = new Route53Client({ region: "eu-west-1", credentials: KEYS });
  const zones = new ListHostedZonesCommand({ MaxItems: 5 });
  t.is(await getSignedUrl(route53, zones, AT), await theirs(route53 as never, zones as never, AT));
  const sts = new STSClient({ region: "eu-west-1", credentials: KEYS });
  const caller = () => new GetCallerIdentityCommand({});
  // The SDK signs for the region "undefined".
  await t.throwsAsync(getSignedUrl(sts, caller(), AT), { code: "ERR_SIGN_SCOPE", message: /"signingRegion"/ });
  const scope = { ...AT, signingRegion: "eu-west-1", signingService: "sts" };
  t.is(await getSignedUrl(sts, caller(), scope), await theirs(sts as never, caller() as never, scope));
});

test("clients and commands of the newest and the oldest SDK are taken without a cast", async (t) => {
  const newest: NativePresigner = nativePresigner(client);
  const old: NativePresigner = nativePresigner(new oldest.S3Client({ region: "eu-west-1", credentials: KEYS }));
  const options: RequestPresigningArguments = { ...AT, unhoistableHeaders: new Set(["x-amz-acl"]) };
  t.regex(await newest.presign(get("k"), options), /^https:/);
  t.regex(await old.presign(new oldest.PutObjectCommand({ Bucket: "b-1", Key: "k" }), options), /^https:/);
  // @ts-expect-error an input is no command
  await t.throwsAsync(newest.presign({ Bucket: "b-1", Key: "k" }));
  // @ts-expect-error a configuration is no client
  t.throws(() => nativePresigner({ region: "eu-west-1" }));
  // @ts-expect-error no option of the SDK
  await t.throwsAsync(newest.presign(get("k"), { expires: 60 }));
});
