/** The public types of MFA and of the configs, pinned: compiled by tsc, never run. */
import {
  AssumeRoleConfig,
  type AssumeRoleOptions,
  type MfaCommandOptions,
  type MfaTokenProvider,
  type MfaTokenRequest,
  RefreshableSession,
  STSClientConfig,
  STSRefreshableSession,
  type StsClientConfig,
} from "aws-refresh-session";

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only for `true`. */
declare function assert<Condition extends true>(): Condition;

const RoleArn = "arn:aws:iam::123456789012:role/reports";
const assumeRole = { RoleArn, SerialNumber: "arn:aws:iam::123456789012:mfa/jane" };

// ---- each form of a provider
for (const mfaTokenProvider of [
  () => "123456",
  async () => "123456",
  "pass aws",
  ["pass", "aws"],
  { totp: { secret: "JBSWY3DPEHPK3PXP", algorithm: "SHA256", digits: 6, period: 60 } },
] satisfies MfaTokenProvider[]) {
  new RefreshableSession({ assumeRole, mfaTokenProvider });
}
new STSRefreshableSession({
  assumeRole,
  mfaTokenProvider: ["pass", "aws"] as const,
  mfaTokenProviderArgs: { timeout: 60 },
});
({ cwd: "/", env: {}, input: "1234", timeout: 60 }) satisfies MfaCommandOptions;

// ---- the arguments of a function are typed by the option beside it
new RefreshableSession({
  assumeRole,
  mfaTokenProvider: ({ phone }, request) => {
    assert<Equals<typeof phone, string>>();
    assert<Equals<typeof request, MfaTokenRequest>>();
    return phone;
  },
  mfaTokenProviderArgs: { phone: "jane's" },
});
const ask = async ({ phone }: { phone: string }): Promise<string> => phone;
new STSRefreshableSession({ assumeRole, mfaTokenProvider: ask, mfaTokenProviderArgs: { phone: "jane's" } });

// @ts-expect-error: a code is text
new RefreshableSession({ assumeRole, mfaTokenProvider: () => 123_456 });
// @ts-expect-error: AWS takes six digits
({ totp: { secret: "JBSWY3DPEHPK3PXP", digits: 8 } }) satisfies MfaTokenProvider;
// @ts-expect-error: an option that no provider has
({ command: "pass aws" }) satisfies MfaTokenProvider;

// ---- configs are what the options take, and copies are of their class
const config = new AssumeRoleConfig(assumeRole);
config satisfies AssumeRoleOptions;
assert<Equals<ReturnType<typeof config.copy>, AssumeRoleConfig>>();
config.TokenCode = "123456";
delete config.TokenCode;
// @ts-expect-error: a name that is not known
config.tokenCode = "123456";
// @ts-expect-error: RoleArn is needed
new AssumeRoleConfig({});
const client = new STSClientConfig();
client satisfies StsClientConfig;
client.maxAttempts = 5;
new RefreshableSession({ assumeRole: config, stsClientConfig: client });
