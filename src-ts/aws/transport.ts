/** One HTTP exchange over node:http or node:https: time limits, size limit, abort, and connections kept for the next. */
import * as http from "node:http";
import * as https from "node:https";
import type { Socket } from "node:net";
import { BRSConfigurationError } from "../errors.js";
import type { ProcessHold } from "../strategies/strategy.js";
import {
  connectionFailure,
  OPTION_NAMES,
  type TransportOptionNames,
  timeoutFailure,
  tooLargeFailure,
} from "./connection-failure.js";
import { follow, type StartTimer, systemTimer } from "./hold.js";

/** An agent of the user, for proxies and private certificate authorities. */
export type HttpAgent = http.Agent | https.Agent;

export interface HttpRequest {
  /** What the request is for, in errors: "STS AssumeRole". */
  readonly operation: string;
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Never takes a kept connection, which the other side may just be closing: for requests that are sent only once. */
  readonly freshConnection?: boolean;
}

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface TransportOptions {
  readonly agent?: HttpAgent | undefined;
  /** For the connections of the transport's own: the client's certificate and what it trusts. */
  readonly tls?: Pick<https.AgentOptions, "secureContext" | "rejectUnauthorized"> | undefined;
  readonly optionNames?: TransportOptionNames | undefined;
  /** Seconds from sending to the last byte of the answer. */
  readonly requestTimeout: number;
  readonly startTimer?: StartTimer | undefined;
}

export interface ExchangeOptions {
  readonly signal?: AbortSignal | undefined;
  readonly hold?: ProcessHold | undefined;
}

/** Answers of the services spoken to here are a few kilobytes; more is not what was asked for. */
export const MAX_ANSWER_BYTES = 1024 * 1024;
/** Seconds within which a connection must stand, so that a dead address leaves time for another attempt. */
const CONNECT_TIMEOUT = 5;
/** An idle connection is given up after this, since the next refresh is most often an hour away. */
const IDLE_TIMEOUT_MS = 20_000;

/** What can send a request. */
export type HttpExchange = Pick<HttpTransport, "send" | "close">;

/** Sends requests one by one; closing it ends the connections it kept, not those of a user's agent. */
export class HttpTransport {
  readonly #agent: HttpAgent | undefined;
  readonly #requestTimeout: number;
  readonly #startTimer: StartTimer;
  readonly #tls: TransportOptions["tls"];
  readonly #optionNames: TransportOptionNames;
  readonly #owned = new Map<string, HttpAgent>();
  #closed = false;

  constructor(options: TransportOptions) {
    this.#agent = options.agent;
    this.#requestTimeout = options.requestTimeout;
    this.#startTimer = options.startTimer ?? systemTimer;
    this.#tls = options.tls;
    this.#optionNames = options.optionNames ?? OPTION_NAMES;
  }

  /**
   * Sends a request and reads the whole answer, whatever its status; redirects are answers too.
   *
   * Rejects with BRSConnectionError (`ERR_CONNECTION`, `ERR_TIMEOUT`, `ERR_ANSWER_TOO_LARGE`), or with the reason of the
   * signal. Node's own error is not attached: those of its parser carry the raw answer, and the answer carries secrets.
   */
  send(request: HttpRequest, { signal, hold }: ExchangeOptions = {}): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const releases: Array<() => void> = [];
      let settled = false;
      const settle = (deliver: () => void) => {
        if (settled) return;
        settled = true;
        for (const release of releases) release();
        deliver();
      };
      const fail = (error: unknown) => {
        if (settled) return;
        settle(() => reject(error));
        outgoing.destroy();
      };

      const outgoing = this.#open(request);
      // Stays for good: a connection that breaks after the answer was delivered must not become an uncaught error.
      outgoing.on("error", (error) => fail(connectionFailure(request, error, this.#optionNames)));
      outgoing.on("close", () => fail(connectionFailure(request, { code: "ECONNRESET" }, this.#optionNames)));
      outgoing.on("response", (incoming) => {
        this.#read(request, incoming, (answer) => settle(() => resolve(answer)), fail);
      });

      const limit = (seconds: number, phase: string) => {
        const timer = this.#startTimer(seconds * 1_000, () =>
          fail(timeoutFailure(request, seconds, phase, this.#optionNames)),
        );
        const release = follow(hold, timer);
        const cancel = () => {
          timer.cancel();
          release();
        };
        releases.push(cancel);
        return cancel;
      };
      limit(this.#requestTimeout, "answer");
      const connected = limit(Math.min(this.#requestTimeout, CONNECT_TIMEOUT), "connection");
      outgoing.on("socket", (socket: Socket) => {
        if (settled) return;
        releases.push(follow(hold, socket));
        if (socket.connecting) socket.once(request.url.protocol === "https:" ? "secureConnect" : "connect", connected);
        else connected();
      });
      if (signal !== undefined) {
        const onAbort = () => fail(signal.reason);
        signal.addEventListener("abort", onAbort, { once: true });
        releases.push(() => signal.removeEventListener("abort", onAbort));
      }
      outgoing.end(request.body);
    });
  }

  /** Ends kept connections. A later `send` throws ERR_CLOSED. */
  close(): void {
    this.#closed = true;
    for (const agent of this.#owned.values()) agent.destroy();
    this.#owned.clear();
  }

  #open({ operation, method, url, headers, body, freshConnection = false }: HttpRequest): http.ClientRequest {
    if (this.#closed) {
      throw new BRSConfigurationError(`${operation}: the client was closed; create a new one`, { code: "ERR_CLOSED" });
    }
    const secure = url.protocol === "https:";
    try {
      return (secure ? https : http).request(url, {
        method,
        headers: {
          ...headers,
          host: url.host,
          ...((method !== "GET" || body !== "") && { "content-length": String(Buffer.byteLength(body)) }),
        },
        ...(secure && this.#agent === undefined && this.#tls),
        agent: this.#agent ?? (freshConnection ? false : this.#ownAgent(secure)),
      });
    } catch (cause) {
      // Thrown at once only for arguments: an agent that speaks http for an https endpoint, or the other way round.
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new BRSConfigurationError(`${operation}: the request to ${url.host} could not be made: ${reason}`, {
        param: "agent",
      });
    }
  }

  #ownAgent(secure: boolean): HttpAgent {
    const key = secure ? "https" : "http";
    let agent = this.#owned.get(key);
    if (agent === undefined) {
      agent = new (secure ? https.Agent : http.Agent)({ keepAlive: true, timeout: IDLE_TIMEOUT_MS });
      this.#owned.set(key, agent);
    }
    return agent;
  }

  // Callbacks, not a promise: the answer must be delivered before the "close" of its request is seen.
  #read(
    request: HttpRequest,
    incoming: http.IncomingMessage,
    deliver: (answer: HttpAnswer) => void,
    fail: (error: unknown) => void,
  ): void {
    const chunks: Buffer[] = [];
    let size = 0;
    const broken = (error: unknown) => fail(connectionFailure(request, error, this.#optionNames));
    incoming.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_ANSWER_BYTES) return void chunks.push(chunk);
      fail(tooLargeFailure(request, MAX_ANSWER_BYTES));
    });
    incoming.on("error", broken);
    incoming.on("close", () => broken({ code: "ECONNRESET" }));
    incoming.on("end", () => {
      if (!incoming.complete) return broken({ code: "ECONNRESET" });
      const body = Buffer.concat(chunks).toString("utf8");
      deliver({ statusCode: incoming.statusCode ?? 0, headers: incoming.headers, body });
    });
  }
}
