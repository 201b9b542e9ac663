/** Nothing secret shows in what a session, its parts and its errors print or turn into JSON. */
import { inspect } from "node:util";
import test from "ava";
import { RefreshableSession, type StsSessionOptions } from "aws-refresh-session";
import { startTestEndpoint } from "aws-refresh-session/testing";

const TOKEN_CODE = "864209";
const EXTERNAL_ID = "external-id-5b1f";

/** Everything a program could print of a value: inspected with all options, as text, as JSON, each property by itself. */
function everythingShown(value: unknown): string {
  const texts = [String(value), inspect(value), inspect(value, { depth: 10, showHidden: true, getters: true })];
  try {
    texts.push(JSON.stringify(value) ?? "");
  } catch {
    // What cannot be turned into JSON shows nothing there.
  }
  if (value instanceof Error) {
    texts.push(value.message, value.stack ?? "", inspect({ ...value }), inspect(value.cause, { depth: 10 }));
  }
  return texts.join("\n");
}

test("a session that has refreshed shows no secret in any of its parts", async (t) => {
  const endpoint = await startTestEndpoint({ externalId: EXTERNAL_ID });
  t.teardown(() => endpoint.close());
  const options: StsSessionOptions = {
    region: "eu-west-1",
    assumeRole: {
      RoleArn: "arn:aws:iam::123456789012:role/reports",
      ExternalId: EXTERNAL_ID,
      SerialNumber: "GAHT12345678",
      TokenCode: TOKEN_CODE,
    },
    stsClientConfig: { endpoint: endpoint.stsUrl, credentials: endpoint.credentials },
  };
  const session = new RefreshableSession(options);
  t.teardown(() => session.close());
  const identity = await session.refreshableCredentials();
  const used = await t.throwsAsync(session.getCredentials().refresh({ force: true }));
  const secrets = [
    endpoint.credentials.secretAccessKey,
    identity.secretAccessKey,
    identity.sessionToken as string,
    TOKEN_CODE,
    EXTERNAL_ID,
  ];

  const parts: Record<string, unknown> = {
    session,
    "getCredentials()": session.getCredentials(),
    "session.credentials": session.credentials,
    events: session.events,
    signer: session.signer({ service: "execute-api" }),
    "the error of a used code": used,
  };
  for (const [name, part] of Object.entries(parts)) {
    const shown = everythingShown(part);
    for (const [index, secret] of secrets.entries()) t.false(shown.includes(secret), `${name} shows secret ${index}`);
  }

  // An identity is plain data, made to be passed on: JSON has all of it, printing masks it.
  for (const handedOut of [identity, session.getCredentials().frozen, await session.credentials()]) {
    t.is(JSON.parse(JSON.stringify(handedOut)).secretAccessKey, identity.secretAccessKey);
    for (const secret of secrets) {
      t.false(inspect(handedOut).includes(secret));
      t.false(inspect({ nested: [handedOut] }, { depth: 10 }).includes(secret));
    }
  }
});

test("errors of refused requests show no secret", async (t) => {
  const endpoint = await startTestEndpoint();
  t.teardown(() => endpoint.close());
  const secretAccessKey = "wrong-secret-7c2d";
  for (const credentials of [
    { ...endpoint.credentials, secretAccessKey },
    { ...endpoint.credentials, accessKeyId: "AKIDUNKNOWN", secretAccessKey, sessionToken: "session-token-9e1a" },
  ]) {
    const session = new RefreshableSession({
      region: "eu-west-1",
      assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/reports", ExternalId: EXTERNAL_ID },
      stsClientConfig: { endpoint: endpoint.stsUrl, credentials },
    });
    const error = await t.throwsAsync(session.refreshableCredentials());
    const shown = everythingShown(error);
    for (const secret of [secretAccessKey, "session-token-9e1a", EXTERNAL_ID]) t.false(shown.includes(secret));
    session.close();
  }
});

test("errors about the answer of a custom function show no secret", async (t) => {
  const secret = "secret-of-vault-3f8e";
  for (const answer of [
    secret,
    [secret],
    { access_key: "AKID", secret_key: secret },
    { access_key: "AKID", secret_key: secret, token: secret, expiry_time: secret },
    { access_key: "AKID", secret_key: secret, token: { secret }, expiry_time: "2100-01-01T00:00:00Z" },
    { access_key: `${secret}\n`, secret_key: secret, token: secret, expiry_time: "2100-01-01T00:00:00Z" },
  ]) {
    const session = new RefreshableSession({
      method: "custom",
      customCredentialsMethod: () => answer as never,
      customCredentialsMethodArgs: { password: secret },
    });
    const error = await t.throwsAsync(session.refreshableCredentials());
    t.false(everythingShown(error).includes(secret), JSON.stringify(answer));
    t.false(everythingShown(session).includes(secret));
  }
});
