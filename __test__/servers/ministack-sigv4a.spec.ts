/** SigV4a before MiniStack: signatures for a set of regions, for STS and S3, as headers and as URLs. */
import { Signer, type SignerOptions } from "aws-refresh-session/signing";
import {
  assumeRole,
  type Keys,
  makePrincipals,
  miniStack,
  type Principals,
  queryRequest,
  REGION,
} from "./ministack.js";
import { element, errorCode, escapedPath, type RawRequest, type RawResponse, send } from "./raw-request.js";
import { serverTests } from "./server-process.js";

let endpoint: string;
let principals: Principals;
let assumed: Required<Keys>;
const test = serverTests(miniStack, async (running) => {
  endpoint = running.endpoint;
  principals = await makePrincipals(endpoint);
  assumed = await assumeRole(endpoint, principals);
  const bucket = { method: "PUT", url: `${endpoint}/bucket` };
  const made = await send(await signed("s3", bucket, principals.user, { region: REGION }));
  if (made.status !== 200) throw new Error(`no bucket: ${made.status} ${made.body}`);
});

const signerOf = (service: string, keys: Keys, options: Partial<SignerOptions> = {}) =>
  new Signer({ service, region: "*", algorithm: "sigv4a", credentials: keys, ...options });

async function signed(service: string, request: RawRequest, keys: Keys, options: Partial<SignerOptions> = {}) {
  const headers = await signerOf(service, keys, options).sign(request);
  return { ...request, headers: { ...request.headers, ...headers } };
}

const whoAmI = () => queryRequest({ endpoint, service: "sts", action: "GetCallerIdentity" });
const otherSecret = (keys: Keys): Keys => ({ ...keys, secretAccessKey: `${keys.secretAccessKey}x` });
const outcome = (answer: RawResponse) => `${answer.status} ${errorCode(answer) ?? ""}`.trim();

const REGION_SETS = ["*", REGION, `eu-west-1,${REGION}`, "us-east-*,eu-*"];

for (const region of REGION_SETS) {
  test(`STS takes a signature for the regions ${region}`, async (t) => {
    for (const keys of [principals.user, assumed]) {
      const request = await signed("sts", whoAmI(), keys, { region });
      t.regex(
        request.headers.authorization ?? "",
        /^AWS4-ECDSA-P256-SHA256 Credential=[^/]+\/\d{8}\/sts\/aws4_request,/,
      );
      t.is(outcome(await send(request)), "200");
    }
  });

  test(`S3 puts, lists and returns an object with signatures for the regions ${region}`, async (t) => {
    const url = `${endpoint}/bucket/${escapedPath(`signed for ${region}+\u00e9`)}`;
    for (const keys of [principals.user, assumed]) {
      const body = `by ${keys.accessKeyId}`;
      t.is(outcome(await send(await signed("s3", { method: "PUT", url, body }, keys, { region }))), "200");
      t.is((await send(await signed("s3", { method: "GET", url }, keys, { region }))).body, body);
      const list = { method: "GET", url: `${endpoint}/bucket?prefix=signed%20for&list-type=2` };
      t.is(outcome(await send(await signed("s3", list, keys, { region }))), "200");
    }
  });
}

test("the identity is that of the keys", async (t) => {
  const mine = await send(await signed("sts", whoAmI(), principals.user));
  t.is(element(mine.body, "Arn"), principals.userArn);
  const role = await send(await signed("sts", whoAmI(), assumed));
  t.regex(element(role.body, "Arn") ?? "", /assumed-role\/worker\/assumed$/);
});

test("another secret, and a wrong or missing token, are refused", async (t) => {
  const { sessionToken, ...tokenless } = assumed;
  const list = { method: "GET", url: `${endpoint}/bucket?list-type=2` };
  const refused: [Keys, string, string][] = [
    [otherSecret(principals.user), "403 SignatureDoesNotMatch", "403 SignatureDoesNotMatch"],
    [otherSecret(assumed), "403 SignatureDoesNotMatch", "403 SignatureDoesNotMatch"],
    [{ ...tokenless, sessionToken: `${sessionToken}x` }, "403 InvalidClientTokenId", "400 InvalidToken"],
    [tokenless, "403 InvalidClientTokenId", "403 InvalidAccessKeyId"],
  ];
  for (const [keys, bySts, byS3] of refused) {
    t.is(outcome(await send(await signed("sts", whoAmI(), keys))), bySts);
    t.is(outcome(await send(await signed("s3", list, keys))), byS3);
  }
});

test("a request changed after signing is refused", async (t) => {
  const call = whoAmI();
  const right = await signed("sts", { ...call, headers: { ...call.headers, "x-amz-note": "a" } }, principals.user);
  t.is(outcome(await send(right)), "200");
  const withHeader = (name: string, value: string) => ({ ...right, headers: { ...right.headers, [name]: value } });
  for (const changed of [
    { ...right, body: `${right.body}&More=1` },
    { ...right, method: "PUT" },
    { ...right, url: `${right.url}?more=1` },
    { ...right, url: `${right.url}other` },
    withHeader("x-amz-note", "b"),
    withHeader("x-amz-region-set", "eu-west-1"),
    withHeader("authorization", right.headers.authorization?.replace("/sts/", "/iam/") ?? ""),
    withHeader("authorization", right.headers.authorization?.replace(/..$/, "00") ?? ""),
  ]) {
    const answer = await send(changed);
    t.is(answer.status, 403, JSON.stringify(changed));
  }
});

test("a presigned URL reads an object, and is refused after a change or with another secret", async (t) => {
  const url = `${endpoint}/bucket/by%20URL`;
  await send(await signed("s3", { method: "PUT", url, body: "by URL" }, principals.user));
  for (const keys of [principals.user, assumed]) {
    const presigned = await signerOf("s3", keys).presign(url, { expiresIn: 60 });
    t.regex(presigned.url, /X-Amz-Region-Set=%2A/i);
    const got = await send({ method: "GET", url: presigned.url });
    t.is(outcome(got), "200");
    t.is(got.body, "by URL");
    for (const forged of [
      presigned.url.replace("by%20URL", "other"),
      presigned.url.replace("X-Amz-Expires=60", "X-Amz-Expires=61"),
      presigned.url.replace(/X-Amz-Region-Set=%2A/i, "X-Amz-Region-Set=us-east-1"),
      (await signerOf("s3", otherSecret(keys)).presign(url, { expiresIn: 60 })).url,
    ]) {
      t.is((await send({ method: "GET", url: forged })).status, 403, forged);
    }
    t.is((await send({ method: "PUT", url: presigned.url, body: "overwritten" })).status, 403);
  }
});
