/** Sends requests under the device's certificate, over connections that end when the certificate is renewed. */
import type { TransportOptionNames } from "../aws/connection-failure.js";
import {
  type ExchangeOptions,
  type HttpAnswer,
  type HttpExchange,
  type HttpRequest,
  HttpTransport,
} from "../aws/transport.js";
import type { Clock } from "../defaults.js";
import { BRSConfigurationError, BRSConnectionError } from "../errors.js";
import type { DeviceCertificate, LoadedCertificate } from "./device-certificate.js";

/** Opens connections for one state of the certificate. */
export type OpenExchange = (certificate: LoadedCertificate) => HttpExchange;

/** How failures of these connections are put in the words of the options of method "iot". */
export const IOT_OPTION_NAMES: TransportOptionNames = {
  trust: "give the authority that issued it as `ca`, or set NODE_EXTRA_CA_CERTS",
  timeout: "timeout",
  closed:
    "the connection was closed before the answer was complete; the other side may not accept the device's certificate, " +
    "or check proxies and firewalls between",
};

export interface NodeExchangeOptions {
  readonly verifyPeer: boolean;
  /** Seconds. */
  readonly timeout: number;
}

/** Over node:https, with the key in this process. */
export function nodeExchange({ verifyPeer, timeout }: NodeExchangeOptions): OpenExchange {
  return ({ context }) =>
    new HttpTransport({
      requestTimeout: timeout,
      tls: { secureContext: context, rejectUnauthorized: verifyPeer },
      optionNames: IOT_OPTION_NAMES,
    });
}

export class DeviceExchange implements HttpExchange {
  readonly #certificate: DeviceCertificate;
  readonly #open: OpenExchange;
  readonly #clock: Clock;
  #shown: LoadedCertificate | undefined;
  #exchange: HttpExchange | undefined;
  #closed = false;

  constructor(certificate: DeviceCertificate, open: OpenExchange, clock: Clock) {
    this.#certificate = certificate;
    this.#open = open;
    this.#clock = clock;
  }

  async send(request: HttpRequest, options?: ExchangeOptions): Promise<HttpAnswer> {
    if (this.#closed) {
      throw new BRSConfigurationError(`${request.operation}: the session was closed`, { code: "ERR_CLOSED" });
    }
    const shown = this.#certificate.current();
    if (shown !== this.#shown) {
      // One refresh runs at a time, so nothing is under way on the old connections.
      this.#exchange?.close();
      this.#exchange = this.#open(shown);
      this.#shown = shown;
    }
    try {
      return await (this.#exchange as HttpExchange).send(request, options);
    } catch (error) {
      throw this.#blameCertificate(error, shown);
    }
  }

  close(): void {
    this.#closed = true;
    this.#exchange?.close();
    this.#exchange = undefined;
  }

  /** A server that refuses an ended certificate most often just closes the connection. */
  #blameCertificate(error: unknown, { validTo }: LoadedCertificate): unknown {
    const hasEnded = validTo !== undefined && validTo <= this.#clock();
    if (!hasEnded || !(error instanceof BRSConnectionError)) return error;
    const end = new Date(validTo).toISOString();
    return new BRSConnectionError(`${error.message}; the device's certificate ended at ${end}, renew it`, {
      code: error.code,
      details: { ...error.details, certificateEnded: end },
      retryable: error.retryable,
    });
  }
}
