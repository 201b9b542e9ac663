/** The signer of requests by operation: chooses the signature version, tells the hooks, and signs, presigns or leaves alone. */
import { type Clock, systemClock } from "../../defaults.js";
import { BRSValidationError, SigningError, shown } from "../../errors.js";
import { asRefreshable, type CredentialSource } from "../../refresh/credential-source.js";
import type { RefreshableCredentials } from "../../refresh/refreshable-credentials.js";
import { type Explanation, explanationOf } from "../explain.js";
import { refuseUnknown } from "../option-names.js";
import { explainPrepared, type PreparedExplanation } from "../prepared.js";
import type { Sign } from "./auth-input.js";
import { type AuthInstance, signVersion4, tokenInstance } from "./auth-instance.js";
import { type AuthSettings, authSettings } from "./auth-types.js";
import { AwsHeaders } from "./aws-headers.js";
import { AwsRequest, type AwsRequestInit } from "./aws-request.js";
import { type AuthTokenSource, BearerToken } from "./bearer.js";
import { NoCredentialsError, NoRegionError } from "./errors.js";
import type { RequestContext, SigningContext } from "./request-context.js";
import type { SigningEventEmitter } from "./signing-events.js";

export interface RequestSignerOptions {
  /** Name of the service as the events know it: "S3", "API Gateway". */
  serviceId: string;
  /** Region of the signer; without one, nothing but bearer and none can be made. */
  region?: string | undefined;
  /** Name of the service in the credential scope. */
  signingName?: string | undefined;
  /** One of {@link authTypes}; presigning appends "-query" or "-presign-post". */
  signatureVersion: string;
  credentials?: CredentialSource | undefined;
  /** For "bearer". */
  authToken?: AuthTokenSource | undefined;
  events?: SigningEventEmitter | undefined;
  /** Milliseconds since the epoch; the default is now, corrected by what AWS's answers told about the clock. */
  clock?: Clock | undefined;
}

export type SigningType = "standard" | "presign-url" | "presign-post";

export interface RequestSignOptions {
  /** Default "standard": headers. */
  signingType?: SigningType | undefined;
  /** Seconds a presigned URL is valid, passed through as given; default 3600, for S3 Express 300. */
  expiresIn?: number | string | undefined;
  /** Wins over the region of the request's context and of the signer. */
  region?: string | undefined;
  /** Wins over the signer's; the one of the request's context wins over both. */
  signingName?: string | undefined;
}

/** What an auth instance is made of; see `RequestSigner.getAuthInstance`. */
export interface AuthInstanceOptions {
  signingName?: string | undefined;
  region?: string | undefined;
  signatureVersion?: string | undefined;
  requestCredentials?: CredentialSource | undefined;
  expiresIn?: number | string | undefined;
  identityCache?: SigningContext["identityCache"];
  cacheKey?: string | undefined;
}

const SUFFIXES: Readonly<Record<SigningType, string>> = {
  standard: "",
  "presign-url": "-query",
  "presign-post": "-presign-post",
};

const OPTION_NAMES = [
  "serviceId",
  "region",
  "signingName",
  "signatureVersion",
  "credentials",
  "authToken",
  "events",
  "clock",
];
const SIGN_NAMES = ["signingType", "expiresIn", "region", "signingName"];

/**
 * botocore's RequestSigner: byte for byte what its pure-Python classes make of a request, and for the v4a types what
 * CRT does.
 *
 * Safe to share. Signing changes the request; signing it again replaces what the first signature put into its headers.
 *
 * @example
 * ```ts
 * import { AwsRequest, RequestSigner } from "aws-refresh-session/signing";
 *
 * const signer = new RequestSigner({
 *   serviceId: "SQS",
 *   region: "eu-west-1",
 *   signingName: "sqs",
 *   signatureVersion: "v4",
 *   credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
 * });
 * const request = new AwsRequest({ method: "POST", url: "https://sqs.eu-west-1.amazonaws.com/", data: "{}" });
 * await signer.sign("ListQueues", request);
 * request.prepare().headers.get("authorization"); // AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/...
 * ```
 */
export class RequestSigner {
  readonly #options: RequestSignerOptions;
  readonly #credentials: RefreshableCredentials | undefined;
  readonly #token: BearerToken;
  readonly #service: string;

