/** One request of OpenSearch's client: its signed attempts, and its end when it is given up. */
import type { IncomingMessage } from "node:http";
import { peekStream } from "./bodies/peeked-stream.js";
import { headerValue, sentPairs } from "./headers/sent-headers.js";
import { type NodeRequestOptions, signNodeRequest } from "./node-http.js";
import type { HttpSigning } from "./outgoing-request.js";
import { SignedExchange } from "./signed-exchange.js";

/** What a connection is told to send. */
export interface ConnectionParams {
  readonly body?: unknown;
}

export type AnswerCallback = (error: Error | null, answer: IncomingMessage | null) => void;

/** How a request goes out through the class of the client. */
export interface ConnectionRoute {
  readonly options: NodeRequestOptions;
  send(options: object, body: unknown, answered: AnswerCallback): { abort(): void };
}

export class ConnectionExchange {
  readonly #signing: HttpSigning;
  readonly #route: ConnectionRoute;
  readonly #left = new AbortController();
  readonly #exchange: SignedExchange;
  /** The attempt that is on its way. */
  #current: { abort(): void } | undefined;

  constructor(signing: HttpSigning, route: ConnectionRoute) {
    this.#signing = signing;
    this.#route = route;
    this.#exchange = new SignedExchange(signing, this.#left.signal);
  }

  abort(): void {
    this.#left.abort();
    this.#current?.abort();
  }

  /** Never throws: everything goes to the callback, as with the client's own class. */
  run(callback: AnswerCallback): void {
    this.#answer().then(
      (answer) => callback(null, answer),
      (error) => callback(error, null),
    );
  }

  async #answer(): Promise<IncomingMessage> {
    let { options } = this.#route;
    for (;;) {
      // Of the second attempt the body is what the first has read.
      options = await this.#signed(options);
      let answer = await this.#sent(options);
      let repeats: boolean;
      try {
        repeats = await this.#exchange.shouldRepeat({
          statusCode: answer.statusCode ?? 0,
          header: (name) => headerValue(sentPairs(answer.headers), name),
          text: async () => {
            const { beginning, stream } = await peekStream(answer);
            const { headers, statusCode = 0 } = answer;
            answer = Object.assign(stream as IncomingMessage, { headers, statusCode });
            return decoded(beginning, headers["content-encoding"]);
          },
        });
      } catch (error) {
        answer.destroy();
        throw error;
      }
      if (!repeats || isStream(options.body)) return answer;
      answer.destroy();
    }
  }

  async #signed(options: NodeRequestOptions): Promise<NodeRequestOptions> {
    try {
      return await signNodeRequest(this.#signing, this.#exchange, { ...options, signal: this.#left.signal });
    } catch (error) {
      if (!this.#left.signal.aborted) throw error;
      // Sent and given up at once, before anything of it leaves: the client's class tells of that with an error of its own.
      return { ...options, body: undefined };
    }
  }

  #sent({ signal: _, ...options }: NodeRequestOptions): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      this.#current = this.#route.send(options, options.body, (error, answer) => {
        if (answer === null) reject(error);
        else resolve(answer);
      });
      if (this.#left.signal.aborted) this.#current.abort();
    });
  }
}

/** The text of a refusal, which may be compressed, and cut off where it is long. */
function decoded(beginning: Buffer, encoding: string | undefined): string {
  if (encoding !== "gzip" && encoding !== "deflate") return beginning.toString();
  const { constants, unzipSync } = require("node:zlib") as typeof import("node:zlib");
  try {
    return unzipSync(beginning, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1 << 20 }).toString();
  } catch {
    // Neither what cannot be unpacked nor what unpacks to far more is a refusal of AWS; the client tells what it makes of it.
    return "";
  }
}

function isStream(body: unknown): boolean {
  return typeof body === "object" && body !== null && "pipe" in body;
}
