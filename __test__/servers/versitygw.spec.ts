/** S3 signatures before VersityGW: headers and presigned URLs over odd keys, and everything it has to refuse. */
import { Signer, type SignerOptions } from "aws-refresh-session/signing";
import { errorCode, escapedPath, type RawRequest, send } from "./raw-request.js";
import { serverTests } from "./server-process.js";
import { ACCOUNT, REGION, versityGw } from "./versitygw.js";

let endpoint: string;
const test = serverTests(versityGw, async (running) => {
  endpoint = running.endpoint;
  const made = await sendSigned({ method: "PUT", url: `${endpoint}/bucket` });
  if (made.status !== 200) throw new Error(`no bucket: ${made.status} ${made.body}`);
});

const newSigner = (options: Partial<SignerOptions> = {}) =>
  new Signer({ service: "s3", region: REGION, credentials: ACCOUNT, ...options });

async function signed(request: RawRequest, signer = newSigner(), signingDate?: Date): Promise<RawRequest> {
  const headers = await signer.sign(request, signingDate === undefined ? {} : { signingDate });
  return { ...request, headers: { ...request.headers, ...headers } };
}

const sendSigned = async (request: RawRequest, signer = newSigner()) => send(await signed(request, signer));

const minutesFromNow = (minutes: number) => new Date(Date.now() + minutes * 60_000);
const urlOf = (key: string) => `${endpoint}/bucket/${escapedPath(key)}`;

const ODD_KEYS = [
  "plain.txt",
  "a space and+plus",
  "folder/ä ö ü/日本語😀",
  "100% and %20 and %2F",
  "(round) [square] {curly}",
  "!*'~-_.",
  "a=b&c;d:e,f@g$h",
  'question?hash#quote"',
  "back\\slash^caret`tick|pipe<less>more",
];

for (const key of ODD_KEYS) {
  test(`an object is put, seen, read and deleted under the key ${key}`, async (t) => {
    const url = urlOf(key);
    const put = await sendSigned({ method: "PUT", url, body: `body of ${key}` });
    t.is(put.status, 200, errorCode(put));
    const head = await sendSigned({ method: "HEAD", url });
    t.is(head.status, 200);
    t.is(head.headers["content-length"], String(Buffer.byteLength(`body of ${key}`)));
    const got = await sendSigned({ method: "GET", url });
    t.is(got.body, `body of ${key}`);
    t.is((await sendSigned({ method: "DELETE", url })).status, 204);
    t.is((await sendSigned({ method: "GET", url })).status, 404);
  });

  test(`presigned URLs put and get the key ${key}`, async (t) => {
    const signer = newSigner();
    const put = await signer.presign({ method: "PUT", url: urlOf(key) }, { expiresIn: 60 });
    const kept = await send({ method: "PUT", url: put.url, body: "by URL" });
    t.is(kept.status, 200, errorCode(kept));
    const get = await signer.presign({ url: urlOf(key) }, { expiresIn: 604_800 });
    const got = await send({ method: "GET", url: get.url });
    t.is(got.status, 200, errorCode(got));
    t.is(got.body, "by URL");
  });
}

test("characters that a URL may leave unescaped are signed as the server escapes them", async (t) => {
  const url = `${endpoint}/bucket/raw/it's(fine)!*@$&=:,;`;
  t.is((await sendSigned({ method: "PUT", url, body: "raw" })).status, 200);
  t.is((await sendSigned({ method: "GET", url })).body, "raw");
});

test("a list is read with empty, repeated-looking and escaped query parameters", async (t) => {
  await sendSigned({ method: "PUT", url: urlOf("list/a b"), body: "1" });
  await sendSigned({ method: "PUT", url: urlOf("list/c+d"), body: "2" });
  for (const query of [
    "list-type=2&prefix=list%2F",
    "prefix=list%2F&list-type=2&delimiter=",
    "list-type=2&max-keys=10&prefix=list/&encoding-type=url&start-after=",
  ]) {
    const answer = await sendSigned({ method: "GET", url: `${endpoint}/bucket?${query}` });
    t.is(answer.status, 200, `${query}: ${errorCode(answer)}`);
    t.is(answer.body.match(/<Key>/g)?.length, 2, query);
  }
});

test("user headers are signed whatever their case and spacing", async (t) => {
  const url = urlOf("with-metadata");
  const headers = {
    "X-Amz-Meta-Note": "two  spaces",
    "Content-Type": "text/plain; charset=utf-8",
    "Cache-Control": "no-store",
  };
  t.is((await sendSigned({ method: "PUT", url, headers, body: "noted" })).status, 200);
  t.is((await sendSigned({ method: "HEAD", url })).headers["content-type"], "text/plain; charset=utf-8");
});

test("a body that is binary, large or empty is signed", async (t) => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
  t.is((await sendSigned({ method: "PUT", url: urlOf("binary"), body: bytes })).status, 200);
  t.is((await sendSigned({ method: "HEAD", url: urlOf("binary") })).headers["content-length"], "300000");
  t.is((await sendSigned({ method: "PUT", url: urlOf("empty"), body: "" })).status, 200);
  t.is((await sendSigned({ method: "GET", url: urlOf("empty") })).body, "");
});

test("an unsigned payload is accepted", async (t) => {
  const put = await sendSigned(
    { method: "PUT", url: urlOf("unsigned"), body: "any" },
    newSigner({ payload: "unsigned" }),
  );
  t.is(put.status, 200, errorCode(put));
  t.is((await sendSigned({ method: "GET", url: urlOf("unsigned") })).body, "any");
});

test("the second engine signs what the server accepts", async (t) => {
  const signer = newSigner({ engine: "aws-sigv4" });
  t.is((await sendSigned({ method: "PUT", url: urlOf("engine"), body: "aws-sigv4" }, signer)).status, 200);
  t.is((await sendSigned({ method: "GET", url: urlOf("engine") }, signer)).body, "aws-sigv4");
});