  /** @throws BRSValidationError naming the option at fault */
  constructor(options: RequestSignerOptions) {
    assertNames(options, OPTION_NAMES, "RequestSigner");
    const { serviceId, region, signingName, signatureVersion, credentials, authToken, events, clock } = options;
    assertText(serviceId, "serviceId");
    assertText(signatureVersion, "signatureVersion");
    if (region !== undefined) assertText(region, "region");
    if (signingName !== undefined) assertText(signingName, "signingName");
    if (clock !== undefined && typeof clock !== "function") throw refused("clock", "a function", clock);
    if (events !== undefined && typeof events?.emit !== "function") throw refused("events", "a SigningEvents", events);
    this.#options = { ...options };
    this.#credentials = credentials === undefined || credentials === null ? undefined : asRefreshable(credentials);
    this.#token = new BearerToken(authToken);
    this.#service = serviceId.replaceAll(" ", "-").toLowerCase();
  }

  get region(): string | undefined {
    return this.#options.region;
  }

  get signingName(): string | undefined {
    return this.#options.signingName;
  }

  get signatureVersion(): string {
    return this.#options.signatureVersion;
  }

  /**
   * Signs a request in place.
   *
   * The hooks are called before the first await. Rejects with UnknownSignatureVersionError, for presigned forms
   * UnsupportedSignatureVersionError; with NoRegionError, NoCredentialsError, NoAuthTokenError; with SigningError naming
   * the field that cannot be signed; or with the failure of the refresh of the credentials.
   *
   * @param operationName name of the operation as the events know it: "PutObject"
   */
  async sign(operationName: string, request: AwsRequest, options: RequestSignOptions = {}): Promise<void> {
    await this.#sign(operationName, request, options);
  }

  /** The same as a function of its own, for clients that call it for each attempt. */
  readonly handler = (operationName: string, request: AwsRequest): Promise<void> => this.sign(operationName, request);

  /**
   * The URL of a request with the signature in its query. The request is not changed.
   *
   * @param options `expiresIn` is 3600 seconds by default
   */
  async generatePresignedUrl(
    request: AwsRequest | AwsRequestInit,
    operationName: string,
    options: Omit<RequestSignOptions, "signingType"> = {},
  ): Promise<string> {
    const copy = (request instanceof AwsRequest ? request : new AwsRequest(request)).copy();
    await this.#sign(operationName, copy, { expiresIn: 3600, ...options, signingType: "presign-url" });
    return copy.prepare().url;
  }

  /**
   * One signature version with the settings of this signer, without events and overrides of a request.
   *
   * @throws UnknownSignatureVersionError, NoRegionError or NoCredentialsError
   */
  getAuthInstance(options: AuthInstanceOptions = {}): AuthInstance {
    if (typeof options !== "object" || options === null) throw refused("options", "an object", options);
    return this.#authInstance(options, false);
  }

