/** Tests of the MFA device of a test endpoint: which codes it takes, how often, and what they open. */
import test, { type ExecutionContext } from "ava";
import { BRSRequestError, BRSValidationError } from "aws-refresh-session";
import { ManualClock, startTestEndpoint, type TestEndpointOptions } from "aws-refresh-session/testing";
import { StsClient } from "../../dist/aws/sts.js";
import { TotpCodes } from "../../dist/strategies/mfa/totp.js";

const SerialNumber = "GAHT12345678";
const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const role = { RoleArn: "arn:aws:iam::123456789012:role/reports", RoleSessionName: "jane" };

async function start(
  t: ExecutionContext,
  options: TestEndpointOptions = { mfa: { serialNumber: SerialNumber, secret } },
) {
  const time = new ManualClock(Date.parse("2030-01-01T00:00:00Z"));
  const endpoint = await startTestEndpoint({ clock: time.clock, ...options });
  t.teardown(() => endpoint.close());
  const device = new TotpCodes({ secret }, time.clock);
  const code = (steps = 0) => device.codeAt(time.now + steps * 30_000);
  const client = (credentials = endpoint.credentials) => {
    const made = new StsClient({ endpoint: endpoint.stsUrl, credentials, clock: time.clock });
    t.teardown(() => made.close());
    return made;
  };
  const refused = async (call: Promise<unknown>, message: RegExp) => {
    const error = await t.throwsAsync(call, { instanceOf: BRSRequestError });
    t.is(error?.details?.awsCode, "AccessDenied");
    t.regex(error?.message ?? "", message);
  };
  return { endpoint, time, client, code, refused };
}

// What AWS says, and what to do about it.
const WRONG = /MultiFactorAuthentication failed with invalid MFA one time pass code.*check the code, SerialNumber/;

test("takes the codes of the step and of its neighbours, each once", async (t) => {
  const { client, code, refused } = await start(t);
  const sts = client();
  for (const steps of [-1, 0, 1]) {
    const parameters = { ...role, SerialNumber, TokenCode: code(steps) };
    t.truthy((await sts.assumeRole(parameters)).credentials);
    await refused(sts.assumeRole(parameters), WRONG);
  }
});

test("takes neither codes further away nor those of another device", async (t) => {
  const { client, code, refused } = await start(t);
  const sts = client();
  for (const steps of [-2, 2]) await refused(sts.assumeRole({ ...role, SerialNumber, TokenCode: code(steps) }), WRONG);
  await refused(sts.assumeRole({ ...role, SerialNumber: "GAHT87654321", TokenCode: code() }), WRONG);
  await refused(sts.getSessionToken({ SerialNumber, TokenCode: code(2) }), WRONG);
});

test("a role is refused without a code, and opened to a session that was begun with one", async (t) => {
  const { client, code, refused } = await start(t);
  const sts = client();
  await refused(sts.assumeRole(role), /is not authorized to perform: sts:AssumeRole/);
  const plain = await sts.getSessionToken({});
  await refused(client(plain.credentials as never).assumeRole(role), /is not authorized/);
  const { credentials } = await sts.getSessionToken({ SerialNumber, TokenCode: code() });
  t.truthy((await client(credentials as never).assumeRole(role)).credentials);
});

test("an endpoint without a device does not look at codes", async (t) => {
  const { client } = await start(t, {});
  t.truthy((await client().assumeRole({ ...role, SerialNumber, TokenCode: "000000" })).credentials);
});

test("refuses a device without its secret, and shows no secret", async (t) => {
  for (const mfa of [{ serialNumber: SerialNumber }, { secret: "hush" }, "hush", null]) {
    const error = await t.throwsAsync(startTestEndpoint({ mfa } as never), { instanceOf: BRSValidationError });
    t.is(error?.param, "mfa");
    t.notRegex(error?.message ?? "", /hush/);
  }
  const mfa = { serialNumber: SerialNumber, secret: "hush hush 1" };
  const error = await t.throwsAsync(startTestEndpoint({ mfa }), { instanceOf: BRSValidationError });
  t.is(error?.param, "mfa.secret");
  t.notRegex(error?.message ?? "", /hush/);
});
