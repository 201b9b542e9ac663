/** `session.mqtt()` against a real broker: with the device's certificate, and over WebSockets that are signed. */
import { type AddressInfo, createServer } from "node:net";
import { inspect } from "node:util";
import test, { type ExecutionContext } from "ava";
import {
  BRSConnectionError,
  BRSRequestError,
  IOTX509RefreshableSession,
  type IotMqttOptions,
} from "aws-refresh-session";
import { ManualClock } from "aws-refresh-session/testing";
import { CredentialVendor } from "../../dist/testing/credential-vendor.js";
import { IotService } from "../../dist/testing/iot-service.js";
import { mosquitto } from "../servers/mosquitto.js";
import { isInstalled, type RunningServer, startServer } from "../servers/server-program.js";
import { testWhere } from "../support/in-ci.js";
import { alpnDoor, signedDoor } from "./broker.js";
import { certificates } from "./iot-doors.js";

const REGION = "eu-west-1";
const brokerTest = testWhere(isInstalled(mosquitto()));
/** One broker under mutual TLS, one in the clear behind doors of ours; for the whole file. */
let brokers: { tls: RunningServer; clear: RunningServer } | undefined;

if (brokerTest === test) {
  test.before(async () => {
    const made = await certificates();
    const [tls, clear] = await Promise.all([startServer(mosquitto(made)), startServer(mosquitto())]);
    brokers = { tls, clear };
  });
  test.after.always(() => Promise.all([brokers?.tls.stop(), brokers?.clear.stop()]));
}

const portOf = (server: RunningServer | undefined) => Number(new URL(server?.endpoint ?? "").port);

/** A session of the device, the credentials provider it asks, and a door to the broker for URLs that those credentials signed. */
async function openDevice(t: ExecutionContext, { doorRegion = REGION } = {}) {
  const { ca, server, device } = await certificates();
  const time = new ManualClock();
  const { clock } = time;
  const vendor = new CredentialVendor(clock);
  const provider = new IotService({
    vendor,
    clock,
    ca: ca.cert,
    server: { certificate: server.cert, privateKey: server.key },
  });
  await provider.listen(false);
  t.teardown(() => provider.close());
  const session = new IOTX509RefreshableSession({
    endpoint: provider.endpoint,
    roleAlias: "test-role-alias",
    certificate: device.cert,
    privateKey: device.key,
    ca: ca.cert,
    region: REGION,
    clock,
  });
  t.teardown(() => session.close());
  const door = await signedDoor(await certificates(), portOf(brokers?.clear), { vendor, clock, region: doorRegion });
  t.teardown(door.close);
  return { session, provider, door, time };
}

/** The next event of a client; unlike `once` of node:events it does not mind an error before. */
const next = (client: { once(event: string, listener: (...args: never[]) => void): unknown }, event: string) =>
  new Promise<unknown[]>((resolve) => client.once(event, (...args: never[]) => resolve(args)));

let clients = 0;
const connected = async (session: IOTX509RefreshableSession, options: Omit<IotMqttOptions, "clientId">) =>
  session.mqtt<import("mqtt").MqttClient>({ clientId: `client-${process.pid}-${++clients}`, ...options });

/** Sends itself a message, and resolves with what came. */
async function roundTrip(client: import("mqtt").MqttClient, topic: string, text: string): Promise<string> {
  const came = next(client, "message");
  await client.subscribeAsync(topic, { qos: 1 });
  await client.publishAsync(topic, text, { qos: 1 });
  const [, payload] = await came;
  return String(payload);
}

for (const protocolVersion of [4, 5] as const) {
  brokerTest(`x509: publishes and subscribes with protocol version ${protocolVersion}`, async (t) => {
    const { session, provider } = await openDevice(t);
    const client = await connected(session, { endpoint: `127.0.0.1:${portOf(brokers?.tls)}`, protocolVersion });
    t.is(await roundTrip(client, `x509/${protocolVersion}`, "hello"), "hello");
    t.is(client.options.protocolVersion, protocolVersion);
    // The certificate alone lets it in: no credentials were asked for.
    t.is(provider.counts.calls, 0);
    t.notRegex(inspect(client.options, { depth: 4 }), /PRIVATE KEY/);
    await client.endAsync();
  });

  brokerTest(`ws: publishes and subscribes with protocol version ${protocolVersion}`, async (t) => {
    const { session, provider, door } = await openDevice(t);
    const client = await connected(session, {
      transport: "ws",
      endpoint: `wss://127.0.0.1:${door.port}`,
      protocolVersion,
    });
    t.is(await roundTrip(client, `ws/${protocolVersion}`, "hello"), "hello");
    t.is(door.opened.length, 1);
    t.is(provider.counts.calls, 1);
    await client.endAsync();
  });
}

brokerTest("x509 with ALPN, as on port 443", async (t) => {
  const { session } = await openDevice(t);
  const door = await alpnDoor(await certificates(), portOf(brokers?.clear));
  t.teardown(door.close);
  const client = await connected(session, { endpoint: `127.0.0.1`, port: door.port, useAlpn: true });
  t.is(await roundTrip(client, "alpn", "hello"), "hello");
  t.deepEqual(door.names, ["device x-amzn-mqtt-ca"]);
  await client.endAsync();
});

