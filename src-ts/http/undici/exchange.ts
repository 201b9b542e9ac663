/** One request through undici: signs and dispatches it, looks at refusals before its handler does, and sends it once more. */
import { bodyAtHand, type SettledBody, settleBody } from "../bodies/body.js";
import type { HttpSigning, ServiceAnswer } from "../outgoing-request.js";
import { LONGEST_REFUSAL } from "../refusal.js";
import { SignedExchange } from "../signed-exchange.js";
import { RelayController } from "./relay.js";
import { type headersOf, type SignableDispatch, signableDispatch } from "./request.js";
import type { UndiciController, UndiciHandler, UndiciHeaders, UndiciOptions } from "./types.js";

/** A refusal that is held back until it is known what to do about it. */
interface HeldAnswer {
  readonly statusCode: number;
  readonly headers: UndiciHeaders;
  readonly message: string | undefined;
  readonly chunks: Buffer[];
  size: number;
}

/** What an exchange is given by the interceptor. */
export interface UndiciTransfer {
  readonly signing: HttpSigning;
  /** Dispatches an attempt to this very exchange. */
  dispatch(options: UndiciOptions, exchange: UndiciExchange): boolean;
  /** Runs what may follow a redirect of this exchange. */
  following(run: () => void): void;
}

export class UndiciExchange implements UndiciHandler {
  readonly #transfer: UndiciTransfer;
  readonly #options: UndiciOptions;
  readonly #handler: UndiciHandler;
  readonly #relay = new RelayController();
  readonly #exchange: SignedExchange;
  #request: SignableDispatch | undefined;
  #canRepeat = false;
  #held: HeldAnswer | undefined;
  #isBegun = false;
  #isRedirect = false;

  constructor(transfer: UndiciTransfer, options: UndiciOptions, handler: UndiciHandler) {
    this.#transfer = transfer;
    this.#options = options;
    this.#handler = handler;
    this.#exchange = new SignedExchange(transfer.signing);
  }

