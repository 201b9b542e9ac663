/** The IoT door of a test endpoint, as its users see it. */
import { get } from "node:https";
import test, { type ExecutionContext } from "ava";
import { IOTX509RefreshableSession } from "aws-refresh-session";
import { ManualClock, startTestEndpoint, type TestEndpointOptions } from "aws-refresh-session/testing";

async function setUp(t: ExecutionContext, options: TestEndpointOptions = {}) {
  const endpoint = await startTestEndpoint({ iot: true, ...options });
  t.teardown(() => endpoint.close());
  const { iot } = endpoint;
  const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
    new Promise<{ status: number | undefined; headers: object; body: unknown }>((resolve, reject) => {
      const request = get(
        `${iot.endpoint}${path}`,
        {
          method,
          headers,
          ca: iot.ca,
          cert: iot.device.certificate,
          key: iot.device.privateKey,
          agent: false,
        },
        (response) => {
          let body = "";
          response.on("data", (chunk) => {
            body += chunk;
          });
          response.on("end", () =>
            resolve({ status: response.statusCode, headers: response.headers, body: JSON.parse(body) }),
          );
        },
      );
      request.on("error", reject);
    });
  return { endpoint, iot, ask };
}

test("it answers and refuses as AWS does", async (t) => {
  const clock = new ManualClock(Date.parse("2030-01-02T03:04:05.678Z"));
  const { endpoint, iot, ask } = await setUp(t, { clock: clock.clock, credentialLifetime: 900 });
  const given = await ask("/role-aliases/test-role-alias/credentials");
  t.is(given.status, 200);
  t.like(given.body, { credentials: { expiration: "2030-01-02T03:19:05Z" } });
  t.deepEqual(Object.keys((given.body as { credentials: object }).credentials), [
    "accessKeyId",
    "secretAccessKey",
    "sessionToken",
    "expiration",
  ]);
  const noThing = await ask("/role-aliases/test-role-alias/credentials", { "x-amzn-iot-thingname": "another" });
  t.like(noThing, { status: 403, body: { message: "Invalid thing name passed" } });
  t.like(noThing.headers, { "x-amzn-errortype": "AccessDeniedException" });
  t.like(await ask("/role-aliases/another/credentials"), {
    status: 404,
    body: { message: "Role alias does not exist" },
  });
  t.like(await ask("/role-aliases/toString/credentials"), { status: 404 });
  t.like(await ask("/"), { status: 404 });
  t.like(await ask("/role-aliases/test-role-alias/credentials", {}, "POST"), { status: 404 });
  t.deepEqual(iot.counts, { calls: 6, vended: 1, refused: 5, handshakesRefused: 0 });
  t.like(endpoint.stats, { iotCalls: 6, credentialsVended: 1 });
});

test("things may be attached to certificates by name", async (t) => {
  const things = { "test-device": ["pump-7", "pump-8"] };
  const { ask } = await setUp(t, { iot: { things } });
  const thing = (name: string) => ask("/role-aliases/test-role-alias/credentials", { "x-amzn-iot-thingname": name });
  t.is((await thing("pump-8")).status, 200);
  t.is((await thing("test-device")).status, 403);
});

test("faults come in order, one for each request", async (t) => {
  const { iot, ask } = await setUp(t);
  iot.failNext(
    { statusCode: 400, code: "InvalidRequestException", message: "Unable to assume the role" },
    { delayMs: 1 },
  );
  t.like(await ask("/role-aliases/test-role-alias/credentials"), {
    status: 400,
    body: { message: "Unable to assume the role" },
  });
  t.is(iot.pending, 1);
  t.is((await ask("/role-aliases/test-role-alias/credentials")).status, 200);
});

test("a session's credentials end, and the API says so", async (t) => {
  const time = new ManualClock();
  const { endpoint, iot } = await setUp(t, { clock: time.clock });
  const session = new IOTX509RefreshableSession({
    endpoint: iot.endpoint,
    roleAlias: "test-role-alias",
    ...iot.device,
    ca: iot.ca,
    region: "eu-west-1",
    clock: time.clock,
  });
  t.teardown(() => session.close());
  const url = `${endpoint.url}/telemetry`;
  const headers = async () => ({ headers: await session.signer({ service: "execute-api" }).sign({ url }) });
  const old = await session.refreshableCredentials();
  t.is((await fetch(url, await headers())).status, 200);
  time.advance(3_600);
  t.is((await fetch(url, await headers())).status, 200);
  t.not((await session.refreshableCredentials()).accessKeyId, old.accessKeyId);
  t.is(endpoint.stats.iotCalls, 2);
});

test("options are checked, and without the door there is none", async (t) => {
  for (const [iot, param] of [
    [7, "iot"],
    [{ roleAlias: {} }, "iot.roleAlias"],
    [{ roleAliases: { a: "arn" } }, "iot.roleAliases.a"],
    [{ roleAliases: [] }, "iot.roleAliases"],
    [{ things: "x" }, "iot.things"],
    [{ ca: 7 }, "iot.ca"],
    [{ server: "x" }, "iot.server"],
  ] as const) {
    const error = await t.throwsAsync<Error & { param?: string }>(startTestEndpoint({ iot } as never), {
      code: "ERR_VALIDATION",
    });
    t.is(error?.param, param);
  }
  const endpoint = await startTestEndpoint();
  t.teardown(() => endpoint.close());
  t.throws(() => endpoint.iot, { code: "ERR_CONFIGURATION", message: /iot: true/ });
  t.is(endpoint.stats.iotCalls, 0);
});
