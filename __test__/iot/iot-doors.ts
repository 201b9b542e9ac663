/** A test endpoint whose IoT door speaks under certificates of openssl, and sessions that reach it. */
import test, { type ExecutionContext, type ImplementationFn } from "ava";
import { IOTX509RefreshableSession, type IotSessionOptions } from "aws-refresh-session";
import { startTestEndpoint, type TestEndpointOptions } from "aws-refresh-session/testing";
import { type Certificates, hasOpenssl, makeCertificates } from "../support/certificates.js";
import { inCI } from "../support/in-ci.js";

const isPossible = hasOpenssl() || inCI;
const made = isPossible ? makeCertificates() : undefined;
made?.catch(() => {});
test.after.always(async () => (await made)?.remove());

/** Those of this file of tests. */
export const certificates = (): Promise<Certificates> => made as Promise<Certificates>;

/** A test that needs openssl: skipped where that is not installed, but not in CI. */
export const iotTest: (title: string, implementation: ImplementationFn<[]>) => void = isPossible ? test : test.skip;

/** The same for tests that look at what is the process's own, such as its warnings. */
export const serialIotTest: typeof iotTest = isPossible ? test.serial : test.skip;

export async function openDoor(t: ExecutionContext, options: TestEndpointOptions = {}) {
  const { ca, server, device } = await certificates();
  const endpoint = await startTestEndpoint({
    ...options,
    iot: {
      ca: ca.cert,
      server: { certificate: server.cert, privateKey: server.key },
      ...(options.iot === true ? {} : options.iot),
    },
  });
  t.teardown(() => endpoint.close());
  const open = (own: Partial<IotSessionOptions> = {}): IOTX509RefreshableSession => {
    const isOwn = own.pfx !== undefined;
    const session = new IOTX509RefreshableSession({
      endpoint: endpoint.iot.endpoint,
      roleAlias: "test-role-alias",
      region: "eu-west-1",
      env: { AWS_ENDPOINT_URL_STS: endpoint.stsUrl },
      ca: ca.cert,
      ...(!isOwn && { certificate: device.cert }),
      ...(!isOwn && own.pkcs11 === undefined && { privateKey: device.key }),
      ...own,
    });
    t.teardown(() => session.close());
    return session;
  };
  return { endpoint, door: endpoint.iot, open };
}
