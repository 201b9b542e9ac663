/** The plugins fit clients and commands of the newest SDK and of the oldest that is supported, without a cast. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import { TranscribeStreamingClient } from "@aws-sdk/client-transcribe-streaming";
import type { Pluggable } from "@smithy/types";
import test from "ava";
import { CustomRefreshableSession } from "aws-refresh-session";
import { expiredTokenRecovery, hostClockOffset } from "aws-refresh-session/aws-sdk";
import { DynamoDBClient as OldestDynamoDBClient } from "oldest-client-dynamodb";
import { GetObjectCommand as OldestGetObjectCommand, S3Client as OldestS3Client } from "oldest-client-s3";
import { SQSClient as OldestSQSClient } from "oldest-client-sqs";
import { STSClient as OldestSTSClient } from "oldest-client-sts";

const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
const session = new CustomRefreshableSession({
  customCredentialsMethod: () => ({ ...KEYS, sessionToken: "token", expiration: "2100-01-01T00:00:00Z" }),
});
const config = { region: "eu-west-1", credentials: session.credentials };

test("they are given to any client and command, and are there once however often they are given", (t) => {
  const plugins = [expiredTokenRecovery(session), hostClockOffset(), expiredTokenRecovery(session)] as const;
  for (const plugin of plugins) {
    const pluggable: Pluggable<object, object> = plugin;
    t.is(typeof pluggable.applyToStack, "function");
    const clients = {
      s3: new S3Client(config).middlewareStack,
      oldestS3: new OldestS3Client(config).middlewareStack,
    };
    for (let times = 0; times < 2; times++) {
      clients.s3.use(plugin);
      clients.oldestS3.use(plugin);
    }
    for (const stack of Object.values(clients)) {
      t.is(stack.identify().filter((line) => /^(expiredTokenRecovery|hostClockOffset)/.test(line)).length, 1);
      t.is(stack.identify().filter((line) => /^signed(Call|Request)Middleware/.test(line)).length, 2);
    }
    new DynamoDBClient(config).middlewareStack.use(plugin);
    new KinesisClient(config).middlewareStack.use(plugin);
    new LambdaClient(config).middlewareStack.use(plugin);
    new TranscribeStreamingClient(config).middlewareStack.use(plugin);
    new SQSClient(config).middlewareStack.use(plugin);
    new STSClient(config).middlewareStack.use(plugin);
    new OldestDynamoDBClient(config).middlewareStack.use(plugin);
    new OldestSQSClient(config).middlewareStack.use(plugin);
    new OldestSTSClient(config).middlewareStack.use(plugin);
    new GetObjectCommand({ Bucket: "b", Key: "k" }).middlewareStack.use(plugin);
    new OldestGetObjectCommand({ Bucket: "b", Key: "k" }).middlewareStack.use(plugin);
  }
});
