/** Method "iot" with a key that stays in a token: SoftHSM's, over aws-crt, at a door of mutual TLS. */
import { createRequire } from "node:module";
import { inspect } from "node:util";
import test, { type ExecutionContext } from "ava";
import { BRSConfigurationError, BRSConnectionError, BRSRequestError } from "aws-refresh-session";
import { isInstalled } from "../servers/server-program.js";
import { testWhere } from "../support/in-ci.js";
import { outputOf } from "../support/node-program.js";
import { certificates, openDoor } from "./iot-doors.js";
import { makeToken, softhsm, type Token } from "./softhsm.js";

const tokenTest = testWhere(isInstalled(softhsm));
let made: { token: Token; remove: () => void } | undefined;
if (tokenTest === test) {
  test.before(async () => {
    made = await makeToken((await certificates()).device);
  });
  test.after.always(() => made?.remove());
}
const token = (): Token => made?.token as Token;

tokenTest("a device whose key is in a token gets credentials, again and again", async (t) => {
  const { door, open } = await openDoor(t);
  const session = open({ pkcs11: token(), thingName: "device" });
  t.regex((await session.refreshableCredentials()).accessKeyId, /^ASIA/);
  await session.getCredentials().refresh({ force: true });
  t.deepEqual(
    door.requests.map(({ commonName, thingName }) => `${commonName} ${thingName}`),
    ["device device", "device device"],
  );
  t.regex((await session.whoami()).Arn ?? "", /assumed-role\/iot-device/);
  t.notRegex(inspect(session, { depth: 9, showHidden: true }), /1234/);
});

tokenTest("the only key of a token need not be named", async (t) => {
  const { open } = await openDoor(t);
  const { privateKeyLabel, ...others } = token();
  t.regex((await open({ pkcs11: others }).refreshableCredentials()).accessKeyId, /^ASIA/);
});

tokenTest("a wrong library, token, key or PIN is an error of the options, which shows no PIN", async (t) => {
  const { door, open } = await openDoor(t);
  for (const [own, reason] of [
    [{ tokenLabel: "another" }, "AWS_ERROR_PKCS11_TOKEN_NOT_FOUND"],
    [{ privateKeyLabel: "another" }, "AWS_ERROR_PKCS11_KEY_NOT_FOUND"],
    [{ pkcs11Lib: (await certificates()).ca.certFile }, "AWS_IO_SHARED_LIBRARY_LOAD_FAILURE"],
  ] as const) {
    const error = await t.throwsAsync<BRSConfigurationError>(
      open({ pkcs11: { ...token(), ...own } }).refreshableCredentials(),
      { instanceOf: BRSConfigurationError },
    );
    t.is(error?.param, "pkcs11");
    t.is(error?.details?.reason, reason);
    t.notRegex(inspect(error), /1234/);
  }
  t.is(door.counts.calls, 0);
  // Once one session of a process has logged in, the token asks no other for its PIN: so this is a process of its own.
  const output = await saidBySession(t, {
    ...(await optionsFor(door.endpoint)),
    pkcs11: { ...token(), userPin: "hunter2" },
  });
  t.regex(output, /pkcs11\.userPin: the token cannot be used \(AWS_ERROR_PKCS11_CKR_PIN_INCORRECT\)/);
  t.notRegex(output, /hunter2/);
});

tokenTest("failures look as they do without a token", async (t) => {
  const { endpoint, door, open } = await openDoor(t);
  const pkcs11 = token();
  const { rogueCa, rogue } = await certificates();
  const refused = await t.throwsAsync<BRSRequestError>(
    open({ pkcs11, roleAlias: "another" }).refreshableCredentials(),
    {
      instanceOf: BRSRequestError,
    },
  );
  t.is(refused?.details?.awsCode, "ResourceNotFoundException");
  // The library keeps quiet about failed handshakes for longer than anybody waits.
  const handshakes = [{ ca: rogueCa.cert }, { certificate: rogue.cert }];
  for (const own of handshakes) {
    const failed = await t.throwsAsync<BRSConnectionError>(
      open({ pkcs11, timeout: 0.8, ...own }).refreshableCredentials(),
      {
        instanceOf: BRSConnectionError,
      },
    );
    t.regex(failed?.message ?? "", /check `ca`|not accept the device's certificate/);
  }
  t.is(door.counts.calls, 1);
  t.regex((await open({ pkcs11, ca: rogueCa.cert, verifyPeer: false }).refreshableCredentials()).accessKeyId, /^ASIA/);
  door.failNext({ statusCode: 503, code: "ServiceUnavailableException" }, "close");
  t.regex((await open({ pkcs11 }).refreshableCredentials()).accessKeyId, /^ASIA/);
  door.failNext("hang", "hang", "hang");
  const late = await t.throwsAsync<BRSConnectionError>(open({ pkcs11, timeout: 0.3 }).refreshableCredentials());
  t.is(late?.code, "ERR_TIMEOUT");
  const address = door.endpoint;
  await endpoint.close();
  const nobody = await t.throwsAsync<BRSConnectionError>(open({ pkcs11, endpoint: address }).refreshableCredentials());
  t.is(nobody?.details?.reason, "ECONNREFUSED");
});

tokenTest("MQTT with the certificate needs a key that is not in a token, and says what to do", async (t) => {
  const { open } = await openDoor(t);
  const session = open({ pkcs11: token() });
  await t.throwsAsync(session.mqtt({ clientId: "a", endpoint: "localhost" }), {
    code: "ERR_CONFIGURATION",
    message: /use transport "ws"/,
  });
});

tokenTest("a process ends by itself after it got its credentials", async (t) => {
  const { door } = await openDoor(t);
  t.regex(await saidBySession(t, { ...(await optionsFor(door.endpoint)), pkcs11: token() }), /^ASIA/);
});

const optionsFor = async (endpoint: string) => {
  const { ca, device } = await certificates();
  return { endpoint, roleAlias: "test-role-alias", certificate: device.cert, ca: ca.cert };
};

/** What a process says that opens a session and asks for its credentials once. */
function saidBySession(t: ExecutionContext, options: object): Promise<string> {
  const code = `
    const { IOTX509RefreshableSession } = require("aws-refresh-session");
    const session = new IOTX509RefreshableSession(${JSON.stringify(options)});
    session.refreshableCredentials().then(({ accessKeyId }) => console.log(accessKeyId), console.log);`;
  return outputOf(t, code, "--no-warnings");
}

test("without a package that is needed the error names it", (t) => {
  const require = createRequire(import.meta.url);
  const { loadPeer } = require("../../dist/optional-peer.js") as { loadPeer(name: string, purpose: string): unknown };
  const error = t.throws<BRSConfigurationError>(() => loadPeer("no-such-peer", "session.mqtt()"), {
    code: "ERR_CONFIGURATION",
  });
  t.is(
    error?.message,
    "session.mqtt() needs the package no-such-peer, which is not installed: npm install no-such-peer",
  );
});
