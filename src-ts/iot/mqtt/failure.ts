/** Why a connection of MQTT failed, as an error of this package: refused by the broker, by TLS, or by the network. */
import { connectionAdvice } from "../../aws/connection-failure.js";
import { BRSConnectionError, BRSError, BRSRequestError } from "../../errors.js";
import { IOT_OPTION_NAMES } from "../device-exchange.js";

const CLOSED =
  "the connection was closed before the broker answered; AWS IoT does so when the policy does not allow iot:Connect for " +
  "the client id, when the certificate is not registered or active, and when another client connects with the same id";

/** Statuses with which a WebSocket is refused that will be the same the next time. */
const isFinal = (statusCode: number): boolean => statusCode < 500 && statusCode !== 429;

/** `error` is what the package `mqtt`, its stream or our own preparation failed with; undefined for a close without a word. */
export function mqttFailure(error: unknown, endpoint: string): BRSError {
  if (error instanceof BRSError) return error;
  const { code, message = "" } = (error ?? {}) as { code?: unknown; message?: string };
  const details = { operation: "MQTT CONNECT", endpoint };
  // Reason codes of CONNACK are numbers, those of Node are names.
  if (typeof code === "number") {
    return new BRSRequestError(
      `MQTT CONNECT: ${endpoint} refused the client: ${message.replace(/^[^:]*: /, "")} (${code})`,
      {
        details: { ...details, reasonCode: code },
        // 3 and 136 are "server unavailable", 137 is "server busy", 151 "quota exceeded", 159 "connection rate exceeded".
        retryable: [3, 136, 137, 151, 159].includes(code),
      },
    );
  }
  const [, status] = /^Unexpected server response: (\d+)$/.exec(message) ?? [];
  if (status !== undefined) {
    const statusCode = Number(status);
    return new BRSRequestError(
      `MQTT CONNECT: ${endpoint} refused the WebSocket with status ${statusCode}; check region and endpoint, and that the ` +
        "role may iot:Connect",
      { statusCode, details, retryable: !isFinal(statusCode) },
    );
  }
  if (message === "connack timeout") {
    return new BRSConnectionError(
      `MQTT CONNECT: no answer from ${endpoint} in time; check the network between, or raise timeout`,
      {
        code: "ERR_TIMEOUT",
        details,
        retryable: true,
      },
    );
  }
  const reason = typeof code === "string" ? code : "ECONNRESET";
  const { advice, retryable } = connectionAdvice(reason, { ...IOT_OPTION_NAMES, closed: CLOSED });
  return new BRSConnectionError(`MQTT CONNECT: no answer from ${endpoint} (${reason}): ${advice}`, {
    details: { ...details, reason },
    retryable,
  });
}
