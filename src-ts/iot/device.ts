/** The options of a device: its certificate, where AWS IoT Core is, and how it is reached; checked as one. */
import type { ServiceCallerOptions } from "../aws/service-caller.js";
import { homeDirectory, systemRandom } from "../defaults.js";
import type { EffectiveOptions } from "../session/options.js";
import type { IotRoleRequest } from "../strategies/iot-x509.js";
import {
  checkBoolean,
  checkPositiveInteger,
  checkSeconds,
  checkText,
  LONGEST_TIMER_SECONDS,
} from "../strategies/option-checks.js";
import { warn } from "../warnings.js";
import { DeviceCertificate, type DeviceCertificateOptions } from "./device-certificate.js";
import { DeviceExchange, nodeExchange } from "./device-exchange.js";
import { type CredentialsEndpoint, checkCredentialsEndpoint } from "./endpoint.js";
import { pkcs11Exchange } from "./pkcs11/exchange.js";
import { checkPkcs11, type Pkcs11Options } from "./pkcs11/options.js";

/** Options of method "iot" beyond those of every session. Durations are seconds. */
export interface IotDeviceOptions extends DeviceCertificateOptions {
  /**
   * Host of the credentials provider, with an optional port: what DescribeEndpoint gives for `iot:CredentialProvider`. A data
   * endpoint (`...-ats.iot...`) is rewritten, with a warning. For tests it may be a host of this machine.
   */
  endpoint: string;
  /** Name of the role alias. */
  roleAlias: string;
  /** A key that never leaves its token, in place of `privateKey`; needs the package `aws-crt`. */
  pkcs11?: Pkcs11Options;
  /** Name of the thing that the certificate is attached to; makes thing policy variables work. */
  thingName?: string;
  /** False takes any certificate from the other side, which gives the credentials to anybody between; default true. */
  verifyPeer?: boolean;
  /** Seconds for one attempt; default 10. */
  timeout?: number;
  /** Asks for a lifetime by the header that boto3-refresh-session sends; AWS documents that of the role alias alone. */
  durationSeconds?: number;
}

/** What is left of the options once they are checked. */
export interface Device {
  readonly endpoint: CredentialsEndpoint;
  readonly certificate: DeviceCertificate;
  readonly hasToken: boolean;
  readonly verifyPeer: boolean;
  /** Seconds. */
  readonly timeout: number;
  readonly homeDir: () => string;
  readonly request: IotRoleRequest;
  /** How the credentials provider is reached. */
  callerOptions(onClockOffset: (ms: number) => void): ServiceCallerOptions;
}

// As CreateRoleAlias and CreateThing say.
const ROLE_ALIAS = {
  expected: "the name of a role alias: 1 to 128 letters, digits and _=,@-",
  pattern: /^[\w=,@-]{1,128}$/,
};
const THING_NAME = { expected: "the name of a thing: 1 to 128 letters, digits and :_-", pattern: /^[\w:-]{1,128}$/ };

let hasWarned = false;

/** Said once for the process: by the first who asks for it. */
export function checkVerifyPeer(value: unknown = true): boolean {
  const verifyPeer = checkBoolean("verifyPeer", value);
  if (!verifyPeer && !hasWarned) {
    hasWarned = true;
    warn(
      "BRS_IOT_VERIFY_PEER",
      "verifyPeer is false: anybody between can give this process credentials, and take what it sends",
    );
  }
  return verifyPeer;
}

/** Checks everything that can be checked without the network; files are read here for the first time. */
export function openDevice(given: Readonly<Record<string, unknown>>, options: EffectiveOptions): Device {
  const endpoint = checkCredentialsEndpoint(given.endpoint);
  const roleAlias = checkText("roleAlias", given.roleAlias, ROLE_ALIAS);
  const optional = <Value>(name: string, check: (param: string, value: unknown) => Value): Value | undefined =>
    given[name] === undefined ? undefined : check(name, given[name]);
  const thingName = optional("thingName", (param, value) => checkText(param, value, THING_NAME));
  const durationSeconds = optional("durationSeconds", checkPositiveInteger);
  const seconds = (param: string, value: unknown) =>
    checkSeconds(param, value, { above: true, max: LONGEST_TIMER_SECONDS });
  const timeout = optional("timeout", seconds) ?? 10;
  const verifyPeer = checkVerifyPeer(given.verifyPeer);
  const token = optional("pkcs11", checkPkcs11);
  const { givenHomeDir } = options;
  const homeDir = givenHomeDir === undefined ? homeDirectory : () => givenHomeDir;
  const certificate = new DeviceCertificate(given, token === undefined ? "file" : "token", homeDir);
  const reach = { verifyPeer, timeout };
  const open = token === undefined ? nodeExchange(reach) : pkcs11Exchange(token, reach);
  return {
    endpoint,
    certificate,
    hasToken: token !== undefined,
    verifyPeer,
    timeout,
    homeDir,
    request: { url: endpoint.url, roleAlias, thingName, durationSeconds },
    callerOptions: (onClockOffset) => ({
      exchange: new DeviceExchange(certificate, open, options.clock),
      requestTimeout: timeout,
      maxAttempts: 3,
      clock: options.clock,
      random: systemRandom,
      onClockOffset,
    }),
  };
}
