/** Resources: the document client and its client, what users register, and how they end. */
import { Readable } from "node:stream";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { HttpResponse } from "@smithy/core/protocols";
import type { HttpRequest } from "@smithy/types";
import test, { type ExecutionContext } from "ava";
import {
  BRSConfigurationError,
  BRSValidationError,
  CustomRefreshableSession,
  getAvailableResources,
  ResourceCacheError,
  registerResource,
} from "aws-refresh-session";
import { ResourceCache } from "aws-refresh-session/clients";

/** Answers as DynamoDB with an item, and keeps what was sent. */
class Table {
  readonly sent: { readonly key: string; readonly body: unknown }[] = [];
  body: () => Readable = () => Readable.from([Buffer.from('{"Item":{"id":{"N":"7"},"tags":{"SS":["a"]}}}')]);

  async handle({ headers, body }: HttpRequest) {
    const [, key = ""] = /Credential=(\w+)\//.exec(headers.authorization ?? "") ?? [];
    this.sent.push({ key, body: JSON.parse(new TextDecoder().decode(body)) });
    const answer = { statusCode: 200, headers: { "content-type": "application/x-amz-json-1.0" }, body: this.body() };
    return { response: new HttpResponse(answer) };
  }
}

function open(t: ExecutionContext) {
  const table = new Table();
  const session = new CustomRefreshableSession({
    customCredentialsMethod: () => ({
      accessKeyId: "AKIDSESSION",
      secretAccessKey: "secret",
      sessionToken: "token",
      expiration: new Date("2100-01-01T00:00:00Z"),
    }),
    region: "eu-west-1",
    env: {},
    requestHandler: table,
  });
  t.teardown(() => session.close());
  return { session, table };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
/** Counts how often a client is destroyed. */
function countDestroy(client: { destroy(): void }) {
  const count = { destroyed: 0 };
  const destroy = client.destroy.bind(client);
  client.destroy = () => {
    count.destroyed++;
    destroy();
  };
  return count;
}

test("dynamodb is the document client, which speaks as the session", async (t) => {
  const { session, table } = open(t);
  const translateConfig = { unmarshallOptions: { wrapNumbers: (text: string) => `number ${text}` } };
  const documents = session.resource<DynamoDBDocumentClient>("dynamodb", { region: "us-east-1", translateConfig });
  t.true(documents instanceof DynamoDBDocumentClient);
  const { Item } = await documents.send(new GetCommand({ TableName: "reports", Key: { id: 7 } }));
  t.deepEqual(Item, { id: "number 7", tags: new Set(["a"]) });
  await documents.send(new PutCommand({ TableName: "reports", Item: { id: 8 } }));
  t.deepEqual(table.sent, [
    { key: "AKIDSESSION", body: { TableName: "reports", Key: { id: { N: "7" } } } },
    { key: "AKIDSESSION", body: { TableName: "reports", Item: { id: { N: "8" } } } },
  ]);
  t.is(await documents.config.region(), "us-east-1");
  t.is(
    session.resource("dynamodb", {
      translateConfig,
      region: "us-east-1",
    }),
    documents,
  );
  t.not(session.resource("dynamodb"), documents as never);
});

test("a resource takes no place among the clients", (t) => {
  const { session } = open(t);
  const client = session.client(DynamoDBClient);
  session.resource("dynamodb");
  t.is(session.cache.client.LRU.size, 1);
  t.is(session.client(DynamoDBClient), client);
  t.is(session.cache.resource.LRU.size, 1);
});

let clientsMade: S3Client[] = [];
registerResource("two-buckets", ({ config, client, onDestroy }) => {
  const { name, onEnd, ...own } = config;
  clientsMade = [client(S3Client, own as object), client<S3Client>("s3", { ...own, region: "us-east-1" })];
  onDestroy(() => (onEnd as (() => void) | undefined)?.());
  return { name };
});

test("what a user registers is made with clients of its own, which end with it", async (t) => {
  const { session } = open(t);
  let ended = 0;
  const onEnd = () => ended++;
  const buckets = session.resource<{ name: string }>("two-buckets", { name: "reports", onEnd });
  const [one, other] = clientsMade as [S3Client, S3Client];
  t.deepEqual(buckets, { name: "reports" });
  t.is(session.resource("two-buckets", { onEnd, name: "reports" }), buckets as never);
  t.deepEqual([await one.config.region(), await other.config.region()], ["eu-west-1", "us-east-1"]);
  t.not(session.client(S3Client), one);
  const counts = [countDestroy(one), countDestroy(other)];
  session.cache.resource.LRU.clear();
  await nextTurn();
  t.deepEqual([counts, ended], [[{ destroyed: 1 }, { destroyed: 1 }], 1]);
});

test("a document client that is evicted drains: the call under way ends first", async (t) => {
  const { session, table } = open(t);
  const answer = new Readable({ read() {} });
  table.body = () => answer;
  const documents = session.resource<DynamoDBDocumentClient>("dynamodb", undefined, { maxSize: 1 });
  const { statistics } = session.cache.resource.LRU;
  t.is(statistics.builds, 1);
  const call = documents.send(new GetCommand({ TableName: "reports", Key: { id: 7 } }));
  while (table.sent.length === 0) await nextTurn();
  session.resource("dynamodb", { region: "us-east-1" });
  t.is(session.cache.resource.LRU.statistics.draining, 1);
  answer.push('{"Item":{"id":{"N":"7"}}}');
  answer.push(null);
  t.deepEqual((await call).Item, { id: 7 });
  while (session.cache.resource.LRU.statistics.draining > 0) await nextTurn();
  t.is(session.cache.resource.LRU.statistics.destroyed, 1);
});

test("a document client that its user destroys ends with the client behind it, and leaves the cache", (t) => {
  const cache = new ResourceCache();
  for (const maxSize of [1, 0]) {
    const documents = cache.resource<DynamoDBDocumentClient>("dynamodb", { region: "eu-west-1" }, { maxSize });
    const connections = countDestroy(documents.config.requestHandler as { destroy(): void });
    t.is(cache.size, maxSize);
    documents.destroy();
    t.is(connections.destroyed, 1);
    t.is(cache.size, 0);
  }
  t.is(cache.statistics.destroyed, 0);
});

test("a factory may be asynchronous; what it rejects with is kept by nobody", async (t) => {
  let calls = 0;
  registerResource("later", async ({ config }) => {
    calls++;
    await nextTurn();
    if (config.fails === calls) throw new Error("not yet");
    return { calls };
  });
  const { session } = open(t);
  const made = session.resource<Promise<object>>("later", { fails: 1 });
  t.is(session.resource<Promise<object>>("later", { fails: 1 }), made);
  await t.throwsAsync(made, { message: "not yet" });
  t.deepEqual(await session.resource<Promise<object>>("later", { fails: 1 }), { calls: 2 });
  t.is(await session.resource("later", { fails: 1 }), await session.resource("later", { fails: 1 }));
  t.is(calls, 2);
});

test("a factory that fails leaves nothing behind: its clients are destroyed, and its error surfaces", (t) => {
  const counts: { destroyed: number }[] = [];
  registerResource("broken", ({ client }) => {
    counts.push(countDestroy(client(S3Client)));
    throw new RangeError("broken");
  });
  const { session } = open(t);
  t.throws(() => session.resource("broken"), { instanceOf: RangeError, message: "broken" });
  t.deepEqual(counts, [{ destroyed: 1 }]);
  t.is(session.cache.resource.LRU.size, 0);
});

test("a name is taken once, unless it is replaced; then it makes new ones", (t) => {
  registerResource("once", () => ({ made: 1 }));
  const { session } = open(t);
  const first = session.resource("once");
  const taken = t.throws(() => registerResource("once", () => ({})), { instanceOf: BRSConfigurationError });
  t.is(taken?.param, "resource");
  t.throws(() => registerResource("dynamodb", () => ({})), { instanceOf: BRSConfigurationError });
  registerResource("once", () => ({ made: 2 }), { replace: true });
  t.deepEqual([first, session.resource<object>("once")], [{ made: 1 }, { made: 2 }] as never);
});

test("names are told, and one that nobody added is refused with them", (t) => {
  const { session } = open(t);
  t.true(getAvailableResources().includes("dynamodb"));
  t.deepEqual(session.getAvailableResources(), getAvailableResources());
  t.deepEqual(getAvailableResources(), getAvailableResources().sort());
  const error = t.throws(() => session.resource("s3"), { instanceOf: ResourceCacheError });
  t.is(error?.param, "resource");
  t.regex(error?.message ?? "", /no resource "s3".*"dynamodb".*registerResource.*session\.client/);
  for (const name of ["", undefined, 7, {}, S3Client]) {
    t.throws(() => session.resource(name as string), { instanceOf: BRSValidationError });
  }
});

test("what cannot be registered is refused by name", (t) => {
  const factory = () => ({});
  const refused: [args: unknown[], param: string][] = [
    [["", factory], "resource"],
    [[7, factory], "resource"],
    [["a", undefined], "factory"],
    [["a", {}], "factory"],
    [["a", factory, null], "options"],
    [["a", factory, { replace: 1 }], "options.replace"],
    [["a", factory, { replaces: true }], "options.replaces"],
  ];
  for (const [args, param] of refused) {
    const error = t.throws(() => registerResource(...(args as [string, typeof factory])), {
      instanceOf: BRSValidationError,
    });
    t.is(error?.param, param);
  }
  registerResource("nothing", () => undefined as never);
  t.throws(() => open(t).session.resource("nothing"), { instanceOf: ResourceCacheError });
});

test("without a session a resource is what the SDK makes", async (t) => {
  using cache = new ResourceCache({ maxSize: 2 });
  const credentials = { accessKeyId: "AKIDOWN", secretAccessKey: "own" };
  const table = new Table();
  const documents = cache.resource<DynamoDBDocumentClient>("dynamodb", {
    region: "eu-west-1",
    credentials,
    requestHandler: table,
  });
  await documents.send(new GetCommand({ TableName: "reports", Key: { id: 7 } }));
  t.is(table.sent[0]?.key, "AKIDOWN");
});
