/** What boto3-refresh-session's tests of sessions of devices say, with the same outcomes; a better one stands in the title. */
import test from "ava";
import {
  BRSConfigurationError,
  BRSValidationError,
  IOTX509RefreshableSession,
  type IotSessionOptions,
  RefreshableSession,
} from "aws-refresh-session";
import { startTestEndpoint, TestAuthority } from "aws-refresh-session/testing";

const pem = new TestAuthority().issue();

const options: IotSessionOptions = {
  endpoint: "abc.credentials.iot.us-east-1.amazonaws.com",
  roleAlias: "TestRoleAlias",
  region: "us-east-1",
  env: {},
  ...pem,
};

function refused(more: Partial<IotSessionOptions>) {
  return () => new IOTX509RefreshableSession({ ...options, ...more });
}

test("iot: method and class, and the refreshMethod iot-x509", (t) => {
  const session = new RefreshableSession({ ...options, method: "iot" });
  t.true(session instanceof IOTX509RefreshableSession);
  t.is(session.refreshMethod, "iot-x509");
  session.close();
});

test("iot: the credentials are those of the endpoint; better: over a real connection with a certificate", async (t) => {
  const endpoint = await startTestEndpoint({ iot: true });
  t.teardown(() => endpoint.close());
  const session = new IOTX509RefreshableSession({
    ...options,
    ...endpoint.iot.device,
    endpoint: endpoint.iot.endpoint,
    roleAlias: "test-role-alias",
    ca: endpoint.iot.ca,
  });
  t.teardown(() => session.close());
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = await session.refreshableCredentials();
  for (const part of [accessKeyId, secretAccessKey, sessionToken ?? ""]) t.true(part.length > 0);
  t.true(expiration instanceof Date);
  t.is(endpoint.iot.requests.length, 1);
});

test("iot: an endpoint that is none of AWS IoT's is refused", (t) => {
  const error = t.throws(refused({ endpoint: "bad-endpoint" }), { instanceOf: BRSValidationError });
  t.is(error?.param, "endpoint");
});

test("iot: a certificate without a key is refused", (t) => {
  const { privateKey, ...others } = options;
  t.throws(() => new IOTX509RefreshableSession(others), { instanceOf: BRSConfigurationError });
});

test("iot: a certificate file that is not there is refused", (t) => {
  const error = t.throws(refused({ certificate: "nope-cert.pem" }), { instanceOf: BRSValidationError });
  t.is(error?.param, "certificate");
});

test("iot: bytes that are no certificate are refused; there, they pass until the first refresh", (t) => {
  t.throws(refused({ certificate: Buffer.from("dummy-cert"), privateKey: Buffer.from("dummy-key") }), {
    instanceOf: BRSValidationError,
  });
});

test("iot: better: the region of the endpoint is that of a session that has none, and signs for it", (t) => {
  const { region: _, ...others } = options;
  const session = new IOTX509RefreshableSession({ ...others, env: {}, homeDir: "nowhere" });
  t.is(session.region, "us-east-1");
  t.is(session.regionName, "us-east-1");
  t.notThrows(() => session.signer({ service: "s3" }));
  session.close();
  const given = new IOTX509RefreshableSession({ ...options, region: "eu-west-1" });
  t.is(given.region, "eu-west-1");
  given.close();
});
