/** Signatures before MiniStack: right ones are accepted, and anything changed after signing is refused. */
import { createHash } from "node:crypto";
import { Signer } from "aws-refresh-session/signing";
import { callQuery, type Keys, makePrincipals, miniStack, type Principals, queryRequest, REGION } from "./ministack.js";
import { element, errorCode, escapedPath, type RawRequest, type RawResponse, send } from "./raw-request.js";
import { serverTests } from "./server-process.js";

let endpoint: string;
let principals: Principals;
const test = serverTests(miniStack, async (running) => {
  endpoint = running.endpoint;
  principals = await makePrincipals(endpoint);
  const made = await sendSigned("s3", { method: "PUT", url: `${endpoint}/bucket` });
  if (made.status !== 200) throw new Error(`no bucket: ${made.status} ${made.body}`);
});

const whoAmI = () => ({ endpoint, service: "sts", action: "GetCallerIdentity" }) as const;
const minutesFromNow = (minutes: number) => new Date(Date.now() + minutes * 60_000);
const wrongSecret = (): Keys => ({ ...principals.user, secretAccessKey: `${principals.user.secretAccessKey}x` });

async function signed(service: string, request: RawRequest, keys: Keys = principals.user): Promise<RawRequest> {
  const signer = new Signer({ service, region: REGION, credentials: keys });
  return { ...request, headers: { ...request.headers, ...(await signer.sign(request)) } };
}

const sendSigned = async (service: string, request: RawRequest): Promise<RawResponse> =>
  send(await signed(service, request));

test("the right keys are accepted and identify their user", async (t) => {
  const answer = await callQuery(whoAmI(), principals.user);
  t.is(answer.status, 200, errorCode(answer));
  t.is(element(answer.body, "Arn"), principals.userArn);
});

test("a query in the URL of a GET is accepted", async (t) => {
  const url = `${endpoint}/?Version=2011-06-15&Action=GetCallerIdentity&Empty=&Sp%20ace=a%2Bb&Dot=%C3%A9`;
  const answer = await sendSigned("sts", { method: "GET", url });
  t.is(answer.status, 200, errorCode(answer));
  t.is(element(answer.body, "Arn"), principals.userArn);
});

test("temporary credentials are accepted with their token and refused without it or with another", async (t) => {
  const assumed = await callQuery(
    {
      ...whoAmI(),
      action: "AssumeRole",
      parameters: { RoleArn: principals.roleArn, RoleSessionName: "signing" },
    },
    principals.user,
  );
  t.is(assumed.status, 200, errorCode(assumed));
  const keys: Keys = {
    accessKeyId: element(assumed.body, "AccessKeyId") ?? "",
    secretAccessKey: element(assumed.body, "SecretAccessKey") ?? "",
  };
  const sessionToken = element(assumed.body, "SessionToken") ?? "";
  const accepted = await callQuery(whoAmI(), { ...keys, sessionToken });
  t.is(accepted.status, 200, errorCode(accepted));
  t.regex(element(accepted.body, "Arn") ?? "", /assumed-role\/worker\/signing$/);
  t.is((await callQuery(whoAmI(), keys)).status, 403);
  t.is((await callQuery(whoAmI(), { ...keys, sessionToken: `${sessionToken}x` })).status, 403);
});

test("a wrong secret is refused", async (t) => {
  const answer = await callQuery(whoAmI(), wrongSecret());
  t.is(answer.status, 403);
  t.is(errorCode(answer), "SignatureDoesNotMatch");
});

test("an unknown access key is refused", async (t) => {
  const answer = await callQuery(whoAmI(), { ...principals.user, accessKeyId: "AKIAUNKNOWNUNKNOWN00" });
  t.is(answer.status, 403);
  t.is(errorCode(answer), "InvalidClientTokenId");
});

test("a tampered header is refused", async (t) => {
  const call = queryRequest(whoAmI());
  const request = { ...call, headers: { ...call.headers, "x-amz-purpose": "reading  twice" } };
  const right = await signed("sts", request);
  t.is((await send(right)).status, 200);
  const answer = await send({ ...right, headers: { ...right.headers, "x-amz-purpose": "writing" } });
  t.is(answer.status, 403);
  t.is(errorCode(answer), "SignatureDoesNotMatch");
});

test("a tampered path is refused", async (t) => {
  const right = await signed("s3", { method: "GET", url: `${endpoint}/bucket/mine` });
  const answer = await send({ ...right, url: `${endpoint}/bucket/theirs` });
  t.is(answer.status, 403);
  t.is(errorCode(answer), "SignatureDoesNotMatch");
});

test("a tampered query is refused", async (t) => {
  const url = `${endpoint}/?Action=GetCallerIdentity&Version=2011-06-15`;
  const right = await signed("sts", { method: "GET", url });
  t.is((await send(right)).status, 200);
  const answer = await send({ ...right, url: `${url}&Extra=1` });
  t.is(answer.status, 403);
  t.is(errorCode(answer), "SignatureDoesNotMatch");
});

