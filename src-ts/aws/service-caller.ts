/** One call of an AWS service: signed where it must be, tried again where that helps, its clock followed, its failure read. */
import type { Clock, Random, Sleep } from "../defaults.js";
import { BRSConfigurationError } from "../errors.js";
import type { RefreshableCredentials } from "../refresh/refreshable-credentials.js";
import { Signer } from "../signing/signer.js";
import type { ProcessHold } from "../strategies/strategy.js";
import { ClockOffset } from "./clock-offset.js";
import { isTrustedTime } from "./endpoints.js";
import { heldSleep, type StartTimer, systemTimer } from "./hold.js";
import { withRetries } from "./retry.js";
import { type CallFacts, serviceFailure, UnreadableAnswer, unreadableAnswer } from "./service-error.js";
import { type HttpAnswer, type HttpExchange, HttpTransport, type TransportOptions } from "./transport.js";

export interface CallOptions {
  /** Aborts the call; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Whether anybody awaits the call; without it somebody does. */
  readonly hold?: ProcessHold | undefined;
}

/** One request and how its answers are read. */
export interface ServiceCall<Result>
  extends Pick<CallFacts, "operation" | "secrets" | "readError" | "advice" | "passing"> {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Never sent a second time, whatever happens. */
  readonly once?: boolean;
  /** Sent without a signature; what proves the caller is in the parameters. */
  readonly unsigned?: boolean;
  /** Reads a 2xx answer; throws UnreadableAnswer when it is not what was asked for. */
  read(answer: HttpAnswer): Result;
}

/** What signing adds to a call, and by which offset of the clock. */
interface Signature {
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly signedWith: number;
}

const UNSIGNED: Signature = { headers: {}, secrets: [], signedWith: 0 };

/** Who signs the calls, and for what. */
export interface CallSigning {
  readonly service: string;
  readonly region: string;
  readonly credentials: RefreshableCredentials;
}

export interface ServiceCallerOptions extends TransportOptions {
  readonly maxAttempts: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly sleep?: Sleep | undefined;
  readonly startTimer?: StartTimer | undefined;
  readonly onClockOffset?: ((ms: number) => void) | undefined;
  /** What sends the requests, in place of a transport of the caller's own; closed with it. */
  readonly exchange?: HttpExchange | undefined;
}

/**
 * Makes the calls of one client. Many may be under way at once; connections are kept for the next call until `close()`.
 *
 * Calls reject with BRSRequestError when the service answered with an error (`details.awsCode` is its own code), with
 * BRSConnectionError when no answer came, or with whatever the source of the credentials rejects with.
 */
export class ServiceCaller {
  readonly #options: ServiceCallerOptions;
  readonly #source: RefreshableCredentials | undefined;
  readonly #signer: Signer | undefined;
  readonly #transport: HttpExchange;
  readonly #time: ClockOffset;

  constructor(options: ServiceCallerOptions, signing?: CallSigning) {
    this.#options = options;
    this.#time = new ClockOffset(options.clock, options.onClockOffset);
    this.#source = signing?.credentials;
    this.#signer =
      signing &&
      new Signer({
        service: signing.service,
        region: signing.region,
        credentials: signing.credentials,
        clock: () => this.#time.now(),
      });
    this.#transport = options.exchange ?? new HttpTransport(options);
  }

  /** Milliseconds that the service's clock is ahead of ours, as far as its answers have shown. */
  get clockOffset(): number {
    return this.#time.ms;
  }

  /** Ends the connections kept open; later calls reject with ERR_CLOSED. */
  close(): void {
    this.#transport.close();
  }

  async call<Result>(call: ServiceCall<Result>, { signal, hold }: CallOptions = {}): Promise<Result> {
    const { maxAttempts, random, startTimer = systemTimer } = this.#options;
    const mendable = new WeakSet<object>();
    return withRetries(
      {
        maxAttempts: call.once ? 1 : maxAttempts,
        random,
        sleep: this.#options.sleep ?? heldSleep(startTimer, hold),
        signal,
        mended: (error) => mendable.has(error as object),
      },
      (attempt) => this.#attempt(call, attempt, { signal, hold }, mendable),
    );
  }

  async #attempt<Result>(
    call: ServiceCall<Result>,
    attempt: number,
    context: CallOptions,
    mendable: WeakSet<object>,
  ): Promise<Result> {
    const { operation, method, url, body, once = false, unsigned = false } = call;
    const { headers, secrets, signedWith } = unsigned ? UNSIGNED : await this.#sign(call, context);
    const sentAt = this.#time.local();
    const answer = await this.#transport.send(
      { operation, method, url, headers: { ...call.headers, ...headers }, body, freshConnection: once },
      context,
    );
    const receivedAt = this.#time.local();
    const learnTime = () => {
      // A cached answer has an Age, and its Date is the time of another request.
      if (isTrustedTime(url) && answer.headers.age === undefined) {
        this.#time.observe(answer.headers.date, sentAt, receivedAt);
      }
    };
    const facts: CallFacts = { ...call, endpoint: url.host, attempt, secrets: [...secrets, ...call.secrets] };
    if (answer.statusCode >= 200 && answer.statusCode < 300) {
      const result = readResult(call, answer, facts);
      learnTime();
      return result;
    }
    const failure = serviceFailure(answer, facts, (awsCode, message) => {
      // An error page of something between us and the service has no code, and does not tell the service's time.
      if (awsCode !== undefined) learnTime();
      return !unsigned && this.#time.explains(awsCode, message, signedWith);
    });
    if (failure.mended) mendable.add(failure.error);
    throw failure.error;
  }

  async #sign(
    { operation, method, url, headers, body }: ServiceCall<unknown>,
    context: CallOptions,
  ): Promise<Signature> {
    const [source, signer] = [this.#source, this.#signer];
    if (source === undefined || signer === undefined) {
      throw new BRSConfigurationError(
        `${operation} must be signed, but this client was made without credentials; give credentials, a provider or a session`,
        { param: "credentials" },
      );
    }
    // Whoever calls may leave before the source of the credentials has answered; the source is shared and goes on.
    const { secretAccessKey, sessionToken } = await source.getFrozenCredentials(context);
    const signedWith = this.#time.ms;
    return {
      signedWith,
      headers: await signer.sign({ method, url, headers, body }),
      secrets: [secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])],
    };
  }
}

function readResult<Result>(call: ServiceCall<Result>, answer: HttpAnswer, facts: CallFacts): Result {
  try {
    return call.read(answer);
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    throw unreadableAnswer(answer, facts, error);
  }
}
