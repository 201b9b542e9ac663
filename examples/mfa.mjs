/** Roles that need MFA: one with a code from a secret, one that asks somebody, against a loopback STS that knows the device. */
import { RefreshableSession } from "aws-refresh-session";
import { startTestEndpoint } from "aws-refresh-session/testing";

const serialNumber = "arn:aws:iam::123456789012:mfa/jane";
const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const endpoint = await startTestEndpoint({ mfa: { serialNumber, secret } });

// A role by the secret of the device: nobody is asked.
const role = new RefreshableSession({
  region: "eu-west-1",
  assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/reports", SerialNumber: serialNumber },
  mfaTokenProvider: { totp: { secret } },
  stsClientConfig: { endpoint: endpoint.stsUrl, credentials: endpoint.credentials },
});
console.log("assumed:", (await role.getCallerIdentity()).Arn);

// However many callers wait, one refresh asks once.
let prompts = 0;
const prompted = new RefreshableSession({
  region: "eu-west-1",
  assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/orders", SerialNumber: serialNumber },
  mfaTokenProvider: (_args, { serialNumber: device, signal }) => askSomebody(device, signal),
  stsClientConfig: { endpoint: endpoint.stsUrl, credentials: endpoint.credentials },
});
// A person has another idea of what to type: that is a typed error, and the next caller is asked again.
const results = await Promise.allSettled(Array.from({ length: 20 }, () => prompted.refreshableCredentials()));
const [first] = results;
console.log(`${results.length} callers, ${prompts} prompt: ${first.reason?.code} for ${first.reason?.param}`);

role.close();
prompted.close();
await endpoint.close();

async function askSomebody(device, signal) {
  prompts++;
  signal.throwIfAborted();
  console.log(`Code of ${device}?`);
  return "not six digits";
}
