/** One request and its attempts: signs each, and says after a refusal whether the same request may be accepted once signed anew. */
import { hostClocks } from "../aws/host-clocks.js";
import { plainLine } from "../aws/service-error.js";
import { refusesCredentials, renewRefused } from "../refresh/refused-credentials.js";
import type { SignedHeaders } from "../signing/signer-calls.js";
import type { HttpSigning, OutgoingRequest, ServiceAnswer } from "./outgoing-request.js";
import { readRefusal } from "./refusal.js";

/** Statuses with which services refuse a signature. */
const REFUSING: ReadonlySet<number> = new Set([400, 401, 403]);

/** What one attempt was signed with. */
interface SignedAttempt {
  readonly url: URL;
  readonly accessKeyId: string | undefined;
  readonly offset: number;
  readonly sentAt: number;
}

/**
 * Keeps one request alive: it is sent again at most once because its credentials were refused, and at most once because its
 * clock was wrong. Both are learned for all requests of the process, and a second refusal is the caller's.
 */
export class SignedExchange {
  readonly #signing: HttpSigning;
  readonly #signal: AbortSignal | undefined;
  #attempt: SignedAttempt | undefined;
  #renewed = false;
  #timed = false;

  constructor(signing: HttpSigning, signal?: AbortSignal) {
    this.#signing = signing;
    this.#signal = signal;
  }

  /** The headers to set on the next attempt. Waits for a refresh that is due; the signal ends the wait, not the refresh. */
  async sign(request: OutgoingRequest): Promise<SignedHeaders> {
    const signal = this.#signal;
    signal?.throwIfAborted();
    const { credentials } = this.#signing;
    await credentials.getFrozenCredentials(signal && { signal });
    const url = new URL(request.url);
    const clocks = hostClocks(this.#signing.clock);
    const offset = clocks.offsetOf(url.host);
    const signingDate = offset === undefined ? undefined : new Date(clocks.local() + offset);
    const headers = await this.#signing.headersFor(request, signingDate);
    this.#attempt = { url, accessKeyId: accessKeyOf(headers), offset: offset ?? 0, sentAt: clocks.local() };
    return headers;
  }

  /**
   * Learns from an answer, and resolves true when the request should be signed and sent again. Callers ask whether or not they
   * can send it again: what was learned serves the next request.
   */
  async shouldRepeat(answer: ServiceAnswer): Promise<boolean> {
    const attempt = this.#attempt;
    if (attempt === undefined) return false;
    const clocks = hostClocks(this.#signing.clock);
    clocks.observe(attempt.url, {
      date: answer.header("date"),
      age: answer.header("age"),
      sentAt: attempt.sentAt,
      receivedAt: clocks.local(),
    });
    if (!REFUSING.has(answer.statusCode)) return false;
    const { code, message = "" } = readRefusal(await answer.text(), answer.header("x-amzn-errortype"));
    if (!this.#timed && clocks.explains(attempt.url.host, code, plainLine(message), attempt.offset)) {
      this.#timed = true;
      return true;
    }
    if (this.#renewed || attempt.accessKeyId === undefined || !refusesCredentials(code)) return false;
    this.#renewed = true;
    return renewRefused(
      this.#signing.credentials,
      attempt.accessKeyId,
      this.#signal === undefined ? {} : { signal: this.#signal },
    );
  }
}

/** The key that signed: the one in the header, whatever is current by now. */
function accessKeyOf(headers: SignedHeaders): string | undefined {
  const authorization = headers.authorization ?? headers.Authorization;
  return authorization?.match(/ Credential=([^/]+)\//)?.[1];
}
