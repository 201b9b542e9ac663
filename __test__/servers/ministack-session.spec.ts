/** Sessions before MiniStack, whose credentials really end: nothing is lost over refreshes, and AWS's own clients follow. */
import { setTimeout as sleep } from "node:timers/promises";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { BRSRequestError, RefreshableSession } from "aws-refresh-session";
import { Signer } from "aws-refresh-session/signing";
import { callQuery, type Keys, makePrincipals, miniStack, type Principals, queryRequest, REGION } from "./ministack.js";
import { element, errorCode, send } from "./raw-request.js";
import { serverTests } from "./server-process.js";

let endpoint: string;
let principals: Principals;
const test = serverTests(miniStack, async (running) => {
  endpoint = running.endpoint;
  principals = await makePrincipals(endpoint);
});

const whoAmI = () => ({ endpoint, service: "sts", action: "GetCallerIdentity" }) as const;

function openSession(lifetime: number, sessionName = "aws-refresh-session") {
  return new RefreshableSession({
    method: "sts",
    region: REGION,
    assumeRole: { RoleArn: principals.roleArn, RoleSessionName: sessionName, DurationSeconds: lifetime },
    stsClientConfig: { endpoint, region: REGION, credentials: principals.user },
  });
}

/** Waits until the server's clock, which is ours, has certainly passed the end of these credentials. */
const outlive = (expiration: Date | undefined) => sleep((expiration?.getTime() ?? 0) - Date.now() + 1200);

test("no request is lost over several refreshes", async (t) => {
  const session = openSession(4);
  let refreshes = 0;
  session.events.on("refresh", () => {
    refreshes += 1;
  });
  const signer = new Signer({ service: "sts", region: REGION, credentials: session });
  const keyIds = new Set<string>();
  let sent = 0;
  const sendOne = async () => {
    const request = queryRequest(whoAmI());
    const headers = await signer.sign(request);
    keyIds.add(/Credential=([^/]+)/.exec(headers.authorization ?? "")?.[1] ?? "none");
    const answer = await send({ ...request, headers: { ...request.headers, ...headers } });
    sent += 1;
    t.is(answer.status, 200, `request ${sent}: ${errorCode(answer)}`);
  };
  while (keyIds.size < 4) {
    await Promise.all([sendOne(), sendOne(), sendOne(), sendOne()]);
    await sleep(20);
  }
  t.true(refreshes >= 4);
  t.false(keyIds.has("none"));
  t.log(`${sent} requests through ${refreshes} sets of credentials`);
  session.close();
});

test("many callers at once cause one AssumeRole", async (t) => {
  const session = openSession(900);
  let refreshes = 0;
  session.events.on("refresh", () => {
    refreshes += 1;
  });
  const triples = await Promise.all(Array.from({ length: 100 }, () => session.refreshableCredentials()));
  t.is(new Set(triples.map((triple) => triple.accessKeyId)).size, 1);
  t.is(refreshes, 1);
  session.close();
});

test("the credentials of a session end when they say", async (t) => {
  const session = openSession(3);
  const held = await session.refreshableCredentials();
  session.close();
  const { accessKeyId, secretAccessKey, sessionToken = "" } = held;
  const keys: Keys = { accessKeyId, secretAccessKey, sessionToken };
  t.is((await callQuery(whoAmI(), keys)).status, 200);
  await outlive(held.expiration);
  const answer = await callQuery(whoAmI(), keys);
  t.is(answer.status, 403);
  t.is(errorCode(answer), "ExpiredToken");
});

test("a presigned URL ends with the credentials it was made of", async (t) => {
  const session = openSession(3);
  const url = `${endpoint}/?Action=GetCallerIdentity&Version=2011-06-15`;
  const signer = session.signer({ service: "sts", region: REGION });
  const presigned = await signer.presign({ url }, { expiresIn: 3600 });
  const held = await session.refreshableCredentials();
  session.close();
  t.true(presigned.expiresAt.getTime() <= (held.expiration?.getTime() ?? 0));
  t.is((await send({ method: "GET", url: presigned.url })).status, 200);
  await outlive(held.expiration);
  const answer = await send({ method: "GET", url: presigned.url });
  t.is(answer.status, 403);
  t.is(errorCode(answer), "ExpiredToken");
});

