/** Makes resources for their caches; among them the document client of DynamoDB. */
import type { ResourceContext, ResourceFactory } from "../resource-registry.js";
import { classOf } from "./client-making.js";
import type { ClientClass, ClientConfig, SdkClient } from "./sdk-client.js";
import { loadInstalled } from "./service-package.js";

/** What a cache does for the resource that it has made. */
export interface ResourceOwner {
  /** A client for a config as it was given, which the cache destroys with the resource. */
  client(target: ClientClass, config: ClientConfig): SdkClient;
  onDestroy(callback: () => void): void;
}

/**
 * Makes a resource. What its factory throws or rejects with is passed on; the clients it has made until then are the owner's to
 * destroy.
 */
export function buildResource(
  factory: ResourceFactory,
  config: ClientConfig,
  owner: ResourceOwner,
): object | Promise<object> {
  const client = (target: ClientClass | string, own: ClientConfig = {}) => owner.client(classOf(target), own);
  return factory({
    config,
    client: client as ResourceContext["client"],
    onDestroy: (callback) => owner.onDestroy(callback),
  });
}

/** The part of @aws-sdk/lib-dynamodb that is used. */
interface DocumentClients {
  readonly DynamoDBDocumentClient: { from(client: SdkClient, translateConfig: unknown): SdkClient };
}

/** The factory of "dynamodb". */
export function documentClient({ config, client }: ResourceContext): SdkClient {
  const { translateConfig, ...own } = config;
  const { DynamoDBDocumentClient } = loadInstalled("@aws-sdk/lib-dynamodb", 'resource("dynamodb")') as DocumentClients;
  return DynamoDBDocumentClient.from(client("dynamodb", own), translateConfig);
}
