/** What sessions give to their clients, what a config says otherwise, and what becomes of clients when the session ends. */
import { Readable } from "node:stream";
import { GetObjectCommand, ListBucketsCommand, S3, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient, type STSClientConfig } from "@aws-sdk/client-sts";
import { HttpResponse } from "@smithy/core/protocols";
import type { HttpRequest } from "@smithy/types";
import test, { type ExecutionContext } from "ava";
import {
  BRSValidationError,
  CustomRefreshableSession,
  type SessionOptions,
  STSRefreshableSession,
} from "aws-refresh-session";
import { SignatureV4 } from "aws-refresh-session/aws-sdk";
import { startTestEndpoint } from "aws-refresh-session/testing";
import * as oldest from "oldest-client-s3";

const OWN_KEYS = { accessKeyId: "AKIDOWN", secretAccessKey: "own" };
const ANSWER = "<ListAllMyBucketsResult><Owner><ID>owner</ID></Owner></ListAllMyBucketsResult>";
const REFUSAL = "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>";

/** Keeps the keys that requests are signed with, refuses some of them, and counts how often it is destroyed. */
class Connections {
  readonly keys: string[] = [];
  readonly regions: string[] = [];
  destroyed = 0;
  refused = new Set<string>();
  body: () => Readable = () => Readable.from([Buffer.from(ANSWER)]);

  async handle({ headers }: HttpRequest) {
    const [, key = "", region = ""] = /Credential=(\w+)\/\d+\/([\w-]+)/.exec(headers.authorization ?? "") ?? [];
    this.keys.push(key);
    this.regions.push(region);
    const isRefused = this.refused.has(key);
    const body = isRefused ? Readable.from([Buffer.from(REFUSAL)]) : this.body();
    return {
      response: new HttpResponse({
        statusCode: isRefused ? 400 : 200,
        headers: { "content-type": "application/xml" },
        body,
      }),
    };
  }

  destroy(): void {
    this.destroyed++;
  }
}

/** A session whose first keys are AKID1, the next AKID2; with connections of its own. */
function open(t: ExecutionContext, options: SessionOptions = {}) {
  let number = 0;
  const connections = new Connections();
  const session = new CustomRefreshableSession({
    customCredentialsMethod: () => ({
      accessKeyId: `AKID${++number}`,
      secretAccessKey: "secret",
      sessionToken: "token",
      expiration: new Date("2100-01-01T00:00:00Z"),
    }),
    region: "eu-west-1",
    env: {},
    requestHandler: connections,
    ...options,
  });
  t.teardown(() => session.close());
  return { session, connections };
}

/** Until all that left the caches is destroyed; the package itself waits so. */
const drained = ({ cache }: CustomRefreshableSession) => (cache as unknown as { drained(): Promise<void> }).drained();

const list = (client: Pick<S3Client, "send">) => client.send(new ListBucketsCommand({}));

interface Kind {
  readonly title: string;
  readonly Class: typeof S3Client;
  readonly command: () => ListBucketsCommand;
}

const KINDS: readonly Kind[] = [
  { title: "the bare-bones client", Class: S3Client, command: () => new ListBucketsCommand({}) },
  { title: "the aggregated client", Class: S3, command: () => new ListBucketsCommand({}) },
  {
    title: "the client of two years ago",
    Class: oldest.S3Client as never,
    command: () => new oldest.ListBucketsCommand({}) as never,
  },
];

for (const { title, Class, command } of KINDS) {
  test(`${title} speaks as the session, through a refresh`, async (t) => {
    const { session, connections } = open(t);
    const s3 = session.client(Class);
    t.true(s3 instanceof Class);
    await s3.send(command());
    await session.getCredentials().refresh({ force: true });
    await s3.send(command());
    t.deepEqual(connections.keys, ["AKID1", "AKID2"]);
    t.deepEqual(connections.regions, ["eu-west-1", "eu-west-1"]);
    t.is((s3.config as { signerConstructor?: unknown }).signerConstructor, SignatureV4);
    t.is(session.client(Class), s3);
  });
}

test("a service by its name is the client of its class", (t) => {
  const { session } = open(t);
  t.is(session.client<S3Client>("s3"), session.client(S3Client));
  t.not(session.client<S3Client>("s3", { region: "eu-west-2" }), session.client(S3Client));
});

