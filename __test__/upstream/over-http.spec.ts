/** The same role assumed by boto3-refresh-session and by us, at the same endpoint: the same requests, other identities. */
import { type AssumeRoleOptions, STSRefreshableSession } from "aws-refresh-session";
import { startTestEndpoint } from "aws-refresh-session/testing";
import { askMeanwhile, testWith } from "../parity/python-oracle.js";
import { ROLE } from "./role.js";

interface Answer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: string;
  readonly whoami: { Account: string; Arn: string };
}

const ROLES: Record<string, AssumeRoleOptions> = {
  "a role by its ARN and a name": ROLE,
  "every parameter but those of MFA": {
    ...ROLE,
    DurationSeconds: 900,
    ExternalId: "customer-17",
    Policy: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}',
    PolicyArns: [{ arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }, { arn: "arn:aws:iam::123456789012:policy/own" }],
    Tags: [
      { Key: "team", Value: "grün 1 + 2 = 3/4" },
      { Key: "cost", Value: "" },
    ],
    TransitiveTagKeys: ["team", "cost"],
    SourceIdentity: "jane",
    ProvidedContexts: [
      { ProviderArn: "arn:aws:iam::aws:contextProvider/IdentityCenter", ContextAssertion: "assertion+/=" },
    ],
  },
  "a device and its code": {
    ...ROLE,
    SerialNumber: "arn:aws:iam::123456789012:mfa/over-http",
    TokenCode: "012345",
  },
};

for (const [what, assumeRole] of Object.entries(ROLES)) {
  testWith("boto3-refresh-session")(`the same request of AssumeRole, and who says whoami: ${what}`, async (t) => {
    const endpoint = await startTestEndpoint();
    t.teardown(() => endpoint.close());
    const { credentials, stsUrl } = endpoint;
    const region = "eu-west-1";
    const order = { assumeRole, region, credentials: { ...credentials }, endpoint: stsUrl };
    const surroundings = { AWS_EC2_METADATA_DISABLED: "true" };
    const [theirs] = await askMeanwhile<Answer>(
      "../upstream/role-over-http.py",
      [order],
      surroundings,
      "boto3-refresh-session",
    );
    const session = new STSRefreshableSession({
      assumeRole,
      region,
      env: {},
      stsClientConfig: { endpoint: stsUrl, credentials },
    });
    t.teardown(() => session.close());
    const ours = await session.refreshableCredentials();
    const identity = await session.whoami();

    const [theirRequest, , ourRequest] = endpoint.sts.requests;
    t.is(theirRequest?.Action, "AssumeRole");
    t.deepEqual(ourRequest, theirRequest);

    t.deepEqual(Object.keys(ours).sort(), [
      "accessKeyId",
      "accountId",
      "expiration",
      "secretAccessKey",
      "sessionToken",
    ]);
    for (const key of ["accessKeyId", "secretAccessKey", "sessionToken"] as const) t.truthy(theirs?.[key], key);
    t.false(Number.isNaN(Date.parse(theirs?.expiration ?? "")));

    // There whoami is answered by the client that assumes the role, as whoever assumes it. Here as the role.
    t.is(theirs?.whoami.Arn, "arn:aws:iam::000000000000:user/source");
    t.is(identity.Arn, "arn:aws:sts::123456789012:assumed-role/TestRole/unit-test");
    t.deepEqual((await session.sourceIdentity()).Arn, theirs?.whoami.Arn);
  });
}
