/** The two STS calls the package makes by itself, AssumeRole and GetCallerIdentity, over its own signer. */
import type { Sleep } from "../defaults.js";
import { BRSRequestError } from "../errors.js";
import { asRefreshable } from "../refresh/credential-source.js";
import type { RefreshableCredentials } from "../refresh/refreshable-credentials.js";
import { Signer } from "../signing/signer.js";
import type { ProcessHold, TemporaryCredentials } from "../strategies/strategy.js";
import { ClockOffset } from "./clock-offset.js";
import { isTrustedTime } from "./endpoints.js";
import { heldSleep } from "./hold.js";
import { encodeQuery, QUERY_CONTENT_TYPE, type QueryValue, XmlAnswer } from "./query-protocol.js";
import { withRetries } from "./retry.js";
import { type CallFacts, serviceFailure, unreadableAnswer } from "./service-error.js";
import { type CheckedStsOptions, checkStsOptions, type StsOptions } from "./sts-options.js";
import { type HttpAnswer, HttpTransport } from "./transport.js";

export type { StsOptions } from "./sts-options.js";

/** Parameters of AssumeRole, in AWS's own spelling. See the API reference of STS for their limits. */
export interface AssumeRoleParameters {
  RoleArn: string;
  RoleSessionName: string;
  DurationSeconds?: number | undefined;
  ExternalId?: string | undefined;
  Policy?: string | undefined;
  PolicyArns?: ReadonlyArray<{ readonly arn: string }> | undefined;
  Tags?: ReadonlyArray<{ readonly Key: string; readonly Value: string }> | undefined;
  TransitiveTagKeys?: readonly string[] | undefined;
  SourceIdentity?: string | undefined;
  SerialNumber?: string | undefined;
  TokenCode?: string | undefined;
  ProvidedContexts?: ReadonlyArray<{ readonly ProviderArn: string; readonly ContextAssertion: string }> | undefined;
}

/** What AssumeRole gave. */
export interface AssumedRole {
  readonly credentials: TemporaryCredentials;
  /** ARN of the role session; absent from services that only resemble STS. */
  readonly assumedRoleArn: string | undefined;
}

/** What GetCallerIdentity gave, in AWS's own spelling. */
export interface CallerIdentity {
  readonly Account: string;
  readonly Arn: string;
  readonly UserId: string;
}

export interface CallOptions {
  /** Aborts the call; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Whether anybody awaits the call; without it somebody does. */
  readonly hold?: ProcessHold | undefined;
}

const API_VERSION = "2011-06-15";

interface Call {
  readonly action: string;
  readonly parameters: Readonly<Record<string, QueryValue>>;
  /** Parameters that must not appear in an error. */
  readonly secrets: readonly string[];
  /** Never sent a second time, whatever happens. */
  readonly once: boolean;
}

/**
 * A client of STS.
 *
 * Every option is checked at construction. One client may be used by many callers at once; its connections are kept for
 * the next call until `close()`. Failures are retried as `retry.ts` says, at most `maxAttempts` times; a request that
 * carries a TokenCode is sent exactly once, since the code is used up whether or not the answer arrives.
 *
 * Calls reject with BRSRequestError when STS answered with an error (`details.awsCode` is its own code), with
 * BRSConnectionError when no answer came, or with whatever the source of the credentials rejects with.
 *
 * Time: the Date header of answers over TLS or from this machine sets the offset of the clock that signs (a difference up
 * to two seconds or above 24 hours changes nothing). A request refused for its time is signed anew by the server's time and
 * sent again at once.
 */
export class StsClient {
  readonly #options: CheckedStsOptions;
  readonly #source: RefreshableCredentials;
  readonly #signer: Signer;
  readonly #transport: HttpTransport;
  readonly #time: ClockOffset;