brokerTest("ws: a connection that breaks comes back with a new URL and newly refreshed credentials", async (t) => {
  const { session, provider, door, time } = await openDevice(t);
  const client = await connected(session, {
    transport: "ws",
    endpoint: `127.0.0.1:${door.port}`,
    connectOptions: { reconnectPeriod: 100 },
  });
  await client.subscribeAsync("again/#", { qos: 1 });
  const back = next(client, "connect");
  time.advance(3_600);
  door.cut();
  await back;
  t.is(door.opened.length, 2);
  const [first, second] = door.opened;
  // The first ones have ended by then, so the second URL is signed by others.
  t.not(first?.accessKeyId, second?.accessKeyId);
  t.not(first?.signature, second?.signature);
  t.deepEqual(door.refused, []);
  t.is(provider.counts.calls, 2);
  // Subscribed again without a word of the user's.
  const came = next(client, "message");
  await client.publishAsync("again/1", "still here", { qos: 1 });
  t.is(String((await came)[1]), "still here");
  await client.endAsync();
});

brokerTest(
  "ws: while there are no credentials the client goes on trying, and its listeners are told why",
  async (t) => {
    const { session, provider, door, time } = await openDevice(t);
    const client = await connected(session, {
      transport: "ws",
      endpoint: `127.0.0.1:${door.port}`,
      connectOptions: { reconnectPeriod: 100 },
    });
    provider.failNext({ statusCode: 403, code: "AccessDeniedException", message: "Access Denied" });
    const failed = next(client, "error");
    const back = next(client, "connect");
    time.advance(3_600);
    door.cut();
    const [error] = await failed;
    t.true(error instanceof BRSRequestError);
    t.is((error as BRSRequestError).details?.awsCode, "AccessDeniedException");
    await back;
    t.is(door.opened.length, 2);
    await client.endAsync();
  },
);

brokerTest("ws: a URL that is refused is a typed error, and the client is given up", async (t) => {
  const { session, door } = await openDevice(t, { doorRegion: "us-east-1" });
  const error = await t.throwsAsync<BRSRequestError>(
    connected(session, { transport: "ws", endpoint: `127.0.0.1:${door.port}` }),
    { instanceOf: BRSRequestError },
  );
  t.is(error?.statusCode, 403);
  t.regex(error?.message ?? "", /refused the WebSocket with status 403; check region/);
  t.notRegex(error?.message ?? "", /X-Amz-Signature/);
  t.is(door.refused.length, 1);
});

for (const [protocolVersion, reasonCode] of [
  [4, 5],
  [5, 135],
] as const) {
  brokerTest(`a broker's refusal by protocol version ${protocolVersion} is a typed error with its code`, async (t) => {
    const { session } = await openDevice(t);
    const broker = await startServer(mosquitto("nobody"));
    t.teardown(() => broker.stop());
    const door = await alpnDoor(await certificates(), portOf(broker));
    t.teardown(door.close);
    const error = await t.throwsAsync<BRSRequestError>(
      connected(session, { endpoint: `127.0.0.1:${door.port}`, useAlpn: true, protocolVersion }),
      { instanceOf: BRSRequestError },
    );
    t.is(error?.details?.reasonCode, reasonCode);
    t.regex(error?.message ?? "", /refused the client: Not authorized \(\d+\)$/);
    t.false(error?.retryable);
    t.is(door.names.length, 1);
  });
}

brokerTest("a broker that does not answer is a timeout, one that is not there is told", async (t) => {
  const { session } = await openDevice(t);
  const silent = createServer().listen(0, "127.0.0.1");
  await next(silent, "listening");
  const door = await alpnDoor(await certificates(), (silent.address() as AddressInfo).port);
  const endpoint = `127.0.0.1:${door.port}`;
  const late = await t.throwsAsync<BRSConnectionError>(
    connected(session, { endpoint, useAlpn: true, connectOptions: { connectTimeout: 200 } }),
    { instanceOf: BRSConnectionError },
  );
  t.is(late?.code, "ERR_TIMEOUT");
  door.close();
  silent.close();
  const nobody = await t.throwsAsync<BRSConnectionError>(connected(session, { endpoint, useAlpn: true }), {
    instanceOf: BRSConnectionError,
  });
  t.is(nobody?.details?.reason, "ECONNREFUSED");
});

brokerTest("x509: a certificate that the broker does not know is a typed error", async (t) => {
  const { session } = await openDevice(t);
  const { rogue } = await certificates();
  const error = await t.throwsAsync<BRSConnectionError>(
    connected(session, {
      endpoint: `127.0.0.1:${portOf(brokers?.tls)}`,
      certificate: rogue.cert,
      privateKey: rogue.key,
    }),
    { instanceOf: BRSConnectionError },
  );
  t.regex(error?.message ?? "", /^MQTT CONNECT: no answer from 127\.0\.0\.1:\d+ \(\w+\): /);
});

