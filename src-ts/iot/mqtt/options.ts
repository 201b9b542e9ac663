/** The options of `session.mqtt()`: which broker, under which name, over which transport; checked before anything is opened. */

import { assertRegion } from "../../aws/endpoints.js";
import { BRSConfigurationError } from "../../errors.js";
import {
  checkBoolean,
  checkFunction,
  checkNames,
  checkOneOf,
  checkPositiveInteger,
  checkRecord,
  checkSignal,
  checkText,
  refuse,
} from "../../strategies/option-checks.js";
import { checkVerifyPeer, type Device } from "../device.js";
import { CERTIFICATE_OPTIONS, DeviceCertificate, type DeviceCertificateOptions } from "../device-certificate.js";
import { checkMqttEndpoint, regionOfHost } from "../endpoint.js";
import type { MqttClient } from "./client.js";

/** Options of `session.mqtt()`. Durations are seconds. */
export interface IotMqttOptions extends DeviceCertificateOptions {
  /** The name of the client, of which AWS IoT keeps one connection at a time. */
  clientId: string;
  /** "x509" (default): the device's certificate; "ws": WebSocket, signed with the credentials of the session. */
  transport?: "x509" | "ws";
  /** The data endpoint (`iot:Data-ATS`) or a domain of yours; default: that of the session, if it was given the data endpoint. */
  endpoint?: string;
  /** Default: 8883 for "x509", 443 for "ws" and with `useAlpn`. */
  port?: number;
  /** Names the protocol in the handshake, as AWS IoT needs it for "x509" on port 443; default: on that port alone. */
  useAlpn?: boolean;
  /** Seconds without a packet after which one is sent to show that the client is alive; default 60. */
  keepAlive?: number;
  /** False resumes the session that the broker keeps for `clientId`; default true. */
  cleanStart?: boolean;
  /** 4 (default) is MQTT 3.1.1, 5 is MQTT 5. */
  protocolVersion?: 4 | 5;
  /** Region that websockets are signed for; default: the one in the endpoint's name, then that of the session. */
  region?: string;
  /** As for the session, and by default the session's. */
  verifyPeer?: boolean;
  /** Further options of the package `mqtt`, such as `will`, `username`, `properties` or `reconnectPeriod`. */
  connectOptions?: Readonly<Record<string, unknown>>;
  /** Called with the client before it connects: for listeners that must not miss what the broker kept for the client. */
  beforeConnect?: (client: MqttClient) => void;
  /** Gives up connecting for the first time; later it does nothing. */
  signal?: AbortSignal;
}

const NAMES = [
  ...CERTIFICATE_OPTIONS,
  "clientId",
  "transport",
  "endpoint",
  "port",
  "useAlpn",
  "keepAlive",
  "cleanStart",
  "protocolVersion",
  "region",
  "verifyPeer",
  "connectOptions",
  "beforeConnect",
  "signal",
] as const satisfies ReadonlyArray<keyof IotMqttOptions>;

/** Options of the package `mqtt` that are set here, and what to use in their place. */
const TAKEN: Readonly<Record<string, string>> = {
  ALPNProtocols: "useAlpn",
  ca: "ca",
  cert: "certificate",
  clean: "cleanStart",
  clientId: "clientId",
  host: "endpoint",
  hostname: "endpoint",
  keepalive: "keepAlive",
  key: "privateKey",
  manualConnect: "beforeConnect",
  passphrase: "passphrase",
  path: "endpoint",
  pfx: "pfx",
  port: "port",
  protocol: "transport",
  protocolVersion: "protocolVersion",
  rejectUnauthorized: "verifyPeer",
  servers: "endpoint",
  transformWsUrl: "transport",
};