test("what a config says wins over the session", async (t) => {
  const { session, connections } = open(t, { profileName: "reports" });
  const s3 = session.client(S3Client, { region: "us-west-2", credentials: OWN_KEYS, profile: "other" });
  await list(s3);
  t.deepEqual([connections.keys, connections.regions], [["AKIDOWN"], ["us-west-2"]]);
  t.is(s3.config.profile, "other");
  t.is(session.client(S3Client).config.profile, "reports");
});

test("a client that is told how to sign signs so", (t) => {
  const { session } = open(t);
  class Signer extends SignatureV4 {}
  t.is(
    (session.client(S3Client, { signerConstructor: Signer }).config as { signerConstructor?: unknown })
      .signerConstructor,
    Signer,
  );
  const signer = new SignatureV4({ service: "s3", region: "eu-west-1", credentials: OWN_KEYS });
  const signerOf = session.client(S3Client, { signer: async () => signer }).config.signer as () => Promise<unknown>;
  return signerOf().then((found) => t.is(found, signer));
});

test("a client that signs nothing with SigV4 is left as it is", (t) => {
  class Bearer extends STSClient {
    constructor(config: STSClientConfig) {
      super(config);
      const signer = { sign: async () => ({}) as never };
      const identityProvider = () => undefined;
      Object.assign(this.config, {
        httpAuthSchemes: [{ schemeId: "smithy.api#httpBearerAuth", identityProvider, signer }],
      });
    }
  }
  const { config } = open(t).session.client(Bearer, {});
  t.not((config as { signerConstructor?: unknown }).signerConstructor, SignatureV4);
});

for (const { title, Class, command } of KINDS) {
  test(`a subclass of ${title} that brings its own keys speaks as them`, async (t) => {
    class OwnKeys extends Class {
      constructor(config: object) {
        super({ ...config, credentials: OWN_KEYS });
      }
    }
    class LaterKeys extends Class {
      constructor(config: object) {
        super(config);
        Object.assign(this.config, { credentials: OWN_KEYS });
      }
    }
    const { session, connections } = open(t);
    for (let call = 0; call < 2; call++) await session.client(OwnKeys, {}).send(command());
    const found: unknown = session.client(LaterKeys, {}).config.credentials;
    t.like(typeof found === "function" ? await found() : found, OWN_KEYS);
    t.deepEqual(connections.keys, ["AKIDOWN", "AKIDOWN"]);
  });
}

test("null takes nothing from the session, as it takes nothing from the SDK's defaults", async (t) => {
  const { session, connections } = open(t);
  const nothing = { credentials: null, region: null, requestHandler: null } as never;
  await list(session.client(S3Client, nothing));
  t.deepEqual([connections.keys, connections.regions], [["AKID1"], ["eu-west-1"]]);
  connections.refused = new Set(["AKID1"]);
  await list(session.client(S3Client, nothing));
  t.deepEqual(connections.keys.slice(1), ["AKID1", "AKID2"]);
});

test("what is undefined is absent, and so is what the session has anyway", (t) => {
  const { session, connections } = open(t);
  const s3 = session.client(S3Client);
  const undefinedConfig = { region: undefined, credentials: undefined, endpoint: undefined } as never;
  t.is(session.client(S3Client, undefinedConfig), s3);
  const same = { region: "eu-west-1", credentials: session.credentials, requestHandler: connections };
  t.is(session.client(S3Client, same), s3);
  t.is(session.cache.client.LRU.size, 1);
});

test("what is undefined is absent from a config without a key, too", async (t) => {
  const { session } = open(t);
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const s3 = session.client(S3Client, { region: undefined, circle } as never);
  t.teardown(() => s3.destroy());
  t.is(await s3.config.region(), "eu-west-1");
});

test("refused credentials of the session are renewed; those of a config are the caller's", async (t) => {
  const { session, connections } = open(t);
  connections.refused = new Set(["AKID1", "AKIDOWN"]);
  await list(session.client(S3Client));
  t.deepEqual(connections.keys, ["AKID1", "AKID2"]);
  const own = session.client(S3Client, { credentials: OWN_KEYS });
  await t.throwsAsync(list(own), { name: "ExpiredToken" });
  t.deepEqual(connections.keys.slice(2), ["AKIDOWN"]);
  t.is((await session.refreshableCredentials()).accessKeyId, "AKID2");
});

