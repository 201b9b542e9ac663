/** The document client of DynamoDB as a resource. */
import type { ResourceContext } from "../resource-registry.js";
import type { SdkClient } from "./sdk-client.js";
import { loadInstalled } from "./service-package.js";

/** The part of @aws-sdk/lib-dynamodb that is used. */
interface DocumentClients {
  readonly DynamoDBDocumentClient: { from(client: SdkClient, translateConfig: unknown): SdkClient };
}

/** The factory of "dynamodb". */
export function documentClient({ config, client }: ResourceContext): SdkClient {
  const { translateConfig, ...own } = config;
  const { DynamoDBDocumentClient } = loadInstalled("@aws-sdk/lib-dynamodb", 'resource("dynamodb")') as DocumentClients;
  const dynamoDb = client("dynamodb", own);
  const documents = DynamoDBDocumentClient.from(dynamoDb, translateConfig);
  // The SDK leaves this to whoever made the inner client, whom here nobody but the cache can reach.
  documents.destroy = () => dynamoDb.destroy();
  return documents;
}
