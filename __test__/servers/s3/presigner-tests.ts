/** URLs of our presigner before an S3 server: what they allow is done, and with a character changed it is refused. */
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { nativePresigner } from "aws-refresh-session/aws-sdk";
import { send } from "../raw-request.js";
import type { Register } from "../server-process.js";
import type { S3Server } from "./s3-server.js";

export function presignerTests(test: Register, s3: S3Server): void {
  const Bucket = "bucket";
  const client = () =>
    new S3Client({ region: s3.region, endpoint: s3.endpoint, forcePathStyle: true, credentials: s3.account });

  test("objects are put, read and listed by URLs of commands, one by one and in lists", async (t) => {
    const presigner = nativePresigner(client());
    // The first URL of each kind is made by the client, the others by what was learned of it.
    const keys = ["plain", "a b+c", "ü/日本", "100%", "!*'()~", "a=b&c;d:e,f@g$h"];
    const puts = await presigner.presignMany(
      keys.map((Key) => {
        const ContentLength = Buffer.byteLength(`body of ${Key}`);
        return new PutObjectCommand({ Bucket, Key, Metadata: { note: "n" }, ContentLength });
      }),
    );
    for (const [index, url] of puts.entries()) {
      t.is((await send({ method: "PUT", url, body: `body of ${keys[index]}` })).status, 200, keys[index]);
    }
    const gets = await presigner.presignMany(keys.map((Key) => new GetObjectCommand({ Bucket, Key })));
    for (const [index, Key] of keys.entries()) {
      t.is((await send({ method: "GET", url: gets[index] as string })).body, `body of ${Key}`);
      const download = new GetObjectCommand({
        Bucket,
        Key,
        ResponseContentDisposition: `attachment; filename="${index}"`,
      });
      const answer = await send({ method: "GET", url: await presigner.presign(download, { expiresIn: 60 }) });
      t.is(answer.status, 200, Key);
      const head = await send({ method: "HEAD", url: await presigner.presign(new HeadObjectCommand({ Bucket, Key })) });
      t.is(head.status, 200, Key);
    }
    for (const Prefix of ["ü/", "pl"]) {
      const url = await presigner.presign(new ListObjectsV2Command({ Bucket, Prefix }));
      const { status, body } = await send({ method: "GET", url });
      t.is(status, 200);
      t.regex(body, Prefix === "pl" ? /<Key>plain<\/Key>/ : /<Key>ü\/日本<\/Key>/);
    }
  });

  test("an upload by the URL of a command arrives when checksums are left to whoever sends it", async (t) => {
    const presigner = nativePresigner(
      new S3Client({
        region: s3.region,
        endpoint: s3.endpoint,
        forcePathStyle: true,
        credentials: s3.account,
        requestChecksumCalculation: "WHEN_REQUIRED",
      }),
    );
    for (const Key of ["uploads/1 of 3", "uploads/2 of 3", "uploads/3+3"]) {
      const url = await presigner.presign(new PutObjectCommand({ Bucket, Key, ContentType: "text/plain" }));
      t.is((await send({ method: "PUT", url, headers: { "content-type": "text/plain" }, body: Key })).status, 200);
      const read = await presigner.presign(new GetObjectCommand({ Bucket, Key }));
      t.is((await send({ method: "GET", url: read })).body, Key);
    }
  });

  test("a URL that was changed, or has ended, or has another's secret, is refused", async (t) => {
    await s3.put("kept", "secret");
    const presigner = nativePresigner(client());
    const command = () => new GetObjectCommand({ Bucket, Key: "kept", VersionId: undefined });
    await presigner.presign(command());
    const url = await presigner.presign(command());
    t.is((await send({ method: "GET", url })).status, 200);
    const changed = [
      url.replace("/kept?", "/kepT?"),
      url.replace("X-Amz-Expires=900", "X-Amz-Expires=901"),
      url.replace("x-id=GetObject", "x-id=HeadObject"),
      url.replace(/X-Amz-Signature=./, (start) => start.slice(0, -1) + (start.endsWith("0") ? "1" : "0")),
    ];
    for (const other of changed) {
      t.not(other, url);
      t.is((await send({ method: "GET", url: other })).status, 403, other);
    }
    const past = { signingDate: new Date(Date.now() - 120_000), expiresIn: 60 };
    t.is((await send({ method: "GET", url: await presigner.presign(command(), past) })).status, 403);
    const stranger = nativePresigner(
      new S3Client({
        region: s3.region,
        endpoint: s3.endpoint,
        forcePathStyle: true,
        credentials: { ...s3.account, secretAccessKey: "another" },
      }),
    );
    const [first, second] = await stranger.presignMany([command(), command()]);
    for (const wrong of [first, second]) t.is((await send({ method: "GET", url: wrong as string })).status, 403);
  });
}
