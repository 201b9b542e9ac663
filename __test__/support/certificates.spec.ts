/** The certificates of the tests are what they say, by openssl's own judgement. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { encryptedKey, hasOpenssl, makeCertificates, pfxOf } from "./certificates.js";
import { testWhere } from "./in-ci.js";

const whereOpensslIs = testWhere(hasOpenssl());

whereOpensslIs("an authority vouches for what it issued, and for nothing else", async (t) => {
  const certificates = await makeCertificates("thing-7");
  t.teardown(certificates.remove);
  const { ca, server, device, expired, rogue } = certificates;
  const authority = new X509Certificate(ca.cert);
  const vouchedFor = [server, device, expired, rogue].map(({ cert, key }) => {
    const certificate = new X509Certificate(cert);
    t.true(certificate.checkPrivateKey(createPrivateKey(key)));
    return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  });
  t.deepEqual(vouchedFor, [true, true, true, false]);
  t.is(new X509Certificate(device.cert).subject, "CN=thing-7");
  t.is(new X509Certificate(server.cert).checkIP("127.0.0.1"), "127.0.0.1");
  t.is(new X509Certificate(expired.cert).validTo, "Feb  1 00:00:00 2020 GMT");
  const short = new X509Certificate((await certificates.shortLived(60)).cert);
  t.true(Math.abs(Date.parse(short.validTo) - Date.now() - 60_000) < 30_000);
});

whereOpensslIs("keys under a passphrase open with that passphrase alone", async (t) => {
  const certificates = await makeCertificates();
  t.teardown(certificates.remove);
  const key = await encryptedKey(certificates.device, "of the test");
  t.notThrows(() => createPrivateKey({ key, passphrase: "of the test" }));
  t.throws(() => createPrivateKey({ key, passphrase: "another" }));
  const pfx = await pfxOf(certificates.device, "of the test");
  t.notThrows(() => createSecureContext({ pfx, passphrase: "of the test" }));
  t.throws(() => createSecureContext({ pfx, passphrase: "another" }));
});