test("an S3Client goes on over the end of the credentials it started with", async (t) => {
  const session = openSession(4);
  const client = new S3Client({ region: REGION, endpoint, forcePathStyle: true, credentials: session.credentials });
  const first = await session.refreshableCredentials();
  const object = { Bucket: "sdk", Key: "folder/an object+1" };
  const bucket = new Signer({ service: "s3", region: REGION, credentials: principals.user });
  const made = { method: "PUT", url: `${endpoint}/sdk` };
  t.is((await send({ ...made, headers: await bucket.sign(made) })).status, 200);
  await client.send(new PutObjectCommand({ ...object, Body: "kept by the SDK" }));
  await outlive(first.expiration);
  const answer = await client.send(new GetObjectCommand(object));
  t.is(await answer.Body?.transformToString(), "kept by the SDK");
  const listed = await client.send(new ListObjectsV2Command({ Bucket: "sdk", Prefix: "folder/" }));
  t.deepEqual(
    listed.Contents?.map((entry) => entry.Key),
    [object.Key],
  );
  t.not((await session.refreshableCredentials()).accessKeyId, first.accessKeyId);
  client.destroy();
  session.close();
});

test("an STSClient speaks as the assumed role", async (t) => {
  const session = openSession(900, "from-the-sdk");
  const client = new STSClient({ region: REGION, endpoint, credentials: session.credentials });
  const identity = await client.send(new GetCallerIdentityCommand({}));
  t.regex(identity.Arn ?? "", /assumed-role\/worker\/from-the-sdk$/);
  client.destroy();
  session.close();
});

test("getIdentity speaks as the assumed role", async (t) => {
  const session = openSession(900, "who");
  t.regex((await session.getIdentity()).Arn ?? "", /assumed-role\/worker\/who$/);
  session.close();
});

test("a session may take its credentials from another session, and an external id is enforced", async (t) => {
  const source = openSession(900);
  const guarded = (externalId: string) =>
    new RefreshableSession({
      method: "sts",
      region: REGION,
      assumeRole: { RoleArn: principals.guardedRoleArn, ExternalId: externalId },
      stsClientConfig: { endpoint, region: REGION, credentials: source },
    });
  const session = guarded(principals.externalId);
  const answer = await callQuery(whoAmI(), keysOf(await session.refreshableCredentials()));
  t.regex(element(answer.body, "Arn") ?? "", /assumed-role\/guarded\//);

  const refused = guarded("another-customer");
  const error = await t.throwsAsync(refused.refreshableCredentials(), { instanceOf: BRSRequestError });
  t.is(error?.statusCode, 403);
  t.is(error?.details?.awsCode, "AccessDenied");
  for (const open of [session, refused, source]) open.close();
});

const keysOf = ({ accessKeyId, secretAccessKey, sessionToken = "" }: Keys): Keys => ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
});

test("a custom session refreshes from a user's own function", async (t) => {
  const client = new STSClient({ region: REGION, endpoint, credentials: principals.user });
  const session = new RefreshableSession({
    method: "custom",
    region: REGION,
    customCredentialsMethod: async function assumeByHand() {
      const answer = await client.send(
        new AssumeRoleCommand({ RoleArn: principals.roleArn, RoleSessionName: "by-hand", DurationSeconds: 900 }),
      );
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {};
      return {
        access_key: AccessKeyId ?? "",
        secret_key: SecretAccessKey ?? "",
        token: SessionToken ?? "",
        expiry_time: Expiration?.toISOString() ?? "",
      };
    },
  });
  const answer = await callQuery(whoAmI(), keysOf(await session.refreshableCredentials()));
  t.regex(element(answer.body, "Arn") ?? "", /assumed-role\/worker\/by-hand$/);
  client.destroy();
  session.close();
});
