/** What RequestSigner makes, before MiniStack: v4 and v4a, in headers and URLs, with and without a token. */
import { AwsRequest, RequestSigner } from "aws-refresh-session/signing";
import {
  callQuery,
  type Keys,
  makePrincipals,
  miniStack,
  type Principals,
  queryRequest,
  REGION,
} from "../../servers/ministack.js";
import { element, send } from "../../servers/raw-request.js";
import { serverTests } from "../../servers/server-process.js";

let endpoint: string;
let principals: Principals;
let session: Keys;
const test = serverTests(miniStack, async (running) => {
  endpoint = running.endpoint;
  principals = await makePrincipals(endpoint);
  const parameters = { RoleArn: principals.roleArn, RoleSessionName: "parity" };
  const assumed = await callQuery({ endpoint, service: "sts", action: "AssumeRole", parameters }, principals.user);
  const [accessKeyId = "", secretAccessKey = "", sessionToken = ""] = [
    "AccessKeyId",
    "SecretAccessKey",
    "SessionToken",
  ].map((name) => element(assumed.body, name));
  session = { accessKeyId, secretAccessKey, sessionToken };
});

const signerOf = (signatureVersion: string, credentials: Keys) =>
  new RequestSigner({ serviceId: "STS", region: REGION, signingName: "sts", signatureVersion, credentials });

async function whoAmI(signatureVersion: string, credentials: Keys, expiresIn?: number) {
  const { body, ...parts } = queryRequest({ endpoint, service: "sts", action: "GetCallerIdentity" });
  const signer = signerOf(signatureVersion, credentials);
  if (expiresIn !== undefined) {
    const params = Object.fromEntries(new URLSearchParams(body));
    const url = await signer.generatePresignedUrl({ url: parts.url, data: params }, "GetCallerIdentity", { expiresIn });
    return send({ method: "GET", url });
  }
  const request = new AwsRequest({ ...parts, data: body });
  await signer.sign("GetCallerIdentity", request);
  const { method, url, headers } = request.prepare();
  return send({ method, url, headers: Object.fromEntries(headers), body });
}

for (const version of ["v4", "v4a"]) {
  // MiniStack takes URLs signed with SigV4a for S3 alone.
  for (const expiresIn of version === "v4" ? [undefined, 60] : [undefined]) {
    test(`${version} in ${expiresIn === undefined ? "headers" : "a URL"} is accepted, and refused with a wrong secret`, async (t) => {
      const user = await whoAmI(version, principals.user, expiresIn);
      t.is(user.status, 200, user.body);
      t.is(element(user.body, "Arn"), principals.userArn);
      const role = await whoAmI(version, session, expiresIn);
      t.is(role.status, 200, role.body);
      t.regex(element(role.body, "Arn") ?? "", /assumed-role\/worker\/parity/);
      for (const wrong of [
        { ...principals.user, secretAccessKey: "wrong" },
        { ...session, sessionToken: `${session.sessionToken}x` },
      ]) {
        t.is((await whoAmI(version, wrong, expiresIn)).status, 403);
      }
    });
  }
}

for (const version of ["s3v4", "s3v4a"]) {
  test(`${version} in headers and URLs is accepted by S3, and refused with a wrong secret`, async (t) => {
    const list = async (credentials: Keys) => {
      const region = version === "s3v4" ? REGION : "us-*,eu-west-1";
      const signer = new RequestSigner({
        serviceId: "S3",
        region,
        signingName: "s3",
        signatureVersion: version,
        credentials,
      });
      const request = new AwsRequest({ url: `${endpoint}/?max-buckets=5` });
      const presigned = await signer.generatePresignedUrl(request, "ListBuckets", { expiresIn: 60 });
      await signer.sign("ListBuckets", request);
      const { url, headers } = request.prepare();
      const answers = [
        await send({ method: "GET", url, headers: Object.fromEntries(headers) }),
        await send({ method: "GET", url: presigned }),
      ];
      return answers.map(({ status }) => status);
    };
    t.deepEqual(await list(principals.user), [200, 200]);
    t.deepEqual(await list(session), [200, 200]);
    t.deepEqual(await list({ ...principals.user, secretAccessKey: "wrong" }), [403, 403]);
  });
}
