/** A loopback server that vends temporary credentials as STS does, and verifies every request signed with them. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, systemClock } from "../defaults.js";
import { BRSConfigurationError, BRSValidationError, shown } from "../errors.js";
import { answerRequest } from "./answering.js";
import { ApiService } from "./api-service.js";
import { authenticator } from "./authentication.js";
import { CognitoService } from "./cognito-service.js";
import { CredentialVendor, type SourceCredentials } from "./credential-vendor.js";
import type { FaultQueue } from "./faults.js";
import { checkIotOptions, IotService, type TestIotOptions } from "./iot-service.js";
import { MfaDevice, type TestMfaDevice } from "./mfa-device.js";
import { StsService } from "./sts-service.js";

/** Options of `startTestEndpoint`. Durations are seconds. */
export interface TestEndpointOptions {
  /** Port on 127.0.0.1; by default one that is free. */
  readonly port?: number;
  /** Long-lived keys of the source user; by default new random ones. */
  readonly credentials?: SourceCredentials;
  /** Lifetime of what STS vends, whatever DurationSeconds asks for. */
  readonly credentialLifetime?: number;
  /** The external id that AssumeRole must name; by default none is needed. */
  readonly externalId?: string;
  /** The MFA device whose codes AssumeRole asks for, unless the caller's session was begun with one; by default none. */
  readonly mfa?: TestMfaDevice;
  /** The one region that requests may be signed for; by default any. */
  readonly region?: string;
  /** The service that requests to the API are signed for. Default "execute-api". */
  readonly service?: string;
  /** How far the time of a signature may be from the endpoint's. Default 900. */
  readonly maxSkew?: number;
  /** The endpoint's time: of its Date headers, its verification, and the end of credentials. */
  readonly clock?: Clock;
  /** Opens the credentials provider of AWS IoT Core, too: `true`, or what it knows. */
  readonly iot?: true | TestIotOptions;
  /** Lets the process end although the endpoint is open. */
  readonly unref?: boolean;
}

/** What a test endpoint has done so far. */
export interface TestEndpointStats {
  /** AssumeRole requests that arrived, refused and faulty ones included. */
  readonly assumeRoleCalls: number;
  /** AssumeRoleWithWebIdentity requests that arrived; so for the next three. */
  readonly assumeRoleWithWebIdentityCalls: number;
  readonly assumeRoleWithSAMLCalls: number;
  readonly getSessionTokenCalls: number;
  readonly getFederationTokenCalls: number;
  /** GetCallerIdentity requests that arrived. */
  readonly getCallerIdentityCalls: number;
  /** Requests to Cognito identity pools that arrived. */
  readonly cognitoGetIdCalls: number;
  readonly cognitoGetCredentialsForIdentityCalls: number;
  /** Sets of credentials that were given out. */
  readonly credentialsVended: number;
  /** STS requests that were refused for their signature, their sender or their parameters. */
  readonly stsRequestsRefused: number;
  /** Requests for credentials that arrived at the IoT door. */
  readonly iotCalls: number;
  /** API requests whose signature was right. */
  readonly requestsVerified: number;
  /** API requests that were refused. */
  readonly requestsRefused: number;
}

/** The IoT door of a test endpoint. */
export type TestIot = Pick<
  IotService,
  "endpoint" | "ca" | "device" | "authority" | "requests" | "counts" | "failNext" | "pending" | "clear"
>;

/** A running test endpoint. */
export interface TestEndpoint extends AsyncDisposable {
  /** Base address; every path below it but `/` is the API. */
  readonly url: string;
  /** Address to give as `stsClientConfig.endpoint`. */
  readonly stsUrl: string;
  readonly port: number;
  /** Long-lived keys that may call AssumeRole, and the API too. */
  readonly credentials: SourceCredentials;
  /** Faults for STS, and the parameters it received. */
  readonly sts: Pick<StsService, "failNext" | "pending" | "clear" | "requests">;
  /** Faults for Cognito identity pools, what they received, and their identities. */
  readonly cognito: Pick<CognitoService, "failNext" | "pending" | "clear" | "requests" | "forgetIdentities">;
  /** Faults for the API. */
  readonly api: Pick<FaultQueue, "failNext" | "pending" | "clear">;
  /** The credentials provider of AWS IoT Core: its address, certificates to reach it with, and faults; with option `iot`. */
  readonly iot: TestIot;
  readonly stats: TestEndpointStats;
  /** Stops at once: connections are ended, hanging requests too. */
  close(): Promise<void>;
}

