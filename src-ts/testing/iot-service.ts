/** The credentials provider of AWS IoT Core in a test endpoint: a door of mutual TLS that vends credentials of roles. */
import { X509Certificate } from "node:crypto";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Clock } from "../defaults.js";
import { BRSValidationError, shown } from "../errors.js";
import { isRecord } from "../strategies/option-checks.js";
import { answerRequest, jsonAnswer, type ServiceAnswer, ServiceRefusal } from "./answering.js";
import type { ReceivedRequest } from "./authentication.js";
import { type CredentialVendor, parseRoleArn, TEST_ACCOUNT } from "./credential-vendor.js";
import { type ErrorFault, FaultQueue } from "./faults.js";
import { LastRequests } from "./last-requests.js";
import { rawHeader } from "./raw-headers.js";
import { type IssuedCertificate, TestAuthority } from "./test-authority.js";

/** Options of the IoT door of a test endpoint. */
export interface TestIotOptions {
  /** Role ARNs by the names of their aliases; default: `{ "test-role-alias": ... }`. */
  readonly roleAliases?: Readonly<Record<string, string>>;
  /** Names of things that a device may name, by the common name of its certificate; default: the common name itself. */
  readonly things?: Readonly<Record<string, readonly string[]>>;
  /** Authorities whose devices are let in, PEM; default: one of the endpoint's own. */
  readonly ca?: string;
  /** The certificate of the door; default: one issued by the authority of the endpoint's own. */
  readonly server?: IssuedCertificate;
}

const DEFAULT_ALIASES = { "test-role-alias": `arn:aws:iam::${TEST_ACCOUNT}:role/iot-device` };
const DEFAULT_LIFETIME = 3_600;

