/** Bearer authorization: tokens of users and of providers, how long they are kept, and how each fault is named. */
import { inspect } from "node:util";
import test from "ava";
import {
  AuthTokenExpiredError,
  type AuthTokenSource,
  AwsRequest,
  BRSCredentialError,
  NoAuthTokenError,
  RequestSigner,
} from "aws-refresh-session/signing";

const NOW = Date.parse("2030-01-01T00:00:00Z");
const at = (seconds: number) => new Date(NOW + seconds * 1000);

function setUp(authToken: AuthTokenSource) {
  const time = { now: NOW };
  const signer = new RequestSigner({ serviceId: "X", signatureVersion: "bearer", authToken, clock: () => time.now });
  const authorize = async () => {
    const request = new AwsRequest({ url: "https://example.com/", headers: { Authorization: "stale" } });
    await signer.sign("Get", request);
    return request.headers.getAll("authorization").join();
  };
  return { time, authorize };
}

test("a token needs neither region nor credentials, and replaces an old header", async (t) => {
  t.is(await setUp({ token: "abc" }).authorize(), "Bearer abc");
  t.is(await setUp({ token: "abc", expiration: at(1) }).authorize(), "Bearer abc");
});

test("absent, expired and malformed tokens are named, and never shown", async (t) => {
  for (const [source, errorClass, param] of [
    [() => undefined, NoAuthTokenError, "authToken"],
    [{}, NoAuthTokenError, "authToken.token"],
    [{ token: "" }, NoAuthTokenError, "authToken.token"],
    [{ token: 5 }, NoAuthTokenError, "authToken.token"],
    [{ token: "hush\r\nx: y" }, BRSCredentialError, "authToken.token"],
    [{ token: "hush hush" }, BRSCredentialError, "authToken.token"],
    [{ token: "hush", expiration: at(0) }, AuthTokenExpiredError, "authToken.expiration"],
    [async () => ({ token: "hush", expiration: at(-1) }), AuthTokenExpiredError, "authToken.expiration"],
    [{ token: "hush", expiration: new Date(Number.NaN) }, BRSCredentialError, "authToken.expiration"],
    [{ token: "hush", expiration: "2031" }, BRSCredentialError, "authToken.expiration"],
  ] as const) {
    const error = await t.throwsAsync(setUp(source as AuthTokenSource).authorize(), { instanceOf: errorClass });
    t.is(error?.param, param, inspect(source));
    t.false(inspect(error).includes("hush"));
  }
});

test("a provider is asked once for all who wait, and again within five minutes of the end", async (t) => {
  let asked = 0;
  const { time, authorize } = setUp(async () => ({ token: `t${++asked}`, expiration: new Date(time.now + 3_600_000) }));
  t.deepEqual(new Set(await Promise.all([authorize(), authorize(), authorize()])), new Set(["Bearer t1"]));
  time.now += 3_299_000;
  t.is(await authorize(), "Bearer t1");
  time.now += 2_000;
  t.is(await authorize(), "Bearer t2");
});

test("a provider that fails is forgiven while the last token is valid", async (t) => {
  let fails = false;
  const { time, authorize } = setUp(() => {
    if (fails) throw new Error("no answer");
    return { token: "t", expiration: at(600) };
  });
  await authorize();
  fails = true;
  time.now += 400_000;
  t.is(await authorize(), "Bearer t");
  time.now += 200_000;
  await t.throwsAsync(authorize(), { message: "no answer" });
  fails = false;
  await t.throwsAsync(authorize(), { instanceOf: AuthTokenExpiredError });
});
