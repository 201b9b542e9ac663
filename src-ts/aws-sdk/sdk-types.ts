/** The shapes of the AWS SDK for JavaScript that a signer meets, written down here so that nothing of the SDK is imported. */
import type { CredentialSource } from "../refresh/credential-source.js";

/** `AwsCredentialIdentity` of `@smithy/types`. */
export interface SdkIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly expiration?: Date | undefined;
}

/** An identity, a provider function as SDK clients hold it, or a session of this package. */
export type SdkCredentials = SdkIdentity | (() => Promise<SdkIdentity>) | CredentialSource;

/** `HttpRequest` of `@smithy/types`. Path as it is sent; query names and values decoded. */
export interface SdkHttpRequest {
  method: string;
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  query?: Record<string, string | string[] | null>;
  username?: string;
  password?: string;
  fragment?: string;
  headers: Record<string, string>;
  // As in the SDK: what may be a body is up to its HTTP handlers.
  body?: unknown;
}

/** A date, seconds since the epoch, or a text that `Date` understands. */
export type SdkDateInput = number | string | Date;

/** A set of lower-case header names. */
export type HeaderNames = Pick<ReadonlySet<string>, "has">;

/** `SigningArguments`: what one call signs by, in place of what the signer was made with. */
export interface SdkSigningOptions {
  /** The default is now, by the clock of the credentials. */
  signingDate?: SdkDateInput | undefined;
  signingRegion?: string | undefined;
  signingService?: string | undefined;
}

/** `RequestSigningArguments`. */
export interface SdkRequestSigningOptions extends SdkSigningOptions {
  /** Headers that stay unsigned besides those that never are. */
  unsignableHeaders?: HeaderNames | undefined;
  /** Headers that are signed although they would stay unsigned otherwise. */
  signableHeaders?: HeaderNames | undefined;
}

/** `RequestPresigningArguments`. */
export interface SdkPresigningOptions extends SdkRequestSigningOptions {
  /** 1 to 604 800 whole seconds (seven days); the default is 3600. */
  expiresIn?: number | undefined;
  /** Headers that stay headers; without it all whose names begin with `x-amz-` move into the query. */
  unhoistableHeaders?: HeaderNames | undefined;
  /** Headers that move into the query although they would stay otherwise. */
  hoistableHeaders?: HeaderNames | undefined;
}

/** `MessageSigningArguments`. */
export interface SdkMessageSigningOptions extends SdkSigningOptions {
  /** Credentials that one event stream keeps from its first to its last event. */
  eventStreamCredentials?: SdkIdentity | undefined;
}

/** `EventSigningArguments`. */
export interface SdkEventSigningOptions extends SdkMessageSigningOptions {
  /** Signature of the event before, in hexadecimal; of the request for the first one. */
  priorSignature: string;
}

/** `FormattedEvent`: an event in the form that is hashed. */
export interface SdkFormattedEvent {
  headers: Uint8Array;
  payload: Uint8Array;
}

/** `MessageHeaderValue`. */
export type SdkMessageHeaderValue =
  | { type: "boolean"; value: boolean }
  | { type: "byte" | "short" | "integer"; value: number }
  | { type: "long"; value: { readonly bytes: Uint8Array; valueOf: () => number; toString: () => string } }
  | { type: "binary"; value: Uint8Array }
  | { type: "string" | "uuid"; value: string }
  | { type: "timestamp"; value: Date };

/** `Message`: an event of a stream. */
export interface SdkMessage {
  headers: Record<string, SdkMessageHeaderValue>;
  body: Uint8Array;
}

/** `SignableMessage`. */
export interface SdkSignableMessage {
  message: SdkMessage;
  priorSignature: string;
}

/** `SignedMessage`. */
export interface SdkSignedMessage {
  message: SdkMessage;
  signature: string;
}

/** The parts of a client's resolved configuration that signing meets. */
export interface SdkSigningConfig {
  region?: string | (() => Promise<string | undefined>);
  credentials?: unknown;
  signingRegion?: string;
  signingName?: string;
  readonly defaultSigningName?: string;
  readonly serviceId?: string;
  readonly signingEscapePath?: boolean;
  readonly sigv4aSigningRegionSet?: () => Promise<readonly string[] | undefined>;
  /** Milliseconds that the service is ahead, as the client has learned it. */
  systemClockOffset?: number;
  readonly disableClockSkewCorrection?: () => Promise<unknown>;
  readonly httpAuthSchemes?: readonly SdkHttpAuthScheme[];
  readonly cacheMiddleware?: boolean;
}

/** `HttpAuthScheme`: who is asked for the identity of a call, and what signs with it. */
export interface SdkHttpAuthScheme {
  readonly schemeId: string;
  readonly signer: SdkHttpSigner;
  // As a method: each client has a type of its own for what it gives.
  identityProvider(config: { getIdentityProvider: (schemeId: string) => unknown }): unknown;
}

/** What an endpoint says of how it is signed for. */
export interface SdkAuthScheme {
  readonly name?: string;
  readonly signingName?: string;
  readonly signingRegion?: string;
  readonly signingRegionSet?: readonly string[];
}

/** `signingProperties` of the SDK's SigV4 schemes: what one call is signed by, and what its attempts note for each other. */
export interface SdkSigningProperties {
  readonly config: SdkSigningConfig;
  readonly context: {
    readonly endpointV2?: { readonly properties?: { readonly authSchemes?: readonly SdkAuthScheme[] } };
    readonly authSchemes?: readonly SdkAuthScheme[];
    readonly __smithy_context?: {
      readonly eventStream?: { readonly output?: unknown };
      readonly selectedHttpAuthScheme?: {
        readonly httpAuthOption?: { readonly schemeId?: string; readonly identityProperties?: object };
      };
    };
  };
  readonly signingRegion?: string;
  readonly signingRegionSet?: readonly string[];
  readonly signingName?: string;
  _disableClockSkewCorrection?: boolean;
  _skipClockSkewSampling?: boolean;
  _preRequestSystemClockOffset?: number | undefined;
  _requestSentAt?: number;
}

/** `HttpSigner` of `@smithy/types`: what signs for an entry of `httpAuthSchemes`. */
export interface SdkHttpSigner {
  sign(
    httpRequest: SdkHttpRequest,
    /** Keys, for the schemes of SigV4; the SDK says no more of it than when it expires. */
    identity: object,
    signingProperties: Record<string, unknown>,
  ): Promise<SdkHttpRequest>;
  errorHandler?: (signingProperties: Record<string, unknown>) => <E extends Error>(error: E) => never;
  successHandler?: (httpResponse: unknown, signingProperties: Record<string, unknown>) => void;
}