brokerTest("x509: a broker that nobody vouches for is a typed error", async (t) => {
  const { session } = await openDevice(t);
  const { device, rogueCa } = await certificates();
  const error = await t.throwsAsync<BRSConnectionError>(
    connected(session, {
      endpoint: `127.0.0.1:${portOf(brokers?.tls)}`,
      certificate: device.cert,
      privateKey: device.key,
      ca: rogueCa.cert,
    }),
    { instanceOf: BRSConnectionError },
  );
  t.regex(error?.message ?? "", /its certificate is not trusted/);
  t.false(error?.retryable);
});

brokerTest("closing the session ends its clients, and a reconnect under way", async (t) => {
  const { session } = await openDevice(t);
  const endpoint = `127.0.0.1:${portOf(brokers?.tls)}`;
  const client = await connected(session, { endpoint });
  const ended = next(client, "close");
  session.close();
  await ended;
  t.false(client.connected);
  await t.throwsAsync(connected(session, { endpoint }), { code: "ERR_CLOSED" });
});

brokerTest("closing the session while a client waits to connect again ends it", async (t) => {
  const { session, door } = await openDevice(t);
  const client = await connected(session, { transport: "ws", endpoint: `127.0.0.1:${door.port}` });
  const lost = next(client, "close");
  door.cut();
  await lost;
  const ended = next(client, "end");
  session.close();
  await ended;
  t.is(door.opened.length, 1);
});

for (const transport of ["x509", "ws"] as const) {
  brokerTest(`${transport}: a client does not outlive its session by reconnect()`, async (t) => {
    const { session, door } = await openDevice(t);
    const port = transport === "ws" ? door.port : portOf(brokers?.tls);
    const client = await connected(session, { transport, endpoint: `127.0.0.1:${port}` });
    const closed = next(client, "close");
    session.close();
    await closed;
    const attempts: string[] = [];
    client.on("reconnect", () => attempts.push("reconnect"));
    const outcome = Promise.race([next(client, "error"), next(client, "connect")]);
    const ended = next(client, "end");
    client.reconnect();
    const [error] = await outcome;
    await ended;
    t.is((error as { code?: string }).code, "ERR_CLOSED");
    t.false(client.connected);
    t.deepEqual(attempts, ["reconnect"], "none by itself");
  });
}

brokerTest("messages that the broker kept reach listeners of beforeConnect; reconnect() connects anew", async (t) => {
  const { session } = await openDevice(t);
  const endpoint = `127.0.0.1:${portOf(brokers?.tls)}`;
  const clientId = `kept-${process.pid}`;
  const options = { endpoint, clientId, cleanStart: false };
  const first = await session.mqtt(options);
  await first.subscribeAsync("kept", { qos: 1 });
  await first.endAsync();
  const other = await connected(session, { endpoint });
  await other.publishAsync("kept", "while you were away", { qos: 1 });
  let message: Promise<unknown[]> = Promise.resolve([]);
  const second = await session.mqtt({
    ...options,
    beforeConnect: (client) => {
      message = next(client, "message");
    },
  });
  t.is(String((await message)[1]), "while you were away");
  await second.endAsync();
  const back = next(second, "connect");
  second.reconnect();
  await back;
  t.true(second.connected);
});

brokerTest("a signal gives up the first connection", async (t) => {
  const { session, provider } = await openDevice(t);
  provider.failNext("hang");
  const controller = new AbortController();
  const connecting = connected(session, { transport: "ws", endpoint: "127.0.0.1:9", signal: controller.signal });
  controller.abort(new Error("enough"));
  await t.throwsAsync(connecting, { message: "enough" });
});

brokerTest("what is wrong with the options is told before anything is opened", async (t) => {
  const { session } = await openDevice(t);
  const cases: ReadonlyArray<readonly [object, string]> = [
    [{}, "endpoint"],
    [{ endpoint: "c1.credentials.iot.eu-west-1.amazonaws.com" }, "endpoint"],
    [{ endpoint: "a:8883", port: 443 }, "port"],
    [{ endpoint: "a", port: 0 }, "port"],
    [{ endpoint: "a", transport: "tcp" }, "transport"],
    [{ endpoint: "a", transport: "ws", useAlpn: true }, "useAlpn"],
    [{ endpoint: "a", protocolVersion: 3 }, "protocolVersion"],
    [{ endpoint: "a", keepAlive: 70_000 }, "keepAlive"],
    [{ endpoint: "a", clientId: "" }, "clientId"],
    [{ endpoint: "a", client_id: "x" }, "client_id"],
    [{ endpoint: "a", transport: "ws", certificate: "x" }, "certificate"],
    [{ endpoint: "a", connectOptions: { transformWsUrl: () => "" } }, "connectOptions.transformWsUrl"],
    [{ endpoint: "a", connectOptions: { reconnectPeriod: -1 } }, "connectOptions.reconnectPeriod"],
    [{ endpoint: "a", signal: {} }, "signal"],
  ];
  for (const [own, param] of cases) {
    const error = await t.throwsAsync<Error & { param?: string }>(
      session.mqtt({ clientId: "x", ...own } as IotMqttOptions),
    );
    t.is(error?.param, param, error?.message);
  }
});
