/** The shapes of clients and commands of the AWS SDK that a presigner meets, written down here so that nothing of it is imported. */
import type { SdkCredentials, SdkHttpRequest, SdkIdentity } from "../sdk-types.js";

/** A client of the AWS SDK for JavaScript v3, such as `S3Client`: any whose commands become HTTP requests. */
export interface PresigningClient {
  readonly config: object;
  readonly middlewareStack: { clone(): object };
}

/** A command of the AWS SDK for JavaScript v3, such as `GetObjectCommand`. */
export interface PresigningCommand {
  readonly input: object;
  readonly middlewareStack: object;
  resolveMiddleware(stack: never, config: never, options: never): (args: never) => Promise<unknown>;
}

type Provided<T> = T | (() => Promise<T>);

/** What is read of a client's configuration by name; all else is only compared. */
export interface ClientConfig {
  readonly credentials?: SdkCredentials;
  readonly region?: Provided<string>;
  readonly endpointProvider?: unknown;
  readonly serviceId?: string;
  readonly isCustomEndpoint?: boolean;
  readonly clientContextParams?: object;
  readonly [name: string]: unknown;
}

type Middleware = (next: unknown, context: HandlerContext) => (args: { readonly request?: unknown }) => Promise<object>;

/** The part of `MiddlewareStack` that is used here. */
export interface ClientStack {
  clone(): ClientStack;
  addRelativeTo(middleware: Middleware, options: object): void;
  /** Adds every middleware of this stack to another. */
  applyToStack(stack: StackVisitor): unknown;
}

/** What a stack is copied to, entry by entry. */
export interface StackVisitor {
  add(middleware: unknown, options: { readonly name?: string }): void;
  addRelativeTo(middleware: unknown, options: { readonly name?: string }): void;
  identifyOnResolve(toggle?: boolean): boolean;
}

/** The client as it is used here. */
export interface ClientParts {
  readonly config: ClientConfig;
  readonly middlewareStack: ClientStack;
}

/** The command as it is used here. */
export interface CommandParts {
  readonly input: Readonly<Record<string, unknown>>;
  readonly middlewareStack: ClientStack;
  resolveMiddleware(
    stack: ClientStack,
    config: ClientConfig,
    options: object,
  ): (args: { readonly input: object }) => Promise<unknown>;
}

export interface AuthScheme {
  readonly name?: string;
  readonly signingName?: string;
  readonly signingRegion?: string;
  readonly signingRegionSet?: readonly string[];
}

/** What the middlewares of the SDK tell each other about one call. */
export interface HandlerContext {
  readonly commandName?: string;
  readonly endpointV2?: { readonly properties?: { readonly authSchemes?: readonly AuthScheme[] } };
  readonly signing_region?: string;
  readonly signing_service?: string;
  readonly s3ExpressIdentity?: SdkIdentity;
}

/** Whether something is a request of the SDK, by the members that the SDK itself goes by. */
export function isHttpRequest(request: unknown): request is SdkHttpRequest {
  if (typeof request !== "object" || request === null) return false;
  const { method, protocol, hostname, path, query, headers } = request as Partial<Record<string, unknown>>;
  return (
    typeof method === "string" &&
    typeof protocol === "string" &&
    typeof hostname === "string" &&
    typeof path === "string" &&
    typeof query === "object" &&
    typeof headers === "object"
  );
}
