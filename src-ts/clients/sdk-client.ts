/** The shapes of the AWS SDK's clients and their classes that a cache meets, written down here so that nothing of it is imported. */
import type { SdkPlugin } from "../aws-sdk/around-signing.js";

/** A client of the AWS SDK for JavaScript v3, such as `S3Client`, or the aggregated `S3`. */
export interface SdkClient {
  readonly config: object;
  // As methods: each client has types of its own for what goes through.
  readonly middlewareStack: { use(plugin: SdkPlugin): void };
  send(command: object, options?: object): Promise<unknown>;
  destroy(): void;
}

/** The class of such clients: one of the SDK's, or a subclass of the user's. */
export type ClientClass<Client extends SdkClient = SdkClient> = new (config: never) => Client;

/** What the constructor of a class takes. */
export type ClientConfigOf<Class extends ClientClass> = Class extends new (
  ...parameters: infer Parameters
) => SdkClient
  ? NonNullable<Parameters[0]>
  : never;

/** The arguments after a class: its config, which may be left out where its constructor can do without, and what else a call takes. */
export type ClientArguments<Class extends ClientClass, Options> = Class extends new () => SdkClient
  ? [config?: ClientConfigOf<Class> | undefined, options?: Options]
  : [config: ClientConfigOf<Class>, options?: Options];

/**
 * What a client that is asked for by the name of its service can be made with: with a type argument the members that its class
 * takes, whatever their types, since those are known of the class alone.
 */
export type NamedClientConfig<Client extends SdkClient> = [keyof Client["config"]] extends [never]
  ? object
  : { readonly [Name in keyof Client["config"] | "signerConstructor" | "signingRegion"]?: unknown };

/** What a client is asked for with, as a cache sees it. Callers may give any object: interfaces have no index signature. */
export type ClientConfig = Readonly<Record<string, unknown>>;

/** A connection handler, such as `NodeHttpHandler` of @smithy/node-http-handler: what a client's `requestHandler` may be. */
export interface SdkRequestHandler {
  // As a method: what it takes and gives is between it and the SDK.
  handle(request: object, options?: object): Promise<object>;
  destroy?(): void;
}

/** Whether something constructs clients, as far as can be told without constructing one. */
export function isClientClass(value: unknown): value is ClientClass {
  return typeof value === "function" && typeof Object(value.prototype).send === "function";
}
