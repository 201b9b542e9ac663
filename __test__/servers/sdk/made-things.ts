/** Makes in MiniStack what tests of several services read: an object in a bucket, an item in a table, a queue. */
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Keys } from "../ministack.js";

export interface Things {
  readonly Bucket: string;
  readonly Key: string;
  readonly Body: string | Buffer;
  readonly TableName: string;
  /** Texts; `id` is the key of the table. */
  readonly Item: Readonly<Record<string, { S: string }>>;
  readonly QueueName: string;
}

export async function makeThings(
  config: { region: string; endpoint: string; credentials: Keys },
  { Bucket, Key, Body, TableName, Item, QueueName }: Things,
): Promise<void> {
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  const dynamodb = new DynamoDBClient(config);
  const sqs = new SQSClient(config);
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    }),
  );
  await dynamodb.send(new PutItemCommand({ TableName, Item }));
  await sqs.send(new CreateQueueCommand({ QueueName }));
  for (const client of [s3, dynamodb, sqs]) client.destroy();
}
