/** What users do with an SQS client, which checks the MD5 of what it sent and received. */
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { refusal, type ServiceScenarios } from "./scenarios.js";

export const sqsScenarios: ServiceScenarios<SQSClient> = {
  service: "SQS",
  call: (client) => client.send(new ListQueuesCommand({})),
  scenarios: {
    "messages are sent, received, kept back and removed": async ({ client, name }) => {
      await client.send(new CreateQueueCommand({ QueueName: name, Attributes: { VisibilityTimeout: "30" } }));
      const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
      const MessageAttributes = {
        text: { DataType: "String", StringValue: "ü  日本" },
        bytes: { DataType: "Binary", BinaryValue: Buffer.from([0, 255]) },
      };
      const message = { QueueUrl, MessageBody: "one: é & <b> 😀", MessageAttributes };
      const sent = await client.send(new SendMessageCommand(message));
      const receive = { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] };
      const first = await client.send(new ReceiveMessageCommand(receive));
      const { ReceiptHandle } = first.Messages?.[0] ?? {};
      await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
      const again = await client.send(new ReceiveMessageCommand(receive));
      const handle = again.Messages?.[0]?.ReceiptHandle;
      const removed = await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: handle }));

      const Entries = ["a", "b"].map((Id) => ({ Id, MessageBody: `batch ${Id}` }));
      const batch = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      const received = await client.send(new ReceiveMessageCommand(receive));
      const handles = received.Messages?.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      const emptied = await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: handles }));
      const attributes = { QueueUrl, AttributeNames: ["ApproximateNumberOfMessages" as const, "QueueArn" as const] };
      const { Attributes } = await client.send(new GetQueueAttributesCommand(attributes));
      await client.send(new DeleteQueueCommand({ QueueUrl }));
      const gone = await refusal(client.send(new GetQueueUrlCommand({ QueueName: name })));
      return { sent, first, again, removed, batch, received, emptied, Attributes, gone };
    },
  },
};