test("sts speaks as the refreshed identity, not as the source", async (t) => {
  const endpoint = await startTestEndpoint();
  t.teardown(() => endpoint.close());
  const session = new STSRefreshableSession({
    assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/reports" },
    region: "eu-west-1",
    env: {},
    stsClientConfig: { endpoint: endpoint.stsUrl, credentials: endpoint.credentials },
  });
  t.teardown(() => session.close());
  const sts = session.client<STSClient>("sts", { endpoint: endpoint.stsUrl });
  const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
  t.is(Arn, (await session.getIdentity()).Arn);
  t.regex(Arn ?? "", /assumed-role\/reports/);
});

test("the end of a client is not that of the connections that it shares; the end of the session is", async (t) => {
  const { session, connections } = open(t);
  session.client(S3Client).destroy();
  session.client(S3Client, { maxAttempts: 1 });
  session.cache.client.LRU.clear();
  await list(session.client(S3Client));
  t.is(connections.destroyed, 0);
  session.close();
  await drained(session);
  t.is(connections.destroyed, 1);
  session.close();
  t.is(connections.destroyed, 1);
});

test("a session that never had a client ends its connections, too", (t) => {
  const { session, connections } = open(t);
  session.close();
  t.is(connections.destroyed, 1);
});

test("closing lets what is in flight end, and only then the connections", async (t) => {
  const { session, connections } = open(t);
  const answer = new Readable({ read() {} });
  connections.body = () => answer;
  const s3 = session.client(S3Client);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: "a-bucket", Key: "k" }));
  session.close();
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual([session.cache.client.LRU.statistics.draining, connections.destroyed], [1, 0]);
  answer.push("content");
  answer.push(null);
  t.is(await Body?.transformToString(), "content");
  await drained(session);
  t.is(connections.destroyed, 1);
});

test("a closed session has no clients", (t) => {
  const { session } = open(t);
  const { cache } = session;
  session.client(S3Client);
  session.close();
  t.throws(() => session.client(S3Client), { code: "ERR_CLOSED" });
  t.throws(() => session.resource("dynamodb"), { code: "ERR_CLOSED" });
  t.is(session.cache, cache);
  t.is(cache.client.LRU.size, 0);
  t.throws(() => cache.client.LFU.client(S3Client), { code: "ERR_CLOSED" });
  const { session: unused } = open(t);
  unused.close();
  t.throws(() => unused.cache.client.LRU.client(S3Client), { code: "ERR_CLOSED" });
});

test("what is idle is told by the clock of the session", (t) => {
  let now = 0;
  const { session, connections } = open(t, { clock: () => now });
  const { LRU } = session.cache.client;
  LRU.idleTimeout = 60;
  const s3 = session.client(S3Client, { requestHandler: connections });
  now = 59_000;
  t.is(session.client(S3Client), s3);
  now = 120_000;
  t.not(session.client(S3Client), s3);
});

test("sessions that share their credentials have connections of their own", async (t) => {
  class OtherConnections extends Connections {}
  const others = new OtherConnections();
  const { session, connections } = open(t, { shared: "connections" });
  const { session: other } = open(t, { shared: "connections", requestHandler: others });
  await list(session.client(S3Client));
  await list(other.client(S3Client));
  t.deepEqual([connections.keys, others.keys], [["AKID1"], ["AKID1"]]);
  session.close();
  await drained(session);
  t.deepEqual([connections.destroyed, others.destroyed], [1, 0]);
});

test("sessions share no clients", (t) => {
  t.not(open(t).session.client(S3Client), open(t).session.client(S3Client));
});

test("connections that are none are refused", (t) => {
  for (const requestHandler of [null, {}, { requestTimeout: 1 }, () => {}, "agent", { handle() {}, destroy: 1 }]) {
    const error = t.throws(() => open(t, { requestHandler: requestHandler as never }), {
      instanceOf: BRSValidationError,
    });
    t.is(error?.param, "requestHandler");
  }
});
