/** An S3 client that counts how often it makes a request, by how often its endpoint rules are asked. */
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { KEYS } from "../examples.js";

export interface WatchedClient {
  readonly client: S3Client;
  /** Whether the client was asked to make a request since this was called last. */
  wasAsked(): boolean;
  /** How often its endpoint rules were asked, in all: twice or more for a request. */
  count(): number;
}

export function watchedClient(config: S3ClientConfig = {}): WatchedClient {
  const client = new S3Client({ region: "eu-west-1", credentials: KEYS, ...config });
  const { endpointProvider } = client.config;
  let asked = false;
  let count = 0;
  client.config.endpointProvider = (parameters, context) => {
    asked = true;
    count++;
    return endpointProvider(parameters, context);
  };
  const wasAsked = () => {
    const answer = asked;
    asked = false;
    return answer;
  };
  return { client, wasAsked, count: () => count };
}
