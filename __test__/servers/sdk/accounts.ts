/** Fifty AWS accounts in MiniStack that hold things of the same names, and a session with a role in each. */
import { RefreshableSession } from "aws-refresh-session";
import { makeRole, type Principals, REGION, rootOf } from "../ministack.js";
import { makeThings } from "./made-things.js";

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
  const Item = { ...ITEM, account: { S: id } };
  const things = { Bucket: bucketOf(id), Key, Body: contentOf(id), TableName, Item, QueueName };
  await makeThings({ region: REGION, endpoint, credentials }, things);
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
