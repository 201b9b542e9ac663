/** The parts of the package `aws-crt` that are used here, typed by their structure: it is an optional peer. */
import { loadPeer } from "../../optional-peer.js";

/** An error of the native library; `error_name` is such as AWS_IO_TLS_ERROR_NEGOTIATION_FAILURE. */
export interface CrtError extends Error {
  readonly error_name?: string;
}

interface Emitter<Events extends Record<string, readonly unknown[]>> {
  on<Name extends keyof Events & string>(event: Name, listener: (...args: Events[Name]) => void): unknown;
}

type Handle = Record<never, never>;

export interface CrtStream
  extends Emitter<{
    response: [status: number, headers: { _flatten(): Array<[name: string, value: string]> }];
    data: [chunk: ArrayBuffer];
    end: [];
    error: [error: CrtError];
  }> {
  activate(): void;
}

export interface CrtConnection extends Emitter<{ connect: []; close: []; error: [error: CrtError] }> {
  request(request: Handle): CrtStream;
  close(): void;
}

export interface CrtTlsOptions {
  verify_peer: boolean;
  override_default_trust_store(ca: string): void;
}

export interface AwsCrt {
  readonly io: {
    readonly SocketType: { readonly STREAM: number };
    readonly SocketDomain: { readonly IPV4: number; readonly IPV6: number };
    readonly SocketOptions: new (type: number, domain: number, connectTimeoutMs: number) => Handle;
    readonly Pkcs11Lib: new (path: string) => Handle;
    readonly TlsContextOptions: { create_client_with_mtls_pkcs11(options: object): CrtTlsOptions };
    readonly ClientTlsContext: new (options: CrtTlsOptions) => Handle;
    readonly TlsConnectionOptions: new (context: Handle, serverName?: string) => Handle;
  };
  readonly http: {
    readonly HttpHeaders: new (headers: ReadonlyArray<readonly [name: string, value: string]>) => Handle;
    readonly HttpRequest: new (method: string, path: string, headers: Handle) => Handle;
    readonly HttpClientConnection: new (
      bootstrap: undefined,
      host: string,
      port: number,
      socketOptions: Handle,
      tlsOptions: Handle,
    ) => CrtConnection;
  };
}

/** Loads a native library of some ten megabytes. */
export function loadAwsCrt(): AwsCrt {
  return loadPeer("aws-crt", "a key in a PKCS#11 token (option pkcs11)") as AwsCrt;
}
