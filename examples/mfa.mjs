/** Roles that need MFA: one with codes from a secret, and ten with one prompt, against a loopback STS that knows the devices. */
import { RefreshableSession } from "aws-refresh-session";
import { startTestEndpoint } from "aws-refresh-session/testing";

const serialNumber = "arn:aws:iam::123456789012:mfa/jane";
const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const endpoint = await startTestEndpoint({ mfa: { serialNumber, secret } });
const common = {
  region: "eu-west-1",
  stsClientConfig: { endpoint: endpoint.stsUrl, credentials: endpoint.credentials },
};

// A function that asks somebody. Whatever is no code is a typed error, and the next caller is asked again.
let prompts = 0;
const prompted = new RefreshableSession({
  ...common,
  assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/orders", SerialNumber: serialNumber },
  mfaTokenProvider: async (_args, { serialNumber: device }) => {
    prompts++;
    console.log(`Code of ${device}?`);
    return "not six digits";
  },
});
const results = await Promise.allSettled(Array.from({ length: 20 }, () => prompted.refreshableCredentials()));
console.log(`${results.length} callers, ${prompts} prompt: ${results[0].reason?.code} for ${results[0].reason?.param}`);

// One code for a session token, which is the source of ten roles. The code is made from the secret of the device: nobody is asked.
const jane = new RefreshableSession({
  ...common,
  method: "session-token",
  sessionToken: { SerialNumber: serialNumber },
  mfaTokenProvider: { totp: { secret } },
});
const roles = Array.from(
  { length: 10 },
  (_, index) =>
    new RefreshableSession({
      ...common,
      assumeRole: { RoleArn: `arn:aws:iam::123456789012:role/service-${index}` },
      stsClientConfig: { endpoint: endpoint.stsUrl, credentials: jane },
    }),
);
await Promise.all(roles.map((role) => role.refreshableCredentials()));
const codes = endpoint.sts.requests.filter(({ TokenCode }) => TokenCode !== undefined);
console.log(`${roles.length} roles, ${codes.length} code`);

for (const session of [prompted, ...roles, jane]) session.close();
await endpoint.close();