type Check = readonly [wanted: string, accepts: (value: unknown) => boolean];
const SECONDS: Check = ["a number of seconds above 0", (value) => typeof value === "number" && value > 0];
const TEXT: Check = ["a non-empty string", (value) => typeof value === "string" && value !== ""];

const CHECKS: Readonly<Record<keyof TestEndpointOptions, Check>> = {
  port: ["a port number", (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 65_536],
  credentials: [
    "{ accessKeyId, secretAccessKey }",
    (value) => {
      const { accessKeyId, secretAccessKey } = (value ?? {}) as Record<string, unknown>;
      return TEXT[1](accessKeyId) && TEXT[1](secretAccessKey);
    },
  ],
  credentialLifetime: SECONDS,
  externalId: TEXT,
  mfa: [
    "{ serialNumber, secret }",
    (value) => {
      const { serialNumber, secret } = (value ?? {}) as Record<string, unknown>;
      return TEXT[1](serialNumber) && TEXT[1](secret);
    },
  ],
  region: TEXT,
  service: TEXT,
  maxSkew: SECONDS,
  clock: ["a function", (value) => typeof value === "function"],
  iot: ["", () => true],
  unref: ["true or false", (value) => typeof value === "boolean"],
};

function checkOptions(options: TestEndpointOptions): void {
  if (options.iot !== undefined) checkIotOptions(options.iot);
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof TestEndpointOptions] : undefined;
    if (check === undefined) {
      const known = Object.keys(CHECKS).join(", ");
      throw new BRSValidationError(`${name} is not an option; the options are ${known}`, { param: name });
    }
    if (value === undefined || check[1](value)) continue;
    const found = name === "credentials" || name === "mfa" ? "something else" : shown(value);
    throw new BRSValidationError(`${name} must be ${check[0]}, found ${found}`, { param: name });
  }
}

class LoopbackEndpoint implements TestEndpoint {
  readonly url: string;
  readonly stsUrl: string;
  readonly port: number;
  readonly credentials: SourceCredentials;
  readonly sts: StsService;
  readonly cognito: CognitoService;
  readonly api: ApiService;
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #iot: IotService | undefined;

