/** Tests of credentials from environment variables. */
import test from "ava";
import { BRSCredentialError, BRSValidationError, fromEnv } from "aws-refresh-session";

const pair = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI" };

test("reads every variable", async (t) => {
  const env = {
    ...pair,
    AWS_SESSION_TOKEN: "token",
    AWS_CREDENTIAL_EXPIRATION: "2030-01-01T00:00:00Z",
    AWS_ACCOUNT_ID: "123456789012",
  };
  t.deepEqual(await fromEnv({ env })(), {
    accessKeyId: "AKID",
    secretAccessKey: "wJalrXUtnFEMI",
    sessionToken: "token",
    expiration: new Date("2030-01-01T00:00:00Z"),
    accountId: "123456789012",
  });
});

test("two variables will do, and empty ones count as absent", async (t) => {
  const env = { ...pair, AWS_SESSION_TOKEN: "", AWS_CREDENTIAL_EXPIRATION: "", AWS_ACCOUNT_ID: "" };
  t.deepEqual(await fromEnv({ env })(), { accessKeyId: "AKID", secretAccessKey: "wJalrXUtnFEMI" });
});

test("AWS_SECURITY_TOKEN serves where AWS_SESSION_TOKEN is not set", async (t) => {
  t.is((await fromEnv({ env: { ...pair, AWS_SECURITY_TOKEN: "old" } })()).sessionToken, "old");
  const both = { ...pair, AWS_SECURITY_TOKEN: "old", AWS_SESSION_TOKEN: "new" };
  t.is((await fromEnv({ env: both })()).sessionToken, "new");
});

test("each call reads the variables again", async (t) => {
  const env: Record<string, string> = { ...pair };
  const provider = fromEnv({ env });
  await provider();
  env.AWS_ACCESS_KEY_ID = "CHANGED";
  t.is((await provider()).accessKeyId, "CHANGED");
});

test.serial("reads the process when no variables are given", async (t) => {
  const before = { ...process.env };
  t.teardown(() => {
    process.env = before;
  });
  process.env = { ...before, ...pair, AWS_SESSION_TOKEN: "" };
  t.is((await fromEnv()()).accessKeyId, "AKID");
});

for (const [env, missing] of [
  [{}, ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]],
  [{ AWS_SESSION_TOKEN: "token" }, ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]],
  [{ AWS_ACCESS_KEY_ID: "AKID" }, ["AWS_SECRET_ACCESS_KEY"]],
  [{ AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "" }, ["AWS_SECRET_ACCESS_KEY"]],
  [{ AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI" }, ["AWS_ACCESS_KEY_ID"]],
] as Array<[Record<string, string>, string[]]>) {
  test(`names what is missing in { ${Object.keys(env).join(", ")} }`, async (t) => {
    const error = await t.throwsAsync(fromEnv({ env })(), { instanceOf: BRSCredentialError });
    t.deepEqual(error?.details?.missing, missing);
    for (const name of missing) t.true(error?.message.includes(name));
    t.notRegex(error?.message ?? "", /wJalrXUtnFEMI/);
  });
}

test("an expiration that is no date is refused by name", async (t) => {
  for (const text of ["soon", "2030-01-01T00:00:00", "1900000000"]) {
    const error = await t.throwsAsync(fromEnv({ env: { ...pair, AWS_CREDENTIAL_EXPIRATION: text } })(), {
      instanceOf: BRSCredentialError,
    });
    t.is(error?.param, "AWS_CREDENTIAL_EXPIRATION");
  }
});

test("wrong options are refused at once", (t) => {
  t.throws(() => fromEnv({ env: "AWS_ACCESS_KEY_ID=AKID" as never }), {
    instanceOf: BRSValidationError,
    message: /^env must be an object/,
  });
});
