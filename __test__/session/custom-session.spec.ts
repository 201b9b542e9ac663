/** Tests of sessions of method "custom": every wrong answer of the function, and every wrong option. */
import test from "ava";
import {
  BRSConnectionError,
  BRSCredentialError,
  BRSValidationError,
  CustomRefreshableSession,
} from "aws-refresh-session";

const right = { access_key: "AKID", secret_key: "secret", token: "token", expiry_time: "2100-01-01T00:00:00Z" };
const { token: _token, ...withoutToken } = right;

for (const [what, answer, param, missing] of [
  ["null", null],
  ["a number", 42],
  ["missing keys", withoutToken, undefined, ["token"]],
  ["a bad date", { ...right, expiry_time: "soon" }, "expiry_time"],
  ["a naive date", { ...right, expiry_time: "2100-01-01T00:00:00" }, "expiry_time"],
  ["a date as a number", { ...right, expiry_time: 4_102_444_800 }, "expiry_time"],
  ["an expired set", { ...right, expiry_time: "2000-01-01T00:00:00Z" }, "expiry_time"],
] as Array<[string, unknown, string?, string[]?]>) {
  test(`${what} is a BRSCredentialError, in the function and after a promise`, async (t) => {
    for (const customCredentialsMethod of [() => answer, async () => answer]) {
      const session = new CustomRefreshableSession({ customCredentialsMethod } as never);
      const error = await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSCredentialError });
      t.is(error?.param, param);
      t.deepEqual(error?.details?.missing, missing);
      t.is(session.getCredentials().expiration, undefined);
    }
  });
}

test("what the function throws reaches every caller", async (t) => {
  const error = new TypeError("vault is sealed");
  let calls = 0;
  const session = new CustomRefreshableSession({
    customCredentialsMethod: async () => {
      calls++;
      throw error;
    },
  });
  const errors = await Promise.all([1, 2, 3].map(() => t.throwsAsync(session.refreshableCredentials())));
  t.deepEqual(errors, [error, error, error]);
  t.is(calls, 1);
});

test("a promise that never settles fails by refreshTimeout, and its signal aborts", async (t) => {
  let seen: AbortSignal | undefined;
  const session = new CustomRefreshableSession({
    customCredentialsMethod: (_args, { signal }) => {
      seen = signal;
      return new Promise<never>(() => {});
    },
    refreshTimeout: 0.01,
  });
  await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSConnectionError, message: /refreshTimeout/ });
  t.true(seen?.aborted);
});

test("a wrong answer is followed by a right one", async (t) => {
  const answers: unknown[] = [null, right];
  const session = new CustomRefreshableSession({ customCredentialsMethod: () => answers.shift() as never });
  await t.throwsAsync(session.refreshableCredentials(), { instanceOf: BRSCredentialError });
  t.is((await session.refreshableCredentials()).accessKeyId, "AKID");
});

test("the function gets its arguments", async (t) => {
  const session = new CustomRefreshableSession({
    customCredentialsMethod: ({ key }) => ({ ...right, access_key: key }),
    customCredentialsMethodArgs: { key: "AKIDARGS" },
  });
  t.is((await session.refreshableCredentials()).accessKeyId, "AKIDARGS");
});

for (const [param, options] of [
  ["customCredentialsMethod", {}],
  ["customCredentialsMethod", { customCredentialsMethod: null }],
  ["customCredentialsMethod", { customCredentialsMethod: right }],
  ["customCredentialsMethod", { customCredentialsMethod: "getCredentials" }],
  ["customCredentialsMethodArgs", { customCredentialsMethod: () => right, customCredentialsMethodArgs: null }],
  ["customCredentialsMethodArgs", { customCredentialsMethod: () => right, customCredentialsMethodArgs: ["a"] }],
  ["customCredentialsMethodArgs", { customCredentialsMethod: () => right, customCredentialsMethodArgs: "a" }],
] as const) {
  test(`refuses ${JSON.stringify(options)}`, (t) => {
    const error = t.throws(() => new CustomRefreshableSession(options as never), { instanceOf: BRSValidationError });
    t.is(error?.param, param);
  });
}
