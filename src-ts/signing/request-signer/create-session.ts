/** The one S3 call of the package, CreateSession: the credentials of a directory bucket. "CreateSession" in the S3 API reference. */
import { isIP } from "node:net";
import { ClockOffset } from "../../aws/clock-offset.js";
import { isTrustedTime } from "../../aws/endpoints.js";
import { heldSleep, systemTimer } from "../../aws/hold.js";
import { partitionOrStandard } from "../../aws/partitions.js";
import { XmlAnswer } from "../../aws/query-protocol.js";
import { withRetries } from "../../aws/retry.js";
import { serviceFailure } from "../../aws/service-error.js";
import { type HttpAnswer, HttpTransport } from "../../aws/transport.js";
import { BRSRequestError } from "../../errors.js";
import type { RefreshContext, TemporaryCredentials } from "../../strategies/strategy.js";
import { Signer } from "../signer.js";
import { type CheckedExpressOptions, zoneOf } from "./s3-express-options.js";

/** Asks S3 for sessions. Retries and clock corrections are those of the other calls of the package. */
export class CreateSessionClient {
  readonly #options: CheckedExpressOptions;
  readonly #transport: HttpTransport;
  readonly #time: ClockOffset;
  readonly #signer: Signer;

  constructor(options: CheckedExpressOptions) {
    this.#options = options;
    this.#transport = new HttpTransport(options);
    this.#time = new ClockOffset(options.clock);
    this.#signer = new Signer({
      service: "s3express",
      region: options.region,
      credentials: options.credentials,
      clock: () => this.#time.now(),
    });
  }

  /**
   * The credentials of one bucket.
   *
   * Rejects with BRSRequestError when S3 answered with an error, BRSConnectionError when no answer came, or whatever the
   * source of the caller's credentials rejects with.
   */
  createSession(bucket: string, { signal, hold }: Partial<RefreshContext> = {}): Promise<TemporaryCredentials> {
    const { maxAttempts, random, sleep, startTimer = systemTimer } = this.#options;
    const mendable = new WeakSet<object>();
    return withRetries(
      {
        maxAttempts,
        random,
        sleep: sleep ?? heldSleep(startTimer, hold),
        signal,
        mended: (error) => mendable.has(error as object),
      },
      (attempt) => this.#attempt(bucket, attempt, { signal, hold }, mendable),
    );
  }

  close(): void {
    this.#transport.close();
  }

  async #attempt(
    bucket: string,
    attempt: number,
    context: { signal: AbortSignal | undefined; hold: RefreshContext["hold"] },
    mendable: WeakSet<object>,
  ): Promise<TemporaryCredentials> {
    const { credentials, sessionMode } = this.#options;
    const url = this.#urlOf(bucket);
    const operation = "S3 CreateSession";
    const { secretAccessKey, sessionToken } = await credentials.getFrozenCredentials(context);
    const signedWith = this.#time.ms;
    const headers: Record<string, string> = { "user-agent": "aws-refresh-session" };
    if (sessionMode !== undefined) headers["x-amz-create-session-mode"] = sessionMode;
    const signature = await this.#signer.sign({ method: "GET", url, headers });
    const sentAt = this.#time.local();
    const request = { operation, method: "GET", url, headers: { ...headers, ...signature }, body: "" };
    const answer = await this.#transport.send(request, context);
    const receivedAt = this.#time.local();
    const learnTime = () => {
      if (isTrustedTime(url) && answer.headers.age === undefined) {
        this.#time.observe(answer.headers.date, sentAt, receivedAt);
      }
    };
    if (answer.statusCode >= 200 && answer.statusCode < 300) {
      const session = readSession(answer, url.host, attempt);
      learnTime();
      return session;
    }
    const secrets = [secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])];
    const failure = serviceFailure(answer, { operation, endpoint: url.host, attempt, secrets }, (awsCode, message) => {
      if (awsCode !== undefined) learnTime();
      return this.#time.explains(awsCode, message, signedWith);
    });
    if (failure.mended) mendable.add(failure.error);
    throw failure.error;
  }

  /** The bucket is a part of the host, except where the host is an address. */
  #urlOf(bucket: string): URL {
    const { endpoint, region } = this.#options;
    const zone = zoneOf(bucket);
    if (endpoint === undefined) {
      return new URL(`https://${bucket}.s3express-${zone}.${region}.${partitionOrStandard(region).dnsSuffix}/?session`);
    }
    const base = endpoint.pathname.replace(/\/$/, "");
    const isAddress = isIP(endpoint.hostname.replace(/^\[|\]$/g, "")) !== 0;
    const [host, path] = isAddress ? [endpoint.host, `${base}/${bucket}`] : [`${bucket}.${endpoint.host}`, `${base}/`];
    return new URL(`${endpoint.protocol}//${host}${path}?session`);
  }
}

function readSession(answer: HttpAnswer, endpoint: string, attempt: number): TemporaryCredentials {
  const unreadable = (what: string) =>
    new BRSRequestError(
      `S3 CreateSession: ${endpoint} answered ${answer.statusCode} with ${what}; check that the endpoint is S3 and that no ` +
        "proxy answers in its place",
      { statusCode: answer.statusCode, details: { operation: "S3 CreateSession", endpoint, attempt }, retryable: true },
    );
  let xml: XmlAnswer;
  try {
    xml = new XmlAnswer(answer.body);
  } catch {
    // The parser's own message may quote the answer.
    throw unreadable("something that is no XML");
  }
  const field = (name: string): string => {
    const text = xml.at(`CreateSessionResult/Credentials/${name}`);
    if (text === undefined || text === "") throw unreadable(`no Credentials/${name} in it`);
    return text;
  };
  const expiration = new Date(field("Expiration"));
  if (Number.isNaN(expiration.getTime())) throw unreadable("a Credentials/Expiration that is no date");
  return {
    accessKeyId: field("AccessKeyId"),
    secretAccessKey: field("SecretAccessKey"),
    sessionToken: field("SessionToken"),
    expiration,
  };
}
