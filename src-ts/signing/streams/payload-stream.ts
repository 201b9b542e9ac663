/** The Transform that cuts a body into chunks of one size and signs each, without copying what it passes on. */
import { Transform, type TransformCallback } from "node:stream";
import { fromNative, SigningError } from "../../errors.js";
import type { native } from "../../native.js";
import { bodyEnd, canonicalTrailers, chunkHead } from "./framing.js";
import type { Trailer } from "./trailers.js";

type ChunkChain = InstanceType<typeof native.ChunkChain>;

type WriteCallback = (error?: Error | null) => void;

export interface PayloadPlan {
  readonly decodedContentLength: number;
  readonly chunkSize: number;
  readonly trailers: readonly Trailer[];
  /** Absent when the body is not signed. */
  readonly chain: ChunkChain | undefined;
}

/** Bytes that are hashed before the event loop gets its turn: about half a millisecond, twice that with SHA-1. */
const TURN = 1 << 20;
/** Pieces shorter than this are gathered: a list of thousands of them would take more memory than their bytes. */
const SMALL = 1 << 11;
/** Where small pieces are gathered. */
const GATHERED = 1 << 14;

/**
 * Takes the bytes of a body, gives the bytes of its aws-chunked form. Back-pressure holds within a write too, so that a
 * large buffer written at once is passed on as slowly as it is read.
 *
 * The end is written only after the last byte of a body of exactly the declared length: after any error the server
 * lacks a part of what `content-length` promised, and the chunk that would end the body.
 */
export class PayloadStream extends Transform {
  readonly #plan: PayloadPlan;
  #received = 0;
  /** The bytes of the current chunk so far, in pieces. */
  #pieces: Buffer[] = [];
  #filled = 0;
  /** What the last chunk is still to be ended with, written together with the head of the next. */
  #lineEnd = "";
  /** Memory for small pieces, filled from the front; the bytes before `#gatheredFrom` belong to pieces already listed. */
  #gathered = Buffer.alloc(0);
  #gatheredFrom = 0;
  #gatheredTo = 0;
  #sinceTurn = 0;
  /** Whether the reader has asked for more since it had enough. */
  #isWanted = true;
  #whenRead: (() => void) | undefined;

  constructor(plan: PayloadPlan, highWaterMark: number) {
    super({ writableHighWaterMark: highWaterMark, readableHighWaterMark: highWaterMark });
    this.#plan = plan;
  }

  /** In place of `_transform`: one write may become many chunks, and has to wait for the reader between them. */
  override _write(bytes: Buffer, _encoding: BufferEncoding, callback: WriteCallback): void {
    const { decodedContentLength } = this.#plan;
    if (bytes.buffer instanceof SharedArrayBuffer) {
      callback(refused("the body lies in shared memory, which could change while it is signed: copy it first"));
      return;
    }
    // Before a byte of it is passed on: what is too long is never sent in full.
    if (this.#received + bytes.length > decodedContentLength) {
      const found = `at least ${this.#received + bytes.length}`;
      callback(wrongLength(decodedContentLength, found));
      return;
    }
    this.#received += bytes.length;
    this.#take(bytes, callback);
  }

  /** Takes bytes up to the end of the current chunk, then the rest after a turn of the loop or of the reader. */
  #take(bytes: Buffer, callback: WriteCallback): void {
    const { chunkSize } = this.#plan;
    let rest = bytes;
    for (;;) {
      if (this.destroyed) return;
      const most = Math.min(chunkSize - this.#filled, TURN);
      const piece = rest.length <= most ? rest : rest.subarray(0, most);
      try {
        this.#add(piece);
        if (this.#filled === chunkSize) this.#pushChunk();
      } catch (error) {
        callback(fromNative(error));
        return;
      }
      const isLast = piece === rest;
      if (!isLast) rest = rest.subarray(piece.length);
      const next = isLast ? callback : () => this.#take(rest, callback);
      if (!this.#isWanted) {
        this.#whenRead = next;
        return;
      }
      if (isLast || this.#sinceTurn >= TURN) {
        this.#goOn(next);
        return;
      }
    }
  }

  /** Goes on now, or after a turn of the event loop: reading and writing alone would never give it one. */
  #goOn(next: () => void): void {
    if (this.#sinceTurn < TURN) {
      next();
      return;
    }
    this.#sinceTurn = 0;
    setImmediate(next);
  }

