/** The life of a client in a cache: S3 clients of the newest and the oldest SDK that is supported, over HTTP/1. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import * as s3 from "@aws-sdk/client-s3";
import test, { type ExecutionContext } from "ava";
import * as oldestS3 from "oldest-client-s3";
import { http1Service } from "./local-service.js";
import { watchedLife } from "./watched-life.js";

// The commands of two years ago have types of their own; what they are given and give here is the same.
const VERSIONS: Readonly<Record<string, typeof s3>> = {
  newest: s3,
  "3.699": oldestS3 as unknown as typeof s3,
};

const OBJECT = { Bucket: "a-bucket", Key: "a-key" };
/** More than a connection takes without a reader. */
const HALF = Buffer.alloc(4 << 20, "x");

/** Of "content"; the client refuses any other. */
const CONTENT_CRC32 = "/sUwqQ==";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

for (const [version, sdk] of Object.entries(VERSIONS)) {
  const { GetObjectCommand, PutObjectCommand, S3Client } = sdk;

  async function started(t: ExecutionContext, answer: Answer, config: object = {}) {
    const service = await http1Service(t, answer);
    const client = new S3Client({
      region: "eu-west-1",
      endpoint: service.endpoint,
      forcePathStyle: true,
      credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
      ...config,
    });
    return { service, client, life: watchedLife(client) };
  }

  const getObject = async (client: s3.S3Client, options: { abortSignal?: AbortSignal } = {}) =>
    (await client.send(new GetObjectCommand(OBJECT), options)).Body as Readable & {
      transformToString(): Promise<string>;
    };

  const titled = (title: string) => `${version}: ${title}`;

  test(titled("a client is destroyed when the body is read, not when the headers are there"), async (t) => {
    let finish = () => {};
    const { client, life, service } = await started(t, (_, response) => {
      response.writeHead(200, { "content-length": 2 * HALF.length }).write(HALF);
      finish = () => response.end(HALF);
    });
    const call = getObject(client);
    t.is(life.inFlight, 1, "counted before send() returns");
    life.retire();
    const body = await call;
    t.is(life.inFlight, 1);
    t.deepEqual(life.told, []);
    finish();
    t.is((await body.transformToString()).length, 2 * HALF.length);
    t.is(life.inFlight, 0);
    await life.destroyed;
    await service.closed();
    t.deepEqual(life.told, ["destroyed"]);
    life.retire();
    t.deepEqual(life.told, ["destroyed"]);
  });

  test(titled("an idle client is destroyed at once"), async (t) => {
    const { client, life, service } = await started(t, (_, response) => void response.end("content"));
    t.is(await (await getObject(client)).transformToString(), "content");
    t.is(service.connections, 1, "kept for the next call");
    life.retire();
    t.deepEqual(life.told, ["destroyed"]);
    await service.closed();
    t.pass();
  });

  test(titled("an answer that is closed or aborted while it is read is over"), async (t) => {
    const { client, life } = await started(t, (_, response) => {
      response.writeHead(200, { "content-length": 2 * HALF.length }).write(HALF);
    });
    const abort = new AbortController();
    const bodies = [await getObject(client), await getObject(client, { abortSignal: abort.signal })];
    life.retire();
    t.is(life.inFlight, 2);
    bodies[0]?.destroy();
    // What reads it is told.
    const failed = once(bodies[1] as Readable, "error");
    abort.abort();
    await failed;
    await life.destroyed;
    t.is(life.inFlight, 0);
  });

  test(titled("an answer nobody reads ends with its connection, or when it has arrived whole"), async (t) => {
    let finish = () => {};
    const { client, life } = await started(t, ({ url }, response) => {
      if (url?.includes("tiny")) return void response.end("content");
      if (url?.includes("slow")) {
        response.writeHead(200, { "content-length": 7 }).write("con");
        finish = () => response.end("tent");
      } else response.writeHead(200, { "content-length": 2 * HALF.length }).write(HALF);
    });
    const answers = await Promise.all(
      ["tiny", "slow", "large"].map((Key) => client.send(new GetObjectCommand({ ...OBJECT, Key }))),
    );
    const [tiny, slow, large] = answers.map(({ Body }) => Body as Readable & { complete: boolean });
    while (!tiny?.complete) await nextTurn();
    life.retire();
    t.is(life.inFlight, 2, "the tiny one is here");
    finish();
    while (!slow?.complete) await nextTurn();
    t.is(life.lookAtUnread(), 1);
    t.is(life.inFlight, 1);
    large?.destroy();
    await life.destroyed;
    for (const body of [tiny, slow]) t.is(Buffer.concat(await (body as Readable).toArray()).toString(), "content");
  });

  test(titled("a body whose checksum is verified is over when that was read"), async (t) => {
    const large = new Map([
      ["content-length", `${2 * HALF.length}`],
      ["x-amz-checksum-crc32", "AAAAAA=="],
    ]);
    const { client, life } = await started(t, ({ url }, response) => {
      if (url?.includes("large")) return void response.setHeaders(large).write(HALF);
      response.setHeader("x-amz-checksum-crc32", CONTENT_CRC32).end("content");
    });
    const get = async (Key: string) => {
      const { Body } = await client.send(new GetObjectCommand({ ...OBJECT, Key, ChecksumMode: "ENABLED" }));
      return Body as Readable;
    };
    const read = await get("read");
    t.is(Buffer.concat(await read.toArray()).toString(), "content");
    t.is(life.inFlight, 0);
    // The oldest takes the whole body before it gives an answer.
    if (version !== "newest") return;
    const [small, closed] = [await get("small"), await get("large")];
    life.retire();
    t.is(life.inFlight, 1);
    closed.destroy();
    await life.destroyed;
    t.is(Buffer.concat(await small.toArray()).toString(), "content");
  });

  test(titled("attempts and the pauses between them are one call"), async (t) => {
    let attempts = 0;
    const { client, life } = await started(t, (_, response) => {
      if (++attempts === 3) return void response.end("content");
      response.statusCode = 503;
      // Retired in the first pause.
      response.end(() => setImmediate(() => life.retire()));
    });
    t.is(await (await getObject(client)).transformToString(), "content");
    t.is(attempts, 3);
    await life.destroyed;
    t.deepEqual(life.told, ["destroyed"]);
  });

  test(titled("a call that fails is over"), async (t) => {
    const refuse = (_: IncomingMessage, response: ServerResponse) => void response.socket?.destroy();
    const { client, life } = await started(t, refuse, { maxAttempts: 1 });
    const call = getObject(client);
    life.retire();
    await t.throwsAsync(call);
    t.is(life.inFlight, 0);
    await life.destroyed;

    const denied = await started(
      t,
      (_, response) => void response.writeHead(403).end("<Error><Code>No</Code></Error>"),
    );
    await t.throwsAsync(getObject(denied.client), { name: "No" });
    t.is(denied.life.inFlight, 0);
  });

  test(titled("what is sent from a stream is sent to its end"), async (t) => {
    let received = 0;
    const answer: Answer = (request, response) => {
      request.on("data", (chunk: Buffer) => {
        received += chunk.length;
        life.retire();
      });
      request.on("end", () => response.end());
    };
    // Without it the SDK of two years ago waits for "100 Continue" for a second, and then sends nothing ever.
    const { client, life } = await started(t, answer, { requestHandler: { requestTimeout: 60_000 } });
    const pieces = Readable.from([HALF, HALF, HALF]);
    await client.send(new PutObjectCommand({ ...OBJECT, Body: pieces, ContentLength: 3 * HALF.length }));
    t.true(received >= 3 * HALF.length, "or more, with the framing of its checksum");
    await life.destroyed;
    t.deepEqual(life.told, ["destroyed"]);
  });

  test(titled("a retired client that is used works, is told once, and is closed when it is idle"), async (t) => {
    const { client, life, service } = await started(t, (_, response) => void response.end("content"));
    life.retire();
    for (let use = 0; use < 2; use++) {
      t.is(await (await getObject(client)).transformToString(), "content");
      await service.closed();
    }
    t.deepEqual(life.told, ["destroyed", "late use"]);
  });

  test(titled("a client that its user destroys is left as it was made"), async (t) => {
    const { client, life, service } = await started(t, (_, response) => void response.end("content"));
    const made = new S3Client({ region: "eu-west-1" });
    t.not(client.destroy, made.destroy);
    await (await getObject(client)).transformToString();
    client.destroy();
    await service.closed();
    t.deepEqual(life.told, ["user destroy"]);
    t.is(client.destroy, made.destroy);
    t.deepEqual(client.middlewareStack.identify(), made.middlewareStack.identify());
    client.destroy();
    life.retire();
    await (await getObject(client)).transformToString();
    t.deepEqual(life.told, ["user destroy"]);
    made.destroy();
  });

  test(titled("a client that its user destroys while it drains is destroyed"), async (t) => {
    const { client, life, service } = await started(t, (_, response) => {
      response.writeHead(200, { "content-length": HALF.length }).write("con");
    });
    const body = await getObject(client);
    life.retire();
    const failed = once(body, "error");
    client.destroy();
    t.deepEqual(life.told, ["destroyed"]);
    await failed;
    await service.closed();
    await nextTurn();
    t.deepEqual(life.told, ["destroyed"]);
  });

  test(titled("a client that is released is never destroyed"), async (t) => {
    const { client, life, service } = await started(t, (_, response) => void response.end("content"));
    const body = await getObject(client);
    life.release();
    life.retire();
    t.is(await body.transformToString(), "content");
    await nextTurn();
    t.is(service.connections, 1);
    t.deepEqual(life.told, []);
    t.false(Object.hasOwn(client, "destroy"));
    client.destroy();
    t.deepEqual(life.told, []);
  });

  test(titled("a client is released even when its end is a turn away"), async (t) => {
    const { client, life } = await started(t, (_, response) => void response.end("content"));
    const call = getObject(client);
    life.retire();
    await (await call).transformToString();
    life.release();
    client.config.requestHandler.destroy = () => t.fail("destroyed");
    await nextTurn();
    await nextTurn();
    t.deepEqual(life.told, []);
  });

  test(titled("calls that follow each other at once have one end"), async (t) => {
    const { client, life } = await started(t, (_, response) => void response.end("content"));
    const call = getObject(client);
    life.retire();
    await (await call).transformToString();
    await (await getObject(client)).transformToString();
    t.deepEqual(life.told, ["late use"]);
    await life.destroyed;
    t.deepEqual(life.told, ["late use", "destroyed"]);
  });

  test(titled("calls over cached middlewares are counted each time"), async (t) => {
    const { client, life } = await started(t, (_, response) => void response.end("content"), { cacheMiddleware: true });
    for (let use = 0; use < 2; use++) {
      const call = getObject(client);
      t.is(life.inFlight, 1);
      await (await call).transformToString();
      t.is(life.inFlight, 0);
    }
    client.destroy();
  });

  test(titled("what is sent is what is sent without a life"), async (t) => {
    const heads: object[] = [];
    const { client, life } = await started(t, ({ method, url, headers }, response) => {
      const { "x-amz-date": _, authorization: __, "amz-sdk-invocation-id": ___, ...rest } = headers;
      heads.push({ method, url, rest });
      response.end("content");
    });
    await (await getObject(client)).transformToString();
    life.release();
    await (await getObject(client)).transformToString();
    t.is(heads.length, 2);
    t.deepEqual(heads[0], heads[1]);
    client.destroy();
  });
}