test("a tampered body is refused", async (t) => {
  const right = await signed("sts", queryRequest(whoAmI()));
  const answer = await send({ ...right, body: `${right.body}&Extra=1` });
  t.is(answer.status, 403);
  t.is(errorCode(answer), "SignatureDoesNotMatch");
});

test("a tampered method is refused", async (t) => {
  const right = await signed("s3", { method: "PUT", url: `${endpoint}/bucket/kept`, body: "" });
  t.is((await send({ ...right, method: "DELETE" })).status, 403);
});

test("a date twenty minutes in the past is refused as expired", async (t) => {
  const answer = await callQuery(whoAmI(), principals.user, minutesFromNow(-20));
  t.is(answer.status, 403);
  t.regex(element(answer.body, "Message") ?? "", /^Signature expired/);
});

test("a date twenty minutes in the future is refused", async (t) => {
  const answer = await callQuery(whoAmI(), principals.user, minutesFromNow(20));
  t.is(answer.status, 403);
  t.regex(element(answer.body, "Message") ?? "", /^Signature not yet current/);
});

test("dates four minutes off in either direction are accepted", async (t) => {
  t.is((await callQuery(whoAmI(), principals.user, minutesFromNow(-4))).status, 200);
  t.is((await callQuery(whoAmI(), principals.user, minutesFromNow(4))).status, 200);
});

test("S3 keeps and returns objects under odd keys", async (t) => {
  for (const key of ["a b+c", "ä/ö😀", "100%", "two//slashes", "(*)!'~", "a=b&c;d:e,f@g$h"]) {
    const url = `${endpoint}/bucket/${escapedPath(key)}`;
    const put = await sendSigned("s3", { method: "PUT", url, body: `body of ${key}` });
    t.is(put.status, 200, `${key}: ${errorCode(put)}`);
    const got = await sendSigned("s3", { method: "GET", url });
    t.is(got.body, `body of ${key}`);
  }
});

test("a body may be given by its hash alone", async (t) => {
  const body = "streamed from elsewhere";
  const request = { method: "PUT", url: `${endpoint}/bucket/hashed` };
  const signer = new Signer({ service: "s3", region: REGION, credentials: principals.user });
  const sha256 = createHash("sha256").update(body).digest("hex");
  const headers = await signer.sign({ ...request, body: { sha256 } });
  t.is((await send({ ...request, headers, body })).status, 200);
  t.is((await sendSigned("s3", { method: "GET", url: request.url })).body, body);
});

test("a presigned URL works, and is refused when tampered with or out of date", async (t) => {
  const url = `${endpoint}/bucket/presigned%20object`;
  await sendSigned("s3", { method: "PUT", url, body: "by URL" });
  const signer = new Signer({ service: "s3", region: REGION, credentials: principals.user });

  const presigned = await signer.presign({ url }, { expiresIn: 60 });
  const got = await send({ method: "GET", url: presigned.url });
  t.is(got.status, 200, errorCode(got));
  t.is(got.body, "by URL");

  const forged = await send({ method: "GET", url: presigned.url.replace("X-Amz-Expires=60", "X-Amz-Expires=61") });
  t.is(forged.status, 403);
  t.is(errorCode(forged), "SignatureDoesNotMatch");
  t.is((await send({ method: "GET", url: presigned.url.replace("presigned%20object", "kept") })).status, 403);
  t.is((await send({ method: "PUT", url: presigned.url, body: "overwritten" })).status, 403);

  const old = await signer.presign({ url }, { expiresIn: 60, signingDate: minutesFromNow(-3) });
  const late = await send({ method: "GET", url: old.url });
  t.is(late.status, 403);
  t.regex(late.body, /expired/i);

  const stranger = new Signer({ service: "s3", region: REGION, credentials: wrongSecret() });
  const refused = await send({ method: "GET", url: (await stranger.presign({ url }, { expiresIn: 60 })).url });
  t.is(errorCode(refused), "SignatureDoesNotMatch");
});

test("every URL of a presigned batch works", async (t) => {
  const keys = ["first", "second one", "third+one"];
  const urls = keys.map((key) => `${endpoint}/bucket/${escapedPath(key)}`);
  for (const [index, url] of urls.entries()) await sendSigned("s3", { method: "PUT", url, body: keys[index] ?? "" });
  const signer = new Signer({ service: "s3", region: REGION, credentials: principals.user });
  const presigned = await signer.presignMany(urls, { expiresIn: 60 });
  const bodies = await Promise.all(presigned.map(async (url) => (await send({ method: "GET", url })).body));
  t.deepEqual(bodies, keys);
});
