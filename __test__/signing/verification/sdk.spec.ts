/** Tests of what the AWS SDK and our own signer send, against the verifiers: an oracle that knows nothing of our reference. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import test, { type ExecutionContext } from "ava";
import { Signer, verifyingListener, verifyPost } from "aws-refresh-session/signing";
import { KEYS, SESSION_KEYS } from "../examples.js";

const region = "eu-west-1";

/** An S3-like server that answers with what it was sent, and what it was sent in. */
async function storage(t: ExecutionContext) {
  const forms: string[] = [];
  const listener = verifyingListener(
    {
      ...{ service: "s3", region, hosts: "any", payload: "allow-unsigned", body: "stream" },
      getCredentials: () => SESSION_KEYS,
    },
    async (request, response, { body }) => {
      forms.push(String(request.headers["x-amz-content-sha256"]).replace(/^[0-9a-f]{64}$/, "hash"));
      const content = await buffer(body);
      response.setHeader("x-amz-meta-size", content.length);
      response.end(request.method === "GET" ? "content" : undefined);
    },
  );
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, forms };
}

const content = Buffer.from("größe ".repeat(50_000));

test("the S3 client of the AWS SDK is served, with bodies in every form that it sends", async (t) => {
  const { endpoint, forms } = await storage(t);
  const client = new S3Client({ endpoint, region, credentials: SESSION_KEYS, forcePathStyle: true });
  const answer = await client.send(new GetObjectCommand({ Bucket: "bucket", Key: "a b/größe+%2F" }));
  t.is(await answer.Body?.transformToString(), "content");
  for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "SHA1", "SHA256"] as const) {
    for (const Body of [content, Readable.from([content])]) {
      const put = { Bucket: "bucket", Key: "a b/größe", Body, ContentLength: content.length, ChecksumAlgorithm };
      t.is((await client.send(new PutObjectCommand(put))).$metadata.httpStatusCode, 200);
    }
  }
  t.deepEqual([...new Set(forms)].sort(), ["STREAMING-UNSIGNED-PAYLOAD-TRAILER", "hash"]);
  const url = await getSignedUrl(client, new GetObjectCommand({ Bucket: "bucket", Key: "a b" }), { expiresIn: 60 });
  t.is(await (await fetch(url)).text(), "content");
  const wrong = new S3Client({
    endpoint,
    region,
    credentials: { ...SESSION_KEYS, secretAccessKey: "other" },
    forcePathStyle: true,
  });
  const error = await t.throwsAsync(wrong.send(new GetObjectCommand({ Bucket: "bucket", Key: "a" })));
  t.is(error.name, "SignatureDoesNotMatch");
});

test("signed streams of our own signer are accepted, with each checksum and without", async (t) => {
  const { endpoint, forms } = await storage(t);
  const signer = new Signer({ service: "s3", region, credentials: SESSION_KEYS });
  for (const checksumAlgorithm of [undefined, "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const) {
    const url = `${endpoint}/bucket/key`;
    const { headers, stream } = await signer.signStream(
      { method: "PUT", url },
      { decodedContentLength: content.length, ...(checksumAlgorithm === undefined ? {} : { checksumAlgorithm }) },
    );
    const body = Readable.from([content.subarray(0, 1000), content.subarray(1000)]).pipe(stream);
    const init = { method: "PUT", headers, body, duplex: "half" } as unknown as RequestInit;
    const answer = await fetch(url, init);
    t.is(answer.status, 200, await answer.text());
    t.is(answer.headers.get("x-amz-meta-size"), String(content.length));
  }
  t.deepEqual([...new Set(forms)].sort(), [
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
  ]);
});

test("forms of the AWS SDK are accepted, and refused when they are altered", async (t) => {
  for (const credentials of [KEYS, SESSION_KEYS]) {
    const client = new S3Client({ region, credentials });
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the form has it so, literally
    const Key = "user/${filename}";
    const { fields } = await createPresignedPost(client, {
      Bucket: "photos",
      Key,
      Fields: { acl: "public-read", "Content-Type": "image/png" },
      Conditions: [["content-length-range", 1, 100], { acl: "public-read" }],
      Expires: 60,
    });
    const options = { bucket: "photos", region, fileName: "a.png", fileSize: 5, getCredentials: () => credentials };
    const verified = await verifyPost(fields, options);
    t.is(verified.key, "user/a.png");
    t.deepEqual(verified.contentLengthRange, { minimum: 1, maximum: 100 });
    for (const [change, code] of [
      [{ fields: { ...fields, acl: "private" } }, "AccessDenied"],
      [{ fields: { ...fields, key: "admin/a" } }, "AccessDenied"],
      [{ fileSize: 101 }, "EntityTooLarge"],
      [{ fileSize: 0 }, "EntityTooSmall"],
      [{ bucket: "others" }, "MalformedPOSTRequest"],
    ] as const) {
      const { fields: altered = fields, ...other } = change as { fields?: typeof fields };
      await t.throwsAsync(verifyPost(altered, { ...options, ...other }), { code }, code);
    }
  }
});
