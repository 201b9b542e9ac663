/** A session whose clients are cached, for the tests that mirror those of boto3-client-cache. */
import type { ExecutionContext } from "ava";
import { CustomRefreshableSession } from "aws-refresh-session";

/** Closed when the test ends. */
export function openSession(t: ExecutionContext, region = "us-east-1"): CustomRefreshableSession {
  const session = new CustomRefreshableSession({
    region,
    env: {},
    customCredentialsMethod: () => ({
      accessKeyId: "AKIDEXAMPLE",
      secretAccessKey: "secret",
      sessionToken: "token",
      expiration: new Date(Date.now() + 3_600_000),
    }),
  });
  t.teardown(() => session.close());
  return session;
}
