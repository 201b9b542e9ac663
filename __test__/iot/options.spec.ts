/** What a device gives wrong is refused when its session is made, by name, and without a word of its keys. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { BRSError, IOTX509RefreshableSession, RefreshableSession } from "aws-refresh-session";
import { encryptedKey, pfxOf } from "../support/certificates.js";
import { certificates, iotTest } from "./iot-doors.js";

const HOST = "c1.credentials.iot.eu-west-1.amazonaws.com";

/** The error of a session with these options over right ones. */
async function refusalOf(own: Record<string, unknown>): Promise<BRSError> {
  const { device } = await certificates();
  const right = { endpoint: HOST, roleAlias: "telemetry", certificate: device.cert, privateKey: device.key };
  try {
    new IOTX509RefreshableSession({ ...right, ...own } as never).close();
  } catch (error) {
    if (error instanceof BRSError) return error;
    throw error;
  }
  throw new Error(`taken: ${Object.keys(own)}`);
}

iotTest("right options are taken without a request, and its method is known", async (t) => {
  const { device } = await certificates();
  const session = new RefreshableSession({
    method: "iot",
    endpoint: HOST,
    roleAlias: "telemetry",
    certificate: device.cert,
    privateKey: device.key,
  });
  t.true(session instanceof IOTX509RefreshableSession);
  t.true(RefreshableSession.getAvailableMethods().includes("iot"));
  session.close();
});

iotTest("each option is checked at construction", async (t) => {
  const { device, rogue, ca } = await certificates();
  const der = Buffer.from(device.cert.replace(/-----[A-Z ]+-----|\n/g, ""), "base64");
  const encrypted = await encryptedKey(device, "right");
  const pfx = await pfxOf(device, "right");
  const cases: ReadonlyArray<readonly [Record<string, unknown>, string, RegExp]> = [
    [{ roleAlias: undefined }, "roleAlias", /name of a role alias/],
    [{ roleAlias: "a/b" }, "roleAlias", /letters, digits and _=,@-/],
    [{ thingName: "pump 7" }, "thingName", /name of a thing/],
    [{ thingName: "a\r\nx-evil: 1" }, "thingName", /name of a thing/],
    [{ durationSeconds: 1.5 }, "durationSeconds", /whole number/],
    [{ timeout: 0 }, "timeout", /above 0/],
    [{ verifyPeer: "no" }, "verifyPeer", /true or false/],
    [{ certificate: undefined }, "certificate", /the certificate that belongs to the key/],
    [{ certificate: 7 }, "certificate", /PEM text, its bytes or the path/],
    [{ certificate: "/nowhere/certificate.pem" }, "certificate", /\(ENOENT\)/],
    [{ certificate: der }, "certificate", /openssl x509 -inform der/],
    [{ certificate: device.key }, "certificate", /must be a certificate in PEM.*holds a private key.*changed places/],
    [{ privateKey: device.cert }, "privateKey", /must be a private key in PEM.*holds a certificate.*changed places/],
    [
      { certificate: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" },
      "certificate",
      /must be a certificate/,
    ],
    [{ privateKey: device.cert }, "privateKey", /must be a private key in PEM/],
    [{ privateKey: rogue.key }, "privateKey", /does not belong to the certificate/],
    [{ privateKey: undefined }, "privateKey", /privateKey, pfx and pkcs11 is taken, but none is given/],
    [{ pfx }, "pfx", /privateKey and pfx are given/],
    [{ pfx, privateKey: undefined }, "certificate", /leave certificate out/],
    [{ privateKey: encrypted }, "passphrase", /there is no passphrase/],
    [{ privateKey: encrypted, passphrase: "hunter2" }, "passphrase", /passphrase does not open privateKey/],
    [{ pfx, passphrase: "hunter2", privateKey: undefined, certificate: undefined }, "passphrase", /does not open pfx/],
    [{ pfx: Buffer.from("x"), privateKey: undefined, certificate: undefined }, "pfx", /cannot be used for TLS/],
    [{ passphrase: "" }, "passphrase", /non-empty/],
    [{ ca: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" }, "ca", /must be a certificate/],
    [
      { ca: `${ca.cert}${"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}` },
      "ca",
      /must be a certificate/,
    ],
    [{ ca: "/nowhere/ca.pem" }, "ca", /ENOENT/],
    [{ pkcs11: {}, privateKey: undefined }, "pkcs11.pkcs11Lib", /path of the token's library/],
    [{ pkcs11: { pkcs11Lib: "/nowhere.so" }, privateKey: undefined }, "pkcs11.pkcs11Lib", /cannot be read \(ENOENT\)/],
    [{ pkcs11: { pkcs11Lib: device.certFile, slotId: -1 }, privateKey: undefined }, "pkcs11.slotId", /0 or above/],
    [{ pkcs11: { pkcs11Lib: device.certFile, userPin: 1234 }, privateKey: undefined }, "pkcs11.userPin", /non-empty/],
    [{ pkcs11: { pkcs11Lib: device.certFile, pin: "1" }, privateKey: undefined }, "pkcs11.pin", /is not an option/],
    [{ pkcs11: { pkcs11Lib: device.certFile } }, "pkcs11", /privateKey and pkcs11 are given/],
    [{ private_key: device.key }, "private_key", /did you mean privateKey/],
    [{ assumeRole: {} }, "assumeRole", /option of method "sts"/],
  ];
  for (const [own, param, words] of cases) {
    const error = await refusalOf(own);
    t.is(error.param, param, error.message);
    t.regex(error.message, words);
    t.regex(error.code, /^ERR_(VALIDATION|CONFIGURATION)$/);
  }
});

iotTest("no error of a key or a passphrase holds any of it", async (t) => {
  const { device, rogue, ca } = await certificates();
  const secret = readFileSync(device.keyFile, "utf8").split("\n")[1] as string;
  const encrypted = await encryptedKey(device, "hunter2-right");
  for (const own of [
    { privateKey: secret },
    { privateKey: device.key.replace(/-----BEGIN[^\n]*\n/, "") },
    { privateKey: device.key.replace("BEGIN PRIVATE", "BEGIN BAD") },
    { certificate: rogue.cert },
    { privateKey: encrypted, passphrase: "hunter2-wrong" },
    { passphrase: 4711 },
    { privateKey: join(ca.folder, "none.key") },
  ]) {
    const error = await refusalOf(own);
    const text = `${inspect(error, { depth: 9, showHidden: true })}${JSON.stringify(error)}`;
    t.false(text.includes(secret.slice(0, 24)), text);
    t.notRegex(text, /hunter2|4711/);
  }
});

iotTest("a certificate with the intermediate ones behind it is taken", async (t) => {
  const { device, ca } = await certificates();
  const session = new IOTX509RefreshableSession({
    endpoint: HOST,
    roleAlias: "telemetry",
    certificate: `${device.cert}${ca.cert}`,
    privateKey: device.key,
    ca: `# bundle\n${ca.cert}\n# second\n${ca.cert}`,
  });
  session.close();
  t.pass();
});
