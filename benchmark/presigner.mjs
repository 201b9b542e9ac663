/** What a presigned URL of an S3 client costs: one awaited, and each of a list, beside `getSignedUrl` of the AWS SDK. */
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl as sdkGetSignedUrl } from "@aws-sdk/s3-request-presigner";
import { getSignedUrl, nativePresigner } from "aws-refresh-session/aws-sdk";
import { awaited, compare } from "./rounds.mjs";

const client = new S3Client({
  region: "eu-west-1",
  credentials: {
    accessKeyId: "ASIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    // As long as the tokens that STS gives.
    sessionToken: randomBytes(383).toString("base64").slice(0, 510),
  },
});
const presigner = nativePresigner(client);
const options = { expiresIn: 900 };
const get = (index) => new GetObjectCommand({ Bucket: "bucket", Key: `photos/2026/11/${index}.jpg` });
const put = (index) => new PutObjectCommand({ Bucket: "bucket", Key: `photos/2026/11/${index}.jpg`, ContentLength: 9 });
const COUNT = 20_000;
/** A list that stays on the calling thread. */
const FEW = 400;

/** Ropes are what concatenation leaves; asking for a character makes the text that an HTTP client would send. */
const flat = (url) => url.charCodeAt(url.length - 1);
const one = (presign) => awaited(async (index) => flat(await presign(index)));
const list = (commands) => async (times) => {
  for (let index = 0; index < times; index++)
    for (const url of await presigner.presignMany(commands, options)) flat(url);
};

/** Nanoseconds for each URL, the commands made beforehand for lists and on the way for single URLs. */
export async function presigningCommands() {
  const gets = Array.from({ length: COUNT }, (_, index) => get(index));
  const puts = Array.from({ length: FEW }, (_, index) => put(index));
  const contenders = [
    { name: "nativePresigner: presign", each: 1, run: one((index) => presigner.presign(get(index), options)) },
    { name: "nativePresigner: presign, PUT", each: 1, run: one((index) => presigner.presign(put(index), options)) },
    { name: "our getSignedUrl", each: 1, run: one((index) => getSignedUrl(client, get(index), options)) },
    { name: "nativePresigner: presignMany", each: FEW, run: list(gets.slice(0, FEW)) },
    { name: "nativePresigner: presignMany, PUT", each: FEW, run: list(puts) },
    { name: "nativePresigner: presignMany, on all cores", each: COUNT, run: list(gets) },
    { name: "getSignedUrl of the SDK", each: 1, run: one((index) => sdkGetSignedUrl(client, get(index), options)) },
  ];
  // What is made once must not decide how often the rest is measured.
  for (const { run, each } of contenders) await run(each === 1 ? 500 : 2);
  return compare(contenders, { rounds: 15, targetMs: 30 });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const times = await presigningCommands();
  const sdk = times.get("getSignedUrl of the SDK");
  for (const [name, time] of times) console.log(`${name}: ${(time / 1000).toFixed(2)} µs, ${(sdk / time).toFixed(0)}x`);
}