  constructor(options: StsOptions) {
    const checked = checkStsOptions(options);
    this.#options = checked;
    this.#source = asRefreshable(checked.credentials, "stsClientConfig.credentials");
    this.#time = new ClockOffset(checked.clock, checked.onClockOffset);
    this.#signer = new Signer({
      service: "sts",
      region: checked.endpoint.signingRegion,
      credentials: this.#source,
      clock: () => this.#time.now(),
    });
    this.#transport = new HttpTransport(checked);
  }

  /** Milliseconds that STS's clock is ahead of ours, as far as its answers have shown. */
  get clockOffset(): number {
    return this.#time.ms;
  }

  /** Asks for credentials of a role. */
  async assumeRole(parameters: AssumeRoleParameters, options: CallOptions = {}): Promise<AssumedRole> {
    const { TokenCode, ExternalId, Policy, ProvidedContexts = [] } = parameters;
    const assertions = ProvidedContexts.map(({ ContextAssertion }) => ContextAssertion);
    const call: Call = {
      action: "AssumeRole",
      parameters: { ...parameters },
      secrets: [TokenCode, ExternalId, Policy, ...assertions].filter((text) => text !== undefined),
      once: TokenCode !== undefined,
    };
    return this.#call(call, options, (field) => {
      const accountId = field("AssumedRoleUser/Arn", false)?.split(":")[4];
      const expiration = new Date(field("Credentials/Expiration"));
      if (Number.isNaN(expiration.getTime())) throw new MissingField("a Credentials/Expiration that is no date");
      return {
        credentials: {
          accessKeyId: field("Credentials/AccessKeyId"),
          secretAccessKey: field("Credentials/SecretAccessKey"),
          sessionToken: field("Credentials/SessionToken"),
          expiration,
          ...(accountId ? { accountId } : {}),
        },
        assumedRoleArn: field("AssumedRoleUser/Arn", false),
      };
    });
  }

  /** Asks who the credentials of this client speak as. Needs no permission. */
  async getCallerIdentity(options: CallOptions = {}): Promise<CallerIdentity> {
    const call: Call = { action: "GetCallerIdentity", parameters: {}, secrets: [], once: false };
    return this.#call(call, options, (field) => ({
      Account: field("Account"),
      Arn: field("Arn"),
      UserId: field("UserId"),
    }));
  }

  /** Ends the connections kept open. Later calls reject with ERR_CLOSED; the source of the credentials stays open. */
  close(): void {
    this.#transport.close();
  }

  async #call<T>(call: Call, { signal, hold }: CallOptions, read: (field: Field) => T): Promise<T> {
    const { maxAttempts, random, startTimer } = this.#options;
    const sleep: Sleep = this.#options.sleep ?? heldSleep(startTimer, hold);
    const body = encodeQuery(call.action, API_VERSION, call.parameters);
    const mendable = new WeakSet<object>();
    return withRetries(
      {
        maxAttempts: call.once ? 1 : maxAttempts,
        random,
        sleep,
        signal,
        mended: (error) => mendable.has(error as object),
      },
      (attempt) => this.#attempt(call, body, attempt, { signal, hold }, read, mendable),
    );
  }

  async #attempt<T>(
    call: Call,
    body: string,
    attempt: number,
    { signal, hold }: CallOptions,
    read: (field: Field) => T,
    mendable: WeakSet<object>,
  ): Promise<T> {
    const { url } = this.#options.endpoint;
    const operation = `STS ${call.action}`;
    // Whoever calls may leave before the source of the credentials has answered; the source is shared and goes on.
    const source = await this.#source.getFrozenCredentials({ signal, hold });
    const signedWith = this.#time.ms;
    const headers = { "content-type": QUERY_CONTENT_TYPE, "user-agent": "aws-refresh-session" };
    const signature = await this.#signer.sign({ method: "POST", url, headers, body });

    const sentAt = this.#time.local();
    const answer = await this.#transport.send(
      { operation, method: "POST", url, headers: { ...headers, ...signature }, body, freshConnection: call.once },
      { signal, hold },
    );
    const receivedAt = this.#time.local();

    const { secretAccessKey, sessionToken } = source;
    const facts: CallFacts = {
      operation,
      endpoint: url.host,
      attempt,
      secrets: [secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken]), ...call.secrets],
    };
    const learnTime = () => {
      // A cached answer has an Age, and its Date is the time of another request.
      if (isTrustedTime(url) && answer.headers.age === undefined) {
        this.#time.observe(answer.headers.date, sentAt, receivedAt);
      }
    };
    if (answer.statusCode >= 200 && answer.statusCode < 300) {
      const result = readFields(answer, facts, `${call.action}Response/${call.action}Result`, read);
      learnTime();
      return result;
    }
    const failure = serviceFailure(answer, facts, (awsCode, message) => {
      // An error page of something between us and STS has no code, and does not tell STS's time.
      if (awsCode !== undefined) learnTime();
      return this.#time.explains(awsCode, message, signedWith);
    });
    if (failure.mended) mendable.add(failure.error);
    throw failure.error;
  }
}

/** Reads one field of the result; a field that is not optional and absent or empty makes the answer unreadable. */
interface Field {
  (path: string): string;
  (path: string, required: false): string | undefined;
}

class MissingField extends Error {}

function readFields<T>(answer: HttpAnswer, facts: CallFacts, root: string, read: (field: Field) => T): T {
  let xml: XmlAnswer;
  try {
    xml = new XmlAnswer(answer.body);
  } catch {
    // The parser's own message is not passed on: it may quote the answer.
    throw unreadableAnswer(answer, facts, "ERR_XML", "something that is no XML");
  }
  const field = ((path: string, required = true) => {
    const text = xml.at(`${root}/${path}`);
    if (required && (text === undefined || text === "")) throw new MissingField(`no ${path} in it`);
    return text;
  }) as Field;
  try {
    return read(field);
  } catch (error) {
    if (!(error instanceof MissingField)) throw error;
    throw unreadableAnswer(answer, facts, BRSRequestError.code, error.message);
  }
}
