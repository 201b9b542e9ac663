/** Presigned URLs: one with its real end, and ten thousand at once off the main thread. */
import { Signer } from "aws-refresh-session/signing";

const signer = new Signer({
  service: "s3",
  region: "us-east-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
});

const { url, expiresAt } = await signer.presign("https://photos.s3.amazonaws.com/cat.jpg", { expiresIn: 900 });
console.log(`${url.slice(0, 90)}...\nvalid until ${expiresAt.toISOString()}`);

const keys = Array.from({ length: 10_000 }, (_, index) => `https://photos.s3.amazonaws.com/${index}.jpg`);
const started = performance.now();
const urls = await signer.presignMany(keys, { expiresIn: 900 });
console.log(`${urls.length} URLs in ${Math.round(performance.now() - started)} ms`);
