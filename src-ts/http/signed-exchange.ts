/** One request and its attempts: signs each, and says after a refusal whether the same request may be accepted once signed anew. */
import { type HostClocks, hostClocks } from "../aws/host-clocks.js";
import { plainLine } from "../aws/service-error.js";
import { CredentialsNotReadyError } from "../errors.js";
import { refusesCredentials, renewRefused } from "../refresh/refused-credentials.js";
import { isLarge } from "../signing/large-body.js";
import { signingKeyId } from "../signing/signed-request.js";
import type { SignedHeaders } from "../signing/signer-calls.js";
import { checkSignal } from "../strategies/option-checks.js";
import type { HttpSigning, OutgoingRequest, ServiceAnswer } from "./outgoing-request.js";
import { readRefusal } from "./refusal.js";
import { remembered } from "./remembered.js";

/** Statuses with which services refuse a signature. */
const REFUSING: ReadonlySet<number> = new Set([400, 401, 403]);

/** What one attempt was signed with. */
interface SignedAttempt {
  /** Scheme, host and port. */
  readonly url: URL;
  readonly offset: number | undefined;
  readonly sentAt: number;
  headers: SignedHeaders | undefined;
}

/**
 * Keeps one request alive: it is sent again at most once because its credentials were refused, and at most once because its
 * clock was wrong. Both are learned for all requests of the process, and a second refusal is the caller's.
 */
export class SignedExchange {
  readonly #signing: HttpSigning;
  readonly #signal: AbortSignal | undefined;
  readonly #clocks: HostClocks;
  #attempt: SignedAttempt | undefined;
  #renewed = false;
  #timed = false;

  constructor(signing: HttpSigning, signal?: AbortSignal | null) {
    this.#signing = signing;
    this.#clocks = hostClocks(signing.clock);
    this.#signal = signal === undefined || signal === null ? undefined : checkSignal("signal", signal);
  }

  /**
   * The headers to set on the next attempt. Waits for a refresh that is due; the signal, that of the exchange unless another is
   * given, ends the wait, not the refresh.
   */
  async sign(request: OutgoingRequest, signal: AbortSignal | undefined = this.#signal): Promise<SignedHeaders> {
    signal?.throwIfAborted();
    await this.#signing.credentials.getFrozenCredentials(signal && { signal });
    const attempt = this.#newAttempt(request.url);
    attempt.headers = await this.#signing.headersFor(request, signingDateOf(attempt));
    this.#attempt = attempt;
    return attempt.headers;
  }

  /** As {@link sign}, at once; undefined where something has to be awaited: a refresh, or the hash of a long body. */
  signNow(request: OutgoingRequest): SignedHeaders | undefined {
    const { headersNow } = this.#signing;
    if (headersNow === undefined || isLarge(request.body)) return undefined;
    const attempt = this.#newAttempt(request.url);
    try {
      attempt.headers = headersNow(request, signingDateOf(attempt));
    } catch (error) {
      if (error instanceof CredentialsNotReadyError) return undefined;
      throw error;
    }
    this.#attempt = attempt;
    return attempt.headers;
  }

  #newAttempt(href: string): SignedAttempt {
    const url = originOf(href);
    return { url, offset: this.#clocks.offsetOf(url.host), sentAt: this.#clocks.local(), headers: undefined };
  }

  /** Learns the host's clock from an answer. Returns whether it may be a refusal, to be asked about with {@link shouldRepeat}. */
  learn(answer: Pick<ServiceAnswer, "statusCode" | "header">): boolean {
    const attempt = this.#attempt;
    if (attempt === undefined) return false;
    this.#clocks.observe(attempt.url, {
      date: answer.header("date"),
      age: answer.header("age"),
      sentAt: attempt.sentAt,
      receivedAt: this.#clocks.local(),
    });
    return REFUSING.has(answer.statusCode);
  }

  /**
   * Learns from an answer, and resolves true when the request should be signed and sent again. Callers ask whether or not they
   * can send it again: what was learned serves the next request.
   */
  async shouldRepeat(answer: ServiceAnswer, signal: AbortSignal | undefined = this.#signal): Promise<boolean> {
    const attempt = this.#attempt;
    if (!this.learn(answer) || attempt === undefined) return false;
    const errorType = answer.header("x-amzn-errortype");
    const { code, message = "" } = readRefusal(await answer.text(), errorType, this.#signing.frontsApplication);
    if (!this.#timed && this.#clocks.explains(attempt.url.host, code, plainLine(message), attempt.offset ?? 0)) {
      this.#timed = true;
      return true;
    }
    const accessKeyId = signingKeyId(attempt.headers?.authorization ?? attempt.headers?.Authorization);
    if (this.#renewed || accessKeyId === undefined || !refusesCredentials(code)) return false;
    this.#renewed = true;
    return renewRefused(this.#signing.credentials, accessKeyId, signal === undefined ? {} : { signal });
  }
}

function signingDateOf({ offset, sentAt }: { offset: number | undefined; sentAt: number }): Date | undefined {
  return offset === undefined ? undefined : new Date(sentAt + offset);
}

/** Parsing a URL takes half as long as signing, and most requests go where others went. */
const parsed = remembered((origin) => new URL(origin));

function originOf(href: string): URL {
  const origin = /^\w+:\/\/[^/?#\\@]*(?=[/?#]|$)/.exec(href)?.[0];
  // What stands before an "@" may be a password.
  return origin === undefined ? new URL(href) : parsed(origin);
}
