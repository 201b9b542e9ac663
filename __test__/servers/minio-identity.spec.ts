/** Sessions before MinIO over TLS: web identity on tokens of eight seconds, and its certificate call through the open registry. */
import { writeFileSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import avaTest from "ava";
import {
  BRSConfigurationError,
  BRSRequestError,
  RefreshableSession,
  type RefreshContext,
  type TemporaryCredentials,
} from "aws-refresh-session";
import { Signer } from "aws-refresh-session/signing";
import { type CertificateFiles, hasOpenssl, makeCertificates } from "../support/certificates.js";
import { inCI } from "../support/in-ci.js";
import { startOidcIssuer, type TokenClaims } from "../support/oidc-issuer.js";
import { type LoadClient, startLoad } from "./load.js";
import { ACCOUNT, minio, REGION } from "./minio.js";
import { type Identities, minioWithIdentities } from "./minio-identity.js";
import { element, errorCode, type RawRequest, type RawResponse, send } from "./raw-request.js";
import { type Register, serverTests } from "./server-process.js";
import { isInstalled } from "./server-program.js";

// MinIO takes the common name of a certificate for the name of a policy.
const canRun = inCI || (isInstalled(minio) && hasOpenssl());
let identities: Identities | undefined;
avaTest.after.always(async () => {
  identities?.certificates.remove();
  await identities?.issuer.close();
});

const made = (): Identities => {
  if (identities === undefined) throw new Error("made for tests that run");
  return identities;
};
const ca = () => made().certificates.ca.cert;

let endpoint = "";
const test: Register = canRun
  ? serverTests(
      minio,
      async (running) => {
        endpoint = running.endpoint;
        await sendSigned({ method: "PUT", url: `${endpoint}/bucket` }, ACCOUNT);
      },
      async () => {
        identities = { certificates: await makeCertificates("readwrite"), issuer: await startOidcIssuer() };
        return minioWithIdentities(identities);
      },
    )
  : avaTest.skip;

/** Sends a request of S3, and fails when MinIO refuses it. */
async function sendSigned(request: RawRequest, credentials: TemporaryCredentials | RefreshableSession) {
  const signer = new Signer({ service: "s3", region: REGION, credentials });
  return accepted(await send({ ...request, headers: await signer.sign(request), tls: { ca: ca() } }));
}

function accepted(answer: RawResponse): RawResponse {
  if (answer.status === 200) return answer;
  throw new Error(`${answer.status} ${errorCode(answer)}`);
}

/** What sends requests as a session: a signer, URLs signed beforehand, and a client of the AWS SDK that tries once. */
function clientsOf(session: RefreshableSession, name: string) {
  const httpsAgent = new https.Agent({ ca: ca() });
  const client = new S3Client({
    ...{ region: REGION, endpoint, forcePathStyle: true, maxAttempts: 1 },
    ...{ credentials: session.credentials, requestHandler: { httpsAgent } },
  });
  const signer = session.signer({ service: "s3", region: REGION });
  const url = `${endpoint}/bucket/${name}`;
  const clients: LoadClient[] = [
    {
      name: `${name}, signer`,
      request: async () => {
        await sendSigned({ method: "PUT", url, body: "kept" }, session);
        await sendSigned({ method: "GET", url }, session);
      },
    },
    {
      name: `${name}, presigned URL`,
      request: async () => {
        const presigned = await signer.presign({ method: "PUT", url: `${url}-by-url` }, { expiresIn: 60 });
        accepted(await send({ method: "PUT", url: presigned.url, body: "kept", tls: { ca: ca() } }));
      },
    },
    {
      name: `${name}, S3Client`,
      request: async () => {
        const object = { Bucket: "bucket", Key: `${name}-by-sdk` };
        await client.send(new PutObjectCommand({ ...object, Body: "kept" }));
        await (await client.send(new GetObjectCommand(object))).Body?.transformToString();
      },
    },
  ];
  const close = () => {
    client.destroy();
    httpsAgent.destroy();
  };
  return { clients, close };
}

/** So many seconds a token, a certificate, and what MinIO gives for them live; it counts whole ones. */
const LIFETIME = 8;
const VALIDITY_MS = ((LIFETIME - 1) * 1000) / 4;

const newToken = (claims: TokenClaims = {}) =>
  made().issuer.token({ lifetime: LIFETIME, more: { policy: "readwrite" }, ...claims });

function openWebIdentity(source: { webIdentityTokenFile: string } | { webIdentityTokenProvider: () => string }) {
  return new RefreshableSession({
    method: "web-identity",
    region: REGION,
    env: {},
    // MinIO goes by the policy claim, and looks at no role.
    webIdentity: { RoleArn: "arn:aws:iam::123456789012:role/by-claim" },
    stsClientConfig: { endpoint, region: REGION, agent: new https.Agent({ ca: ca() }) },
    ...source,
  });
}

/** Watches what is told of refreshes. */
function told(session: RefreshableSession) {
  const seen = { refreshes: 0, errors: [] as Error[] };
  session.events.on("refresh", () => {
    seen.refreshes++;
  });
  session.events.on("refreshError", ({ error }) => seen.errors.push(error));
  return seen;
}

test("web identity: no request fails in 25 seconds on tokens and credentials of eight seconds", async (t) => {
  const file = join(made().certificates.ca.folder, "token");
  const write = () => writeFileSync(file, `${newToken()}\n`, { mode: 0o600 });
  write();
  // As a kubelet does, only faster.
  const rotating = setInterval(write, 500);
  const sessions = [
    openWebIdentity({ webIdentityTokenFile: file }),
    openWebIdentity({ webIdentityTokenProvider: () => newToken() }),
  ];
  const seen = sessions.map(told);
  const groups = sessions.map((session, index) => clientsOf(session, `web-identity-${index}`));
  const load = startLoad(
    groups.flatMap(({ clients }) => clients),
    { pauseMs: 150, validityMs: VALIDITY_MS },
  );
  await sleep(25_000);
  const report = await load.stop();
  clearInterval(rotating);
  for (const opened of [...groups, ...sessions]) opened.close();
  t.log(`${report.total} requests, ${report.overtaken} overtaken`, JSON.stringify(seen));
  t.deepEqual(report.failed, []);
  t.true(report.overtaken <= report.total / 100);
  for (const { refreshes, errors } of seen) {
    t.deepEqual(errors, []);
    t.true(refreshes >= 25 / LIFETIME);
    t.true(refreshes < report.total / 4);
  }
});

for (const [what, claims, words] of [
  ["signed with a key that the issuer does not publish", { signature: "rogue" }, /verification error/],
  ["that nobody signed", { signature: "none" }, /signature type is not allowed/],
  ["for another audience", { audience: "another" }, /claim invalid/],
  ["that has expired", { lifetime: -5 }, /expired/],
] as ReadonlyArray<readonly [string, TokenClaims, RegExp]>) {
  test(`web identity: a token ${what} is an error with a type, and the next one is taken`, async (t) => {
    let token = newToken(claims);
    const session = openWebIdentity({ webIdentityTokenProvider: () => token });
    const error = await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSRequestError });
    t.like(error, { code: "ERR_REQUEST", statusCode: 400 });
    t.like(error?.details, { awsCode: "InvalidParameterValue", operation: "STS AssumeRoleWithWebIdentity" });
    t.regex(error?.message ?? "", words);
    t.false(error?.message.includes(token));
    token = newToken();
    t.truthy((await session.refreshableCredentials()).sessionToken);
    session.close();
  });
}

