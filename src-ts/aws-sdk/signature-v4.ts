/** The AWS SDK's `SignatureV4` on the native core: the same members, the same results. */
import { masked, SigningError, shown } from "../errors.js";
import { encodeEventHeaders } from "../signing/events/event-headers.js";
import { signedHeaderNames, signPrepared, signText } from "../signing/prepared.js";
import { hasLargeBody, headerPairs, pathOf, payloadInSlices, payloadOf, queryText } from "./canonical-input.js";
import { eventSignature } from "./event-signature.js";
import { admitting, signedInHeaders } from "./header-signature.js";
import { clonedQuery, clonedRequest, hoistedHeaders, plainRequest } from "./http-request.js";
import { inRegionSet, type Occasion, occasionOf } from "./occasion.js";
import type {
  SdkCredentials,
  SdkEventSigningOptions,
  SdkFormattedEvent,
  SdkHttpRequest,
  SdkIdentity,
  SdkMessageSigningOptions,
  SdkPresigningOptions,
  SdkRequestSigningOptions,
  SdkSignableMessage,
  SdkSignedMessage,
  SdkSigningOptions,
} from "./sdk-types.js";
import {
  heldSignatory,
  isProvider,
  type Signatory,
  signatoryOf,
  signatoryOfIdentity,
  tokenlessSignatory,
  tripleOf,
} from "./signatory.js";

/**
 * `SignatureV4Init` of `@smithy/signature-v4`. SDK clients pass their whole configuration: other names are ignored, here as there.
 */
export interface SignatureV4Init {
  /** Signing name of the service, such as "s3" or "execute-api". */
  service: string;
  region: string | (() => Promise<string>);
  credentials: SdkCredentials;
  /** Ignored: hashes are made in the native core. */
  sha256?: unknown;
  /** Whether the path is normalized and encoded once more; false for S3. */
  uriEscapePath?: boolean | undefined;
  /** Whether `x-amz-content-sha256` is set on a signed request. */
  applyChecksum?: boolean | undefined;
  /** 1 signs and presigns requests with SigV4a, whatever their region, as for the SDK's `CrtSignerV4`. */
  signingAlgorithm?: 0 | 1 | undefined;
}

/** The region that stands for all of them: multi-region access points are signed with SigV4a. */
export const ALL_REGIONS = "*";
const SESSION_TOKEN_HEADER = "x-amz-s3session-token";
const SESSION_TOKEN_PARAMETER = "X-Amz-S3session-Token";
/** Seven days, in seconds. */
const MAX_EXPIRES_IN = 604_800;

/**
 * Signs for clients of the AWS SDK for JavaScript v3: give the class as `signerConstructor`, or an instance wherever the SDK
 * takes a `RequestSigner`, `RequestPresigner`, `StringSigner`, `EventSigner` or `MessageSigner`.
 *
 * Headers, queries and signatures equal those of `@smithy/signature-v4` 5.7.5; docs/dialects.md has the few cases in which an
 * error comes instead of a signature that no server accepts. Constructing it costs next to nothing, and an instance may be
 * shared. Inputs are left as they are. A request for region "*" is signed with SigV4a, as S3 clients need it for multi-region
 * access points, with nothing else to install.
 *
 * Credentials: an identity is read again for each signature; a provider function is called for each, so that its own cache
 * decides when it refreshes; sessions of this package, and `session.credentials`, answer from memory.
 *
 * Errors: SigningError for what cannot be signed, BRSCredentialError for credentials that are none, and whatever a provider
 * rejects with.
 *
 * @example
 * ```ts
 * import { SignatureV4 } from "aws-refresh-session/aws-sdk";
 * import { S3Client } from "@aws-sdk/client-s3";
 *
 * const s3 = new S3Client({ region: "eu-west-1", signerConstructor: SignatureV4 });
 * ```
 */
export class SignatureV4 {
  readonly #service: string;
  readonly #region: string | (() => Promise<string>);
  readonly #credentials: SdkCredentials;
  readonly #escapesPath: boolean;
  readonly #appliesChecksum: boolean;
  readonly #isAsymmetric: boolean;

  constructor(init: SignatureV4Init) {
    if (typeof init !== "object" || init === null) {
      throw new SigningError(`SignatureV4 takes an object of options, found ${masked(init)}`, {
        code: "ERR_SIGN_REQUEST",
        param: "init",
      });
    }
    const { service, region, credentials, uriEscapePath = true, applyChecksum, signingAlgorithm } = init;
    this.#service = service;
    this.#region = region;
    this.#credentials = credentials;
    this.#escapesPath = uriEscapePath;
    this.#appliesChecksum = typeof applyChecksum === "boolean" ? applyChecksum : true;
    this.#isAsymmetric = signingAlgorithm === 1;
  }

