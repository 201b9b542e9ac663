/** Fifty AWS accounts in MiniStack that hold things of the same names, and a session with a role in each. */
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { RefreshableSession } from "aws-refresh-session";
import { makeRole, type Principals, REGION, rootOf } from "../ministack.js";

export const TableName = "orders";
export const QueueName = "orders";
export const Key = "kept";
export const ITEM = { id: { S: "1" } };

/** Longer than what a stream reads ahead, so that a body which nobody reads keeps its connection. */
export const OBJECT_SIZE = 192 * 1024;

/** What the object of an account repeats, to its end. */
const patternOf = (id: string) => `account ${id};`.padEnd(32, "-");
export const contentOf = (id: string): Buffer => Buffer.alloc(OBJECT_SIZE, patternOf(id));

/** Names of buckets are those of all accounts. */
export const bucketOf = (id: string): string => `objects-of-${id}`;

export interface Account {
  readonly id: string;
  readonly roleArn: string;
}

/** Makes the accounts; in each everything is made by its root, as whom nothing else is sent. */
export function makeAccounts(endpoint: string, { userArn }: Principals, count: number): Promise<Account[]> {
  const ids = Array.from({ length: count }, (_, index) => String(100_000_000_000 + index));
  return Promise.all(ids.map((id) => makeAccount(endpoint, userArn, id)));
}

async function makeAccount(endpoint: string, userArn: string, id: string): Promise<Account> {
  const credentials = rootOf(id);
  const roleArn = await makeRole(endpoint, "worker", { Principal: { AWS: userArn } }, credentials);
  const config = { region: REGION, endpoint, credentials };
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  const dynamodb = new DynamoDBClient(config);
  const sqs = new SQSClient(config);
  const Bucket = bucketOf(id);
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: contentOf(id) }));
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    }),
  );
  await dynamodb.send(new PutItemCommand({ TableName, Item: { ...ITEM, account: { S: id } } }));
  await sqs.send(new CreateQueueCommand({ QueueName }));
  for (const client of [s3, dynamodb, sqs]) client.destroy();
  return { id, roleArn };
}

/** A session in the role of an account that already holds its credentials. */
export const openSession = (
  endpoint: string,
  { user }: Principals,
  { roleArn }: Account,
): Promise<RefreshableSession> =>
  RefreshableSession.create({
    region: REGION,
    assumeRole: { RoleArn: roleArn, RoleSessionName: "cached" },
    stsClientConfig: { endpoint, region: REGION, credentials: user },
  });
