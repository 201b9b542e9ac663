/** Tests of sessions whose roles need MFA, against an endpoint that knows the device and takes each code once. */
import test, { type ExecutionContext } from "ava";
import {
  AssumeRoleConfig,
  BRSConfigurationError,
  BRSConnectionError,
  BRSCredentialError,
  BRSRequestError,
  type MfaTokenRequest,
  RefreshableSession,
} from "aws-refresh-session";
import { TotpCodes } from "../../dist/strategies/mfa/totp.js";
import { node } from "../strategies/mfa/commands.js";
import { roleSessions } from "./role-sessions.js";

const RoleArn = "arn:aws:iam::123456789012:role/reports";
const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const totp = { totp: { secret } };
let devices = 0;

async function start(t: ExecutionContext, { maxSkew = 900 } = {}) {
  // Codes are remembered for the whole process, so each test has a device of its own.
  const serialNumber = `arn:aws:iam::123456789012:mfa/${++devices}`;
  const assumeRole = { RoleArn, SerialNumber: serialNumber };
  const sessions = await roleSessions(t, assumeRole, { maxSkew, mfa: { serialNumber, secret } });
  return { ...sessions, device: new TotpCodes({ secret }, sessions.time.clock), serialNumber };
}

test("50 callers wait for one prompt, and the next refresh has another", async (t) => {
  const { open, device, endpoint, time, serialNumber } = await start(t);
  const asked: Array<[args: unknown, request: MfaTokenRequest]> = [];
  const args = { phone: "jane's" };
  const session = open({
    mfaTokenProvider: async (...call) => {
      asked.push(call);
      await new Promise((resolve) => setImmediate(resolve));
      return device.ask();
    },
    mfaTokenProviderArgs: args,
  });
  const keys = await Promise.all(Array.from({ length: 50 }, () => session.refreshableCredentials()));
  t.is(new Set(keys.map(({ accessKeyId }) => accessKeyId)).size, 1);
  t.is(asked.length, 1);
  t.is(asked[0]?.[0], args);
  t.is(asked[0]?.[1].serialNumber, serialNumber);
  t.is(endpoint.stats.assumeRoleCalls, 1);
  time.advance(3600);
  await session.refreshableCredentials();
  t.is(asked.length, 2);
  t.is(endpoint.stats.stsRequestsRefused, 0);
});

test("a role needs a code, and no other will do", async (t) => {
  const { open, device, time } = await start(t);
  const without = await t.throwsAsync(open({ assumeRole: { RoleArn } }).refreshableCredentials(), {
    instanceOf: BRSRequestError,
  });
  t.is(without?.details?.awsCode, "AccessDenied");
  const answers = ["000000", device.codeAt(0)];
  const session = open({ mfaTokenProvider: () => answers.shift() ?? device.ask() });
  for (const code of [...answers]) {
    const wrong = await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSRequestError });
    t.is(wrong?.details?.awsCode, "AccessDenied");
    t.false(wrong?.message.includes(code));
    // Over the time for which a failure is kept.
    time.advance(60);
  }
  t.truthy((await session.refreshableCredentials()).accessKeyId);
});

test("a secret gives the codes by itself, hour after hour", async (t) => {
  const { open, endpoint, time } = await start(t);
  const session = open({ mfaTokenProvider: totp });
  for (let hour = 0; hour < 3; hour++) {
    await session.refreshableCredentials();
    time.advance(3600);
  }
  t.is(endpoint.stats.credentialsVended, 3);
  t.is(endpoint.stats.stsRequestsRefused, 0);
  t.is(new Set(endpoint.sts.requests.map(({ TokenCode }) => TokenCode)).size, 3);
});

test("a command gives the code", async (t) => {
  const { open, device } = await start(t);
  const code = await device.ask();
  const script = "process.stdin.on('data', (input) => console.log('code: ' + String(input).trim()))";
  const session = open({ mfaTokenProvider: node(script), mfaTokenProviderArgs: { input: `${code}\n` } });
  t.truthy((await session.refreshableCredentials()).accessKeyId);
});

test("codes follow AWS's time where the local clock is wrong", async (t) => {
  const { open, endpoint, time } = await start(t, { maxSkew: 60 });
  const session = open({ mfaTokenProvider: totp, clock: () => time.now - 300_000 });
  t.truthy((await session.refreshableCredentials()).accessKeyId);
  t.is(endpoint.stats.assumeRoleCalls, 2);
});

