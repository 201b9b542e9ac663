/** Presigned URLs of an S3 client's own commands: one by one, in a list, and in the place of `getSignedUrl`. */
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl as sdkGetSignedUrl } from "@aws-sdk/s3-request-presigner";
import { getSignedUrl, nativePresigner } from "aws-refresh-session/aws-sdk";

const client = new S3Client({
  region: "eu-west-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
});
const presigner = nativePresigner(client);

const upload = new PutObjectCommand({ Bucket: "photos", Key: "cat.jpg", ContentType: "image/jpeg" });
const url = await presigner.presign(upload, { expiresIn: 300 });
console.log(`${url.slice(0, 100)}...`);

const commands = Array.from(
  { length: 10_000 },
  (_, index) => new GetObjectCommand({ Bucket: "photos", Key: `${index}` }),
);
const started = performance.now();
const urls = await presigner.presignMany(commands, { expiresIn: 3600 });
console.log(`${urls.length} URLs in ${Math.round(performance.now() - started)} ms`);

const options = { expiresIn: 60, signingDate: new Date() };
const ours = await getSignedUrl(client, commands[0], options);
console.log(`The SDK's own URL is the same: ${ours === (await sdkGetSignedUrl(client, commands[0], options))}`);
