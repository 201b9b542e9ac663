/** Method "iot" against a real door of mutual TLS: what it asks for, who is let in, and how failures look. */
import { inspect } from "node:util";
import { BRSConnectionError, BRSRequestError, RefreshableSession } from "aws-refresh-session";
import { ManualClock } from "aws-refresh-session/testing";
import { encryptedKey, pfxOf } from "../support/certificates.js";
import { outputOf } from "../support/node-program.js";
import { certificates, iotTest, openDoor } from "./iot-doors.js";

iotTest("a device gets credentials that the API takes, and knows who it is", async (t) => {
  const { endpoint, door, open } = await openDoor(t);
  const session = open({ thingName: "device", durationSeconds: 1_800 });
  t.true(session instanceof RefreshableSession);
  t.is(session.refreshMethod, "iot-x509");
  const { accessKeyId, expiration } = await session.refreshableCredentials();
  t.true((expiration?.getTime() ?? 0) > Date.now() + 3_500_000);
  const url = `${endpoint.url}/orders`;
  const response = await fetch(url, { headers: await session.signer({ service: "execute-api" }).sign({ url }) });
  t.is(response.status, 200);
  t.is(((await response.json()) as { accessKeyId: string }).accessKeyId, accessKeyId);
  const [request] = door.requests;
  t.like(request, { roleAlias: "test-role-alias", commonName: "device", thingName: "device", durationSeconds: "1800" });
  const identity = await session.getIdentity();
  t.regex(identity.Arn ?? "", /^arn:aws:sts::000000000000:assumed-role\/iot-device\/[0-9a-f]{64}$/);
  t.deepEqual(await session.whoami(), identity);
  await t.throwsAsync(session.sourceIdentity(), { code: "ERR_CONFIGURATION" });
});

iotTest("what is not asked for is not in the request", async (t) => {
  const { door, open } = await openDoor(t);
  await open().refreshableCredentials();
  t.like(door.requests[0], { thingName: undefined, durationSeconds: undefined });
});

