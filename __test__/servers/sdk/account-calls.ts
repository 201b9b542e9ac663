/** A call of each of four services, whose answer says in which account it was made. */
import { setTimeout as sleep } from "node:timers/promises";
import { type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { GetQueueUrlCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";
import { type Account, bucketOf, contentOf, ITEM, Key, QueueName, TableName } from "./accounts.js";

/** Where the clients of an account come from, asked anew for each request. */
export interface ClientsOf {
  s3(): S3Client;
  dynamodb(): DynamoDBClient;
  sqs(): SQSClient;
  sts(): STSClient;
}

export type Service = keyof ClientsOf;

/** So long the body of an object is left alone after its headers have come. */
const BODY_WAITS_MS = 25;

const CALLS: { readonly [Name in Service]: (clients: ClientsOf, id: string) => Promise<boolean> } = {
  s3: async (clients, id) => {
    const { Body } = await clients.s3().send(new GetObjectCommand({ Bucket: bucketOf(id), Key }));
    await sleep(BODY_WAITS_MS);
    return contentOf(id).equals((await Body?.transformToByteArray()) ?? Buffer.of());
  },
  dynamodb: async (clients, id) => {
    const { Item } = await clients.dynamodb().send(new GetItemCommand({ TableName, Key: ITEM }));
    return Item?.account?.S === id;
  },
  sqs: async (clients, id) => {
    const { QueueUrl } = await clients.sqs().send(new GetQueueUrlCommand({ QueueName }));
    return QueueUrl?.endsWith(`/${id}/${QueueName}`) ?? false;
  },
  sts: async (clients, id) => {
    const { Account: account, Arn } = await clients.sts().send(new GetCallerIdentityCommand({}));
    return account === id && /:assumed-role\/worker\/cached$/.test(Arn ?? "");
  },
};

export const SERVICES = Object.keys(CALLS) as readonly Service[];

/** Makes the call of a service as an account; rejects when it was refused, or answered with what is another account's. */
export async function callAs({ id }: Account, service: Service, clients: ClientsOf): Promise<void> {
  if (!(await CALLS[service](clients, id))) throw new Error(`${service} answered ${id} as somebody else`);
}
