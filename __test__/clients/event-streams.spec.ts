/** The life of clients whose answers are streams of events, over HTTP/1 and HTTP/2. */
import type { ServerHttp2Stream } from "node:http2";
import {
  BedrockRuntimeClient,
  InvokeModelWithBidirectionalStreamCommand,
  InvokeModelWithResponseStreamCommand,
} from "@aws-sdk/client-bedrock-runtime";
import { KinesisClient, ListStreamsCommand, SubscribeToShardCommand } from "@aws-sdk/client-kinesis";
import * as s3 from "@aws-sdk/client-s3";
import { EventStreamCodec } from "@smithy/core/event-streams";
import { fromUtf8, toUtf8 } from "@smithy/core/serde";
import test from "ava";
import * as oldestS3 from "oldest-client-s3";
import { http1Service, http2Service } from "./local-service.js";
import { watchedLife } from "./watched-life.js";

const CONFIG = {
  region: "eu-west-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
  maxAttempts: 1,
};

/** The SDK of two years ago looks at the first 3000 bytes before it gives an answer. */
const FIRST = "one".repeat(1_000);

const codec = new EventStreamCodec(toUtf8, fromUtf8);

const encoded = (headers: Record<string, string>, body = "") =>
  Buffer.from(
    codec.encode({
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { type: "string", value }])),
      body: fromUtf8(body),
    }),
  );

const event = (type: string, content: object | string) => {
  const isText = typeof content === "string";
  return encoded(
    {
      ":message-type": "event",
      ":event-type": type,
      ":content-type": isText ? "application/octet-stream" : "application/json",
    },
    isText ? content : JSON.stringify(content),
  );
};

const failure = (code: string) =>
  encoded({ ":message-type": "error", ":error-code": code, ":error-message": "no more" });

/** Begins a stream of events; the rest comes when the client has been retired. */
function beginEvents(stream: ServerHttp2Stream, first: Buffer): ServerHttp2Stream {
  stream.respond({ ":status": 200, "content-type": "application/vnd.amazon.eventstream" });
  stream.write(first);
  return stream;
}

for (const [version, sdk] of Object.entries({ newest: s3, "3.699": oldestS3 as unknown as typeof s3 })) {
  const select = async (endpoint: string) => {
    const client = new sdk.S3Client({ ...CONFIG, endpoint, forcePathStyle: true });
    const life = watchedLife(client);
    const { Payload } = await client.send(
      new sdk.SelectObjectContentCommand({
        Bucket: "a-bucket",
        Key: "a-key",
        Expression: "SELECT * FROM S3Object",
        ExpressionType: "SQL",
        InputSerialization: { CSV: {} },
        OutputSerialization: { CSV: {} },
      }),
    );
    return { life, events: Payload ?? [] };
  };

  test(`${version}: events over HTTP/1 are read to their end`, async (t) => {
    let finish = () => {};
    const service = await http1Service(t, (_, response) => {
      response.writeHead(200).write(event("Records", FIRST));
      finish = () => {
        response.write(event("Records", "two"));
        response.end(event("End", ""));
      };
    });
    const { life, events } = await select(service.endpoint);
    life.retire();
    t.is(life.inFlight, 1);
    const records: string[] = [];
    for await (const { Records, End } of events) {
      if (Records?.Payload) records.push(Buffer.from(Records.Payload).toString());
      if (records.length === 1 && End === undefined) finish();
    }
    t.deepEqual(records, [FIRST, "two"]);
    await life.destroyed;
    await service.closed();
  });

  test(`${version}: events over HTTP/1 that nobody reads are over when they have arrived`, async (t) => {
    let finish = () => {};
    const service = await http1Service(t, (_, response) => {
      response.writeHead(200).write(event("Records", FIRST));
      finish = () => response.end(Buffer.concat([event("Records", "two"), event("End", "")]));
    });
    const { life, events } = await select(service.endpoint);
    life.retire();
    t.is(life.inFlight, 1);
    finish();
    while (life.inFlight > 0) await new Promise(setImmediate);
    await life.destroyed;
    const read: string[] = [];
    for await (const { Records } of events) if (Records?.Payload) read.push(Buffer.from(Records.Payload).toString());
    t.deepEqual(read, [FIRST, "two"]);
  });

  test(`${version}: events over HTTP/1 are over when their reader leaves`, async (t) => {
    const service = await http1Service(t, (_, response) => {
      response.writeHead(200).write(Buffer.concat([event("Records", FIRST), event("Records", "two")]));
    });
    const { life, events } = await select(service.endpoint);
    life.retire();
    // As `for await` does with a `break`.
    const reader = (events as AsyncIterable<object>)[Symbol.asyncIterator]();
    t.true("Records" in (await reader.next()).value);
    t.is(life.inFlight, 1);
    t.deepEqual(await reader.return?.(), { done: true, value: undefined });
    t.is(life.inFlight, 0);
    t.deepEqual(await reader.next(), { done: true, value: undefined });
    await life.destroyed;
    await service.closed();
  });

  test(`${version}: events are over with one that is an error`, async (t) => {
    const service = await http1Service(t, (_, response) => {
      response.writeHead(200).write(Buffer.concat([event("Records", FIRST), failure("InternalError")]));
    });
    const { life, events } = await select(service.endpoint);
    life.retire();
    const read = async () => {
      for await (const { Records } of events) t.truthy(Records);
    };
    await t.throwsAsync(read, { name: "InternalError" });
    t.is(life.inFlight, 0);
    await life.destroyed;
    await service.closed();
  });
}

