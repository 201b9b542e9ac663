/** Follows the body of one answer until nothing of it can be lost any more. */
import { errorMonitor } from "node:events";
import type { Duplex, Readable } from "node:stream";

/** A stream of Node, whoever wrote it, with what tells where its content comes from. */
interface BodyStream extends Readable, Partial<Pick<Duplex, "writableFinished">> {
  /** Of an answer over HTTP/1: whether the last byte has come. */
  readonly complete?: unknown;
  /** Of a stream that checks another one: that one. */
  readonly source?: unknown;
  /** Of a stream of HTTP/2, where what is written is the request. */
  readonly rstCode?: unknown;
}

/**
 * A body that is not over: its end, error or close is still to come.
 *
 * Only streams of Node: those of the web tell nobody how far they were read, and come from handlers whose `destroy()` leaves them alone.
 */
export class AnswerBody {
  readonly #stream: BodyStream;
  readonly #onOver: () => void;

  /** Undefined for what is no stream, is over, or can lose nothing. */
  static of(stream: unknown, onOver: () => void): AnswerBody | undefined {
    if (!isStream(stream) || stream.destroyed || stream.readableEnded) return undefined;
    const body = new AnswerBody(stream, onOver);
    if (body.isComplete) return undefined;
    stream.on("end", body.settle).on("close", body.settle);
    // Not "error": a stream with a listener for that no longer throws where its reader has none.
    stream.on(errorMonitor, body.settle);
    return body;
  }

  private constructor(stream: BodyStream, onOver: () => void) {
    this.#stream = stream;
    this.#onOver = onOver;
  }

  /** Whether all of it is known to be in memory: it can then be read after its connection was closed. */
  get isComplete(): boolean {
    const { complete, source, writableFinished, rstCode } = this.#stream;
    const isAllWritten = writableFinished === true && rstCode === undefined;
    return isAllWritten || complete === true || Object(source).complete === true;
  }

  /** Follows it no further, and says that it is over. */
  readonly settle = (): void => {
    this.#stream.removeListener("end", this.settle).removeListener("close", this.settle);
    this.#stream.removeListener(errorMonitor, this.settle);
    this.#onOver();
  };
}

function isStream(value: unknown): value is BodyStream {
  const { pipe, on, removeListener } = Object(value) as Partial<BodyStream>;
  return typeof pipe === "function" && typeof on === "function" && typeof removeListener === "function";
}