/** What MinIO answers when it gives no credentials. */
class CertificateRefused extends Error {
  override readonly name = "CertificateRefused";
  readonly awsCode: string | undefined;
  readonly retryable = false;

  constructor({ status, body }: RawResponse) {
    super(`AssumeRoleWithCertificate was answered with ${status}: ${element(body, "Message")}`);
    this.awsCode = element(body, "Code");
  }
}

/** The method that the tests add: MinIO's AssumeRoleWithCertificate, which proves who asks by TLS alone. */
function certificateStrategy(certificate: () => CertificateFiles | undefined) {
  return {
    method: "minio-certificate",
    async refresh({ signal }: RefreshContext): Promise<TemporaryCredentials> {
      signal.throwIfAborted();
      const shown = certificate();
      const answer = await send({
        method: "POST",
        url: `${endpoint}/?Action=AssumeRoleWithCertificate&Version=2011-06-15&DurationSeconds=900`,
        tls: { ca: ca(), ...(shown !== undefined && { cert: shown.cert, key: shown.key }) },
      });
      if (answer.status !== 200) throw new CertificateRefused(answer);
      const text = (name: string) => element(answer.body, name) ?? "";
      return {
        accessKeyId: text("AccessKeyId"),
        secretAccessKey: text("SecretAccessKey"),
        sessionToken: text("SessionToken"),
        expiration: new Date(text("Expiration")),
      };
    },
    getIdentity: async () => ({ method: "minio-certificate", source: "readwrite" }),
  };
}

