/** A Transform that proves a body as it arrives and takes the frames of chunks away. */
import { Transform, type TransformCallback } from "node:stream";
import type { native } from "../../native.js";
import { called } from "./refusal.js";

type NativeBodyVerifier = InstanceType<typeof native.BodyVerifier>;

/** About half a millisecond of hashing. */
const SLICE = 1 << 18;

/**
 * Proves a body. The bytes of signed chunks come out only after their signature was compared; a body under one hash comes out
 * as it arrives, and is proved when the stream ends without an error. Fails with the VerificationError of what was wrong.
 */
export class BodyVerifierStream extends Transform {
  readonly #verifier: NativeBodyVerifier;

  constructor(verifier: NativeBodyVerifier) {
    super();
    this.#verifier = verifier;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    // Another thread may change shared memory between the proof and the use.
    this.#take(chunk.buffer instanceof SharedArrayBuffer ? Buffer.from(chunk) : chunk, 0, done);
  }

  override _flush(done: TransformCallback): void {
    done(failureOf(() => this.#verifier.finish()));
  }

  /** Large buffers are taken in slices, with turns of the event loop between. */
  #take(bytes: Buffer, start: number, done: TransformCallback): void {
    const slice = bytes.subarray(start, start + SLICE);
    let proved: Buffer = slice;
    const failure = failureOf(() => {
      proved = this.#verifier.push(slice) ?? slice;
    });
    if (failure === null && proved.length > 0) this.push(proved);
    if (failure !== null || start + SLICE >= bytes.length) done(failure);
    else setImmediate(() => this.#take(bytes, start + SLICE, done));
  }
}

/** The error of a step, which must not be that of whoever reads the stream meanwhile. */
function failureOf(step: () => void): Error | null {
  try {
    called(step);
    return null;
  } catch (error) {
    return error as Error;
  }
}
