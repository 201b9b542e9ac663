/** Connections that a user gives to clients, which no client ends: real clients of the newest and the oldest SDK. */
import { Agent } from "node:http";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import * as s3 from "@aws-sdk/client-s3";
import test, { type ExecutionContext } from "ava";
import * as oldestS3 from "oldest-client-s3";
import { shieldConnections, shieldHandler } from "../../dist/clients/request-handler.js";
import { http1Service, http2Service } from "./local-service.js";

const CONFIG = {
  region: "eu-west-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
  forcePathStyle: true,
  maxAttempts: 1,
};

/** The SDK's handlers of HTTP/1 and HTTP/2, which its clients bring along. */
interface Handler {
  handle(...of: never): unknown;
  httpHandlerConfigs(): object;
  destroy(): void;
}

const handlerOf = ({ config }: { readonly config: { readonly requestHandler: unknown } }) =>
  config.requestHandler as Handler;

const GET = { Bucket: "a-bucket", Key: "a-key" };

for (const [version, sdk] of Object.entries({ newest: s3, "3.699": oldestS3 as unknown as typeof s3 })) {
  const { GetObjectCommand, S3Client } = sdk;
  const titled = (title: string) => `${version}: ${title}`;

  async function started(t: ExecutionContext, requestHandler: unknown) {
    let finish = () => {};
    const service = await http1Service(t, ({ url }, response) => {
      if (url?.includes("slow")) {
        response.writeHead(200, { "content-length": 7 }).write("con");
        finish = () => response.end("tent");
      } else response.end("content");
    });
    const client = () =>
      new S3Client({
        ...CONFIG,
        endpoint: service.endpoint,
        requestHandler: shieldConnections(requestHandler) as NonNullable<s3.S3ClientConfig["requestHandler"]>,
      });
    const read = async (of: s3.S3Client) => (await of.send(new GetObjectCommand(GET))).Body?.transformToString();
    return { service, client, read, finish: () => finish() };
  }

  /** One client is destroyed while another reads, and before a third asks, on the same connections. */
  async function survives(t: ExecutionContext, requestHandler: unknown, end: () => void) {
    const { service, client, read, finish } = await started(t, requestHandler);
    const [destroyed, reading, asking] = [client(), client(), client()];
    t.is(await read(destroyed), "content");
    const { Body } = await reading.send(new GetObjectCommand({ ...GET, Key: "slow" }));
    destroyed.destroy();
    t.is(await read(asking), "content");
    t.is(await read(destroyed), "content");
    finish();
    t.is(await Body?.transformToString(), "content");
    t.true(service.connections > 0);
    for (const either of [reading, asking]) either.destroy();
    end();
    await service.closed();
  }

  test(titled("a connection handler outlives the clients that share it"), async (t) => {
    const handler = handlerOf(new S3Client(CONFIG));
    await survives(t, handler, () => handler.destroy());
  });

  test(titled("so does an agent among the options of a handler"), async (t) => {
    const httpAgent = new Agent({ keepAlive: true });
    await survives(t, { httpAgent, requestTimeout: 60_000 }, () => httpAgent.destroy());
  });

  test(titled("and one among options that are fetched"), async (t) => {
    const httpAgent = new Agent({ keepAlive: true });
    await survives(
      t,
      async () => ({ httpAgent }),
      () => httpAgent.destroy(),
    );
  });

  test(titled("what the client makes of options ends with it"), async (t) => {
    const { service, client, read } = await started(t, { httpAgent: { keepAlive: true } });
    const made = client();
    t.is(await read(made), "content");
    t.is(service.connections, 1);
    made.destroy();
    await service.closed();
  });
}

test("a handler of HTTP/2 outlives the clients that share it", async (t) => {
  const service = await http2Service(t, (stream) => {
    stream.respond({ ":status": 200, "content-type": "application/x-amz-json-1.1" });
    stream.end('{"StreamNames":["a"],"HasMoreStreams":false}');
  });
  const handler = handlerOf(new KinesisClient(CONFIG));
  const config = { ...CONFIG, endpoint: service.endpoint, requestHandler: shieldHandler(handler) as never };
  const [one, other] = [new KinesisClient(config), new KinesisClient(config)];
  for (const client of [one, other]) {
    t.deepEqual((await client.send(new ListStreamsCommand({}))).StreamNames, ["a"]);
    client.destroy();
    t.is(service.connections, 1);
  }
  handler.destroy();
  await service.closed();
});

test("all but destroy() is that of the handler", (t) => {
  for (const handler of [new s3.S3Client(CONFIG), new KinesisClient(CONFIG)].map(handlerOf)) {
    const shield = shieldHandler(handler);
    t.true(shield instanceof handler.constructor);
    t.is(shield.constructor, handler.constructor);
    t.is(Object(shield).metadata, Object(handler).metadata);
    t.is(shield.handle, shield.handle);
    t.true("handle" in shield && "destroy" in shield);
    t.deepEqual(shield.httpHandlerConfigs(), handler.httpHandlerConfigs());
  }
});

test("a handler keeps its own members, private ones too", async (t) => {
  class Counting {
    #handled = 0;
    destroyed = false;
    limit = 1;
    async handle() {
      return { response: { statusCode: 200, headers: {}, body: undefined }, handled: ++this.#handled };
    }
    get handled() {
      return this.#handled;
    }
    destroy() {
      this.destroyed = true;
    }
  }
  const handler = new Counting();
  const shield = shieldHandler(handler);
  await shield.handle();
  t.is(handler.handled, 1);
  t.is(shield.handled, 1);
  shield.limit = 2;
  t.is(handler.limit, 2);
  shield.destroy();
  t.false(handler.destroyed);

  const frozen = Object.freeze({ handle: async () => "handled", destroy: () => t.fail("destroyed") });
  shieldHandler(frozen).destroy();
  t.is(await shieldHandler(frozen).handle(), "handled");
});

test("a handler has one shield, and a shield is its own", (t) => {
  const handler = handlerOf(new s3.S3Client(CONFIG));
  t.is(shieldHandler(handler), shieldHandler(handler));
  t.is(shieldHandler(shieldHandler(handler)), shieldHandler(handler));
  t.is(shieldConnections(handler), shieldHandler(handler));
});

test("what holds no connections of the user's comes back as it is", (t) => {
  for (const value of [undefined, null, "text", {}, { requestTimeout: 1 }, { httpAgent: { maxSockets: 1 } }]) {
    t.is(shieldConnections(value), value);
  }
  const httpsAgent = new Agent();
  const options = { requestTimeout: 1, httpAgent: undefined, httpsAgent };
  t.deepEqual(Object.keys(shieldConnections(options) as object), Object.keys(options));
  t.is(options.httpsAgent, httpsAgent, "the user's options stay as they are");
});
