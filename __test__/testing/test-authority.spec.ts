/** Certificates of the test authority, as Node and openssl judge them. */
import { execFile } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect, promisify } from "node:util";
import test from "ava";
import { TestAuthority } from "aws-refresh-session/testing";
import { hasOpenssl } from "../support/certificates.js";
import { testWhere } from "../support/in-ci.js";

const whereOpensslIs = testWhere(hasOpenssl());
const run = promisify(execFile);

test("a certificate has its key, its names and its dates", (t) => {
  const authority = new TestAuthority("authority 7");
  const notBefore = new Date("2021-02-03T04:05:06Z");
  const notAfter = new Date("2051-02-03T04:05:06Z");
  const { certificate, privateKey } = authority.issue({ commonName: "pump-7", notBefore, notAfter });
  const read = new X509Certificate(certificate);
  t.true(read.checkPrivateKey(createPrivateKey(privateKey)));
  t.true(read.verify(new X509Certificate(authority.certificate).publicKey));
  t.true(read.checkIssued(new X509Certificate(authority.certificate)));
  t.is(read.subject, "CN=pump-7");
  t.is(read.issuer, "CN=authority 7");
  t.deepEqual([new Date(read.validFrom), new Date(read.validTo)], [notBefore, notAfter]);
  t.false(read.verify(new X509Certificate(new TestAuthority("authority 7").certificate).publicKey));
});

test("a server's certificate is for this machine alone", (t) => {
  const read = new X509Certificate(new TestAuthority().issue({ usage: "server" }).certificate);
  t.is(read.checkIP("127.0.0.1"), "127.0.0.1");
  t.is(read.checkIP("::1"), "::1");
  t.is(read.checkHost("localhost"), "localhost");
  t.is(read.checkHost("example.com"), undefined);
  t.is(read.checkIP("127.0.0.2"), undefined);
});

test("the key is masked when inspected", (t) => {
  t.notRegex(inspect(new TestAuthority().issue()), /PRIVATE KEY/);
});

whereOpensslIs("openssl accepts them, strictly, and for their purpose only", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "aws-refresh-session-authority-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const authority = new TestAuthority();
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const ca = file("ca.pem", authority.certificate);
  const client = file("client.pem", authority.issue().certificate);
  const server = file("server.pem", authority.issue({ usage: "server" }).certificate);
  const verify = (purpose: string, certificate: string) =>
    run("openssl", ["verify", "-CAfile", ca, "-purpose", purpose, certificate]);
  t.regex((await verify("sslclient", client)).stdout, /OK/);
  t.regex((await verify("sslserver", server)).stdout, /OK/);
  await t.throwsAsync(verify("sslserver", client));
  await t.throwsAsync(verify("sslclient", server));
});
