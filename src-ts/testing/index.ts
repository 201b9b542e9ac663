/** Entry `aws-refresh-session/testing`: a loopback AWS to test refresh and signing against. */
export type { SourceCredentials } from "./credential-vendor.js";
export type { ErrorFault, Fault } from "./faults.js";
export type { IotRequest, TestIotOptions } from "./iot-service.js";
export { ManualClock } from "./manual-clock.js";
export type { TestMfaDevice } from "./mfa-device.js";
export { type IssuedCertificate, type IssueOptions, TestAuthority } from "./test-authority.js";
export {
  startTestEndpoint,
  type TestEndpoint,
  type TestEndpointOptions,
  type TestEndpointStats,
  type TestIot,
} from "./test-endpoint.js";