  /** The signature of a text by the signing key of date, region and service, in hexadecimal: of a POST policy, say. */
  sign(stringToSign: string, options?: SdkSigningOptions): Promise<string>;
  /** The signature of an event, in hexadecimal. */
  sign(event: SdkFormattedEvent, options: SdkEventSigningOptions): Promise<string>;
  /** As {@link signMessage}. */
  sign(message: SdkSignableMessage, options: SdkMessageSigningOptions): Promise<SdkSignedMessage>;
  /** A copy of a request with the signature in its headers; headers of an earlier one are replaced. */
  sign(requestToSign: SdkHttpRequest, options?: SdkRequestSigningOptions): Promise<SdkHttpRequest>;
  sign(
    toSign: string | SdkFormattedEvent | SdkSignableMessage | SdkHttpRequest,
    options: SdkRequestSigningOptions & Partial<SdkEventSigningOptions> = {},
  ): Promise<string | SdkSignedMessage | SdkHttpRequest> {
    if (typeof toSign === "string") return this.#signText(toSign, options);
    if (typeof toSign !== "object" || toSign === null) {
      const message = `a text, a request, an event or a message can be signed, found ${masked(toSign)}`;
      return Promise.reject(new SigningError(message, { code: "ERR_SIGN_REQUEST" }));
    }
    if ("payload" in toSign && toSign.payload && toSign.headers) return this.#signEvent(toSign, options);
    if ("message" in toSign && toSign.message) return this.signMessage(toSign, options);
    return this.#signRequest(toSign as SdkHttpRequest, options);
  }

  /** A message with the signature of its headers and body, in hexadecimal. */
  async signMessage(message: SdkSignableMessage, options: SdkMessageSigningOptions = {}): Promise<SdkSignedMessage> {
    const { headers, body } = message.message;
    const { priorSignature } = message;
    const event = { headers: encodeEventHeaders(headers), payload: body };
    return { message: message.message, signature: await this.#signEvent(event, { ...options, priorSignature }) };
  }

  /**
   * A copy of a request with the signature in its query, and AWS's headers with it. `expiresIn` is 1 to 604 800 whole seconds
   * (3600); the SDK signs any up to the same end, but no server takes them.
   */
  presign(originalRequest: SdkHttpRequest, options: SdkPresigningOptions = {}): Promise<SdkHttpRequest> {
    return this.#presignRequest(originalRequest, options);
  }

  /** As {@link sign}, with the credentials of an S3 Express session, whose token is sent as `x-amz-s3session-token`. */
  async signWithCredentials(
    requestToSign: SdkHttpRequest,
    credentials: SdkIdentity,
    options: SdkRequestSigningOptions = {},
  ): Promise<SdkHttpRequest> {
    // Keys and token are read at once: whoever rotates them in place may do so before the region is known.
    const signatory = tokenlessSignatory(credentials);
    const headers = { ...requestToSign.headers, [SESSION_TOKEN_HEADER]: credentials.sessionToken as string };
    const request = clonedRequest(requestToSign, headers, clonedQuery(requestToSign.query));
    return this.#signRequest(request, options, signatory);
  }

  /** As {@link presign}, with the credentials of an S3 Express session, whose token is sent as `X-Amz-S3session-Token`. */
  async presignWithCredentials(
    originalRequest: SdkHttpRequest,
    credentials: SdkIdentity,
    options: SdkPresigningOptions = {},
  ): Promise<SdkHttpRequest> {
    const signatory = tokenlessSignatory(credentials);
    const { [SESSION_TOKEN_HEADER]: _, ...headers } = originalRequest.headers;
    const token = { [SESSION_TOKEN_PARAMETER]: credentials.sessionToken as string };
    const query = { ...clonedQuery(originalRequest.query), ...token };
    const request = clonedRequest(originalRequest, { ...headers, ...token }, query);
    return this.#presignRequest(request, options, signatory);
  }

  async #signRequest(
    requestToSign: SdkHttpRequest,
    options: SdkRequestSigningOptions,
    signatory?: Signatory,
  ): Promise<SdkHttpRequest> {
    const given = this.#regionFor(options);
    const region = typeof given === "string" ? given : await given;
    const large = hasLargeBody(requestToSign) ? await payloadInSlices(requestToSign) : undefined;
    const credentials = this.#credentials;
    // Every request of a client comes this way: one turn of promises less than through `signatoryOf`.
    const asked =
      signatory ??
      (isProvider(credentials) ? heldSignatory(credentials, await credentials()) : await signatoryOf(credentials));
    const occasion = this.#requestOccasion(asked, region, options);
    return signedInHeaders(requestToSign, occasion, options, { appliesChecksum: this.#appliesChecksum, large });
  }

  async #presignRequest(
    originalRequest: SdkHttpRequest,
    options: SdkPresigningOptions,
    signatory?: Signatory,
  ): Promise<SdkHttpRequest> {
    const expiresIn = validExpiresIn(options.expiresIn);
    const given = this.#regionFor(options);
    const region = typeof given === "string" ? given : await given;
    const large = hasLargeBody(originalRequest) ? await payloadInSlices(originalRequest) : undefined;
    const occasion = this.#requestOccasion(signatory ?? (await signatoryOf(this.#credentials)), region, options);
    const { triple, scope, millis, date, algorithm, credentialScope } = occasion;
    const query = clonedQuery(originalRequest.query);
    const headers = hoistedHeaders(
      originalRequest.headers,
      query,
      options.unhoistableHeaders,
      options.hoistableHeaders,
    );
    const request = plainRequest(originalRequest, headers, query);
    const pairs = headerPairs(headers, options.unsignableHeaders, options.signableHeaders);
    const admittingScope = admitting(scope, pairs, options);
    if (triple.sessionToken !== undefined) query["X-Amz-Security-Token"] = triple.sessionToken;
    query["X-Amz-Algorithm"] = algorithm;
    query["X-Amz-Credential"] = `${triple.accessKeyId}/${credentialScope}`;
    query["X-Amz-Date"] = date;
    query["X-Amz-Expires"] = String(expiresIn);
    if (scope.algorithm === "sigv4a") query["X-Amz-Region-Set"] = region;
    query["X-Amz-SignedHeaders"] = signedHeaderNames(admittingScope, pairs);
    const { signature } = signPrepared(triple, admittingScope, millis, {
      method: request.method,
      path: pathOf(request),
      query: queryText(query),
      headers: pairs,
      // Of the request as it was given: a hash in its headers counts although it has moved into the query.
      payload: large ?? payloadOf(originalRequest),
    });
    query["X-Amz-Signature"] = signature;
    return request;
  }

  async #signText(text: string, options: SdkMessageSigningOptions): Promise<string> {
    const region = await this.#regionFor(options);
    const signing = await this.#signatoryFor(options);
    const { triple, scope, millis } = this.#occasion(signing, region, options);
    return signText(triple, scope, millis, text);
  }

