/** The auth types by botocore's names, and what each of them is made of. */
import { UnknownSignatureVersionError, UnsupportedSignatureVersionError } from "./errors.js";

/** Names of the signature versions that `RequestSigner` signs with. */
export const authTypes = Object.freeze([
  "v4",
  "v4-query",
  "v4a",
  "v4a-query",
  "s3v4",
  "s3v4-query",
  "s3v4-presign-post",
  "s3v4a",
  "s3v4a-query",
  "v4-s3express",
  "v4-s3express-query",
  "v4-s3express-presign-post",
  "bearer",
  "none",
] as const);

export type AuthType = (typeof authTypes)[number];

/** What an auth type that signs is made of. */
export interface AuthSettings {
  readonly algorithm: "sigv4" | "sigv4a";
  /** Where the signature goes. */
  readonly form: "headers" | "query" | "post";
  /** Whether paths are signed as they are, as S3 wants it. */
  readonly rawPath: boolean;
  /** Header and parameter that the session token travels in. */
  readonly token: { readonly header: string; readonly parameter: string; readonly field: string };
  /** Whether the credentials are those of a bucket. */
  readonly isExpress: boolean;
  /** Seconds, for queries. */
  readonly defaultExpires: number;
}

const SECURITY_TOKEN = {
  header: "X-Amz-Security-Token",
  parameter: "X-Amz-Security-Token",
  field: "x-amz-security-token",
} as const;
const EXPRESS_TOKEN = {
  header: "x-amz-s3session-token",
  parameter: "X-Amz-S3session-Token",
  field: "X-Amz-S3session-Token",
} as const;

const V4: AuthSettings = {
  algorithm: "sigv4",
  form: "headers",
  rawPath: false,
  token: SECURITY_TOKEN,
  isExpress: false,
  defaultExpires: 3600,
};
const S3: AuthSettings = { ...V4, rawPath: true };
const EXPRESS: AuthSettings = { ...S3, token: EXPRESS_TOKEN, isExpress: true, defaultExpires: 300 };

const SETTINGS: Readonly<Record<Exclude<AuthType, "bearer" | "none">, AuthSettings>> = {
  v4: V4,
  "v4-query": { ...V4, form: "query" },
  v4a: { ...V4, algorithm: "sigv4a" },
  "v4a-query": { ...V4, algorithm: "sigv4a", form: "query" },
  s3v4: S3,
  "s3v4-query": { ...S3, form: "query" },
  "s3v4-presign-post": { ...S3, form: "post" },
  s3v4a: { ...S3, algorithm: "sigv4a" },
  "s3v4a-query": { ...S3, algorithm: "sigv4a", form: "query" },
  "v4-s3express": EXPRESS,
  "v4-s3express-query": { ...EXPRESS, form: "query" },
  "v4-s3express-presign-post": { ...EXPRESS, form: "post" },
};

/** The types before Signature Version 4, which botocore still has. */
const LEGACY: ReadonlySet<string> = new Set(["v2", "v3", "v3https", "s3", "s3-query", "s3-presign-post"]);

export function isAuthType(name: string): name is AuthType {
  return (authTypes as readonly string[]).includes(name);
}

/**
 * The settings of an auth type that signs with credentials, or the name of one that does not.
 *
 * @throws UnknownSignatureVersionError, or UnsupportedSignatureVersionError for presigned forms and legacy types
 */
export function authSettings(name: string, isPresign: boolean): AuthSettings | "bearer" | "none" {
  if (name === "bearer" || name === "none") return name;
  if (isAuthType(name)) return SETTINGS[name as keyof typeof SETTINGS];
  const options = { param: "signatureVersion", value: name, details: { signatureVersion: name } };
  if (LEGACY.has(name)) {
    throw new UnsupportedSignatureVersionError(
      `the signature version "${name}" is older than Signature Version 4 and not signed here; use "v4" or "s3v4"`,
      options,
    );
  }
  if (isPresign) {
    throw new UnsupportedSignatureVersionError(
      `the signature version "${name}" cannot be made; known are ${known()}`,
      options,
    );
  }
  throw new UnknownSignatureVersionError(`the signature version "${name}" is unknown; known are ${known()}`, options);
}

function known(): string {
  return authTypes.map((name) => `"${name}"`).join(", ");
}
