/** A token of SoftHSM in a folder of its own, holding the key of a device. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ServerProgram } from "../servers/server-program.js";
import type { CertificateFiles } from "../support/certificates.js";

/** No server, but installed as one. */
export const softhsm: Pick<ServerProgram, "name" | "program"> = {
  name: "SoftHSM",
  program: "debian/softhsm/usr/bin/softhsm2-util",
};

const home = fileURLToPath(new URL("../../.servers/debian/softhsm/usr/", import.meta.url));
const run = promisify(execFile);

export interface Token {
  readonly pkcs11Lib: string;
  readonly userPin: string;
  readonly tokenLabel: string;
  readonly privateKeyLabel: string;
}

/**
 * Makes the token, and points this process and its children to it: SoftHSM finds its folder by an environment variable when its library
 * is first used.
 */
export async function makeToken({ keyFile }: CertificateFiles): Promise<{ token: Token; remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), "aws-refresh-session-softhsm-"));
  mkdirSync(join(folder, "tokens"));
  const configuration = join(folder, "softhsm2.conf");
  writeFileSync(configuration, `directories.tokendir = ${join(folder, "tokens")}\nobjectstore.backend = file\n`);
  process.env.SOFTHSM2_CONF = configuration;
  const token = {
    pkcs11Lib: join(home, "lib", "softhsm", "libsofthsm2.so"),
    userPin: "1234",
    tokenLabel: "device",
    privateKeyLabel: "device-key",
  };
  const util = (...args: string[]) => run(join(home, "bin", "softhsm2-util"), ["--module", token.pkcs11Lib, ...args]);
  await util("--init-token", "--free", "--label", token.tokenLabel, "--so-pin", "0000", "--pin", token.userPin);
  const key = ["--import", keyFile, "--label", token.privateKeyLabel, "--id", "01"];
  await util(...key, "--token", token.tokenLabel, "--pin", token.userPin);
  return { token, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