test("events over HTTP/2 are read to their end", async (t) => {
  let finish = () => {};
  const service = await http2Service(t, (stream) => {
    beginEvents(
      stream,
      Buffer.concat([event("initial-response", {}), event("SubscribeToShardEvent", { Records: [] })]),
    );
    finish = () => stream.end(event("SubscribeToShardEvent", { Records: [] }));
  });
  const client = new KinesisClient({ ...CONFIG, endpoint: service.endpoint });
  const life = watchedLife(client);
  const { EventStream } = await client.send(
    new SubscribeToShardCommand({
      ConsumerARN: "arn:aws:kinesis:eu-west-1:123456789012:stream/a/consumer/b:1",
      ShardId: "shardId-000000000000",
      StartingPosition: { Type: "LATEST" },
    }),
  );
  life.retire();
  t.is(life.inFlight, 1);
  let events = 0;
  for await (const { SubscribeToShardEvent } of EventStream ?? []) {
    t.truthy(SubscribeToShardEvent);
    if (++events === 1) finish();
  }
  t.is(events, 2);
  await life.destroyed;
  await service.closed();
});

test("events over HTTP/2 are over when their reader leaves, or the call is aborted", async (t) => {
  const service = await http2Service(t, (stream) => {
    beginEvents(stream, event("chunk", { bytes: Buffer.from("one").toString("base64") }));
  });
  const client = new BedrockRuntimeClient({ ...CONFIG, endpoint: service.endpoint });
  const life = watchedLife(client);
  const abort = new AbortController();
  const command = new InvokeModelWithResponseStreamCommand({ modelId: "a-model", body: "{}" });
  const [left, aborted] = [await client.send(command), await client.send(command, { abortSignal: abort.signal })];
  life.retire();
  for (const { body } of [left, aborted]) {
    for await (const { chunk } of body ?? []) {
      t.is(Buffer.from(chunk?.bytes ?? []).toString(), "one");
      if (body === left.body) break;
      t.is(life.inFlight, 1);
      abort.abort();
    }
  }
  await life.destroyed;
  t.is(life.inFlight, 0);
});

test("events in both directions are read to their end", async (t) => {
  const service = await http2Service(t, (stream) => {
    beginEvents(stream, event("chunk", { bytes: Buffer.from("one").toString("base64") }));
    stream.resume().on("end", () => stream.end(event("chunk", { bytes: Buffer.from("two").toString("base64") })));
  });
  const client = new BedrockRuntimeClient({ ...CONFIG, endpoint: service.endpoint });
  const life = watchedLife(client);
  let finish = () => {};
  const answered = new Promise<void>((resolve) => {
    finish = resolve;
  });
  async function* input() {
    yield { chunk: { bytes: Buffer.from("a question") } };
    await answered;
  }
  const { body } = await client.send(
    new InvokeModelWithBidirectionalStreamCommand({ modelId: "a-model", body: input() }),
  );
  life.retire();
  t.is(life.inFlight, 1);
  const chunks: string[] = [];
  for await (const { chunk } of body ?? []) {
    chunks.push(Buffer.from(chunk?.bytes ?? []).toString());
    finish();
  }
  t.deepEqual(chunks, ["one", "two"]);
  await life.destroyed;
  await service.closed();
});

test("a session of HTTP/2 is closed when its last call is over, and again after a late one", async (t) => {
  const service = await http2Service(t, (stream) => {
    stream.respond({ ":status": 200, "content-type": "application/x-amz-json-1.1" });
    life.retire();
    setImmediate(() => stream.end('{"StreamNames":["a"],"HasMoreStreams":false}'));
  });
  const client = new KinesisClient({ ...CONFIG, endpoint: service.endpoint });
  const life = watchedLife(client);
  for (let use = 0; use < 2; use++) {
    const { StreamNames } = await client.send(new ListStreamsCommand({}));
    t.deepEqual(StreamNames, ["a"]);
    t.is(life.inFlight, 0);
    await service.closed();
  }
  t.deepEqual(life.told, ["destroyed", "late use"]);
});