/** Checked options. */
export interface MqttPlan {
  readonly transport: "x509" | "ws";
  readonly host: string;
  readonly port: number;
  readonly useAlpn: boolean;
  /** Of "ws". */
  readonly region: string | undefined;
  readonly verifyPeer: boolean;
  readonly certificate: DeviceCertificate;
  /** Milliseconds before the first attempt to connect again, more or less; 0 for none. */
  readonly reconnectPeriod: number;
  /** For the package `mqtt`. */
  readonly clientOptions: Readonly<Record<string, unknown>>;
  readonly beforeConnect: ((client: MqttClient) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

const RECONNECT_MS = 1_000;

export function checkMqttOptions(given: unknown, device: Device, sessionRegion: string | undefined): MqttPlan {
  const options = checkRecord("options", given, '{ clientId: "pump-7", transport: "ws" }');
  checkNames("", options, NAMES);
  const optional = <Value>(
    name: keyof IotMqttOptions,
    check: (param: string, value: unknown) => Value,
    other: Value,
  ) => (options[name] === undefined ? other : check(name, options[name]));
  const clientId = checkText("clientId", options.clientId, {
    expected: "the name of the client, up to 128 characters",
    max: 128,
  });
  const transport = optional("transport", (param, value) => checkOneOf(param, value, ["x509", "ws"]), "x509");
  const { host, port, useAlpn } = placeOf(options, transport, device);
  const keepAlive = optional("keepAlive", checkPositiveInteger, 60);
  if (keepAlive > 65_535) refuse("keepAlive", "at most 65535 seconds", keepAlive);
  const protocolVersion = optional("protocolVersion", checkVersion, 4);
  const certificate = certificateOf(options, transport, device);
  const verifyPeer = options.verifyPeer === undefined ? device.verifyPeer : checkVerifyPeer(options.verifyPeer);
  const connectOptions = optional("connectOptions", checkConnectOptions, {});
  const { reconnectPeriod = RECONNECT_MS, ...further } = connectOptions;
  return {
    transport,
    host,
    port,
    useAlpn,
    region: transport === "ws" ? signingRegion(options.region, host, sessionRegion) : undefined,
    verifyPeer,
    certificate,
    reconnectPeriod: checkReconnectPeriod(reconnectPeriod),
    clientOptions: {
      connectTimeout: device.timeout * 1_000,
      ...further,
      clientId,
      keepalive: keepAlive,
      clean: optional("cleanStart", checkBoolean, true),
      protocolVersion,
    },
    beforeConnect: optional("beforeConnect", (param, value) => checkFunction(param, value) as never, undefined),
    signal: optional("signal", checkSignal, undefined),
  };
}

function placeOf(options: Record<string, unknown>, transport: "x509" | "ws", device: Device) {
  const given = options.endpoint ?? device.endpoint.dataHost;
  if (given === undefined) {
    throw new BRSConfigurationError(
      "endpoint is missing: MQTT is not spoken by the credentials provider; give what DescribeEndpoint says for iot:Data-ATS",
      { param: "endpoint" },
    );
  }
  const { host, port: inEndpoint } = checkMqttEndpoint("endpoint", given);
  const given443 = options.useAlpn === undefined ? undefined : checkBoolean("useAlpn", options.useAlpn);
  const stated = options.port === undefined ? undefined : checkPort("port", options.port);
  if (stated !== undefined && inEndpoint !== undefined && stated !== inEndpoint) {
    throw new BRSConfigurationError(`port is ${stated}, but the endpoint names port ${inEndpoint}: give one`, {
      param: "port",
    });
  }
  if (transport === "ws" && given443 === true) {
    throw new BRSConfigurationError('useAlpn belongs to transport "x509": a WebSocket needs no name of a protocol', {
      param: "useAlpn",
    });
  }
  const port = stated ?? inEndpoint ?? (transport === "ws" || given443 === true ? 443 : 8883);
  return { host, port, useAlpn: transport === "x509" && (given443 ?? port === 443) };
}

function checkPort(param: string, value: unknown): number {
  const port = checkPositiveInteger(param, value);
  return port <= 65_535 ? port : refuse(param, "a port from 1 to 65535", value);
}

function checkVersion(param: string, value: unknown): 4 | 5 {
  return value === 4 || value === 5 ? value : refuse(param, "4 (MQTT 3.1.1) or 5", value);
}

function checkReconnectPeriod(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) >= 0
    ? (value as number)
    : refuse("connectOptions.reconnectPeriod", "a whole number of milliseconds, 0 for never", value);
}

function checkConnectOptions(param: string, value: unknown): Record<string, unknown> {
  const options = checkRecord(param, value, '{ username: "..." }');
  for (const [name, instead] of Object.entries(TAKEN)) {
    if (options[name] === undefined) continue;
    throw new BRSConfigurationError(`${param}.${name} is set by session.mqtt() itself: use its option ${instead}`, {
      param: `${param}.${name}`,
    });
  }
  return options;
}

function signingRegion(given: unknown, host: string, sessionRegion: string | undefined): string {
  if (given !== undefined) {
    assertRegion(given, "region");
    return given;
  }
  // A signature for another region than the endpoint's is refused, so its name counts more than the session's region.
  const region = regionOfHost(host) ?? sessionRegion;
  if (region !== undefined) return region;
  throw new BRSConfigurationError("region is missing: the endpoint's name does not tell it, and the session has none", {
    param: "region",
  });
}

/** The certificate of the session, unless another one is given. */
function certificateOf(options: Record<string, unknown>, transport: "x509" | "ws", device: Device): DeviceCertificate {
  const given = CERTIFICATE_OPTIONS.filter((name) => options[name] !== undefined);
  if (given.length > 0) {
    if (transport === "x509") return new DeviceCertificate(options, "file", device.homeDir);
    refuse(
      given[0] as string,
      'left out with transport "ws", which shows no certificate and trusts the `ca` of the session',
      undefined,
    );
  }
  if (transport === "x509" && device.hasToken) {
    throw new BRSConfigurationError(
      'transport "x509" needs a key that node:tls can use, and that of the session stays in its token; use transport "ws"',
      { param: "transport" },
    );
  }
  return device.certificate;
}
