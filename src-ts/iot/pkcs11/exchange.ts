/** Sends requests whose TLS key stays in a PKCS#11 token, through aws-crt: node:tls can only use keys that it holds. */
import type { IncomingHttpHeaders } from "node:http";
import { isIPv6 } from "node:net";
import {
  connectionFailure,
  type TransportOptionNames,
  timeoutFailure,
  tooLargeFailure,
} from "../../aws/connection-failure.js";
import { follow, systemTimer } from "../../aws/hold.js";
import {
  type ExchangeOptions,
  type HttpAnswer,
  type HttpExchange,
  type HttpRequest,
  MAX_ANSWER_BYTES,
} from "../../aws/transport.js";
import { BRSConfigurationError, type BRSError } from "../../errors.js";
import type { LoadedCertificate } from "../device-certificate.js";
import { IOT_OPTION_NAMES, type NodeExchangeOptions, type OpenExchange } from "../device-exchange.js";
import { type AwsCrt, type CrtConnection, type CrtError, loadAwsCrt } from "./aws-crt.js";
import type { Pkcs11Options } from "./options.js";

/** Logs in to the token when the first request is sent. */
export function pkcs11Exchange(token: Pkcs11Options, reach: NodeExchangeOptions): OpenExchange {
  return (certificate) => new Pkcs11Exchange(token, certificate, reach);
}

/** aws-crt tells of a handshake that failed 10 to 30 seconds later (s2n's blinding), which is no sooner than the limit. */
const OPTION_NAMES: TransportOptionNames = {
  ...IOT_OPTION_NAMES,
  trust:
    "either that, and the authority that issued it belongs into `ca`, or the other side does not accept the device's certificate",
  timeout:
    "timeout; a handshake that failed looks the same with a key in a token, so check `ca`, the device's certificate and its key, too",
};

type Handle = Record<never, never>;

/** Libraries that were initialised; PKCS#11 has one state for each in the process, and sessions share it. */
const libraries = new Map<string, Handle>();

/**
 * One connection for each request, over one context of TLS: what costs time is the token, and the next request is most often an hour away.
 */
class Pkcs11Exchange implements HttpExchange {
  readonly #token: Pkcs11Options;
  readonly #certificate: LoadedCertificate;
  readonly #reach: NodeExchangeOptions;
  #context: Handle | undefined;

  constructor(token: Pkcs11Options, certificate: LoadedCertificate, reach: NodeExchangeOptions) {
    this.#token = token;
    this.#certificate = certificate;
    this.#reach = reach;
  }