  override _read(): void {
    this.#isWanted = true;
    const whenRead = this.#whenRead;
    this.#whenRead = undefined;
    if (whenRead !== undefined) this.#goOn(whenRead);
  }

  override _flush(callback: TransformCallback): void {
    const { decodedContentLength, trailers, chain } = this.#plan;
    if (this.#received !== decodedContentLength) {
      callback(wrongLength(decodedContentLength, `${this.#received}`));
      return;
    }
    let values: (readonly [name: string, value: string])[];
    try {
      // All that can fail comes before the first byte of the end; a caller's own error arrives as it is.
      values = trailers.map((trailer) => [trailer.name, trailer.value()]);
    } catch (error) {
      callback(error as Error);
      return;
    }
    try {
      if (this.#filled > 0) this.#pushChunk();
      const head = chunkHead(0, chain?.signChunk());
      const signature = values.length === 0 ? undefined : chain?.signTrailer(canonicalTrailers(values));
      this.push(Buffer.from(this.#lineEnd + head + bodyEnd(values, signature), "latin1"));
    } catch (error) {
      callback(fromNative(error));
      return;
    }
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#plan.chain?.close();
    this.#pieces = [];
    this.#gathered = Buffer.alloc(0);
    this.#whenRead = undefined;
    callback(error);
  }

  #add(piece: Buffer): void {
    const { chain, trailers } = this.#plan;
    chain?.update(piece);
    for (const trailer of trailers) trailer.update(piece);
    this.#sinceTurn += piece.length;
    this.#filled += piece.length;
    if (piece.length >= SMALL) {
      this.#endGathering();
      this.#pieces.push(piece);
    } else if (piece.length > 0) {
      this.#gather(piece);
    }
  }

  #gather(piece: Buffer): void {
    if (this.#gatheredTo + piece.length > this.#gathered.length) {
      this.#endGathering();
      this.#gathered = Buffer.allocUnsafeSlow(GATHERED);
      this.#gatheredFrom = 0;
      this.#gatheredTo = 0;
    }
    this.#gathered.set(piece, this.#gatheredTo);
    this.#gatheredTo += piece.length;
  }

  /** Lists what was gathered as a piece of the chunk. */
  #endGathering(): void {
    if (this.#gatheredTo === this.#gatheredFrom) return;
    this.#pieces.push(this.#gathered.subarray(this.#gatheredFrom, this.#gatheredTo));
    this.#gatheredFrom = this.#gatheredTo;
  }

  /** Passes the current chunk on. */
  #pushChunk(): void {
    this.#endGathering();
    const head = this.#lineEnd + chunkHead(this.#filled, this.#plan.chain?.signChunk());
    this.push(Buffer.from(head, "latin1"));
    // The reader may ask for more within a push: what it says last counts.
    for (const piece of this.#pieces) this.#isWanted = this.push(piece);
    this.#pieces = [];
    this.#filled = 0;
    this.#lineEnd = "\r\n";
  }
}

function wrongLength(declared: number, found: string): SigningError {
  return new SigningError(
    `"decodedContentLength" declared a body of ${declared} bytes, found ${found}: the end of the body was not sent`,
    { code: "ERR_SIGN_LENGTH", param: "decodedContentLength", value: declared },
  );
}

function refused(message: string): SigningError {
  return new SigningError(message, { code: "ERR_SIGN_BODY", param: "body" });
}
