/** Entry `aws-refresh-session/testing`: a loopback AWS to test refresh and signing against. */
export type { SourceCredentials } from "./credential-vendor.js";
export type { ErrorFault, Fault } from "./faults.js";
export { ManualClock } from "./manual-clock.js";
export type { TestMfaDevice } from "./mfa-device.js";
export {
  startTestEndpoint,
  type TestEndpoint,
  type TestEndpointOptions,
  type TestEndpointStats,
} from "./test-endpoint.js";
