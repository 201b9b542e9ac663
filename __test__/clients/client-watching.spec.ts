/** What else goes on around a client that is watched: document clients, presigners, several lives, failures, the end of the process. */
import { once } from "node:events";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { Upload } from "@aws-sdk/lib-storage";
import test from "ava";
import { nativePresigner } from "aws-refresh-session/aws-sdk";
import { StackState } from "../../dist/aws-sdk/presigner/middleware-stack.js";
import { AnswerBody } from "../../dist/clients/answer-body.js";
import { warnLateUse } from "../../dist/clients/cache-warnings.js";
import { StandInHandler } from "../aws-sdk/stand-in-handler.js";
import { outputOf } from "../support/node-program.js";
import { warningsOf } from "../support/warnings.js";
import { http1Service } from "./local-service.js";
import { watchedLife } from "./watched-life.js";

const CONFIG = { region: "eu-west-1", credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" } };

test("calls of a document client are calls of the client it was made from", async (t) => {
  const requestHandler = new StandInHandler();
  const client = new DynamoDBClient({ ...CONFIG, requestHandler });
  const life = watchedLife(client);
  const call = DynamoDBDocumentClient.from(client).send(new GetCommand({ TableName: "a", Key: { id: 1 } }));
  t.is(life.inFlight, 1);
  await call.catch(() => {});
  t.is(life.inFlight, 0);
  t.is(requestHandler.sent.length, 1);
});

test("what a client asks for itself while it drains is no late use", async (t) => {
  const requestHandler = new StandInHandler();
  const client = new S3Client({ ...CONFIG, requestHandler });
  const life = watchedLife(client);
  const Bucket = "a-bucket--euw1-az1--x-s3";
  const call = client.send(new PutObjectCommand({ Bucket, Key: "a-key", Body: "content" }));
  life.retire();
  await call;
  t.deepEqual(
    requestHandler.sent.map(({ method }) => method),
    ["GET", "PUT"],
    "a session before the object",
  );
  await life.destroyed;
  t.deepEqual(life.told, ["destroyed"]);
});

test("an upload in parts goes on, one part after the other, whatever becomes of its client", async (t) => {
  const parts: string[] = [];
  const service = await http1Service(t, (request, response) => {
    const { method, url } = request;
    parts.push(`${method} ${new URL(url ?? "", "http://localhost").searchParams.get("partNumber") ?? ""}`);
    life.retire();
    request.resume().on("end", () => {
      if (url?.includes("uploads")) response.end("<Result><UploadId>an-id</UploadId></Result>");
      else response.setHeader("etag", '"a"').end(method === "POST" ? "<Result><Key>a-key</Key></Result>" : "");
    });
  });
  const client = new S3Client({ ...CONFIG, endpoint: service.endpoint, forcePathStyle: true });
  const life = watchedLife(client);
  const Body = Readable.from([Buffer.alloc(5 << 20), Buffer.alloc(5 << 20), Buffer.alloc(1)]);
  await new Upload({ client, queueSize: 1, params: { Bucket: "a-bucket", Key: "a-key", Body } }).done();
  t.deepEqual(parts, ["POST ", "PUT 1", "PUT 2", "PUT 3", "POST "]);
  await life.destroyed;
  await service.closed();
});

test("a presigner knows the middleware, and what it asks is counted and over", async (t) => {
  const client = new S3Client(CONFIG);
  const life = watchedLife(client);
  t.true(new StackState(client.middlewareStack as never).allKnown);
  const url = await nativePresigner(client).presign(new GetObjectCommand({ Bucket: "a-bucket", Key: "a-key" }), {
    expiresIn: 60,
  });
  t.regex(url, /X-Amz-Signature=/);
  t.is(life.inFlight, 0);
});

test("a client may have several lives, and has none left when all are over", (t) => {
  const client = new S3Client(CONFIG);
  const { destroy } = client;
  const [one, other] = [watchedLife(client), watchedLife(client)];
  one.release();
  t.not(client.destroy, destroy);
  other.retire();
  t.deepEqual([one.told, other.told], [[], ["destroyed"]]);
  other.release();
  t.is(client.destroy, destroy);
  const [third, fourth] = [watchedLife(client), watchedLife(client)];
  client.destroy();
  t.deepEqual([third.told, fourth.told], [["user destroy"], ["user destroy"]]);
});

test("a call is counted before any other middleware is asked", async (t) => {
  const client = new S3Client({ ...CONFIG, requestHandler: new StandInHandler() });
  const life = watchedLife(client);
  let goOn = () => {};
  const wait = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  client.middlewareStack.add(
    (next) => async (args) => {
      await wait;
      return next(args);
    },
    { step: "initialize", priority: "high" },
  );
  const call = client.send(new HeadObjectCommand({ Bucket: "a-bucket", Key: "a-key" }));
  t.is(life.inFlight, 1);
  goOn();
  await call;
  t.is(life.inFlight, 0);
});

test("nothing is followed that is no stream of Node, or is over", async (t) => {
  const ended = Readable.from([], { autoDestroy: false }).resume();
  await once(ended, "end");
  t.false(ended.destroyed);
  const closed = new Readable({ read() {} }).destroy();
  for (const body of [undefined, null, "text", Buffer.alloc(1), new Blob([]), new ReadableStream(), ended, closed]) {
    t.is(
      AnswerBody.of(body, () => t.fail("followed")),
      undefined,
    );
  }
});

test("an error of a body is its end, and still is nobody's when its reader does not listen", async (t) => {
  const body = new Readable({ read() {}, emitClose: false });
  let over = 0;
  AnswerBody.of(body, () => over++);
  t.throws(() => body.emit("error", new Error("unheard")), { message: "unheard" });
  t.is(over, 1);
  t.deepEqual(body.eventNames(), []);
});

/** A client that is none, for what only bad ones do. */
function standIn(destroy: () => void, send: () => Promise<unknown> = async () => ({})) {
  let around = (next: typeof send) => next;
  const middlewareStack = {
    add: (middleware: typeof around) => {
      around = middleware;
    },
    remove: () => true,
  };
  return { config: {}, middlewareStack, destroy, send: () => around(send)() };
}

test.serial("a client whose destroy() throws is destroyed, with a warning", async (t) => {
  const client = standIn(() => {
    throw new Error("not today");
  });
  const life = watchedLife(client);
  const [warning, ...more] = await warningsOf(() => life.retire());
  t.deepEqual(life.told, ["destroyed"]);
  t.is(warning?.code, "BRS_CLIENT_DESTROY_FAILED");
  t.regex(warning?.message ?? "", /not today/);
  t.deepEqual(more, []);
});

test("a call that throws instead of failing is over, too", async (t) => {
  const client = standIn(
    () => {},
    () => {
      throw new Error("at once");
    },
  );
  const life = watchedLife(client);
  t.throws(() => client.send(), { message: "at once" });
  t.is(life.inFlight, 0);
});

test.serial("a late use is warned of in words that help, once for each key", async (t) => {
  const [warning, ...others] = await warningsOf(() => {
    for (let count = 0; count < 3; count++) warnLateUse('S3Client(region: "eu-west-1")');
  });
  t.is(others.length, 0);
  t.is(warning?.code, "BRS_CLIENT_EVICTED");
  for (const word of ['S3Client(region: "eu-west-1")', "session.client()", "maxSize", "cache.take()"]) {
    t.true(warning?.message.includes(word), word);
  }
});

test.serial("destroy() may be replaced after the client was made, and a frozen client is destroyed as well", (t) => {
  let replaced = 0;
  const client = new S3Client(CONFIG);
  const life = watchedLife(client);
  const { destroy } = client;
  client.destroy = () => {
    replaced++;
    destroy.call(client);
  };
  life.retire();
  t.is(replaced, 1);
  t.deepEqual(life.told, ["destroyed"]);

  let destroyed = 0;
  const frozen = watchedLife(
    Object.freeze(
      standIn(() => {
        destroyed++;
      }),
    ),
  );
  frozen.retire();
  t.is(destroyed, 1);
  frozen.release();
});

test("a client that waits for its end keeps no process alive", async (t) => {
  const program = `
    const { ClientLife } = require(${JSON.stringify(fileURLToPath(import.meta.resolve("../../dist/clients/client-life.js")))});
    let around;
    const middlewareStack = { add: (middleware) => { around = middleware; }, remove() {} };
    const told = (name) => () => console.log(name);
    const client = { config: {}, middlewareStack, destroy: told("destroy()") };
    const life = new ClientLife(client, { onLateUse: told("late"), onUserDestroy: told("user"), onDestroyed: told("destroyed") });
    around(() => new Promise(() => {}))({});
    life.retire();
    console.log(life.inFlight);
  `;
  t.is(await outputOf(t, program), "1\n");
});
