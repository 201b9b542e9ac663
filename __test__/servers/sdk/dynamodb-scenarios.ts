/** What users do with a DynamoDB client. */
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  paginateQuery,
  paginateScan,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import { refusal, type ServiceScenarios } from "./scenarios.js";

const waiting = (client: DynamoDBClient) => ({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 });

/** An item of a person's notes. */
const item = (who: string, at: number, more: Record<string, AttributeValue> = {}) => ({
  who: { S: who },
  at: { N: String(at) },
  ...more,
});

async function withTable<T>(client: DynamoDBClient, TableName: string, use: () => Promise<T>): Promise<T> {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: "who", KeyType: "HASH" },
        { AttributeName: "at", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "who", AttributeType: "S" },
        { AttributeName: "at", AttributeType: "N" },
      ],
    }),
  );
  await waitUntilTableExists(waiting(client), { TableName });
  const result = await use();
  await client.send(new DeleteTableCommand({ TableName }));
  await waitUntilTableNotExists(waiting(client), { TableName });
  return result;
}

const byNumber = (items: Record<string, AttributeValue>[] = []) =>
  items.toSorted((one, other) => Number(one.at?.N) - Number(other.at?.N));

export const dynamoDbScenarios: ServiceScenarios<DynamoDBClient> = {
  service: "DynamoDB",
  call: (client) => client.send(new ListTablesCommand({})),
  scenarios: {
    "a table is made, waited for, described and removed": ({ client, name }) =>
      withTable(client, name, async () => {
        const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
        const { KeySchema, TableStatus, AttributeDefinitions } = Table ?? {};
        return { KeySchema, TableStatus, AttributeDefinitions };
      }),

    "items are put, read, changed and refused": ({ client, name: TableName }) =>
      withTable(client, TableName, async () => {
        const Item = item("ü/日本 😀", 1, { bytes: { B: Buffer.from([0, 255, 7]) }, list: { L: [{ NULL: true }] } });
        const Key = item("ü/日本 😀", 1);
        const put = await client.send(new PutItemCommand({ TableName, Item, ReturnConsumedCapacity: "TOTAL" }));
        const got = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
        const updated = await client.send(
          new UpdateItemCommand({
            TableName,
            Key,
            UpdateExpression: "SET #n = :n ADD seen :one",
            ExpressionAttributeNames: { "#n": "note" },
            ExpressionAttributeValues: { ":n": { S: "a  b" }, ":one": { N: "1" } },
            ReturnValues: "ALL_NEW",
          }),
        );
        const again = { TableName, Item, ConditionExpression: "attribute_not_exists(who)" };
        return { put, got, updated, refused: await refusal(client.send(new PutItemCommand(again))) };
      }),

    "batches and transactions write and read; queries and scans go page by page": ({ client, name: TableName }) =>
      withTable(client, TableName, async () => {
        const requests = [1, 2, 3, 4, 5].map((at) => ({ PutRequest: { Item: item("a", at) } }));
        const batch = await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
        const written = await client.send(
          new TransactWriteItemsCommand({
            TransactItems: [{ Put: { TableName, Item: item("b", 1) } }, { Delete: { TableName, Key: item("a", 5) } }],
          }),
        );
        const Keys = [item("a", 1), item("a", 3)];
        const { Responses } = await client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys } } }));
        const transacted = await client.send(
          new TransactGetItemsCommand({ TransactItems: [{ Get: { TableName, Key: item("b", 1) } }] }),
        );
        const query = {
          TableName,
          KeyConditionExpression: "who = :who",
          ExpressionAttributeValues: { ":who": { S: "a" } },
          ScanIndexForward: false,
        };
        const queried: unknown[] = [];
        for await (const { Items } of paginateQuery({ client, pageSize: 2 }, query)) queried.push(Items);
        const scanned: unknown[] = [];
        for await (const { Count } of paginateScan({ client, pageSize: 3 }, { TableName })) scanned.push(Count);
        return { batch, written, batched: byNumber(Responses?.[TableName]), transacted, queried, scanned };
      }),
  },
};
