/** What RequestSigner makes for S3, before VersityGW: headers, presigned URLs and POST policies over odd keys, and tampering. */
import { AwsRequest, type AwsRequestInit, RequestSigner, type RequestSignOptions } from "aws-refresh-session/signing";
import { MemoryFile } from "../../parity/botocore-ours.js";
import { errorCode, escapedPath, type RawResponse, send } from "../../servers/raw-request.js";
import { serverTests } from "../../servers/server-process.js";
import { ACCOUNT, REGION, versityGw } from "../../servers/versitygw.js";

let endpoint: string;
const test = serverTests(versityGw, async (running) => {
  endpoint = running.endpoint;
  const made = await sign({ method: "PUT", url: `${endpoint}/bucket` });
  if (made.status !== 200) throw new Error(`no bucket: ${made.status} ${made.body}`);
});

const signer = new RequestSigner({
  serviceId: "S3",
  region: REGION,
  signingName: "s3",
  signatureVersion: "s3v4",
  credentials: ACCOUNT,
});

/** Signs a request, lets it be changed, prepares and sends it. */
async function sign(
  init: AwsRequestInit,
  options: RequestSignOptions = {},
  change: (request: AwsRequest) => void = () => {},
): Promise<RawResponse> {
  const request = new AwsRequest(init);
  await signer.sign("Operation", request, options);
  change(request);
  const { method, url, headers, body } = request.prepare();
  const content = body instanceof MemoryFile ? body.read(body.size) : body;
  return send({
    method,
    url,
    headers: Object.fromEntries(headers),
    ...(content ? { body: content as Uint8Array } : {}),
  });
}

const KEYS = ["plain.txt", "a space and+plus", "ä/日本語😀", "100% and %20", "!*'()~-_.", "a=b&c;d:e,f@g$h", 'q?h#"'];

for (const key of KEYS) {
  const urlOf = () => `${endpoint}/bucket/${escapedPath(key)}`;

  test(`headers put and get the key ${key}`, async (t) => {
    for (const data of ["text", Buffer.from("bytes"), new MemoryFile(Buffer.from("a file"))]) {
      const put = await sign({ method: "PUT", url: urlOf(), data, headers: { "x-amz-meta-note": "  two   words " } });
      t.is(put.status, 200, errorCode(put));
    }
    const got = await sign({ url: urlOf() });
    t.is(got.body, "a file");
    const tampered = await sign({ url: urlOf() }, {}, ({ headers }) => headers.set("x-amz-date", "20150830T123600Z"));
    t.not(tampered.status, 200);
  });

  test(`presigned URLs put and get the key ${key}`, async (t) => {
    const presign = { signingType: "presign-url", expiresIn: 60 } as const;
    const put = await signer.generatePresignedUrl({ method: "PUT", url: urlOf() }, "PutObject", { expiresIn: 60 });
    t.is((await send({ method: "PUT", url: put, body: "by URL" })).status, 200);
    const got = await sign({ url: urlOf(), params: { "response-content-type": "a/b c" } }, presign);
    t.is(got.body, "by URL");
    t.is(got.headers["content-type"], "a/b c");
    const tampered = await sign({ url: urlOf() }, presign, (request) => {
      request.url = request.url.replace("X-Amz-Expires=60", "X-Amz-Expires=61");
    });
    t.is(errorCode(tampered), "SignatureDoesNotMatch");
  });
}

test("parameters of the request are a part of what is signed", async (t) => {
  const got = await sign({ url: `${endpoint}/bucket`, params: { "list-type": 2, prefix: "plain" } });
  t.is(got.status, 200, got.body);
  t.true(got.body.includes("<Key>plain.txt</Key>"));
});

test("a policy lets a form upload what it says, and nothing else", async (t) => {
  const upload = async (key: string) => {
    const request = new AwsRequest({
      method: "POST",
      url: `${endpoint}/bucket`,
      context: {
        s3PresignPostFields: { key },
        s3PresignPostPolicy: {
          expiration: new Date(Date.now() + 60_000).toISOString(),
          conditions: [{ bucket: "bucket" }, ["starts-with", "$key", "posted/é"]],
        },
      },
    });
    await signer.sign("PostObject", request, { signingType: "presign-post" });
    const form = new FormData();
    for (const [name, value] of Object.entries(request.context.s3PresignPostFields ?? {})) form.append(name, value);
    form.append("file", new Blob(["posted"]), "file.txt");
    return fetch(request.url, { method: "POST", body: form });
  };
  t.is((await upload("posted/é 1")).status, 204);
  t.is((await sign({ url: `${endpoint}/bucket/${escapedPath("posted/é 1")}` })).body, "posted");
  t.is((await upload("elsewhere")).status, 403);
});