/** Refuses options of a wrong form; the error names the option. */
export function checkIotOptions(given: unknown): void {
  const refusal = (param: string, wanted: string, found: unknown) =>
    new BRSValidationError(`${param} must be ${wanted}, found ${shown(found)}`, { param });
  const options = given === true ? {} : given;
  if (!isRecord(options)) throw refusal("iot", 'true or options such as { roleAliases: { alias: "arn:..." } }', given);
  const { roleAliases = {}, things = {}, ca = "", server, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw refusal(`iot.${unknown}`, "one of roleAliases, things, ca, server", unknown);
  for (const [param, value] of Object.entries({ "iot.roleAliases": roleAliases, "iot.things": things })) {
    if (!isRecord(value)) throw refusal(param, "an object", value);
  }
  for (const [alias, arn] of Object.entries(roleAliases as object)) {
    if (typeof arn !== "string" || parseRoleArn(arn) === undefined)
      throw refusal(`iot.roleAliases.${alias}`, "the ARN of a role", arn);
  }
  if (typeof ca !== "string") throw refusal("iot.ca", "PEM text", ca);
  if (server !== undefined && !isRecord(server))
    throw refusal("iot.server", "{ certificate, privateKey }", typeof server);
}

/** One request for credentials, as it came. */
export interface IotRequest {
  /** As it came, encoded. */
  readonly path: string;
  readonly roleAlias: string;
  /** The name of the server in the handshake (SNI); undefined for an address. */
  readonly serverName: string | undefined;
  /** Common name of the device's certificate. */
  readonly commonName: string;
  readonly thingName: string | undefined;
  /** What the header for the lifetime asked for; the endpoint vends its own lifetime all the same. */
  readonly durationSeconds: string | undefined;
  /** Port of the other side, which shows whether a connection was kept. */
  readonly remotePort: number | undefined;
}

export interface IotServiceOptions extends TestIotOptions {
  readonly vendor: CredentialVendor;
  readonly clock: Clock;
  readonly credentialLifetime?: number | undefined;
}

/** The IoT side of a test endpoint: what devices need to reach it, what it was asked, and what it shall do wrong. */
export class IotService extends FaultQueue {
  readonly #options: IotServiceOptions;
  readonly #server: Server;
  readonly #requests = new LastRequests<IotRequest>();
  /** Also those whose handshake is not done, of which the server itself does not know. */
  readonly #sockets = new Set<Socket>();
  #port = 0;
  /** Counted when a request has arrived whole; those refused in the handshake never arrive. */
  readonly counts = { calls: 0, vended: 0, refused: 0, handshakesRefused: 0 };
  /** Issues certificates that the door lets in. */
  readonly authority = new TestAuthority();
  /** A device that the door lets in, under the name "test-device". */
  readonly device: IssuedCertificate;

  constructor(options: IotServiceOptions) {
    super();
    this.#options = options;
    this.device = this.authority.issue({ commonName: "test-device" });
    const own = options.server ?? this.authority.issue({ commonName: "localhost", usage: "server" });
    this.#server = createServer({
      cert: own.certificate,
      key: own.privateKey,
      ca: [this.authority.certificate, ...(options.ca === undefined ? [] : [options.ca])],
      requestCert: true,
      rejectUnauthorized: true,
    });
    this.#server.on("tlsClientError", (_error, socket) => {
      this.counts.handshakesRefused++;
      socket.destroy();
    });
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.#server.on("clientError", (_error, socket) => socket.destroy());
    this.#server.on("request", (request, response) => void answerRequest(this, request, response, options.clock));
  }

  /** Address to give as `endpoint` of a session. */
  get endpoint(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** To give as `ca` of a session, where the door has no certificate of yours. */
  get ca(): string {
    return this.authority.certificate;
  }

  /** The last hundred requests, as they came. */
  get requests(): readonly IotRequest[] {
    return this.#requests.list();
  }

  async listen(unref: boolean): Promise<void> {
    if (unref) {
      this.#server.unref();
      this.#server.on("connection", (socket: Socket) => socket.unref());
    }
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host: "127.0.0.1", port: 0 }, resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  /** @internal */
  note(): void {
    this.counts.calls++;
  }

  /** @internal */
  answer(request: ReceivedRequest, socket: Socket): ServiceAnswer {
    try {
      return this.#vend(request, socket as TLSSocket);
    } catch (error) {
      if (!(error instanceof ServiceRefusal)) throw error;
      this.counts.refused++;
      const { statusCode = 400, code, message } = error;
      return this.refusal({ statusCode, code, message });
    }
  }

  /** @internal */
  refusal({ statusCode, code, message = "" }: ErrorFault): ServiceAnswer {
    return jsonAnswer(statusCode, { message }, { "x-amzn-ErrorType": code });
  }

  #vend({ method, target, rawHeaders }: ReceivedRequest, socket: TLSSocket): ServiceAnswer {
    const [, encoded] = /^\/role-aliases\/([^/?]+)\/credentials$/.exec(target) ?? [];
    if (method !== "GET" || encoded === undefined) {
      throw new ServiceRefusal("No such operation", { statusCode: 404, code: "ResourceNotFoundException" });
    }
    const header = (name: string) => rawHeader(rawHeaders, name);
    const certificate = new X509Certificate(socket.getPeerCertificate().raw);
    const commonName = /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? "";
    const roleAlias = decodeURIComponent(encoded);
    const serverName = (socket as { servername?: string | false }).servername || undefined;
    const thingName = header("x-amzn-iot-thingname");
    const durationSeconds = header("x-amzn-iot-credential-duration-seconds");
    this.#requests.add({
      path: target,
      serverName,
      roleAlias,
      commonName,
      thingName,
      durationSeconds,
      remotePort: socket.remotePort,
    });

    const { things, roleAliases = DEFAULT_ALIASES, vendor, credentialLifetime = DEFAULT_LIFETIME } = this.#options;
    const attached = things === undefined ? [commonName] : (things[commonName] ?? []);
    if (thingName !== undefined && !attached.includes(thingName)) {
      throw new ServiceRefusal("Invalid thing name passed", { statusCode: 403, code: "AccessDeniedException" });
    }
    const arn = Object.hasOwn(roleAliases, roleAlias) ? (roleAliases as Record<string, string>)[roleAlias] : undefined;
    const role = parseRoleArn(arn ?? "");
    if (role === undefined)
      throw new ServiceRefusal("Role alias does not exist", { statusCode: 404, code: "ResourceNotFoundException" });
    // AWS names the session by the id of the certificate, which is its fingerprint.
    const certificateId = certificate.fingerprint256.replaceAll(":", "").toLowerCase();
    const vended = vendor.vend(vendor.roleSession(role, certificateId), credentialLifetime);
    this.counts.vended++;
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = vended;
    // Whole seconds, as AWS writes it.
    const end = expiration.toISOString().replace(/\.\d+Z$/, "Z");
    return jsonAnswer(200, { credentials: { accessKeyId, secretAccessKey, sessionToken, expiration: end } });
  }
}
