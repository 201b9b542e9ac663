/** The oldest SDK v3 that is supported and the newest: one call of four services, whoever signs it. */
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as s3 from "@aws-sdk/client-s3";
import * as sqs from "@aws-sdk/client-sqs";
import * as sts from "@aws-sdk/client-sts";
import type { HttpRequest } from "@smithy/types";
import { type SdkCredentials, type SdkPlugin, SignatureV4 } from "aws-refresh-session/aws-sdk";
import * as oldestDynamodb from "oldest-client-dynamodb";
import * as oldestS3 from "oldest-client-s3";
import * as oldestSqs from "oldest-client-sqs";
import * as oldestSts from "oldest-client-sts";
import { OURS, type SigningWay, STOCK } from "../signing-ways.js";

export const REGION = "eu-west-1";

/** What the tests need of a client of any service and version. */
export interface SdkClient {
  send(command: never, options?: { abortSignal?: AbortSignal }): Promise<unknown>;
  destroy(): void;
  readonly config: object & { systemClockOffset: number };
  readonly middlewareStack: { use(plugin: SdkPlugin): void; addRelativeTo(middleware: never, options: never): void };
}

export interface SdkService {
  readonly service: string;
  /** How it writes errors. */
  readonly protocol: "xml" | "s3" | "json";
  client(config: object): SdkClient;
  command(): object;
}

const Bucket = "a-bucket";

const servicesOf = (of: {
  s3: { S3Client: new (config: never) => unknown; PutObjectCommand: new (input: never) => object };
  dynamodb: { DynamoDBClient: new (config: never) => unknown; ListTablesCommand: new (input: never) => object };
  sqs: { SQSClient: new (config: never) => unknown; ListQueuesCommand: new (input: never) => object };
  sts: { STSClient: new (config: never) => unknown; GetCallerIdentityCommand: new (input: never) => object };
}): readonly SdkService[] => [
  {
    service: "s3",
    protocol: "s3",
    client: (config) => new of.s3.S3Client(config as never) as SdkClient,
    command: () => new of.s3.PutObjectCommand({ Bucket, Key: "a key", Body: "content" } as never),
  },
  {
    service: "dynamodb",
    protocol: "json",
    client: (config) => new of.dynamodb.DynamoDBClient(config as never) as SdkClient,
    command: () => new of.dynamodb.ListTablesCommand({} as never),
  },
  {
    service: "sqs",
    protocol: "json",
    client: (config) => new of.sqs.SQSClient(config as never) as SdkClient,
    command: () => new of.sqs.ListQueuesCommand({} as never),
  },
  {
    service: "sts",
    protocol: "xml",
    client: (config) => new of.sts.STSClient(config as never) as SdkClient,
    command: () => new of.sts.GetCallerIdentityCommand({} as never),
  },
];

export const VERSIONS: Readonly<Record<string, readonly SdkService[]>> = {
  "3.699": servicesOf({ s3: oldestS3, dynamodb: oldestDynamodb, sqs: oldestSqs, sts: oldestSts }),
  newest: servicesOf({ s3, dynamodb, sqs, sts }),
};

/** In which way the clients of a service come to sign. */
export type Signing = (service: string, credentials: SdkCredentials) => SigningWay;

export const stock: Signing = () => STOCK;

const instance: Signing = (service, credentials) => {
  const signer = new SignatureV4({ service, region: REGION, credentials, uriEscapePath: service !== "s3" });
  return { name: "signer", client: (make) => make({ signer }) };
};

export const SIGNINGS: Readonly<Record<string, Signing>> = {
  ...Object.fromEntries([STOCK, ...OURS].map((way) => [way.name, () => way])),
  signer: instance,
};

/** A client whose requests are signed so. */
export function clientSignedBy(
  { service, client }: SdkService,
  signing: Signing,
  credentials: SdkCredentials,
  more: object = {},
): SdkClient {
  const options = { region: REGION, credentials, maxAttempts: 1 };
  return signing(service, credentials).client((signer) => client({ ...options, ...signer, ...more }));
}

/** Every service of every version. */
export const EVERY = Object.entries(VERSIONS).flatMap(([version, services]) =>
  services.map((service) => ({ version, service, title: `${service.service} of ${version}` })),
);

/** The key that signed. */
export const keyOf = ({ headers }: HttpRequest): string | undefined =>
  / Credential=([^/]+)/.exec(headers.authorization ?? "")?.[1];

/** When it was signed, in milliseconds since the epoch. */
export function signedAt({ headers }: HttpRequest): number {
  return Date.parse(headers["x-amz-date"]?.replace(/^(....)(..)(..T..)(..)/, "$1-$2-$3:$4:") ?? "");
}
