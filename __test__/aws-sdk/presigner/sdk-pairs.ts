/** The newest and the oldest SDK, each with its own presigner, which is the oracle for ours. */
import * as newest from "@aws-sdk/client-s3";
import { getSignedUrl as newestGetSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { PresigningClient, PresigningCommand, SdkPresigningOptions } from "aws-refresh-session/aws-sdk";
import * as oldest from "oldest-client-s3";
import { getSignedUrl as oldestGetSignedUrl } from "oldest-s3-request-presigner";

export interface Sdk {
  readonly name: "newest" | "oldest";
  client(config: object): PresigningClient & { readonly config: object };
  /** A command by the name of its operation; undefined where this SDK does not have it. */
  command(operation: string, input: object): PresigningCommand | undefined;
  getSignedUrl(client: PresigningClient, command: PresigningCommand, options?: SdkPresigningOptions): Promise<string>;
}

type CommandClass = new (input: object) => PresigningCommand;

function sdk(name: Sdk["name"], module: object, getSignedUrl: unknown): Sdk {
  const exported = module as Record<string, CommandClass | undefined>;
  const { S3Client } = module as { S3Client: new (config: object) => PresigningClient };
  return {
    name,
    client: (config) => new S3Client(config),
    command: (operation, input) => {
      const Command = exported[`${operation}Command`];
      return Command === undefined ? undefined : new Command(input);
    },
    getSignedUrl: getSignedUrl as Sdk["getSignedUrl"],
  };
}

export const SDKS: readonly Sdk[] = [
  sdk("newest", newest, newestGetSignedUrl),
  sdk("oldest", oldest, oldestGetSignedUrl),
];
