/** Sessions of a role at a test endpoint, all by one clock that a test moves; they end with the test. */
import type { ExecutionContext } from "ava";
import { type AssumeRoleOptions, STSRefreshableSession, type StsSessionOptions } from "aws-refresh-session";
import { ManualClock, startTestEndpoint, type TestEndpointOptions } from "aws-refresh-session/testing";

export async function roleSessions(
  t: ExecutionContext,
  assumeRole: AssumeRoleOptions,
  options: Omit<TestEndpointOptions, "clock"> = {},
) {
  const time = new ManualClock(Date.parse("2030-01-01T00:00:00Z"));
  const endpoint = await startTestEndpoint({ clock: time.clock, ...options });
  t.teardown(() => endpoint.close());
  const stsClientConfig = { endpoint: endpoint.stsUrl, credentials: endpoint.credentials };
  const open = (more: Partial<StsSessionOptions> = {}) => {
    const session = new STSRefreshableSession({
      assumeRole,
      region: "eu-west-1",
      clock: time.clock,
      env: {},
      stsClientConfig,
      ...more,
    });
    t.teardown(() => session.close());
    return session;
  };
  return { time, endpoint, open, stsClientConfig };
}