iotTest("the facade opens the same session, and its alias travels encoded", async (t) => {
  const roleAliases = { "a=1,b@c": "arn:aws:iam::123456789012:role/service/pump" };
  const { endpoint, door } = await openDoor(t, { iot: { roleAliases } });
  const { device, ca } = await certificates();
  const session = await RefreshableSession.create({
    method: "iot",
    endpoint: door.endpoint,
    roleAlias: "a=1,b@c",
    certificate: device.cert,
    privateKey: device.key,
    ca: ca.cert,
    region: "eu-west-1",
    env: { AWS_ENDPOINT_URL_STS: endpoint.stsUrl },
  });
  t.teardown(() => session.close());
  t.like(door.requests[0], { roleAlias: "a=1,b@c", path: "/role-aliases/a%3D1%2Cb%40c/credentials" });
  t.regex((await session.whoami()).Arn ?? "", /^arn:aws:sts::123456789012:assumed-role\/pump\//);
});

iotTest("certificate, key and authority are taken as PEM, as bytes and as paths; a key may be encrypted", async (t) => {
  const { open } = await openDoor(t);
  const { device, ca } = await certificates();
  const encrypted = await encryptedKey(device, "of the test");
  for (const form of [
    { certificate: Buffer.from(device.cert), privateKey: Buffer.from(device.key), ca: Buffer.from(ca.cert) },
    { certificate: device.certFile, privateKey: device.keyFile, ca: ca.certFile },
    { privateKey: encrypted, passphrase: "of the test" },
    { pfx: await pfxOf(device, "of the test"), passphrase: "of the test" },
  ]) {
    t.regex((await open(form).refreshableCredentials()).accessKeyId, /^ASIA/);
  }
  const homeDir = ca.folder;
  const inHome = device.certFile.replace(homeDir, "~");
  t.regex((await open({ certificate: inHome, homeDir }).refreshableCredentials()).accessKeyId, /^ASIA/);
});

iotTest("one connection serves the refreshes that follow each other", async (t) => {
  const { door, open } = await openDoor(t);
  const session = open();
  for (let times = 0; times < 3; times++) await session.getCredentials().refresh({ force: true });
  t.is(door.requests.length, 3);
  t.is(new Set(door.requests.map(({ remotePort }) => remotePort)).size, 1);
});

for (const [name, pattern] of [
  ["rogue", /^(ECONNRESET|EPIPE|ERR_SSL_\w+)$/],
  ["expired", /^(ECONNRESET|EPIPE|ERR_SSL_\w+)$/],
] as const) {
  iotTest(`a certificate that is ${name} is refused in the handshake`, async (t) => {
    const { door, open } = await openDoor(t);
    const { cert, key } = (await certificates())[name];
    const session = open({ certificate: cert, privateKey: key });
    const error = await t.throwsAsync<BRSConnectionError>(session.refreshableCredentials(), {
      instanceOf: BRSConnectionError,
    });
    t.regex(String(error?.details?.reason), pattern);
    t.regex(error?.message ?? "", /may not accept the device's certificate|refused the handshake/);
    t.is(/certificate ended at 2020-02-01T00:00:00.000Z, renew it/.test(error?.message ?? ""), name === "expired");
    t.is(door.counts.calls, 0);
    t.true(door.counts.handshakesRefused > 0);
  });
}

iotTest("a door whose certificate nobody vouches for gets nothing, unless verifyPeer is false", async (t) => {
  const { door, open } = await openDoor(t);
  const { rogueCa } = await certificates();
  const error = await t.throwsAsync<BRSConnectionError>(open({ ca: rogueCa.cert }).refreshableCredentials(), {
    instanceOf: BRSConnectionError,
  });
  t.false(error?.retryable);
  t.regex(error?.message ?? "", /its certificate is not trusted; give the authority that issued it as `ca`/);
  t.is(door.counts.calls, 0);
  t.regex((await open({ ca: rogueCa.cert, verifyPeer: false }).refreshableCredentials()).accessKeyId, /^ASIA/);
});

iotTest("AWS's refusals are told in its own words", async (t) => {
  const { open } = await openDoor(t);
  const refused = async (own: object) =>
    (await t.throwsAsync<BRSRequestError>(open(own).refreshableCredentials(), {
      instanceOf: BRSRequestError,
    })) as BRSRequestError;
  const noAlias = await refused({ roleAlias: "another" });
  t.is(noAlias.statusCode, 404);
  t.is(noAlias.details?.awsCode, "ResourceNotFoundException");
  t.regex(noAlias.message, /Role alias does not exist \(check roleAlias/);
  t.false(noAlias.retryable);
  const noThing = await refused({ thingName: "another" });
  t.is(noThing.statusCode, 403);
  t.is(noThing.details?.awsCode, "AccessDeniedException");
  t.regex(noThing.message, /Invalid thing name passed/);
  t.truthy(noThing.details?.requestId);
});

iotTest("failures that pass are tried again, others are not", async (t) => {
  const { door, open } = await openDoor(t);
  door.failNext({ statusCode: 503, code: "ServiceUnavailableException" }, "close");
  await open().refreshableCredentials();
  t.is(door.counts.calls, 3);
  door.failNext({ statusCode: 400, code: "InvalidRequestException", message: "Unable to assume the role" });
  const error = await t.throwsAsync<BRSRequestError>(open().refreshableCredentials(), { instanceOf: BRSRequestError });
  t.regex(error?.message ?? "", /InvalidRequestException: Unable to assume the role \(check the role behind the alias/);
  t.is(door.counts.calls, 4);
});

iotTest("an answer that is no JSON or cut off is an error that quotes nothing of it", async (t) => {
  const { door, open } = await openDoor(t);
  door.failNext("garbage");
  const garbage = await t.throwsAsync<BRSRequestError>(open().refreshableCredentials(), {
    instanceOf: BRSRequestError,
  });
  t.regex(garbage?.message ?? "", /answered 200 with something that is no JSON; check that the endpoint is IoT/);
  door.failNext("truncate", "truncate", "truncate");
  const cut = await t.throwsAsync<BRSConnectionError>(open().refreshableCredentials(), {
    instanceOf: BRSConnectionError,
  });
  t.is(cut?.details?.reason, "ECONNRESET");
});

iotTest("an endpoint that does not answer in time is a timeout that names the option", async (t) => {
  const { door, open } = await openDoor(t);
  door.failNext("hang", "hang", "hang");
  const error = await t.throwsAsync<BRSConnectionError>(open({ timeout: 0.2 }).refreshableCredentials());
  t.is(error?.code, "ERR_TIMEOUT");
  t.regex(error?.message ?? "", /raise timeout$/);
});

iotTest("where nobody listens the error says so", async (t) => {
  const { endpoint, door, open } = await openDoor(t);
  const { endpoint: address } = door;
  await endpoint.close();
  const error = await t.throwsAsync<BRSConnectionError>(open({ endpoint: address }).refreshableCredentials());
  t.is(error?.details?.reason, "ECONNREFUSED");
});

iotTest("the clock is set right by the Date of the answer, which came over TLS", async (t) => {
  const server = new ManualClock();
  const { open } = await openDoor(t, { clock: server.clock });
  const local = new ManualClock(server.now - 3_600_000);
  const session = open({ clock: local.clock });
  await session.refreshableCredentials();
  // Half an hour will be left by the door's clock: without the offset it would be an hour and a half.
  server.advance(1_800);
  local.advance(1_800);
  t.false(session.getCredentials().refreshNeeded(1_700));
  t.true(session.getCredentials().refreshNeeded(1_900));
});

iotTest("the session tells nothing secret of itself", async (t) => {
  const { open } = await openDoor(t);
  const session = open({ thingName: "device" });
  await session.refreshableCredentials();
  const texts = [JSON.stringify(session), inspect(session, { depth: 9, showHidden: true })];
  for (const text of texts) t.notRegex(text, /PRIVATE KEY|secretAccessKey/);
});

iotTest("a refresh that nobody waits for lets the process end, one that somebody awaits does not", async (t) => {
  for (const isAwaited of [false, true]) {
    const { door, open } = await openDoor(t);
    await open().refreshableCredentials();
    if (!isAwaited) door.failNext("hang");
    const { device, ca } = await certificates();
    const options = {
      endpoint: door.endpoint,
      roleAlias: "test-role-alias",
      certificate: device.cert,
      privateKey: device.key,
      ca: ca.cert,
      deferRefresh: false,
      timeout: 600,
      refreshTimeout: 600,
    };
    const code = `
      const { IOTX509RefreshableSession } = require("aws-refresh-session");
      const session = new IOTX509RefreshableSession(${JSON.stringify(options)});
      if (${isAwaited}) session.refreshableCredentials().then(({ accessKeyId }) => console.log(accessKeyId));`;
    t.regex(await outputOf(t, code), isAwaited ? /^ASIA/ : /^$/);
  }
});
