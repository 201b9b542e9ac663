/** URLs for MQTT over WebSocket to AWS IoT Core. */
import { checkNames } from "../option-names.js";
import { validExpiresIn } from "../presigning/validity.js";
import { checkHost, type PresignedSocket, presignSocket, type SocketOptions } from "./presigned-socket.js";

export interface IotWebSocketOptions extends SocketOptions {
  /** What DescribeEndpoint gives for `iot:Data-ATS`: `abc-ats.iot.eu-west-1.amazonaws.com`, with or without a port. */
  endpoint: string;
  /** How long a connection can be opened with the URL: 1 to 86 400 whole seconds. The default is 900. */
  expiresIn?: number;
}

const NAMES = ["endpoint", "region", "credentials", "expiresIn", "minValidity", "clock"];
const DEFAULT_EXPIRES_IN = 900;
/** A day, in seconds: as long as IoT Core keeps such a connection. */
const MAX_EXPIRES_IN = 86_400;

/**
 * A URL with which an MQTT client connects to AWS IoT Core over WebSocket.
 *
 * The session token stands behind the signature and is not covered by it: IoT Core computes signatures so. Source: "IAM users,
 * groups, and roles" in the AWS IoT Core developer guide.
 *
 * Rejects with BRSValidationError or SigningError that names the option, or with the failure of a refresh.
 *
 * @example
 * ```ts
 * import { presignIotWebSocket } from "aws-refresh-session/signing";
 *
 * const { url } = await presignIotWebSocket({
 *   endpoint: "abc-ats.iot.eu-west-1.amazonaws.com",
 *   region: "eu-west-1",
 *   credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
 * });
 * // new WebSocket(url, "mqtt"); a URL serves one connection, so sign another to connect again (`session.mqtt()` does)
 * ```
 */
export async function presignIotWebSocket(options: IotWebSocketOptions): Promise<PresignedSocket> {
  checkNames(options, "presignIotWebSocket", NAMES);
  const host = checkHost(options.endpoint, "endpoint");
  const expiresIn = validExpiresIn(
    options.expiresIn === undefined ? DEFAULT_EXPIRES_IN : options.expiresIn,
    MAX_EXPIRES_IN,
  );
  return presignSocket(options, {
    service: "iotdevicegateway",
    host,
    path: "/mqtt",
    parameters: [],
    expiresIn,
    tokenAfterSignature: true,
  });
}
