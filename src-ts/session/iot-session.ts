/** Method "iot": sessions of a device that has an X.509 certificate of AWS IoT Core. */
import type { Clock } from "../defaults.js";
import { type Device, type IotDeviceOptions, openDevice } from "../iot/device.js";
import { CERTIFICATE_OPTIONS } from "../iot/device-certificate.js";
import { regionOfHost } from "../iot/endpoint.js";
import type { MqttClient } from "../iot/mqtt/client.js";
import { MqttConnection } from "../iot/mqtt/connection.js";
import { checkMqttOptions, type IotMqttOptions } from "../iot/mqtt/options.js";
import { preparation } from "../iot/mqtt/preparation.js";
import { closedError } from "../refresh/refreshable-credentials.js";
import { IotX509Strategy } from "../strategies/iot-x509.js";
import type { SessionOptions } from "./options.js";
import { RefreshableSession } from "./refreshable-session.js";
import { untilReady, type Waiting } from "./until-ready.js";

/**
 * @example
 * ```ts
 * import type { IotSessionOptions } from "aws-refresh-session";
 *
 * const options: IotSessionOptions = {
 *   endpoint: "abc.credentials.iot.eu-west-1.amazonaws.com",
 *   roleAlias: "telemetry",
 *   certificate: "/etc/device/certificate.pem",
 *   privateKey: "/etc/device/private.key",
 *   thingName: "pump-7",
 * };
 * ```
 */
export interface IotSessionOptions extends SessionOptions, IotDeviceOptions {
  method?: "iot";
}

export const IOT_OPTIONS = [
  ...CERTIFICATE_OPTIONS,
  "endpoint",
  "roleAlias",
  "pkcs11",
  "thingName",
  "verifyPeer",
  "timeout",
  "durationSeconds",
] as const satisfies ReadonlyArray<keyof IotSessionOptions>;

/**
 * A session of a device. Same as `new RefreshableSession({ method: "iot", ... })`.
 *
 * Options are checked at construction, certificate and key included: the files are read, must fit together, and are read again when
 * they change. Connections are kept for the next refresh, and ended when the certificate changes.
 *
 * A refresh rejects with BRSRequestError when AWS IoT answered with an error (`details.awsCode`), and with BRSConnectionError when no
 * answer came (`details.reason` is the code of the failure of TLS or of the network).
 *
 * @example
 * ```ts
 * import { IOTX509RefreshableSession } from "aws-refresh-session";
 *
 * declare const pem: { certificate: string; privateKey: string };
 * const session = new IOTX509RefreshableSession({
 *   endpoint: "abc.credentials.iot.eu-west-1.amazonaws.com",
 *   roleAlias: "telemetry",
 *   region: "eu-west-1",
 *   ...pem,
 * });
 * const signer = session.signer({ service: "execute-api" });
 * session.close();
 * ```
 */
export class IOTX509RefreshableSession extends RefreshableSession {
  readonly #device: Device;
  readonly #clock: Clock | undefined;
  readonly #connections = new Set<MqttConnection>();
  #isClosed = false;

  constructor(options: IotSessionOptions) {
    let opened: { device: Device; clock: Clock | undefined } | undefined;
    super(options, {
      names: { method: "iot", own: IOT_OPTIONS },
      refreshMethod: "iot-x509",
      open(given, { options: effective, onClockOffset }) {
        const device = openDevice(given, effective);
        opened = { device, clock: effective.givenClock };
        return {
          strategy: new IotX509Strategy(device.request, device.callerOptions(onClockOffset)),
          // The endpoint says it already.
          region: regionOfHost(device.endpoint.url.hostname),
        };
      },
    });
    const { device, clock } = opened as NonNullable<typeof opened>;
    this.#device = device;
    this.#clock = clock;
  }

  static override create(options: IotSessionOptions, waiting?: Waiting): Promise<IOTX509RefreshableSession> {
    return untilReady(() => new this(options), waiting);
  }

  /**
   * Connects a client of the package `mqtt` (an optional peer, 5.x) to AWS IoT Core; resolves once the broker has taken it.
   *
   * With transport "x509" it shows the device's certificate; with "ws" it opens a WebSocket whose URL is signed anew for each connection,
   * with credentials that are refreshed first when that is due. When the connection is lost it is made again, after 1 to 30 seconds, until
   * `client.end()` or `session.close()`; as long as the client is open it keeps the process alive.
   *
   * Rejects with BRSValidationError or BRSConfigurationError for options (and without the package `mqtt`), with BRSRequestError when the
   * broker refuses the client (`details.reasonCode` of MQTT, or the status of the WebSocket), with BRSConnectionError when no answer
   * came, and with what a refresh rejects with.
   *
   * Source: "Device communication protocols" in the AWS IoT Core developer guide.
   *
   * @example
   * ```ts
   * import type { IOTX509RefreshableSession } from "aws-refresh-session";
   *
   * declare const session: IOTX509RefreshableSession;
   * const client = await session.mqtt({
   *   endpoint: "abc-ats.iot.eu-west-1.amazonaws.com",
   *   clientId: "pump-7",
   *   transport: "ws",
   * });
   * await client.publishAsync("pumps/7/pressure", "2.1", { qos: 1 });
   * ```
   */
  async mqtt<Client extends MqttClient = MqttClient>(options: IotMqttOptions): Promise<Client> {
    this.#throwIfClosed();
    const plan = checkMqttOptions(options, this.#device, this.region);
    const prepare = preparation(plan, this.getCredentials(), this.#clock);
    const connection = new MqttConnection(plan, {
      open: this.#connections,
      prepare: async () => {
        // The user still has the client, and may let it reconnect.
        this.#throwIfClosed();
        return prepare();
      },
    });
    plan.beforeConnect?.(connection.client);
    return (await connection.open()) as MqttClient as Client;
  }

  /** As for every session; ends the clients of MQTT, too. */
  override close(): void {
    this.#isClosed = true;
    for (const connection of this.#connections) connection.close();
    super.close();
  }

  #throwIfClosed(): void {
    if (this.#isClosed) throw closedError();
  }
}
