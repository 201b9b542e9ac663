/** The error classes of the package and the one map from native error codes to them. */
import { inspect } from "node:util";

export interface BRSErrorOptions {
  /** Stable machine-readable code, such as `ERR_CREDENTIALS_EXPIRED`. */
  code?: string;
  /** HTTP status of the answer behind this error. */
  statusCode?: number;
  /** Facts for a program, never secrets. */
  details?: Record<string, unknown>;
  /** Name of the option or field at fault. */
  param?: string;
  /** What was found there; masked by whoever throws when it may be a secret. */
  value?: unknown;
  cause?: unknown;
  /** Whether the same call may succeed later. */
  retryable?: boolean;
}

/** Base of every error this package throws. Switch on `code` or test with `instanceof`. */
export class BRSError extends Error {
  static readonly code: string = "ERR_BRS";
  readonly code: string;
  declare readonly statusCode?: number;
  declare readonly details?: Record<string, unknown>;
  declare readonly param?: string;
  declare readonly value?: unknown;
  readonly retryable: boolean;

  constructor(message: string, options: BRSErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code ?? (this.constructor as typeof BRSError).code;
    this.retryable = options.retryable ?? false;
    if (options.statusCode !== undefined) this.statusCode = options.statusCode;
    if (options.details !== undefined) this.details = options.details;
    if (options.param !== undefined) this.param = options.param;
    if ("value" in options) this.value = options.value;
  }

  override get name(): string {
    return this.constructor.name;
  }
}

/** An argument has the wrong type or form. Thrown at construction, or at the call that was given it. */
export class BRSValidationError extends BRSError {
  static override readonly code: string = "ERR_VALIDATION";
}

/** The options are well formed but do not work together, or something they need is missing. */
export class BRSConfigurationError extends BRSError {
  static override readonly code: string = "ERR_CONFIGURATION";
}

/** A source gave no credentials, half a set, an expired set, or none in time. */
export class BRSCredentialError extends BRSError {
  static override readonly code: string = "ERR_CREDENTIALS";
}

/** A refresh did not settle within `refreshTimeout`, or a request within `requestTimeout`. */
export class BRSConnectionError extends BRSError {
  static override readonly code: string = "ERR_CONNECTION";
}

/** An AWS service answered with an error; `code` is ours, `details.awsCode` is the service's own. */
export class BRSRequestError extends BRSError {
  static override readonly code: string = "ERR_REQUEST";
}

/** The request cannot be signed as given. */
export class SigningError extends BRSError {
  static override readonly code: string = "ERR_SIGN";
}

/** A synchronous call needs credentials that must be fetched first; await the asynchronous twin instead. */
export class CredentialsNotReadyError extends BRSError {
  static override readonly code: string = "ERR_CREDENTIALS_NOT_READY";
}

/** A received request does not prove who sent it; `code` is AWS's own name for the reason. */
export class VerificationError extends BRSError {
  static override readonly code: string = "SignatureDoesNotMatch";
}

/** The native addon is missing or does not fit this platform. */
export class BindingError extends BRSError {
  static override readonly code: string = "ERR_BINDING";
}

/** A cache of clients was asked for what it cannot do; `param` names the option. */
export class ClientCacheError extends BRSError {
  static override readonly code: string = "ERR_CLIENT_CACHE";
}

/** The cache holds another client under this key. */
export class ClientCacheExistsError extends ClientCacheError {
  static override readonly code: string = "ERR_CLIENT_CACHE_EXISTS";
}

/** The cache holds no client under this key. */
export class ClientCacheNotFoundError extends ClientCacheError {
  static override readonly code: string = "ERR_CLIENT_CACHE_NOT_FOUND";
}

/** A cache of resources was asked for what it cannot do; `param` names the option. */
export class ResourceCacheError extends BRSError {
  static override readonly code: string = "ERR_RESOURCE_CACHE";
}

/** The cache holds another resource under this key. */
export class ResourceCacheExistsError extends ResourceCacheError {
  static override readonly code: string = "ERR_RESOURCE_CACHE_EXISTS";
}

/** The cache holds no resource under this key. */
export class ResourceCacheNotFoundError extends ResourceCacheError {
  static override readonly code: string = "ERR_RESOURCE_CACHE_NOT_FOUND";
}

/** What a secret option shows in an error: its type and length, never its content. */
export function masked(value: unknown): string {
  return typeof value === "string"
    ? `<string of ${value.length} characters>`
    : `<${value === null ? "null" : typeof value}>`;
}

/** What an option that is not secret shows in an error message: one short line. */
export function shown(value: unknown): string {
  const text = inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 60 });
  return cut(text, 80);
}

/** A text of at most so many characters, which says so where it was longer. */
export function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 3)}...` : text;
}

type ErrorClass = new (message: string, options?: BRSErrorOptions) => BRSError;

/** Prefix of a native error code to the class that carries it; see `crates/core/src/error.rs` for the codes. */
const NATIVE_CLASSES: ReadonlyArray<readonly [prefix: string, errorClass: ErrorClass]> = [
  ["ERR_SIGN", SigningError],
  ["ERR_CREDENTIALS", BRSCredentialError],
  ["ERR_CLOSED", BRSConfigurationError],
  ["ERR_SHARED", BRSConfigurationError],
  ["ERR_XML", BRSRequestError],
  ["ERR_", BRSError],
];

/** The field that a native error is about, where its code tells. */
const NATIVE_PARAMS: ReadonlyMap<string, string> = new Map([
  ["ERR_SHARED_OPTIONS", "shared"],
  ["ERR_SIGN_EXPIRES", "expiresIn"],
  ["ERR_SIGN_METHOD", "method"],
  ["ERR_SIGN_URL", "url"],
]);

/** Turns an error thrown by the addon into the class that its code belongs to. */
export function fromNative(error: unknown): BRSError {
  if (error instanceof BRSError) return error;
  const { code, message } = error as { code?: string; message?: string };
  if (typeof code !== "string") return new BRSError(String(message ?? error), { cause: error });
  const found = NATIVE_CLASSES.find(([prefix]) => code.startsWith(prefix));
  if (found !== undefined) {
    const param = NATIVE_PARAMS.get(code);
    return new found[1](message ?? code, { code, ...(param !== undefined && { param }) });
  }
  // A verifier's codes are AWS's own names, such as SignatureDoesNotMatch or RequestTimeTooSkewed; the others are those of N-API,
  // such as NumberExpected, which say that the addon is not the one that belongs to this version.
  if (code !== "GenericFailure" && code !== "InvalidArg" && !code.endsWith("Expected"))
    return new VerificationError(message ?? code, { code });
  return new BRSError(`the native core failed: ${message}`, { code: "ERR_INTERNAL", cause: error });
}
