/** Tests of who may be asked for a code without having asked for anything: nobody. */
import test, { type ExecutionContext } from "ava";
import { fromEnv, RefreshableSession } from "aws-refresh-session";
import { ManualClock } from "aws-refresh-session/testing";
import { RefreshableCredentials } from "../../../dist/refresh/refreshable-credentials.js";
import type { RefreshStrategy } from "../../../dist/strategies/strategy.js";

const RoleArn = "arn:aws:iam::123456789012:role/reports";
const SerialNumber = "GAHT12345678";
const NEVER: RefreshStrategy = { method: "never", refresh: () => new Promise(() => {}) };

/** Whether the next refresh of a session would ask a person; it holds nothing yet, so it needs one. */
function prompts(t: ExecutionContext, given: object, more: object = {}, source = new RefreshableCredentials(NEVER)) {
  const session = new RefreshableSession({
    assumeRole: { RoleArn, ...more },
    env: {},
    stsClientConfig: { credentials: source },
    ...given,
  } as never);
  t.teardown(() => session.close());
  return () => (session.getCredentials() as unknown as { wouldPrompt: boolean }).wouldPrompt;
}

for (const [what, given, more, expected] of [
  ["no MFA", {}, {}, false],
  ["a function", { mfaTokenProvider: () => "123456" }, { SerialNumber }, true],
  ["a command as a line", { mfaTokenProvider: "pass aws" }, { SerialNumber }, true],
  ["a command as a list", { mfaTokenProvider: ["pass", "aws"] }, { SerialNumber }, true],
  ["a fixed code", {}, { SerialNumber, TokenCode: "123456" }, true],
  ["a secret", { mfaTokenProvider: { totp: { secret: "JBSWY3DPEHPK3PXP" } } }, { SerialNumber }, false],
] as const) {
  test(`${what} ${expected ? "prompts" : "does not prompt"}`, (t) => t.is(prompts(t, given, more)(), expected));
}

test("a role prompts as long as its source needs a refresh that prompts", async (t) => {
  const time = new ManualClock(Date.parse("2030-01-01T00:00:00Z"));
  const env = () => ({
    AWS_ACCESS_KEY_ID: "AKID",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_CREDENTIAL_EXPIRATION: new Date(time.now + 3_600_000).toISOString(),
  });
  const prompting: RefreshStrategy = { method: "mfa", prompts: true, refresh: () => fromEnv({ env: env() })() };
  const source = new RefreshableCredentials(prompting, { clock: time.clock });
  t.teardown(() => source.close());
  const role = prompts(t, {}, {}, source);
  t.true(role());
  await source.getFrozenCredentials();
  t.false(role());
  time.advance(2_700);
  t.false(role());
  time.advance(1);
  t.true(role());
});
