/** Both plugins on one client, with what else clients do: presigning, cached handlers, credentials in other forms, other commands. */
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import test from "ava";
import { expiredTokenRecovery, hostClockOffset, type SdkPlugin } from "aws-refresh-session/aws-sdk";
import { GetObjectCommand as OldestGetObjectCommand, S3Client as OldestS3Client } from "oldest-client-s3";
import { getSignedUrl as oldestGetSignedUrl } from "oldest-s3-request-presigner";
import { AnsweringHandler, type Told } from "./answering-handler.js";
import { EXPIRED, open, send, serviceOf } from "./recovering.js";
import { keyOf, REGION, signedAt, VERSIONS } from "./sdk-versions.js";

const OBJECT = { Bucket: "a-bucket", Key: "a key" };
const NOON = new Date(Date.UTC(2026, 10, 21, 12));

const PRESIGNS: Readonly<Record<string, (plugins: readonly SdkPlugin[], config: object) => Promise<string>>> = {
  "3.699": (plugins, config) => {
    const client = new OldestS3Client(config);
    for (const plugin of plugins) client.middlewareStack.use(plugin);
    return oldestGetSignedUrl(client, new OldestGetObjectCommand(OBJECT), { signingDate: NOON });
  },
  newest: (plugins, config) => {
    const client = new S3Client(config);
    for (const plugin of plugins) client.middlewareStack.use(plugin);
    return getSignedUrl(client, new GetObjectCommand(OBJECT), { signingDate: NOON });
  },
};

for (const version of Object.keys(VERSIONS)) {
  const sts = serviceOf(version, "sts");

  test(`${version}: a client with the plugins presigns what it presigns without`, async (t) => {
    const { session } = open(t);
    const config = { region: REGION, credentials: session.credentials };
    const presign = PRESIGNS[version] as (typeof PRESIGNS)[string];
    const without = await presign([], config);
    t.regex(without, /X-Amz-Credential=AKID1%2F/);
    t.is(await presign([expiredTokenRecovery(session), hostClockOffset()], config), without);
  });

  test(`${version}: calls at the same time that share a cached handler each recover`, async (t) => {
    const recovering = open(t);
    const { client, handler } = recovering.client(sts, { cacheMiddleware: true });
    await send(client, sts);
    recovering.revoked.set("AKID1", EXPIRED);
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(client, sts)));
    t.deepEqual(
      answers.map(({ $metadata }) => $metadata.attempts),
      Array(10).fill(2),
    );
    t.is(recovering.made(), 2);
    t.is(handler.sent.length, 21);
  });

  test(`${version}: a client may be given a function that gives the session's identity`, async (t) => {
    const recovering = open(t);
    const credentials = () => recovering.session.refreshableCredentials();
    const { client, handler } = recovering.client(sts, { credentials });
    await send(client, sts);
    recovering.revoked.set("AKID1", EXPIRED);
    await send(client, sts);
    await send(client, sts);
    t.deepEqual(handler.sent.map(keyOf), ["AKID1", "AKID1", "AKID2", "AKID2"]);
  });

  test(`${version}: a client may be given an identity of the session, which then is all it has`, async (t) => {
    const recovering = open(t);
    const credentials = await recovering.session.refreshableCredentials();
    const { client, handler } = recovering.client(sts, { credentials });
    await send(client, sts);
    recovering.revoked.set("AKID1", EXPIRED);
    await t.throwsAsync(send(client, sts), { name: "ExpiredTokenException" });
    t.deepEqual(new Set(handler.sent.map(keyOf)), new Set(["AKID1"]));
  });

  test(`${version}: a wrong clock and a token that has ended are both set right in one call`, async (t) => {
    const recovering = open(t);
    const hour = 3_600_000;
    const handler = new AnsweringHandler("xml", (request): Told => {
      const headers = { date: new Date(Date.now() + hour).toUTCString() };
      if (Math.abs(signedAt(request) - Date.now() - hour) > 300_000) return { code: "RequestTimeTooSkewed", headers };
      return keyOf(request) === "AKID1" ? { ...EXPIRED, headers } : { headers };
    });
    const endpoint = `https://both-${version.replace(".", "-")}.example.com`;
    const { client } = recovering.client(sts, { requestHandler: handler, endpoint, maxAttempts: 2 });
    client.middlewareStack.use(hostClockOffset());
    t.is((await send(client, sts)).$metadata.attempts, 3);
    t.deepEqual(handler.sent.map(keyOf), ["AKID1", "AKID1", "AKID2"]);
  });

  test(`${version}: a plugin on one command leaves the client's others alone`, async (t) => {
    const recovering = open(t);
    recovering.revoked.set("AKID1", EXPIRED);
    const handler = new AnsweringHandler("xml", (request) => recovering.revoked.get(keyOf(request)) ?? {});
    const config = { region: REGION, credentials: recovering.session.credentials, requestHandler: handler };
    const client = sts.client(config);
    await t.throwsAsync(send(client, sts), { name: "ExpiredTokenException" });
    const command = sts.command() as { middlewareStack: { use(plugin: SdkPlugin): void } };
    command.middlewareStack.use(expiredTokenRecovery(recovering.session));
    await client.send(command as never);
    t.deepEqual(handler.sent.map(keyOf), ["AKID1", "AKID1", "AKID2"]);
    client.destroy();
  });
}
