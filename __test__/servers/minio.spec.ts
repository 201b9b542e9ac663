/** S3 signatures before MinIO: what it accepts, what it refuses, what it makes of odd keys, and its temporary credentials. */
import { Signer } from "aws-refresh-session/signing";
import { ACCOUNT, minio, REGION } from "./minio.js";
import { element, errorCode, type RawRequest, type RawResponse, send } from "./raw-request.js";
import { acceptanceTests } from "./s3/acceptance-tests.js";
import { keyTests } from "./s3/key-tests.js";
import { s3Tests } from "./s3/s3-server.js";
import { tamperingTests } from "./s3/tampering-tests.js";

const { test, s3 } = s3Tests(minio, { account: ACCOUNT, region: REGION });

acceptanceTests(test, s3);
tamperingTests(test, s3);
keyTests(test, s3);

/** MinIO's AssumeRole, which asks for no role: the caller's rights for a while. */
async function assumeRole() {
  const request = {
    method: "POST",
    url: `${s3.endpoint}/`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "Action=AssumeRole&Version=2011-06-15&DurationSeconds=900",
  };
  const signer = new Signer({ service: "sts", region: REGION, credentials: ACCOUNT });
  const { status, body } = await send({
    ...request,
    headers: { ...request.headers, ...(await signer.sign(request)) },
  });
  if (status !== 200) throw new Error(`AssumeRole was answered with ${status}: ${body}`);
  const text = (name: string) => element(body, name) ?? "";
  return {
    accessKeyId: text("AccessKeyId"),
    secretAccessKey: text("SecretAccessKey"),
    sessionToken: text("SessionToken"),
  };
}

const outcome = (answer: RawResponse) => `${answer.status} ${errorCode(answer) ?? ""}`.trim();

test("temporary credentials put and get, by headers and by URL", async (t) => {
  const signer = s3.newSigner({ credentials: await assumeRole() });
  const url = s3.urlOf("by a session");
  t.is(outcome(await s3.sendSigned({ method: "PUT", url, body: "kept" }, signer)), "200");
  t.is((await s3.sendSigned({ method: "GET", url }, signer)).body, "kept");
  const put = await signer.presign({ method: "PUT", url }, { expiresIn: 60 });
  t.is(outcome(await send({ method: "PUT", url: put.url, body: "kept by URL" })), "200");
  const [get = ""] = await signer.presignMany([url], { expiresIn: 60 });
  t.is((await send({ method: "GET", url: get })).body, "kept by URL");
});

test("a token that is missing, changed or of another session is refused", async (t) => {
  const [mine, other] = [await assumeRole(), await assumeRole()];
  const { sessionToken, ...tokenless } = mine;
  const url = s3.urlOf("by a session");
  for (const [credentials, expected] of [
    [tokenless, "403 InvalidTokenId"],
    [{ ...tokenless, sessionToken: `${sessionToken}x` }, "403 InvalidTokenId"],
    [{ ...tokenless, sessionToken: other.sessionToken }, "403 InvalidTokenId"],
    [{ ...mine, secretAccessKey: other.secretAccessKey }, "403 SignatureDoesNotMatch"],
  ] as const) {
    const signer = s3.newSigner({ credentials });
    t.is(outcome(await s3.sendSigned({ method: "GET", url }, signer)), expected);
    const presigned = await signer.presign(url, { expiresIn: 60 });
    t.is(outcome(await send({ method: "GET", url: presigned.url })), expected);
  }
});

test("a token exchanged after signing is refused", async (t) => {
  const [mine, other] = [await assumeRole(), await assumeRole()];
  const signer = s3.newSigner({ credentials: mine });
  const url = s3.urlOf("by a session");
  const signed = await s3.signed({ method: "GET", url }, signer);
  const presigned = await signer.presign(url, { expiresIn: 60 });
  const tampered: RawRequest[] = [
    { ...signed, headers: { ...signed.headers, "x-amz-security-token": other.sessionToken } },
    { method: "GET", url: presigned.url.replace(encodeURIComponent(mine.sessionToken), other.sessionToken) },
  ];
  for (const request of tampered) t.is(outcome(await send(request)), "403 InvalidTokenId");
});
