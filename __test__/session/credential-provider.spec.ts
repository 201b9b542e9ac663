/** Tests of `session.credentials`, the provider function for AWS SDK v3 clients. */
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import test from "ava";
import { RefreshableSession, Signer, STSRefreshableSession } from "aws-refresh-session";
import { startTestEndpoint } from "aws-refresh-session/testing";

function open() {
  let count = 0;
  return new RefreshableSession({
    method: "custom",
    customCredentialsMethod: () => ({
      accessKeyId: `AKID${++count}`,
      secretAccessKey: "secret",
      sessionToken: "token",
      expiration: "2100-01-01T00:00:00Z",
    }),
  });
}

test("is one function, marked as memoized", (t) => {
  const session = open();
  t.is(typeof session.credentials, "function");
  t.is(session.credentials, session.credentials);
  t.true(session.credentials.memoized);
});

test("works apart from its session", async (t) => {
  const { credentials } = open();
  t.is((await credentials()).accessKeyId, "AKID1");
  t.is((await credentials({})).accessKeyId, "AKID1");
  t.is((await credentials({ forceRefresh: false })).accessKeyId, "AKID1");
});

test("gives what the SDK expects of an identity", async (t) => {
  const identity = await open().credentials();
  t.deepEqual(
    { ...identity },
    {
      accessKeyId: "AKID1",
      secretAccessKey: "secret",
      sessionToken: "token",
      expiration: new Date("2100-01-01T00:00:00Z"),
    },
  );
});

test("forceRefresh asks the source again", async (t) => {
  const { credentials } = open();
  await credentials();
  t.is((await credentials({ forceRefresh: true })).accessKeyId, "AKID2");
  t.is((await credentials()).accessKeyId, "AKID2");
});

test("as source of a signer it stands for the session itself", async (t) => {
  const session = open();
  const signer = new Signer({ service: "sts", region: "eu-west-1", credentials: session.credentials });
  const request = { url: "https://sts.eu-west-1.amazonaws.com/" };
  t.regex((await signer.sign(request)).authorization ?? "", /AKID1\//);
  await session.getCredentials().refresh({ force: true });
  t.regex((await signer.sign(request)).authorization ?? "", /AKID2\//);
});

test("a client of the AWS SDK speaks as the role, and gets new credentials without being rebuilt", async (t) => {
  const endpoint = await startTestEndpoint();
  t.teardown(() => endpoint.close());
  const session = new STSRefreshableSession({
    region: "eu-west-1",
    assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/reports" },
    stsClientConfig: { endpoint: endpoint.stsUrl, credentials: endpoint.credentials },
  });
  t.teardown(() => session.close());
  const client = new STSClient({ region: "eu-west-1", endpoint: endpoint.url, credentials: session.credentials });
  t.teardown(() => client.destroy());
  const whoami = async () => (await client.send(new GetCallerIdentityCommand({}))).Arn;
  const role = "arn:aws:sts::123456789012:assumed-role/reports/aws-refresh-session";
  t.is(await whoami(), role);
  t.is(await whoami(), role);
  t.is(endpoint.stats.assumeRoleCalls, 1);
  t.true(session.getCredentials().invalidate());
  t.is(await whoami(), role);
  t.is(endpoint.stats.assumeRoleCalls, 2);
});
