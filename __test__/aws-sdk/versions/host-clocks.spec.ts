/** Clocks of hosts in SDK clients: what one client learned, another one signs its first request by, in every version. */
import test, { type ExecutionContext } from "ava";
import { hostClockOffset } from "aws-refresh-session/aws-sdk";
import { hostClocks } from "../../../dist/aws/host-clocks.js";
import { AnsweringHandler, type Told } from "./answering-handler.js";
import { type Answered, send, serviceOf } from "./recovering.js";
import { clientSignedBy, EVERY, type SdkService, SIGNINGS, signedAt, stock, VERSIONS } from "./sdk-versions.js";

const HOUR = 3_600_000;
const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };

let hosts = 0;

/** A host that nobody has met, whose clock is ahead; refuses what was signed more than five minutes off by its clock. */
function startHost(service: SdkService, aheadMs: number, protocol = "https:") {
  const host = `host-${hosts++}.example.com`;
  const offsets: number[] = [];
  const more: { headers: Record<string, string> } = { headers: {} };
  const handler = new AnsweringHandler(service.protocol, (request): Told => {
    const now = Date.now() + aheadMs;
    const offset = signedAt(request) - Date.now();
    offsets.push(Math.round(offset / HOUR) || 0);
    const headers = { date: new Date(now).toUTCString(), ...more.headers };
    return Math.abs(aheadMs - offset) < 300_000 ? { headers } : { code: "RequestTimeTooSkewed", headers };
  });
  const client = (t: ExecutionContext, config: object = {}, signing = stock) => {
    const endpoint = `${protocol}//${host}`;
    const made = clientSignedBy(service, signing, KEYS, {
      forcePathStyle: true,
      requestHandler: handler,
      endpoint,
      maxAttempts: 2,
      ...config,
    });
    t.teardown(() => made.destroy());
    return made;
  };
  const aware: typeof client = (t, config, signing) => {
    const made = client(t, config, signing);
    made.middlewareStack.use(hostClockOffset());
    return made;
  };
  /** Hours by which the requests were signed ahead. */
  return { client, aware, offsets, more, learned: () => hostClocks().offsetOf(host) };
}

for (const { service, title } of EVERY) {
  for (const [how, signing] of Object.entries(SIGNINGS)) {
    test(`${title}, signed by ${how}: a new client signs its first request by what others learned`, async (t) => {
      for (const hours of [1, -2]) {
        const { client, aware, offsets, learned } = startHost(service, hours * HOUR);
        await send(aware(t, {}, signing), service);
        t.deepEqual(offsets, [0, hours]);
        t.true(Math.abs((learned() ?? 0) - hours * HOUR) < 2_000);
        await send(aware(t, { maxAttempts: 1 }, signing), service);
        t.deepEqual(offsets, [0, hours, hours]);
        await send(client(t, {}, signing), service);
        t.deepEqual(offsets, [0, hours, hours, 0, hours], "without the plugin a client learns alone");
      }
    });
  }
}

for (const version of Object.keys(VERSIONS)) {
  const sts = serviceOf(version, "sts");
  const attempts = ({ $metadata }: Answered) => $metadata.attempts;

  test(`${version}: requests that were refused together for their date are all sent again`, async (t) => {
    const { aware } = startHost(sts, HOUR);
    const client = aware(t);
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(client, sts)));
    t.deepEqual(answers.map(attempts), Array(10).fill(2));
  });

  test(`${version}: a cached answer teaches nothing, neither the host's clock nor the client's`, async (t) => {
    const { aware, offsets, more, learned } = startHost(sts, 0);
    const client = aware(t);
    const cached = { date: new Date(Date.now() - 10 * HOUR).toUTCString(), age: "36000" };
    for (const headers of [cached, {}]) {
      more.headers = headers;
      await send(client, sts);
    }
    t.deepEqual(offsets, [0, 0]);
    t.is(learned(), undefined);
    t.true(Math.abs(client.config.systemClockOffset) < 2_000);
  });

  test(`${version}: a date that anybody could have written is nothing for others, nor is one of another day`, async (t) => {
    for (const [ahead, protocol] of [
      [HOUR, "http:"],
      [30 * HOUR, "https:"],
    ] as const) {
      const { aware, offsets, learned } = startHost(sts, ahead, protocol);
      await send(aware(t), sts);
      t.is(learned(), undefined);
      await send(aware(t), sts);
      t.deepEqual(offsets, [0, ahead / HOUR, 0, ahead / HOUR], "each client learns alone");
    }
  });
}

test("newest: a client that is told to leave its clock alone signs by it, and learns for others", async (t) => {
  const sts = serviceOf("newest", "sts");
  const { aware, offsets, learned } = startHost(sts, HOUR);
  const client = aware(t, { disableClockSkewCorrection: true });
  for (let call = 0; call < 2; call++) await t.throwsAsync(send(client, sts), { name: "RequestTimeTooSkewed" });
  t.deepEqual(offsets, [0, 0]);
  t.truthy(learned());
  await send(aware(t), sts);
  t.deepEqual(offsets, [0, 0, 1]);
});
