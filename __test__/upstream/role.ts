/** Sessions of a role at a test endpoint, for the tests that mirror those of boto3-refresh-session. */
import type { ExecutionContext } from "ava";
import { type AssumeRoleOptions, STSRefreshableSession, type StsSessionOptions } from "aws-refresh-session";
import { ManualClock, startTestEndpoint, type TestEndpoint } from "aws-refresh-session/testing";

export const START = Date.parse("2030-01-01T00:00:00Z");

export const ROLE: AssumeRoleOptions = {
  RoleArn: "arn:aws:iam::123456789012:role/TestRole",
  RoleSessionName: "unit-test",
};

export interface OpenRole {
  readonly time: ManualClock;
  readonly endpoint: TestEndpoint;
  readonly session: STSRefreshableSession;
}

/** Closed when the test ends. */
export async function openRole(t: ExecutionContext, options: Partial<StsSessionOptions> = {}): Promise<OpenRole> {
  const time = new ManualClock(START);
  const endpoint = await startTestEndpoint({ clock: time.clock });
  t.teardown(() => endpoint.close());
  const session = new STSRefreshableSession({
    assumeRole: ROLE,
    region: "us-east-1",
    clock: time.clock,
    env: {},
    stsClientConfig: { endpoint: endpoint.stsUrl, credentials: endpoint.credentials },
    ...options,
  } as StsSessionOptions);
  t.teardown(() => session.close());
  return { time, endpoint, session };
}