RefreshableSession.register("minio-certificate", ({ certificate }) =>
  certificateStrategy(certificate as () => CertificateFiles | undefined),
);

const openWithCertificate = (certificate: () => CertificateFiles | undefined) =>
  new RefreshableSession({ method: "minio-certificate", region: REGION, env: {}, certificate });

test("a method that the user registered is one of the session's methods, under a name of its own", async (t) => {
  t.true(RefreshableSession.getAvailableMethods().includes("minio-certificate"));
  t.throws(() => RefreshableSession.register("minio-certificate", () => certificateStrategy(() => undefined)), {
    instanceOf: BRSConfigurationError,
  });
  const session = openWithCertificate(() => made().certificates.device);
  t.is(session.refreshMethod, "minio-certificate");
  t.deepEqual(await session.whoami(), { method: "minio-certificate", source: "readwrite" });
  await sendSigned({ method: "PUT", url: `${endpoint}/bucket/by-certificate`, body: "kept" }, session);
  session.close();
});

test("a certificate of eight seconds: what it gave is refused after its end, and renewed ones go on without a loss", async (t) => {
  const { certificates } = made();
  let certificate = await certificates.shortLived(LIFETIME);
  const session = openWithCertificate(() => certificate);
  const seen = told(session);
  const first = { ...(await session.refreshableCredentials()) };
  const end = first.expiration?.getTime() ?? 0;
  t.true(end <= Date.now() + LIFETIME * 1000, "the certificate's end, not the 900 s that were asked for");
  const url = `${endpoint}/bucket/held`;
  const presigned = await new Signer({ service: "s3", region: REGION, credentials: ACCOUNT }).presign(
    { method: "PUT", url },
    { expiresIn: 60 },
  );
  t.is((await send({ method: "PUT", url: presigned.url, body: "kept", tls: { ca: ca() } })).status, 200);
  const held = session.signer({ service: "s3", region: REGION });
  const heldUrl = await held.presign(url, { expiresIn: 60 });
  t.is((await sendSigned({ method: "GET", url }, first)).body, "kept");
  t.is((await send({ method: "GET", url: heldUrl.url, tls: { ca: ca() } })).status, 200);

  const { clients, close } = clientsOf(session, "certificate");
  const load = startLoad(clients, { pauseMs: 150, validityMs: VALIDITY_MS });
  while (Date.now() < end + 1500) {
    await sleep(1000);
    certificate = await certificates.shortLived(LIFETIME);
  }
  // What was given first has ended, by headers and by URL; the session has gone on.
  const withoutEnd = { ...first };
  delete withoutEnd.expiration;
  await t.throwsAsync(sendSigned({ method: "GET", url }, withoutEnd), { message: "403 InvalidAccessKeyId" });
  const refused = await send({ method: "GET", url: heldUrl.url, tls: { ca: ca() } });
  t.is(`${refused.status} ${errorCode(refused)}`, "403 InvalidAccessKeyId");
  const report = await load.stop();
  t.log(`${report.total} requests, ${report.overtaken} overtaken, ${seen.refreshes} refreshes`);
  t.deepEqual(report.failed, []);
  t.deepEqual(seen.errors, []);
  t.true(seen.refreshes >= 2);
  close();
  session.close();
});

for (const [what, certificate, awsCode] of [
  ["of an authority that MinIO does not trust", () => made().certificates.rogue, "InvalidClientCertificate"],
  ["that has expired", () => made().certificates.expired, "InvalidClientCertificate"],
  ["that is not shown", () => undefined, "MissingParameter"],
] as ReadonlyArray<readonly [string, () => CertificateFiles | undefined, string]>) {
  test(`a certificate ${what}: what the registered strategy throws reaches every caller as it is`, async (t) => {
    const session = openWithCertificate(certificate);
    const callers = [session.refreshableCredentials(), session.credentials(), session.getCallerIdentity()];
    const errors = await Promise.all(
      callers.map((caller) => t.throwsAsync(caller, { instanceOf: CertificateRefused })),
    );
    t.is(errors[0]?.awsCode, awsCode);
    t.is(new Set(errors).size, 1);
    session.close();
  });
}
