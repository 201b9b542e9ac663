/** STS through a client of the AWS SDK for JavaScript v3 that belongs to the user. */
import { BRSConnectionError, BRSError, BRSValidationError, shown } from "../errors.js";
import { loadPeer } from "../optional-peer.js";
import { fieldsIn } from "./answer-fields.js";
import type { CallOptions } from "./service-caller.js";
import { type CallFacts, serviceFailure, UnreadableAnswer, unreadableAnswer } from "./service-error.js";
import { type StsOperation, StsOperations } from "./sts-operations.js";

/** A ready client: `STSClient` or `STS` of @aws-sdk/client-sts. */
export interface SdkStsClient {
  send(command: never, options?: { abortSignal?: AbortSignal }): Promise<unknown>;
  readonly config: object;
}

const PEER = "@aws-sdk/client-sts";

/**
 * Whether a value is a client of the SDK.
 *
 * @throws BRSValidationError for the client of another service
 */
export function isSdkClient(value: unknown): value is SdkStsClient {
  if (typeof value !== "object" || value === null) return false;
  const { send, config } = value as Partial<SdkStsClient>;
  if (typeof send !== "function" || typeof config !== "object" || config === null) return false;
  const { serviceId = "STS" } = config as { readonly serviceId?: unknown };
  if (serviceId === "STS") return true;
  throw new BRSValidationError(
    `stsClientConfig is a client of ${shown(serviceId)}; give one of STS, or options such as { region, endpoint, credentials }`,
    { param: "stsClientConfig" },
  );
}

/** A command as far as it is touched here. */
interface Command {
  readonly middlewareStack: { add(middleware: unknown, options: object): void };
}

type CommandClass = new (input: object) => Command;

/** The exports of the package. */
type Commands = Readonly<Record<string, CommandClass>>;

/** The parts of a failure that the SDK tells. */
interface SdkFailure {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly Code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string; readonly attempts?: number };
}

/**
 * The client stays the user's: how it reaches STS, as whom, and how often it tries is its own matter, and it is never
 * destroyed here. Its errors become those of the package; the raw ones are not attached, since they carry the answer. A
 * request under way keeps the process alive, awaited or not: the SDK's sockets are its own.
 *
 * @throws BRSConfigurationError at construction when @aws-sdk/client-sts is not installed
 */
export class SdkSts extends StsOperations {
  readonly #client: SdkStsClient;
  readonly #commands: Commands;

  constructor(client: SdkStsClient) {
    super();
    this.#client = client;
    this.#commands = loadPeer(PEER, "stsClientConfig in the form of an SDK client") as Commands;
  }

  /** Does nothing: the client is the user's. */
  override close(): void {}

  protected override async send<Result>(
    action: string,
    operation: StsOperation<Result>,
    { signal }: CallOptions = {},
  ): Promise<Result> {
    const { parameters, once = false, read } = operation;
    const secrets = (operation.secrets ?? []).filter((text) => text !== undefined);
    const facts: CallFacts = {
      ...operation,
      operation: `STS ${action}`,
      endpoint: "the SDK client",
      attempt: 1,
      secrets,
    };
    const command = new (this.#commands[`${action}Command`] as CommandClass)(parameters);
    if (once) sendOnce(command);
    noteToken(command, secrets);
    let output: unknown;
    try {
      output = await this.#client.send(command as never, signal && { abortSignal: signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw translated(error, facts);
    }
    try {
      return read(fieldsIn(output));
    } catch (error) {
      if (!(error instanceof UnreadableAnswer)) throw error;
      throw unreadableAnswer(answerOf(200), facts, error);
    }
  }
}

/**
 * Lets one attempt through and repeats its failure to those after it: a code of an MFA device is used up whether or not the
 * answer arrives, and the SDK would send it again.
 */
function sendOnce(command: Command): void {
  let outcome: Promise<unknown> | undefined;
  const once = (next: (args: unknown) => Promise<unknown>) => (args: unknown) => {
    outcome ??= next(args);
    return outcome;
  };
  // The SDK's retries are at the beginning of this step, so this comes after them.
  command.middlewareStack.add(once, { step: "finalizeRequest", priority: "low", name: "sendOnce" });
}

/** Adds the session token of whoever signs to the secrets: AWS quotes the request when its signature is wrong. */
function noteToken(command: Command, secrets: string[]): void {
  const note = (next: (args: unknown) => Promise<unknown>) => (args: unknown) => {
    const { headers = {} } = (args as { request?: { headers?: Record<string, string> } }).request ?? {};
    const token = Object.entries(headers).find(([name]) => name.toLowerCase() === "x-amz-security-token")?.[1];
    if (token !== undefined) secrets.push(token);
    return next(args);
  };
  // Requests are signed before this step.
  command.middlewareStack.add(note, { step: "deserialize", name: "noteToken" });
}

function translated(error: unknown, facts: CallFacts): unknown {
  const { name, message = "", code, Code, $metadata } = (error ?? {}) as SdkFailure;
  const attempt = $metadata?.attempts ?? facts.attempt;
  const statusCode = $metadata?.httpStatusCode;
  if (statusCode !== undefined && statusCode >= 300) {
    const readError = () => ({ code: Code ?? name, message, requestId: $metadata?.requestId });
    return serviceFailure(answerOf(statusCode), { ...facts, attempt, readError }, () => false).error;
  }
  if (statusCode !== undefined) {
    return unreadableAnswer(
      answerOf(statusCode),
      { ...facts, attempt },
      new UnreadableAnswer("something that the SDK cannot read"),
    );
  }
  // What the client's own source of credentials rejects with is passed on, as from any other source.
  if (error instanceof BRSError || $metadata === undefined || name === "CredentialsProviderError") return error;
  const reason = code ?? name ?? "unknown";
  return new BRSConnectionError(
    `${facts.operation}: the SDK client got no answer (${reason}); check its endpoint and the network`,
    { details: { operation: facts.operation, reason, attempt }, retryable: true },
  );
}

function answerOf(statusCode: number) {
  return { statusCode, headers: {}, body: "" };
}

/** What of the client's configuration is of use to other clients of the same session. */
export async function settingsOf({ config }: SdkStsClient): Promise<{
  region?: string;
  endpoint?: string;
  allowInsecureEndpoint?: boolean;
  useFips?: boolean;
  useDualstack?: boolean;
}> {
  const of = async (name: string): Promise<unknown> => {
    const value = (config as Readonly<Record<string, unknown>>)[name];
    return typeof value === "function" ? value.call(config) : value;
  };
  const [region, endpoint, useFips, useDualstack] = await Promise.all(
    ["region", "endpoint", "useFipsEndpoint", "useDualstackEndpoint"].map(of),
  );
  const address = addressOf(endpoint);
  return {
    ...(typeof region === "string" && { region }),
    // Whether plain http will do is what the user has decided by making the client.
    ...(address !== undefined && { endpoint: address, allowInsecureEndpoint: true }),
    ...(typeof useFips === "boolean" && { useFips }),
    ...(typeof useDualstack === "boolean" && { useDualstack }),
  };
}

/** The SDK holds an endpoint as its parts. */
function addressOf(endpoint: unknown): string | undefined {
  if (typeof endpoint === "string") return endpoint;
  const { protocol, hostname, port, path } = (endpoint ?? {}) as Record<string, unknown>;
  if (typeof protocol !== "string" || typeof hostname !== "string") return undefined;
  return `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${typeof path === "string" ? path : "/"}`;
}
