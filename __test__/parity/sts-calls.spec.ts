/** The wire form of the calls for credentials, compared with what the AWS SDK sends for the same parameters. */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import {
  AssumeRoleCommand,
  AssumeRoleWithSAMLCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { fromCognitoIdentityPool } from "@aws-sdk/credential-providers";
import { CognitoIdentityClient as SdkCognitoClient } from "@aws-sdk/nested-clients/cognito-identity";
import test, { type ExecutionContext } from "ava";
import { CognitoIdentityClient } from "../../dist/aws/cognito-identity.js";
import { resolveCognitoEndpoint } from "../../dist/aws/endpoints.js";
import { StsClient } from "../../dist/aws/sts.js";
import { seeded } from "./seeded.js";

interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly type: string | undefined;
  readonly target: string | string[] | undefined;
  readonly signed: boolean;
  readonly body: string;
}

async function receive(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method, url, headers } = request;
  return {
    method,
    path: url,
    // The charset is the default of the form, and the SDK leaves it out.
    type: headers["content-type"]?.split(";", 1)[0],
    target: headers["x-amz-target"],
    signed: headers.authorization !== undefined,
    body: Buffer.concat(chunks).toString(),
  };
}

/** A server that takes down requests and answers all with the same. */
async function stub(t: ExecutionContext, statusCode: number, body: string) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    received.push(await receive(request));
    response.writeHead(statusCode, {
      "content-type": body.startsWith("{") ? "application/x-amz-json-1.1" : "text/xml",
    });
    response.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return { received, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

const REFUSED = "<ErrorResponse><Error><Code>ValidationError</Code><Message>no</Message></Error></ErrorResponse>";
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" };

const PIECES = [
  "a",
  "Z",
  "9",
  " ",
  "+",
  "&",
  "=",
  "%",
  "%20",
  "é",
  "😀",
  "/",
  "*",
  "'",
  "(",
  "!",
  "~",
  '"',
  "\n",
  "日",
  "\\",
];

/** The six operations: the SDK's command, our method, and parameters at random. */
function operations() {
  const random = seeded();
  const { chance, list, pick } = random;
  const text = () => random.text(PIECES, 12);
  const some = <Value>(value: () => Value) => (chance(0.6) ? value() : undefined);
  const policies = () => ({
    Policy: some(text),
    PolicyArns: some(() => list(3, () => ({ arn: text() }))),
    DurationSeconds: some(() => 1 + random.below(50_000)),
  });
  const tags = () => some(() => list(3, () => ({ Key: text(), Value: pick(["", text()]) })));
  const mfa = () => ({ SerialNumber: some(text), TokenCode: some(text) });
  const role = () => ({ RoleArn: text(), ...policies() });
  return {
    seed: random.seed,
    operations: {
      assumeRole: [
        AssumeRoleCommand,
        () => ({
          ...role(),
          ...mfa(),
          RoleSessionName: text(),
          ExternalId: some(text),
          Tags: tags(),
          TransitiveTagKeys: some(() => list(3, text)),
          SourceIdentity: some(text),
          ProvidedContexts: some(() => list(2, () => ({ ProviderArn: text(), ContextAssertion: text() }))),
        }),
      ],
      assumeRoleWithWebIdentity: [
        AssumeRoleWithWebIdentityCommand,
        () => ({ ...role(), RoleSessionName: text(), WebIdentityToken: text(), ProviderId: some(text) }),
      ],
      assumeRoleWithSAML: [
        AssumeRoleWithSAMLCommand,
        () => ({ ...role(), PrincipalArn: text(), SAMLAssertion: text() }),
      ],
      getSessionToken: [GetSessionTokenCommand, () => ({ DurationSeconds: some(() => 900), ...mfa() })],
      getFederationToken: [GetFederationTokenCommand, () => ({ ...policies(), Name: text(), Tags: tags() })],
      getCallerIdentity: [GetCallerIdentityCommand, () => ({})],
    },
  } as const;
}

/** The order of parameters in a form means nothing; their names, values and escapes do. */
const pairs = ({ body, ...rest }: Received) => ({ ...rest, pairs: body.split("&").sort() });

const { seed, operations: all } = operations();

for (const [name, [Command, parameters]] of Object.entries(all)) {
  test(`${name}: 60 random requests are those of the SDK, signed where the SDK signs`, async (t) => {
    t.log(`SEED=${seed}`);
    const { received, endpoint } = await stub(t, 400, REFUSED);
    const sdk = new STSClient({ region: "eu-west-1", endpoint, credentials, maxAttempts: 1 });
    const ours = new StsClient({ region: "eu-west-1", endpoint, credentials });
    t.teardown(() => {
      sdk.destroy();
      ours.close();
    });
    for (let round = 0; round < 60; round++) {
      const given = parameters();
      await t.throwsAsync(sdk.send(new (Command as typeof AssumeRoleCommand)(given as never)));
      const call = ours[name as "assumeRole"].bind(ours) as (given: unknown) => Promise<unknown>;
      await t.throwsAsync(name === "getCallerIdentity" ? call(undefined) : call(given));
      const [theirs, mine] = received.splice(0).map(pairs);
      t.deepEqual(mine, theirs, JSON.stringify(given));
    }
  });
}

test("Cognito: both requests are those of the SDK's provider, with logins and without", async (t) => {
  const IdentityId = "eu-west-1:11111111-2222-3333-4444-555555555555";
  const Credentials = { AccessKeyId: "A", SecretKey: "B", SessionToken: "C", Expiration: 1.9e9 + 0.5 };
  const { received, endpoint } = await stub(t, 200, JSON.stringify({ IdentityId, Credentials }));
  const ours = new CognitoIdentityClient({ region: "eu-west-1", endpoint });
  t.teardown(() => ours.close());
  for (const Logins of [undefined, { "accounts.google.com": 'e30.é"/+.x', "www.amazon.com": "t" }]) {
    for (const CustomRoleArn of [undefined, "arn:aws:iam::123456789012:role/é"]) {
      for (const AccountId of [undefined, "123456789012"]) {
        const provider = fromCognitoIdentityPool({
          clientConfig: { region: "eu-west-1", endpoint },
          identityPoolId: IdentityId,
          ...(AccountId !== undefined && { accountId: AccountId }),
          ...(CustomRoleArn !== undefined && { customRoleArn: CustomRoleArn }),
          ...(Logins !== undefined && { logins: Logins }),
          // Its own cache would leave out GetId the second time.
          cache: { getItem: () => null, setItem: () => {}, removeItem: () => {} },
        });
        const theirs = await provider();
        await ours.getId({ AccountId, IdentityPoolId: IdentityId, Logins });
        const mine = await ours.getCredentialsForIdentity({ CustomRoleArn, IdentityId, Logins });
        const [getId, getCredentials, ourGetId, ourGetCredentials] = received
          .splice(0)
          .map(({ body, ...rest }) => ({ ...rest, body: JSON.parse(body) }));
        t.deepEqual(ourGetId, getId);
        t.deepEqual(ourGetCredentials, getCredentials);
        t.false(ourGetId?.signed);
        const { identityId, ...credentials } = theirs;
        t.deepEqual({ ...mine }, { ...credentials } as never);
        t.is(identityId, IdentityId);
      }
    }
  }
});

test("Cognito: endpoints of every kind of region are those of the SDK", (t) => {
  const sdk = new SdkCognitoClient({ region: "eu-west-1" });
  t.teardown(() => sdk.destroy());
  const resolve = sdk.config.endpointProvider as (parameters: object) => { url: URL };
  for (const region of [
    "eu-west-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "us-gov-west-1",
    "cn-north-1",
  ]) {
    for (const useFips of [false, true]) {
      for (const useDualstack of [false, true]) {
        const { url } = resolve({ Region: region, UseFIPS: useFips, UseDualStack: useDualstack });
        const mine = resolveCognitoEndpoint({ region, useFips, useDualstack }, "cognitoClientConfig");
        t.is(mine.host, url.host, `${region} fips=${useFips} dualstack=${useDualstack}`);
      }
    }
  }
});
