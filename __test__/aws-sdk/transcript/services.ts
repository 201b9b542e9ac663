/** Every client of the SDK that is installed for the tests, and those of its commands that are tried. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { SchemaRef } from "@smithy/types";
import type { Choices } from "../../parity/smithy-random.js";

const require = createRequire(import.meta.url);

/** What the tests need of a client of any service. */
export interface SdkClient {
  send(command: object): Promise<unknown>;
  destroy(): void;
  readonly config: { readonly requestHandler: { readonly metadata?: { readonly handlerProtocol: string } } };
}

export interface SdkCommand {
  readonly name: string;
  readonly input: SchemaRef;
  make(input: object): object;
}

export interface SdkService {
  /** Of the package, after `@aws-sdk/client-`. */
  readonly name: string;
  readonly commands: readonly SdkCommand[];
  /** What its clients speak when they are given no handler: "h2" or "http/1.1". */
  readonly handlerProtocol: string;
  client(config: object): SdkClient;
}

/** What is tried: a service, by its own protocol or by one that its client does not speak by itself. */
export interface Target {
  readonly service: string;
  readonly protocol?: "AwsSmithyRpcV2CborProtocol" | "AwsEc2QueryProtocol";
}

type Constructor = new (argument: object) => SdkClient & { readonly schema: readonly SchemaRef[] };

const { devDependencies } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
  devDependencies: Record<string, string>;
};
const PREFIX = "@aws-sdk/client-";

export const TARGETS: readonly Target[] = [
  ...Object.keys(devDependencies)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => ({ service: name.slice(PREFIX.length) })),
  { service: "cloudwatch", protocol: "AwsSmithyRpcV2CborProtocol" },
  { service: "auto-scaling", protocol: "AwsEc2QueryProtocol" },
];

/** Loads the client of a service, which takes some milliseconds. */
export function loadService({ service: name, protocol }: Target): SdkService {
  const module = require(`${PREFIX}${name}`) as Record<string, Constructor>;
  const exported = Object.entries(module);
  const Client = exported.find(([key]) => key.endsWith("Client") && key !== "__Client")?.[1];
  if (Client === undefined) throw new Error(`${PREFIX}${name} has no client`);
  const commands = exported
    .filter(([key]) => key.endsWith("Command") && key !== "$Command")
    .map(([key, Command]) => ({
      name: key.slice(0, -"Command".length),
      // An operation is [kind, namespace, name, traits, input, output].
      input: new Command({}).schema[4] as SchemaRef,
      make: (input: object) => new Command(input),
    }));
  const more = protocol === undefined ? {} : { protocol: protocolOf(name, protocol) };
  const { handlerProtocol = "http/1.1" } = new Client({ region: "us-east-1" }).config.requestHandler.metadata ?? {};
  return { name, commands, handlerProtocol, client: (config) => new Client({ ...more, ...config }) };
}

/** A protocol of the version of the SDK's core that the client of a service has. */
function protocolOf(service: string, protocol: string): unknown {
  const ofClient = createRequire(require.resolve(`${PREFIX}${service}`));
  return ofClient("@aws-sdk/core/protocols")[protocol];
}

/** Commands that no choice leaves out: bodies that stream, one way or both, and what hosts and checksums depend on. */
const ALWAYS: Readonly<Record<string, readonly string[]>> = {
  s3: [
    "PutObject",
    "UploadPart",
    "WriteGetObjectResponse",
    "GetObject",
    "DeleteObjects",
    "CopyObject",
    "SelectObjectContent",
  ],
  "bedrock-runtime": [
    "InvokeModelWithBidirectionalStream",
    "InvokeModelWithResponseStream",
    "InvokeModel",
    "ConverseStream",
  ],
  "transcribe-streaming": ["StartStreamTranscription"],
  "cloudwatch-logs": ["StartLiveTail"],
  cloudwatch: ["PutMetricData"],
  lambda: ["Invoke", "InvokeWithResponseStream"],
  sfn: ["StartSyncExecution"],
  "api-gateway": ["ImportRestApi", "TestInvokeMethod"],
  sts: ["AssumeRole", "GetCallerIdentity"],
};

/** As many commands of a service as wanted, spread over the alphabet. */
export function chosenCommands({ name, commands }: SdkService, most: number, choose: Choices): readonly SdkCommand[] {
  const always = commands.filter((command) => ALWAYS[name]?.includes(command.name));
  const others = commands.filter((command) => !always.includes(command));
  const wanted = Math.min(others.length, most - always.length);
  const start = choose.next();
  const spread = Array.from({ length: wanted }, (_, index) =>
    Math.floor(((index + start) * others.length) / wanted),
  ).flatMap((at) => others[at] ?? []);
  return [...always, ...spread];
}