  constructor(server: Server, options: TestEndpointOptions, mfa: MfaDevice | undefined) {
    const { clock = systemClock, region, maxSkew = 900, service = "execute-api" } = options;
    this.#server = server;
    this.#clock = clock;
    this.port = (server.address() as AddressInfo).port;
    this.url = `http://127.0.0.1:${this.port}`;
    this.stsUrl = this.url;
    const vendor = new CredentialVendor(clock, options.credentials);
    this.credentials = vendor.source;
    const hosts = [`127.0.0.1:${this.port}`, `localhost:${this.port}`];
    const authenticate = authenticator({ vendor, clock, hosts, region, maxSkew });
    const { credentialLifetime, externalId } = options;
    this.sts = new StsService({ vendor, authenticate, clock, credentialLifetime, externalId, mfa });
    this.cognito = new CognitoService({ vendor, clock, credentialLifetime });
    this.api = new ApiService({ authenticate, service });
    if (options.iot !== undefined) {
      this.#iot = new IotService({ ...(options.iot === true ? {} : options.iot), vendor, clock, credentialLifetime });
    }
    server.on("request", (request, response) => this.#handle(request, response));
  }

  get iot(): TestIot {
    if (this.#iot !== undefined) return this.#iot;
    throw new BRSConfigurationError("this test endpoint has no IoT door: start it with { iot: true }", {
      param: "iot",
    });
  }

  get stats(): TestEndpointStats {
    const { vended, refused } = this.sts.counts;
    const calls = (action: string) => this.sts.calls.get(action) ?? 0;
    return {
      assumeRoleCalls: calls("AssumeRole"),
      assumeRoleWithWebIdentityCalls: calls("AssumeRoleWithWebIdentity"),
      assumeRoleWithSAMLCalls: calls("AssumeRoleWithSAML"),
      getSessionTokenCalls: calls("GetSessionToken"),
      getFederationTokenCalls: calls("GetFederationToken"),
      getCallerIdentityCalls: calls("GetCallerIdentity"),
      cognitoGetIdCalls: this.cognito.counts.GetId,
      cognitoGetCredentialsForIdentityCalls: this.cognito.counts.GetCredentialsForIdentity,
      credentialsVended: vended + this.cognito.counts.vended + (this.#iot?.counts.vended ?? 0),
      stsRequestsRefused: refused,
      iotCalls: this.#iot?.counts.calls ?? 0,
      requestsVerified: this.api.counts.verified,
      requestsRefused: this.api.counts.refused,
    };
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    await Promise.all([
      this.#iot?.close(),
      new Promise<void>((resolve) => {
        this.#server.close(() => resolve());
        this.#server.closeAllConnections();
      }),
    ]);
  }

  /** The IoT door opens after the other one. */
  listen(unref: boolean): Promise<void> {
    return this.#iot === undefined ? Promise.resolve() : this.#iot.listen(unref);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #serviceOf(target: string, rawHeaders: readonly string[]): StsService | CognitoService | ApiService {
    if (!/^\/?(\?|$)/.test(target)) return this.api;
    return CognitoService.accepts(rawHeaders) ? this.cognito : this.sts;
  }

  #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const service = this.#serviceOf(request.url ?? "/", request.rawHeaders);
    return answerRequest(service, request, response, this.#clock);
  }
}

/**
 * Starts a server on 127.0.0.1 against which refresh and signing can be tested without AWS.
 *
 * - At `/` it is STS: AssumeRole, AssumeRoleWithWebIdentity, AssumeRoleWithSAML, GetSessionToken, GetFederationToken and
 *   GetCallerIdentity over the Query protocol, with AWS's answers and errors. A role needs no setting up: every well-formed
 *   role ARN can be assumed by whoever signs rightly, or comes with a JWT or an assertion that has not expired; who signed
 *   those is not looked at. DurationSeconds is taken literally, so 2 means two seconds.
 * - There it is also the identity pools of Cognito: GetId and GetCredentialsForIdentity for every well-formed pool.
 * - At every other path it is an API that verifies each signature, in headers or presigned, over the raw request, and
 *   answers `{ accessKeyId, principal, ... }` or 403 with AWS's error code. Vended credentials end: ExpiredToken.
 *
 * With `iot` it has a second door, of mutual TLS, that is the credentials provider of AWS IoT Core; what it vends the API accepts.
 *
 * It keeps the process alive until `close()`, unless `unref` is set.
 *
 * @example
 * ```ts
 * import { RefreshableSession } from "aws-refresh-session";
 * import { ManualClock, startTestEndpoint } from "aws-refresh-session/testing";
 *
 * const time = new ManualClock();
 * const endpoint = await startTestEndpoint({ clock: time.clock });
 * const session = new RefreshableSession({
 *   method: "sts",
 *   region: "eu-central-1",
 *   clock: time.clock,
 *   assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/reader" },
 *   stsClientConfig: { endpoint: endpoint.stsUrl, credentials: endpoint.credentials },
 * });
 * const signer = session.signer({ service: "execute-api" });
 * const url = `${endpoint.url}/orders`;
 * await fetch(url, { headers: await signer.sign({ url }) }); // 200
 * time.advance(3600); // what the session holds has expired
 * await fetch(url, { headers: await signer.sign({ url }) }); // 200: the session has refreshed
 * console.log(endpoint.stats); // { assumeRoleCalls: 2, requestsVerified: 2, requestsRefused: 0, ... }
 * session.close();
 * await endpoint.close();
 * ```
 *
 * @throws BRSValidationError for an option that is unknown or of the wrong type; rejects when the port is taken.
 */
export async function startTestEndpoint(options: TestEndpointOptions = {}): Promise<TestEndpoint> {
  checkOptions(options);
  const mfa = options.mfa && new MfaDevice(options.mfa);
  const server = createServer();
  server.on("clientError", (_error, socket) => socket.destroy());
  if (options.unref) {
    server.unref();
    server.on("connection", (socket) => socket.unref());
  }
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port: options.port ?? 0 }, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
  const endpoint = new LoopbackEndpoint(server, options, mfa);
  await endpoint.listen(options.unref === true);
  return endpoint;
}