  async send(request: HttpRequest, { signal, hold }: ExchangeOptions = {}): Promise<HttpAnswer> {
    signal?.throwIfAborted();
    const crt = loadAwsCrt();
    this.#context ??= this.#open(crt);
    const { timeout } = this.#reach;
    // Half of the time, so that a handshake that fails in silence leaves time for another attempt.
    const connection = connect(crt, request.url, this.#context, timeout / 2);
    const timedOut = new AbortController();
    const limit = (seconds: number, phase: string) => {
      const timer = systemTimer(seconds * 1_000, () =>
        timedOut.abort(timeoutFailure(request, seconds, phase, OPTION_NAMES)),
      );
      const release = follow(hold, timer);
      return () => {
        timer.cancel();
        release();
      };
    };
    const limits = [limit(timeout / 2, "connection"), limit(timeout, "answer")];
    connection.on("connect", () => limits[0]?.());
    const signals = signal === undefined ? [timedOut.signal] : [timedOut.signal, signal];
    try {
      return await exchange(crt, connection, request, AbortSignal.any(signals));
    } finally {
      for (const cancel of limits) cancel();
      connection.close();
    }
  }

  close(): void {
    // The context and the session with the token end with the last reference: aws-crt offers nothing else.
    this.#context = undefined;
  }

  #open({ io }: AwsCrt): Handle {
    const { pkcs11Lib, userPin, slotId, tokenLabel, privateKeyLabel } = this.#token;
    try {
      const library = libraries.get(pkcs11Lib) ?? new io.Pkcs11Lib(pkcs11Lib);
      libraries.set(pkcs11Lib, library);
      const options = io.TlsContextOptions.create_client_with_mtls_pkcs11({
        pkcs11_lib: library,
        user_pin: userPin ?? null,
        ...(slotId !== undefined && { slot_id: slotId }),
        ...(tokenLabel !== undefined && { token_label: tokenLabel }),
        ...(privateKeyLabel !== undefined && { private_key_object_label: privateKeyLabel }),
        cert_file_contents: this.#certificate.certificate,
      });
      options.verify_peer = this.#reach.verifyPeer;
      if (this.#certificate.ca !== undefined) options.override_default_trust_store(this.#certificate.ca);
      return new io.ClientTlsContext(options);
    } catch (error) {
      throw tokenFailure(error as CrtError);
    }
  }
}

function connect({ io, http }: AwsCrt, url: URL, context: Handle, seconds: number): CrtConnection {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const domain = isIPv6(host) ? io.SocketDomain.IPV6 : io.SocketDomain.IPV4;
  return new http.HttpClientConnection(
    undefined,
    host,
    Number(url.port || 443),
    new io.SocketOptions(io.SocketType.STREAM, domain, seconds * 1_000),
    new io.TlsConnectionOptions(context, host),
  );
}

function exchange(
  crt: AwsCrt,
  connection: CrtConnection,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { http } = crt;
  return new Promise((resolve, reject) => {
    const fail = (error: CrtError) => reject(networkFailure(request, error));
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    connection.on("error", fail);
    connection.on("close", () => reject(connectionFailure(request, { code: "ECONNRESET" }, OPTION_NAMES)));
    connection.on("connect", () => {
      const { url, method } = request;
      const headers = new http.HttpHeaders(Object.entries({ ...request.headers, host: url.host }));
      const stream = connection.request(new http.HttpRequest(method, `${url.pathname}${url.search}`, headers));
      const chunks: Buffer[] = [];
      let size = 0;
      let statusCode = 0;
      let received: IncomingHttpHeaders = {};
      stream.on("response", (status, fields) => {
        statusCode = status;
        received = Object.fromEntries(fields._flatten().map(([name, value]) => [name.toLowerCase(), value]));
      });
      stream.on("data", (chunk) => {
        size += chunk.byteLength;
        if (size > MAX_ANSWER_BYTES) return reject(tooLargeFailure(request, MAX_ANSWER_BYTES));
        // A copy: the memory is the library's.
        chunks.push(Buffer.from(new Uint8Array(chunk)));
      });
      stream.on("error", fail);
      stream.on("end", () => {
        resolve({ statusCode, headers: received, body: Buffer.concat(chunks).toString("utf8") });
      });
      stream.activate();
    });
  });
}

/** Node's codes for what aws-crt calls otherwise, so that advice and retries are the same. */
const NODE_CODES: Readonly<Record<string, string>> = {
  AWS_IO_DNS_INVALID_NAME: "ENOTFOUND",
  AWS_IO_DNS_QUERY_FAILED: "EAI_AGAIN",
  AWS_IO_DNS_NO_ADDRESS_FOR_HOST: "ENOTFOUND",
  AWS_IO_SOCKET_CLOSED: "ECONNRESET",
  AWS_IO_SOCKET_CONNECTION_REFUSED: "ECONNREFUSED",
  AWS_IO_SOCKET_NETWORK_DOWN: "ENETUNREACH",
  AWS_IO_SOCKET_NO_ROUTE_TO_HOST: "EHOSTUNREACH",
  AWS_IO_SOCKET_TIMEOUT: "ETIMEDOUT",
  AWS_ERROR_HTTP_CONNECTION_CLOSED: "ECONNRESET",
  // Which certificate it did not like is not told.
  AWS_IO_TLS_ERROR_NEGOTIATION_FAILURE: "ERR_TLS_NEGOTIATION",
};

function networkFailure(request: HttpRequest, error: CrtError): BRSError {
  const name = nameOf(error);
  if (name.includes("PKCS11")) return tokenFailure(error);
  return connectionFailure(request, { code: NODE_CODES[name] ?? name }, OPTION_NAMES);
}

function tokenFailure(error: CrtError): BRSConfigurationError {
  const reason = nameOf(error);
  const param = reason.includes("PIN") ? "pkcs11.userPin" : "pkcs11";
  return new BRSConfigurationError(
    `${param}: the token cannot be used (${reason}); check the library, the label or slot of the token, its PIN and the label of the key`,
    { param, details: { reason } },
  );
}

/** Errors of connections have a field for it, those of constructors only their text. */
function nameOf({ error_name, message }: CrtError): string {
  return error_name ?? /\bAWS_[A-Z_\d]+\b/.exec(message)?.[0] ?? "unknown";
}