  /**
   * What is computed on the way to a signature; the request is not changed, but the hooks are called. For signatures in
   * headers and URLs.
   */
  async explain(operationName: string, request: AwsRequest, options: RequestSignOptions = {}): Promise<Explanation> {
    assertRequest(request);
    const copy = request.copy();
    let found: PreparedExplanation | undefined;
    let sessionToken: string | undefined;
    await this.#sign(operationName, copy, options, (triple, scope, dateMs, prepared) => {
      found = explainPrepared(triple, scope, dateMs, prepared);
      sessionToken = triple.sessionToken;
      return found;
    });
    if (found === undefined) {
      throw new SigningError(
        "there is no canonical request to explain: the request is authorized by a policy, a token or not at all",
        {
          code: "ERR_SIGN_EXPLAIN",
          param: "signatureVersion",
        },
      );
    }
    return explanationOf(found, copy.headers.get("authorization") ?? copy.url, sessionToken);
  }

  async #sign(operationName: string, request: AwsRequest, options: RequestSignOptions, sign?: Sign): Promise<void> {
    assertRequest(request);
    if (typeof operationName !== "string") throw refused("operationName", "a string", operationName);
    assertNames(options, SIGN_NAMES, "sign");
    const { signingType = "standard", expiresIn, region, signingName = this.signingName } = options;
    if (!Object.hasOwn(SUFFIXES, signingType)) {
      throw refused("signingType", '"standard", "presign-url" or "presign-post"', signingType);
    }
    const signatureVersion = this.#chooseSigner(operationName, signingType, request.context);
    this.#options.events?.emit(`before-sign.${this.#service}.${operationName}`, {
      request,
      serviceId: this.#options.serviceId,
      operationName,
      signingName,
      region: this.region,
      signatureVersion,
      signingType,
      requestSigner: this,
    });
    // Looked at again: a hook may have written anything.
    assertRequest(request);
    const signing = signingContextOf(request.context);
    const instance = this.#authInstance(
      {
        signatureVersion,
        signingName: signing.signingName || signingName,
        region: region || signing.region || this.region,
        requestCredentials: signing.requestCredentials,
        expiresIn,
        identityCache: signing.identityCache,
        cacheKey: signing.cacheKey,
      },
      signingType !== "standard",
      sign,
    );
    await instance.addAuth(request);
  }

  #chooseSigner(operationName: string, signingType: SigningType, context: RequestContext): string {
    const suffix = SUFFIXES[signingType];
    const { events, serviceId } = this.#options;
    const { signingName = this.signingName, region = this.region } = signingContextOf(context);
    const offered = withSuffix(context.authType || this.signatureVersion, suffix);
    let chosen: string | undefined;
    events?.emit(
      `choose-signer.${this.#service}.${operationName}`,
      {
        serviceId,
        operationName,
        signingName,
        region,
        context,
        requestSigner: this,
        get signatureVersion() {
          return chosen ?? offered;
        },
        set signatureVersion(version: string) {
          assertText(version, "signatureVersion");
          chosen ??= version;
        },
      },
      () => chosen !== undefined,
    );
    return withSuffix(chosen ?? offered, suffix);
  }

  #authInstance(options: AuthInstanceOptions, isPresign: boolean, sign?: Sign): AuthInstance {
    const { signatureVersion = this.signatureVersion, expiresIn } = options;
    const settings = authSettings(signatureVersion, isPresign);
    if (settings === "none") return { signatureVersion, addAuth: async () => {} };
    if (settings === "bearer") return tokenInstance(signatureVersion, this.#token, this.#options.clock ?? systemClock);
    const { region = this.region, signingName: service = this.signingName } = options;
    // As in botocore the signer itself must have a region, whatever the request says.
    if (this.region === undefined || region === undefined) throw new NoRegionError();
    if (service === undefined) {
      throw new SigningError('no service name to sign for: give RequestSigner a "signingName"', {
        code: "ERR_SIGN_SCOPE",
        param: "signingName",
      });
    }
    const credentials = this.#credentialsOf(settings, options);
    const { clock } = this.#options;
    return {
      signatureVersion,
      addAuth: (request) => signVersion4(request, { settings, credentials, region, service, expiresIn, clock }, sign),
    };
  }

  #credentialsOf({ isExpress }: AuthSettings, options: AuthInstanceOptions): RefreshableCredentials {
    const { requestCredentials, identityCache, cacheKey } = options;
    if (isExpress) {
      if (typeof identityCache?.getCredentials !== "function") {
        throw missing("identityCache", "register an S3ExpressIdentityResolver at the events");
      }
      if (cacheKey === undefined) throw missing("cacheKey", "set it to the name of the bucket");
      return identityCache.getCredentials(cacheKey);
    }
    if (requestCredentials) return asRefreshable(requestCredentials, "context.signing.requestCredentials");
    if (this.#credentials === undefined) throw new NoCredentialsError();
    return this.#credentials;
  }
}

/** Fields are public and hooks may write anything into them. */
function assertRequest(request: unknown): asserts request is AwsRequest {
  if (!(request instanceof AwsRequest)) throw refused("request", "an AwsRequest", request);
  const { method, url, headers, context } = request;
  if (typeof method !== "string") throw refused("request.method", "a string", method);
  if (typeof url !== "string") throw refused("request.url", "a string", url);
  if (!(headers instanceof AwsHeaders)) throw refused("request.headers", "an AwsHeaders", headers);
  if (typeof context !== "object" || context === null) throw refused("request.context", "an object", context);
  const { authType } = context;
  if (authType && typeof authType !== "string") throw refused("context.authType", "a string", authType);
}

function signingContextOf({ signing }: RequestContext): SigningContext {
  if (signing === undefined || signing === null) return {};
  if (typeof signing !== "object") throw refused("context.signing", "an object", signing);
  return signing;
}

function withSuffix(version: string, suffix: string): string {
  return version === "none" || version.endsWith(suffix) ? version : version + suffix;
}

function missing(name: string, advice: string): SigningError {
  return new SigningError(
    `"context.signing.${name}" is missing, and S3 Express signs with the credentials of a bucket: ${advice}`,
    {
      code: "ERR_SIGN_REQUEST",
      param: `context.signing.${name}`,
    },
  );
}

function assertNames(options: unknown, names: readonly string[], whose: string): void {
  if (typeof options !== "object" || options === null) throw refused("options", "an object", options);
  refuseUnknown(options, whose, names);
}

function assertText(value: unknown, param: string): asserts value is string {
  if (typeof value !== "string" || value === "") throw refused(param, "a non-empty string", value);
}

function refused(param: string, expected: string, found: unknown): BRSValidationError {
  const seen =
    typeof found === "object" && found !== null ? `an object of class ${found.constructor?.name}` : shown(found);
  return new BRSValidationError(`"${param}" must be ${expected}, found ${seen}`, { param });
}
