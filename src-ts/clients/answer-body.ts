/** Follows the body of one answer until nothing of it can be lost any more. */
import { errorMonitor } from "node:events";
import type { Duplex, Readable } from "node:stream";

/** Streams of Node, of any implementation; `complete` is a member of HTTP/1 answers. */
type BodyStream = Readable & Partial<Pick<Duplex, "writableFinished">> & { readonly complete?: boolean };

/**
 * A body that is still to be read: from the connection, or to the reader. It is over with its end, error or close.
 *
 * Only streams of Node: those of the web tell nobody when they are read, and come from handlers whose `destroy()` leaves them alone.
 */
export class AnswerBody {
  readonly #stream: BodyStream;
  readonly #onOver: () => void;

  /** Undefined for what is no stream, was read already, or can lose nothing. */
  static of(stream: unknown, onOver: () => void): AnswerBody | undefined {
    if (typeof stream !== "object" || stream === null) return undefined;
    const { pipe, on, removeListener } = stream as Partial<BodyStream>;
    if (typeof pipe !== "function" || typeof on !== "function" || typeof removeListener !== "function")
      return undefined;
    const body = new AnswerBody(stream as BodyStream, onOver);
    if (body.#isOver() || body.isSafe) return undefined;
    body.#stream.on("end", body.#onEnd).on("close", body.settle);
    // Not "error": a stream with a listener for that no longer throws where its reader has none.
    body.#stream.on(errorMonitor, body.settle);
    return body;
  }

  private constructor(stream: BodyStream, onOver: () => void) {
    this.#stream = stream;
    this.#onOver = onOver;
  }

  /** An HTTP/1 answer that has arrived whole: closing its connection leaves it readable. */
  get isSafe(): boolean {
    return this.#stream.complete === true;
  }

  /** Whether it may arrive whole without being read. */
  get mayBecomeSafe(): boolean {
    return this.#stream.complete === false;
  }

  /** Follows it no further, and says that it is over. */
  readonly settle = (): void => {
    this.#stream.removeListener("end", this.#onEnd).removeListener("close", this.settle);
    this.#stream.removeListener(errorMonitor, this.settle);
    this.#onOver();
  };

  readonly #onEnd = (): void => {
    // The end of what is read may come before the end of what is written, in both directions of one HTTP/2 stream.
    if (this.#isOver()) this.settle();
  };

  #isOver(): boolean {
    const { destroyed, readableEnded, writableFinished } = this.#stream;
    return destroyed === true || (readableEnded === true && writableFinished !== false);
  }
}