  async #signEvent(event: SdkFormattedEvent, options: Partial<SdkEventSigningOptions>): Promise<string> {
    const region = await this.#regionFor(options);
    const signing = await this.#signatoryFor(options);
    const { triple, scope, millis } = this.#occasion(signing, region, options);
    return eventSignature(triple, scope, millis, options.priorSignature ?? "", event);
  }

  #signatoryFor({ eventStreamCredentials }: SdkMessageSigningOptions): Promise<Signatory> | Signatory {
    return eventStreamCredentials ? signatoryOfIdentity(eventStreamCredentials) : signatoryOf(this.#credentials);
  }

  #regionFor({ signingRegion }: SdkSigningOptions): Promise<string> | string {
    if (signingRegion !== undefined && signingRegion !== null) return signingRegion;
    return typeof this.#region === "function" ? this.#region() : this.#region;
  }

  /** Nothing may be awaited between this and the signature; see {@link tripleOf}. */
  #occasion(signatory: Signatory, region: string, options: SdkSigningOptions): Occasion {
    const service = options.signingService ?? this.#service;
    return occasionOf(tripleOf(signatory), { region, service, escapesPath: this.#escapesPath }, options);
  }

  /** As {@link #occasion}; a call for all regions is signed with SigV4a, as the SDK's signer of S3 clients does it. */
  #requestOccasion(signatory: Signatory, region: string, options: SdkSigningOptions): Occasion {
    const occasion = this.#occasion(signatory, region, options);
    return this.#isAsymmetric || options.signingRegion === ALL_REGIONS ? inRegionSet(occasion) : occasion;
  }
}

function validExpiresIn(expiresIn: unknown = 3600): number {
  if (Number.isInteger(expiresIn) && (expiresIn as number) >= 1 && (expiresIn as number) <= MAX_EXPIRES_IN) {
    return expiresIn as number;
  }
  throw new SigningError(
    `"expiresIn" must be 1 to 604800 whole seconds (a presigned URL ends within one week), found ${shown(expiresIn)}`,
    { code: "ERR_SIGN_EXPIRES", param: "expiresIn", value: expiresIn },
  );
}
