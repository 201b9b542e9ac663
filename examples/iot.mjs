/** A device that gets credentials with its certificate, and goes on when the certificate is renewed, against a loopback AWS IoT. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RefreshableSession } from "aws-refresh-session";
import { startTestEndpoint } from "aws-refresh-session/testing";

const endpoint = await startTestEndpoint({ iot: true });

// What a device has on its disk; here an authority of the test endpoint issues it.
const folder = mkdtempSync(join(tmpdir(), "device-"));
const [certificate, privateKey] = [join(folder, "certificate.pem"), join(folder, "private.key")];
const install = (issued) => {
  writeFileSync(certificate, issued.certificate);
  writeFileSync(privateKey, issued.privateKey, { mode: 0o600 });
};
install(endpoint.iot.authority.issue({ commonName: "pump-7" }));

const session = await RefreshableSession.create({
  method: "iot",
  endpoint: endpoint.iot.endpoint, // with AWS: what DescribeEndpoint says for iot:CredentialProvider
  roleAlias: "test-role-alias",
  thingName: "pump-7",
  certificate,
  privateKey,
  ca: endpoint.iot.ca, // with AWS: leave it out
  region: "eu-west-1",
  env: { AWS_ENDPOINT_URL_STS: endpoint.stsUrl }, // with AWS: leave it out
});
console.log("speaks as", (await session.whoami()).Arn.replace(/[0-9a-f]{56}$/, "..."));

const signer = session.signer({ service: "execute-api" });
const { url, ...init } = await signer.signRequest({
  url: `${endpoint.url}/telemetry`,
  method: "POST",
  body: "2.1 bar",
});
console.log("telemetry:", (await fetch(url, init)).status);

install(endpoint.iot.authority.issue({ commonName: "pump-7" }));
await session.getCredentials().refresh({ force: true });
const [first, second] = endpoint.iot.requests;
console.log("after the renewal:", second.remotePort === first.remotePort ? "the old" : "a new", "connection");

session.close();
rmSync(folder, { recursive: true });
await endpoint.close();