test("a wrong secret is refused", async (t) => {
  const stranger = newSigner({ credentials: { ...ACCOUNT, secretAccessKey: "not the secret" } });
  const answer = await sendSigned({ method: "GET", url: `${endpoint}/bucket` }, stranger);
  t.is(answer.status, 403);
  t.is(errorCode(answer), "SignatureDoesNotMatch");
  const presigned = await stranger.presign({ url: urlOf("plain.txt") }, { expiresIn: 60 });
  t.is(errorCode(await send({ method: "GET", url: presigned.url })), "SignatureDoesNotMatch");
});

test("an unknown access key is refused", async (t) => {
  const stranger = newSigner({ credentials: { ...ACCOUNT, accessKeyId: "AKIAUNKNOWNUNKNOWN00" } });
  t.is(errorCode(await sendSigned({ method: "GET", url: `${endpoint}/bucket` }, stranger)), "InvalidAccessKeyId");
});

test("another region in the scope is refused", async (t) => {
  const answer = await sendSigned({ method: "GET", url: `${endpoint}/bucket` }, newSigner({ region: "eu-central-1" }));
  t.is(answer.status, 400);
});

test("a tampered header is refused", async (t) => {
  const right = await signed({
    method: "PUT",
    url: urlOf("tampered"),
    headers: { "x-amz-meta-owner": "me" },
    body: "x",
  });
  const answer = await send({ ...right, headers: { ...right.headers, "x-amz-meta-owner": "you" } });
  t.is(answer.status, 403);
  t.is(errorCode(answer), "SignatureDoesNotMatch");
});

test("a tampered path is refused", async (t) => {
  const right = await signed({ method: "PUT", url: urlOf("mine"), body: "x" });
  const answer = await send({ ...right, url: urlOf("theirs") });
  t.is(answer.status, 403);
  t.is(errorCode(answer), "SignatureDoesNotMatch");
});

test("a tampered query is refused", async (t) => {
  const right = await signed({ method: "GET", url: `${endpoint}/bucket?list-type=2&prefix=mine` });
  const answer = await send({ ...right, url: `${endpoint}/bucket?list-type=2&prefix=theirs` });
  t.is(answer.status, 403);
  t.is(errorCode(answer), "SignatureDoesNotMatch");
});

test("a tampered body is refused", async (t) => {
  const right = await signed({ method: "PUT", url: urlOf("body"), body: "pay 10" });
  const answer = await send({ ...right, body: "pay 99" });
  t.is(answer.status, 400);
  t.is(errorCode(answer), "XAmzContentSHA256Mismatch");
});

test("a tampered method is refused", async (t) => {
  const right = await signed({ method: "GET", url: urlOf("kept") });
  t.is(errorCode(await send({ ...right, method: "DELETE" })), "SignatureDoesNotMatch");
});

test("dates twenty minutes off are refused, four minutes are accepted", async (t) => {
  const request = { method: "GET", url: `${endpoint}/bucket?list-type=2` };
  for (const minutes of [-20, 20]) {
    const answer = await send(await signed(request, newSigner(), minutesFromNow(minutes)));
    t.is(answer.status, 403);
    t.is(errorCode(answer), "RequestTimeTooSkewed");
  }
  for (const minutes of [-4, 4]) {
    t.is((await send(await signed(request, newSigner(), minutesFromNow(minutes)))).status, 200);
  }
});

test("a presigned URL is refused when tampered with, out of date or used for another method", async (t) => {
  const url = urlOf("presigned");
  await sendSigned({ method: "PUT", url, body: "kept" });
  const signer = newSigner();
  const right = (await signer.presign({ url }, { expiresIn: 60 })).url;
  t.is((await send({ method: "GET", url: right })).body, "kept");
  for (const forged of [
    right.replace("X-Amz-Expires=60", "X-Amz-Expires=600"),
    right.replace("/bucket/presigned", "/bucket/theirs"),
    `${right}&versionId=1`,
    right.replace(/(X-Amz-Signature=)(.)/, (_, name, digit) => name + (digit === "0" ? "1" : "0")),
  ]) {
    const answer = await send({ method: "GET", url: forged });
    t.is(answer.status, 403, forged);
    t.is(errorCode(answer), "SignatureDoesNotMatch", forged);
  }
  t.is((await send({ method: "DELETE", url: right })).status, 403);
  const old = await signer.presign({ url }, { expiresIn: 60, signingDate: minutesFromNow(-3) });
  t.is(errorCode(await send({ method: "GET", url: old.url })), "AccessDenied");
});

test("presigned headers have to be sent as they were signed", async (t) => {
  const signer = newSigner();
  const url = urlOf("typed");
  const headers = { "content-type": "application/json" };
  const presigned = await signer.presign({ method: "PUT", url, headers }, { expiresIn: 60 });
  t.is((await send({ method: "PUT", url: presigned.url, headers, body: "{}" })).status, 200);
  const other = await send({ method: "PUT", url: presigned.url, headers: { "content-type": "text/html" }, body: "{}" });
  t.is(other.status, 403);
});

test("every URL of a presigned batch works", async (t) => {
  const urls = Array.from({ length: 50 }, (_, index) => urlOf(`batch/${index} of 50`));
  const signer = newSigner();
  const puts = await signer.presignMany(
    urls.map((url) => ({ method: "PUT", url })),
    { expiresIn: 60 },
  );
  for (const url of puts) t.is((await send({ method: "PUT", url, body: "batch" })).status, 200);
  for (const url of await signer.presignMany(urls, { expiresIn: 60 })) {
    t.is((await send({ method: "GET", url })).body, "batch");
  }
});
