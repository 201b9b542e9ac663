/** Profiles whose role needs a code of an MFA device. */
import test, { type ExecutionContext } from "ava";
import { BRSConfigurationError, type CredentialSource, type FromProfileOptions } from "aws-refresh-session";
import { fromChain, fromProcess, fromProfile } from "aws-refresh-session/sources";
import { asRefreshable } from "../../dist/refresh/credential-source.js";
import { newHome } from "./home.js";
import { startStsRecorder } from "./sts-recorder.js";

const SERIAL = "arn:aws:iam::123456789012:mfa/jane";
const CONFIG = `[profile admin]
role_arn = arn:aws:iam::123456789012:role/admin
source_profile = base
mfa_serial = ${SERIAL}
region = eu-west-1
[profile base]
aws_access_key_id = AKIDBASE
aws_secret_access_key = secret
`;

async function start(t: ExecutionContext, options: Partial<FromProfileOptions>) {
  const sts = await startStsRecorder();
  t.teardown(() => sts.close());
  const { homeDir } = newHome(t, { config: CONFIG });
  const given = { env: { AWS_ENDPOINT_URL_STS: sts.url }, homeDir, profileName: "admin", ...options };
  const codes = () => sts.calls.map(([, signer, { SerialNumber, TokenCode }]) => [signer, SerialNumber, TokenCode]);
  return { given, codes };
}

test("the provider of codes is asked anew for each call", async (t) => {
  let code = 100_000;
  const { given, codes } = await start(t, { mfaTokenProvider: () => String(++code) });
  const profile = fromProfile(given);
  await profile();
  await profile();
  t.deepEqual(codes(), [
    ["AKIDBASE", SERIAL, "100001"],
    ["AKIDBASE", SERIAL, "100002"],
  ]);
  await fromChain(given)();
  t.is(codes()[2]?.[2], "100003");
});

test("a code that was sent is not sent again", async (t) => {
  const answers = ["200001", "200001", "200002"];
  const { given, codes } = await start(t, {
    mfaTokenProvider: () => answers.shift() as string,
    // Where the device shows the next code in a moment.
    clock: () => 1_800_000_029_990,
  });
  const profile = fromProfile(given);
  await profile();
  await profile();
  t.deepEqual(
    codes().map(([, , code]) => code),
    ["200001", "200002"],
  );
});

test("without a provider of codes the device is named before anything is sent", async (t) => {
  const { given, codes } = await start(t, {});
  const error = await t.throwsAsync(fromProfile(given)(), { instanceOf: BRSConfigurationError });
  t.regex(error?.message ?? "", /profile "admin" needs codes of the MFA device .*mfa\/jane.*mfaTokenProvider/);
  t.is(codes().length, 0);
  t.is((await fromProfile(given).explain()).links[0]?.outcome, "failed");
});

/** What sessions ask their source before they refresh. */
interface Asked {
  readonly wouldPrompt: boolean;
  readonly refreshTimeout: number;
}

test("sessions know that a person may be asked, and give the time for it", (t) => {
  const asked = (provider: CredentialSource) => {
    const { wouldPrompt, refreshTimeout } = asRefreshable(provider) as unknown as Asked;
    return { wouldPrompt, refreshTimeout };
  };
  const person = fromProfile({ mfaTokenProvider: () => "000000" });
  t.deepEqual(asked(person), { wouldPrompt: true, refreshTimeout: 300 });
  const secret = fromChain({ mfaTokenProvider: { totp: { secret: "JBSWY3DPEHPK3PXP" } } });
  t.false(asked(secret).wouldPrompt);
  t.deepEqual(asked(fromProfile()), { wouldPrompt: false, refreshTimeout: 30 });
  t.deepEqual(asked(fromProcess({ timeout: 60 })), { wouldPrompt: false, refreshTimeout: 90 });
});

test("a provider of another kind is refused at once", (t) => {
  t.throws(() => fromProfile({ mfaTokenProvider: 7 as never }), { message: /^mfaTokenProvider must be/ });
  t.throws(() => fromChain({ mfaTokenProviderArgs: {} }), { instanceOf: BRSConfigurationError });
});
