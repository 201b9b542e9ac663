/** SDK clients that keep count of how often they were destroyed. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";

const counts = new WeakMap<object, number>();

/** How often a client of the classes below was destroyed. */
export const destroyedTimes = (client: object): number => counts.get(client) ?? 0;

const count = (client: object) => counts.set(client, destroyedTimes(client) + 1);

export class CountedS3Client extends S3Client {
  override destroy(): void {
    count(this);
    super.destroy();
  }
}

export class CountedDynamoDBClient extends DynamoDBClient {
  override destroy(): void {
    count(this);
    super.destroy();
  }
}

export class CountedSQSClient extends SQSClient {
  override destroy(): void {
    count(this);
    super.destroy();
  }
}

export class CountedSTSClient extends STSClient {
  override destroy(): void {
    count(this);
    super.destroy();
  }
}
