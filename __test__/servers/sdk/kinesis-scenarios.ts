/** What users do with a Kinesis client. */
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  ListStreamsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  waitUntilStreamExists,
  waitUntilStreamNotExists,
} from "@aws-sdk/client-kinesis";
import type { ServiceScenarios } from "./scenarios.js";

const waiting = (client: KinesisClient) => ({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 });

export const kinesisScenarios: ServiceScenarios<KinesisClient> = {
  service: "Kinesis",
  call: (client) => client.send(new ListStreamsCommand({})),
  scenarios: {
    "records are put into a stream and read from it": async ({ client, name: StreamName }) => {
      await client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
      const { state } = await waitUntilStreamExists(waiting(client), { StreamName });
      const put = await client.send(
        new PutRecordCommand({ StreamName, Data: Buffer.from([0, 255, 10]), PartitionKey: "ü/日本" }),
      );
      const Records = ["a", "b"].map((PartitionKey) => ({ Data: Buffer.from(`of ${PartitionKey}`), PartitionKey }));
      const more = await client.send(new PutRecordsCommand({ StreamName, Records }));
      const { Shards } = await client.send(new ListShardsCommand({ StreamName }));
      const ShardId = Shards?.[0]?.ShardId;
      const start = { StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" } as const;
      const { ShardIterator } = await client.send(new GetShardIteratorCommand(start));
      const read = await client.send(new GetRecordsCommand({ ShardIterator }));
      const described = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
      await client.send(new DeleteStreamCommand({ StreamName }));
      const gone = await waitUntilStreamNotExists(waiting(client), { StreamName });
      return { state, put, more, shards: Shards?.length, read, described, gone: gone.state };
    },
  },
};