  /** Signs and dispatches, at once where nothing has to be awaited. Returns what dispatching returned, or true. */
  send(origin: string, headers: ReturnType<typeof headersOf>): boolean {
    const body = bodyAtHand(this.#options.body);
    if (body !== undefined) {
      const request = this.#prepare(origin, headers, body);
      const signature = this.#exchange.signNow(request.outgoing);
      if (signature !== undefined) return this.#transfer.dispatch(request.signed(signature), this);
    }
    // The handler may abort from now on.
    this.#begin({});
    void this.#work(async (signal) => {
      if (this.#request === undefined) {
        this.#prepare(origin, headers, await settleBody(this.#options.body, this.#transfer.signing, signal));
      }
      await this.#attempt(signal);
    });
    return true;
  }

  /** Dispatches as it is, without a signature. */
  sendUnsigned(options: UndiciOptions): boolean {
    return this.#transfer.dispatch(options, this);
  }

  fail(error: unknown): void {
    this.#handler.onResponseError?.(this.#relay, error as Error);
  }

  onRequestStart(controller: UndiciController, context: unknown): void {
    this.#relay.attach(controller);
    this.#begin(context);
  }

  onRequestUpgrade(_: UndiciController, statusCode: number, headers: UndiciHeaders, socket: unknown): void {
    this.#handler.onRequestUpgrade?.(this.#relay, statusCode, headers, socket);
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.();
  }

  onResponseStart(_: UndiciController, statusCode: number, headers: UndiciHeaders, message?: string): void {
    if (statusCode >= 200 && this.#exchange.learn(answerOf(statusCode, headers))) {
      this.#held = { statusCode, headers, message, chunks: [], size: 0 };
      return;
    }
    this.#isRedirect = statusCode >= 300 && statusCode < 400 && headerOf(headers, "location") !== undefined;
    this.#handler.onResponseStart?.(this.#relay, statusCode, headers, message);
  }

  onResponseData(_: UndiciController, chunk: Buffer): void {
    const held = this.#held;
    if (held === undefined) {
      this.#handler.onResponseData?.(this.#relay, chunk);
      return;
    }
    held.chunks.push(chunk);
    held.size += chunk.length;
    if (held.size > LONGEST_REFUSAL) this.#release();
  }

  onResponseEnd(_: UndiciController, trailers: UndiciHeaders): void {
    const held = this.#held;
    if (held === undefined) {
      const end = () => this.#handler.onResponseEnd?.(this.#relay, trailers);
      if (this.#isRedirect) this.#transfer.following(end);
      else end();
      return;
    }
    this.#held = undefined;
    void this.#work(async (signal) => {
      const text = () => Buffer.concat(held.chunks).toString();
      const repeats = await this.#exchange.shouldRepeat({ ...answerOf(held.statusCode, held.headers), text }, signal);
      if (repeats && this.#canRepeat) await this.#attempt(signal);
      else await this.#replay(held, trailers, signal);
    });
  }

  onResponseError(_: UndiciController, error: Error): void {
    this.fail(this.#relay.aborted ? error : (this.#failureOfRelease() ?? error));
  }

  #prepare(origin: string, headers: ReturnType<typeof headersOf>, body: SettledBody): SignableDispatch {
    this.#canRepeat = body.canRepeat;
    this.#request = signableDispatch(this.#options, origin, headers, body, this.#transfer.signing.replaces);
    return this.#request;
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    const request = this.#request as SignableDispatch;
    const signature = await this.#exchange.sign(request.outgoing, signal);
    signal.throwIfAborted();
    this.#transfer.dispatch(request.signed(signature), this);
  }

  /** Does what takes time while no attempt is on its way; whatever goes wrong is the handler's. */
  async #work(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const signal = this.#relay.detach();
    try {
      signal.throwIfAborted();
      await run(signal);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Once, however many attempts there are. */
  #begin(context: unknown): void {
    if (this.#isBegun) return;
    this.#isBegun = true;
    this.#handler.onRequestStart?.(this.#relay, context);
  }

  /** Gives the handler what was held back, as if it had just come. */
  #release(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    this.#handler.onResponseStart?.(this.#relay, held.statusCode, held.headers, held.message);
    for (const chunk of held.chunks) {
      if (this.#relay.aborted) return;
      this.#handler.onResponseData?.(this.#relay, chunk);
    }
  }

  /** Releases outside of undici's reach, which takes what a handler throws only of an answer that is coming. */
  #failureOfRelease(): unknown {
    try {
      this.#release();
      return this.#relay.reason;
    } catch (error) {
      return error;
    }
  }

  /** As {@link #release}, with the end, at the handler's pace. */
  async #replay(held: HeldAnswer, trailers: UndiciHeaders, signal: AbortSignal): Promise<void> {
    const go = async () => {
      await this.#relay.flowing();
      signal.throwIfAborted();
    };
    this.#handler.onResponseStart?.(this.#relay, held.statusCode, held.headers, held.message);
    for (const chunk of held.chunks) {
      await go();
      this.#handler.onResponseData?.(this.#relay, chunk);
    }
    await go();
    this.#handler.onResponseEnd?.(this.#relay, trailers);
  }
}

function answerOf(statusCode: number, headers: UndiciHeaders): Pick<ServiceAnswer, "statusCode" | "header"> {
  return { statusCode, header: (name) => headerOf(headers, name) };
}

/** The first value of a header. */
function headerOf(headers: UndiciHeaders, name: string): string | undefined {
  if (!isRaw(headers)) {
    const value = headers[name];
    return Array.isArray(value) ? value[0] : value;
  }
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const found = headers[at] as Buffer;
    if (found.length === name.length && found.toString("latin1").toLowerCase() === name) return String(headers[at + 1]);
  }
  return undefined;
}

function isRaw(headers: UndiciHeaders): headers is readonly Buffer[] {
  return Array.isArray(headers);
}
