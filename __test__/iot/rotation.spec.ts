/** Certificate files that are renewed under a running session. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { warningsOf } from "../support/warnings.js";
import { certificates, openDoor, serialIotTest } from "./iot-doors.js";

/** A session whose certificate and key are files of a folder of their own. */
async function openFromFiles(t: ExecutionContext) {
  const { ca, device } = await certificates();
  const folder = mkdtempSync(join(tmpdir(), "aws-refresh-session-rotation-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [certificate, privateKey] = [join(folder, "device.pem"), join(folder, "device.key")];
  copyFileSync(device.certFile, certificate);
  copyFileSync(device.keyFile, privateKey);
  const { door, open } = await openDoor(t);
  const session = open({ certificate, privateKey, ca: ca.certFile });
  const refresh = async () => {
    await session.getCredentials().refresh({ force: true });
    return door.requests.at(-1);
  };
  return { certificate, privateKey, refresh, door };
}

async function warningsDuring(work: () => Promise<unknown>): Promise<string[]> {
  const warnings = (await warningsOf(work)).filter(({ code }) => code === "BRS_IOT_CERTIFICATE");
  return warnings.map(({ message }) => message);
}

serialIotTest("a renewed certificate is shown at the next refresh, over a new connection", async (t) => {
  const { ca } = await certificates();
  const { certificate, privateKey, refresh } = await openFromFiles(t);
  const first = await refresh();
  const again = await refresh();
  t.is(again?.remotePort, first?.remotePort);
  const renewed = await ca.issue({ commonName: "renewed" });
  copyFileSync(renewed.certFile, certificate);
  copyFileSync(renewed.keyFile, privateKey);
  const after = await refresh();
  t.is(after?.commonName, "renewed");
  t.not(after?.remotePort, first?.remotePort);
  t.is((await refresh())?.remotePort, after?.remotePort);
});

serialIotTest("half way through a renewal the old pair stays in use, with one warning", async (t) => {
  const { ca } = await certificates();
  const { certificate, privateKey, refresh } = await openFromFiles(t);
  await refresh();
  const renewed = await ca.issue({ commonName: "renewed" });
  copyFileSync(renewed.certFile, certificate);
  const warnings = await warningsDuring(async () => {
    t.is((await refresh())?.commonName, "device");
    t.is((await refresh())?.commonName, "device");
  });
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? "", /does not belong to the certificate/);
  copyFileSync(renewed.keyFile, privateKey);
  t.is((await refresh())?.commonName, "renewed");
});

serialIotTest("a file that is gone or spoiled for a while changes nothing", async (t) => {
  const { device } = await certificates();
  const { certificate, refresh } = await openFromFiles(t);
  rmSync(certificate);
  const gone = await warningsDuring(async () => {
    t.is((await refresh())?.commonName, "device");
    t.is((await refresh())?.commonName, "device");
  });
  t.is(gone.length, 1);
  writeFileSync(certificate, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  t.is((await warningsDuring(refresh)).length, 1);
  copyFileSync(device.certFile, certificate);
  t.deepEqual(await warningsDuring(refresh), []);
});
