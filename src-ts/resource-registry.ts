/** The resources that there are by name. What makes the built-in one is loaded when it is first asked for. */
import { documentClient } from "./clients/document-client.js";
import type { ClientArguments, ClientClass, ClientConfig, NamedClientConfig, SdkClient } from "./clients/sdk-client.js";
import { ResourceCacheError } from "./errors.js";
import { checkRegistration, type RegisterOptions } from "./registration.js";
import { checkText } from "./strategies/option-checks.js";

/** What a factory of resources works with. */
export interface ResourceContext {
  /** A copy of what the resource was asked for with. */
  readonly config: ClientConfig;
  /**
   * A new client of the resource's own, made as `session.client` makes one where the resource belongs to a session. It is in no
   * cache of clients: it lives as long as the resource, and is destroyed with it once nothing of it is in flight.
   */
  client<Client extends SdkClient = SdkClient>(service: string, config?: NamedClientConfig<Client>): Client;
  client<Class extends ClientClass>(target: Class, ...config: ClientArguments<Class, never>): InstanceType<Class>;
  /** Is called once, when the resource has left its cache and all its clients are destroyed: frees whatever else it holds. */
  onDestroy(callback: () => void): void;
}

/** Makes one resource; may be asynchronous, and then `session.resource` gives the promise. */
export type ResourceFactory<Resource extends object = object> = (
  context: ResourceContext,
) => Resource | Promise<Resource>;

// One registry per copy of the package, as for the methods of sessions.
const resources = new Map<string, ResourceFactory>([["dynamodb", (context) => documentClient(context)]]);

/**
 * Adds a resource for `session.resource(name, config)` and `ResourceCache`.
 *
 * @throws BRSConfigurationError when the name is taken and `replace` is not true
 *
 * @example
 * ```ts
 * import { S3Client } from "@aws-sdk/client-s3";
 * import { RefreshableSession, registerResource } from "aws-refresh-session";
 *
 * interface Bucket {
 *   readonly client: S3Client;
 *   readonly name: string;
 * }
 * registerResource<Bucket>("bucket", ({ config: { name, ...config }, client }) => ({
 *   client: client(S3Client, config),
 *   name: String(name),
 * }));
 *
 * declare const session: RefreshableSession;
 * const reports = session.resource<Bucket>("bucket", { name: "reports", region: "eu-west-1" });
 * ```
 */
export function registerResource<Resource extends object>(
  resource: string,
  factory: ResourceFactory<Resource>,
  options?: RegisterOptions,
): void {
  checkRegistration(
    { kind: "resource", factory: "factory", isTaken: (name) => resources.has(name) },
    resource,
    factory,
    options,
  );
  resources.set(resource, factory);
}

/** Names of the resources that there are, in alphabetical order. */
export function getAvailableResources(): string[] {
  return [...resources.keys()].sort();
}

/**
 * The factory behind a name; another one after it was replaced.
 *
 * @throws ResourceCacheError for a name that nobody has added
 */
export function findResource(resource: string): ResourceFactory {
  const found = resources.get(resource);
  if (found !== undefined) return found;
  checkText("resource", resource, { expected: 'the name of a resource, such as "dynamodb"' });
  const known = getAvailableResources()
    .map((name) => `"${name}"`)
    .join(", ");
  throw new ResourceCacheError(
    `there is no resource "${resource}", only ${known}: add it with registerResource(), or ask session.client() for a client`,
    { param: "resource", value: resource },
  );
}