test("a lost answer costs a code, and the provider is asked for another", async (t) => {
  const { open, endpoint, device, time } = await start(t);
  endpoint.sts.failNext({ statusCode: 503, code: "ServiceUnavailable" });
  let asked = 0;
  const session = open({
    mfaTokenProvider: () => {
      time.advance(30);
      asked++;
      return device.ask();
    },
  });
  await session.refreshableCredentials();
  t.is(asked, 2);
  const codes = endpoint.sts.requests.map(({ TokenCode }) => TokenCode);
  t.is(new Set(codes).size, 2);
});

test("nobody is asked before the source has credentials", async (t) => {
  const { open, endpoint } = await start(t);
  const session = open({
    stsClientConfig: { endpoint: endpoint.stsUrl },
    mfaTokenProvider: () => {
      t.fail();
      return "123456";
    },
  });
  await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSCredentialError });
});

test("a prompt is ended by close, and by refreshTimeout where one is given", async (t) => {
  const { open } = await start(t);
  const prompts: AbortSignal[] = [];
  const asking = () => {
    let told = () => {};
    const asked = new Promise<void>((resolve) => {
      told = resolve;
    });
    const mfaTokenProvider = (_args: object, { signal }: MfaTokenRequest) => {
      prompts.push(signal);
      told();
      return new Promise<string>(() => {});
    };
    return { asked, mfaTokenProvider };
  };
  const first = asking();
  const session = open({ mfaTokenProvider: first.mfaTokenProvider });
  const waiting = session.refreshableCredentials();
  await first.asked;
  session.close();
  await t.throwsAsync(waiting, { code: "ERR_CLOSED" });
  t.true(prompts[0]?.aborted);

  const { mfaTokenProvider } = asking();
  const error = await t.throwsAsync(open({ mfaTokenProvider, refreshTimeout: 0.05 }).refreshableCredentials(), {
    instanceOf: BRSConnectionError,
  });
  t.is(error?.code, "ERR_REFRESH_TIMEOUT");
  t.true(prompts[1]?.aborted);
});

test("people have five minutes, also where the source asks them", (t) => {
  const credentials = { accessKeyId: "AKID", secretAccessKey: "secret" };
  const open = (options: object, source: unknown = credentials) => {
    const session = new RefreshableSession({
      assumeRole: { RoleArn, SerialNumber: "GAHT12345678" },
      env: {},
      stsClientConfig: { credentials: source },
      ...options,
    } as never);
    t.teardown(() => session.close());
    return session;
  };
  const seconds = (options: object, source?: unknown) =>
    (open(options, source).getCredentials() as unknown as { refreshTimeout: number }).refreshTimeout;
  t.is(seconds({ assumeRole: { RoleArn } }), 30);
  t.is(seconds({ mfaTokenProvider: "pass aws" }), 300);
  t.is(seconds({ mfaTokenProvider: "pass aws", mfaTokenProviderArgs: { timeout: 600 } }), 630);
  t.is(seconds({ mfaTokenProvider: "pass aws", refreshTimeout: 5 }), 5);
  t.is(seconds({ assumeRole: { RoleArn } }, open({ mfaTokenProvider: "pass aws" })), 330);
});

test("an AssumeRoleConfig is read at each refresh", async (t) => {
  const { open, device, endpoint, time, serialNumber } = await start(t);
  const config = new AssumeRoleConfig({ RoleArn, SerialNumber: serialNumber, TokenCode: await device.ask() });
  const session = open({ assumeRole: config });
  await session.refreshableCredentials();
  time.advance(3600);
  const stale = await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSConfigurationError });
  t.is(stale?.param, "assumeRole.TokenCode");
  t.regex(stale?.message ?? "", /mfaTokenProvider/);
  config.TokenCode = await device.ask();
  config.RoleSessionName = "jane";
  await session.refreshableCredentials();
  t.deepEqual(
    endpoint.sts.requests.map(({ RoleSessionName }) => RoleSessionName),
    ["aws-refresh-session", "jane"],
  );
  time.advance(3600);
  delete config.TokenCode;
  const without = await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSConfigurationError });
  t.is(without?.param, "assumeRole.TokenCode");
  t.is(endpoint.stats.assumeRoleCalls, 2);
});

test("a plain object is read once", async (t) => {
  const { open, device, endpoint, time, serialNumber } = await start(t);
  const assumeRole = { RoleArn, SerialNumber: serialNumber, RoleSessionName: "jane" };
  const session = open({ assumeRole, mfaTokenProvider: () => device.ask() });
  await session.refreshableCredentials();
  assumeRole.RoleSessionName = "joe";
  time.advance(3600);
  await session.refreshableCredentials();
  t.deepEqual(
    endpoint.sts.requests.map(({ RoleSessionName }) => RoleSessionName),
    ["jane", "jane"],
  );
});
