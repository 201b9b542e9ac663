/** Twenty SDK clients, of six services and two versions, that share one session before MiniStack; each makes one call and checks its answer. */
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { RefreshableSession } from "aws-refresh-session";
import { type SdkPlugin, SignatureV4, withNativeSigning } from "aws-refresh-session/aws-sdk";
import { DynamoDBClient as OldestDynamoDBClient, GetItemCommand as OldestGetItemCommand } from "oldest-client-dynamodb";
import { PutObjectCommand as OldestPutObjectCommand, S3Client as OldestS3Client } from "oldest-client-s3";
import { SendMessageCommand as OldestSendMessageCommand, SQSClient as OldestSQSClient } from "oldest-client-sqs";
import {
  GetCallerIdentityCommand as OldestGetCallerIdentityCommand,
  STSClient as OldestSTSClient,
} from "oldest-client-sts";
import { type Keys, REGION } from "../ministack.js";
import { makeThings } from "./made-things.js";

const Bucket = "mixed";
const Key = "folder/an object+1";
const TableName = "mixed";
const QueueName = "mixed";
const SecretId = "mixed";
const ITEM = { id: { S: "1" } };

const queueUrl = (endpoint: string) => `${endpoint}/000000000000/${QueueName}`;

/** Makes what the clients read, as a user. */
export async function prepareMixed(endpoint: string, credentials: Keys): Promise<void> {
  const config = { region: REGION, endpoint, credentials };
  await makeThings(config, { Bucket, Key, Body: "kept", TableName, Item: { ...ITEM, text: { S: "kept" } }, QueueName });
  const secrets = new SecretsManagerClient(config);
  await secrets.send(new CreateSecretCommand({ Name: SecretId, SecretString: "kept" }));
  secrets.destroy();
}

interface Sent {
  readonly $metadata: { readonly attempts?: number };
}

/** What a call has to be answered with, in short. */
interface MixedCall {
  readonly name: string;
  /** A client, and what sends its call: the metadata of the answer and what was read. */
  make(config: object): { readonly client: MixedTarget; send(): Promise<readonly [sent: Sent, read: unknown]> };
  readonly reads: RegExp;
}

interface MixedTarget {
  readonly middlewareStack: { use(plugin: SdkPlugin): void };
  destroy(): void;
}

const call = <C extends MixedTarget, A extends Sent>(
  name: string,
  reads: RegExp,
  makeClient: (config: object) => C,
  send: (client: C) => Promise<A>,
  read: (answer: A) => unknown,
): MixedCall => ({
  name,
  reads,
  make: (config) => {
    const client = makeClient(config);
    const sendOne = async () => {
      const answer = await send(client);
      return [answer, await read(answer)] as const;
    };
    return { client, send: sendOne };
  },
});

const calls = (endpoint: string): readonly MixedCall[] => [
  call(
    "S3 GetObject",
    /^kept$/,
    (config) => new S3Client({ ...config, forcePathStyle: true }),
    (client) => client.send(new GetObjectCommand({ Bucket, Key })),
    ({ Body }) => Body?.transformToString(),
  ),
  call(
    "S3 PutObject, oldest",
    /^"?[0-9a-f]{32}/,
    // The time-out, since it waits for "100 Continue" for a second otherwise, and then sends nothing ever.
    (config) => new OldestS3Client({ ...config, forcePathStyle: true, requestHandler: { requestTimeout: 60_000 } }),
    (client) => client.send(new OldestPutObjectCommand({ Bucket, Key: "by the oldest", Body: "content" })),
    ({ ETag }) => ETag,
  ),
  call(
    "DynamoDB GetItem",
    /^kept$/,
    (config) => new DynamoDBClient(config),
    (client) => client.send(new GetItemCommand({ TableName, Key: ITEM })),
    ({ Item }) => Item?.text?.S,
  ),
  call(
    "DynamoDB GetItem, oldest",
    /^kept$/,
    (config) => new OldestDynamoDBClient(config),
    (client) => client.send(new OldestGetItemCommand({ TableName, Key: ITEM })),
    ({ Item }) => Item?.text?.S,
  ),
  call(
    "SQS GetQueueUrl",
    /\/mixed$/,
    (config) => new SQSClient(config),
    (client) => client.send(new GetQueueUrlCommand({ QueueName })),
    ({ QueueUrl }) => QueueUrl,
  ),
  call(
    "SQS SendMessage, oldest",
    /^[0-9a-f-]{36}$/,
    (config) => new OldestSQSClient(config),
    (client) => client.send(new OldestSendMessageCommand({ QueueUrl: queueUrl(endpoint), MessageBody: "a message" })),
    ({ MessageId }) => MessageId,
  ),
  call(
    "STS GetCallerIdentity",
    /:(assumed-role\/worker\/|user\/tester$)/,
    (config) => new STSClient(config),
    (client) => client.send(new GetCallerIdentityCommand({})),
    ({ Arn }) => Arn,
  ),
  call(
    "STS GetCallerIdentity, oldest",
    /:(assumed-role\/worker\/|user\/tester$)/,
    (config) => new OldestSTSClient(config),
    (client) => client.send(new OldestGetCallerIdentityCommand({})),
    ({ Arn }) => Arn,
  ),
  call(
    "Secrets Manager GetSecretValue",
    /^kept$/,
    (config) => new SecretsManagerClient(config),
    (client) => client.send(new GetSecretValueCommand({ SecretId })),
    ({ SecretString }) => SecretString,
  ),
  call(
    "Lambda ListFunctions",
    /^\d+$/,
    (config) => new LambdaClient(config),
    (client) => client.send(new ListFunctionsCommand({})),
    ({ Functions }) => Functions?.length,
  ),
];

export interface MixedClient {
  readonly name: string;
  /** Sends one request, which is tried once; rejects when it was refused, or answered with something else. */
  request(): Promise<Sent>;
  close(): void;
}

/** Half of them take our signer when they are made, half are made to sign natively afterwards. */
export function mixedClients(endpoint: string, session: RefreshableSession, plugin?: SdkPlugin): MixedClient[] {
  const config = { region: REGION, endpoint, credentials: session.credentials, maxAttempts: 1 };
  return ["signerConstructor", "withNativeSigning"].flatMap((signedBy) =>
    calls(endpoint).map(({ name, reads, make }) => {
      const isNative = signedBy === "withNativeSigning";
      const { client, send } = make(isNative ? config : { ...config, signerConstructor: SignatureV4 });
      if (isNative) withNativeSigning(client);
      if (plugin !== undefined) client.middlewareStack.use(plugin);
      const request = async () => {
        const [sent, read] = await send();
        if (!reads.test(String(read))) throw new Error(`${name} was answered with ${read}`);
        return sent;
      };
      return { name: `${name}, ${signedBy}`, request, close: () => client.destroy() };
    }),
  );
}
