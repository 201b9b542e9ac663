/** What is known of a request besides what is sent: how it is to be signed, and what signing wrote down. */
import type { CredentialSource } from "../../refresh/credential-source.js";
import type { RefreshableCredentials } from "../../refresh/refreshable-credentials.js";

/** Gives the credentials of a key; {@link S3ExpressIdentityCache} gives those of a bucket. */
export interface IdentityCache {
  getCredentials(key: string): RefreshableCredentials;
}

/** Overrides for one request. */
export interface SigningContext {
  /** Region of this request; the region set, separated by commas, for v4a. An explicit `region` of the call wins. */
  region?: string;
  /** Name of the service in the credential scope; wins over that of the call. */
  signingName?: string;
  /** Credentials of this request alone. */
  requestCredentials?: CredentialSource;
  /** Where the v4-s3express types take their credentials from; a resolver sets it when the request is signed. */
  identityCache?: IdentityCache;
  /** What the identity cache is asked for: the name of the bucket. */
  cacheKey?: string;
}

/** How the checksum of a body travels. */
export interface ChecksumContext {
  requestAlgorithm?: {
    in: "header" | "trailer";
    /** Header or trailer: `x-amz-checksum-crc32`. */
    name: string;
    algorithm?: string;
  };
}

/** Any JSON: text, number, boolean, null, a list or an object. */
export type PostPolicy = Record<string, unknown> & { expiration?: string; conditions?: unknown[] };

export interface RequestContext {
  /** A signature version that wins over the signer's own: "v4", "s3v4", "bearer", "none". */
  authType?: string;
  signing?: SigningContext;
  /** Auth traits that the service offers, for `registerDefaultSigningHooks`: "aws.auth#sigv4". */
  authOptions?: readonly string[];
  /** Whether the operation leaves its body unsigned, for the same. */
  unsignedPayload?: boolean;
  /** Whether the body is signed over TLS; it always is over plain http. Default true. */
  payloadSigningEnabled?: boolean;
  /** Whether the body is a stream of the user, which S3 leaves unsigned where a checksum guards it. */
  hasStreamingInput?: boolean;
  checksum?: ChecksumContext;
  clientConfig?: { s3?: { payloadSigningEnabled?: boolean } };
  /** Form fields of a POST upload; signing adds its own. */
  s3PresignPostFields?: Record<string, string>;
  /** The policy of a POST upload; signing adds its own conditions. */
  s3PresignPostPolicy?: PostPolicy;
  /** Written by signing: `20150830T123600Z`. */
  timestamp?: string;
  [name: string]: unknown;
}
