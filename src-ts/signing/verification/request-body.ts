/** Reading of a request's body into memory, up to a limit, so that the request can still be answered when it is too long. */
import type { Readable } from "node:stream";
import { refusal } from "./refusal.js";

export const tooLarge = (limit: number) =>
  refusal("EntityTooLarge", `The body is larger than the ${limit} bytes that are accepted here.`, { statusCode: 413 });

export const brokenOff = () => refusal("IncompleteBody", "The request body terminated unexpectedly.");

/** All bytes of a stream. It is left as it is when they are too many: destroying a request would take its answer with it. */
export function readWhole(stream: Readable, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) settle(() => reject(tooLarge(limit)));
      else chunks.push(chunk);
    };
    const onEnd = () => settle(() => resolve(Buffer.concat(chunks)));
    const onError = (error: Error) =>
      settle(() => reject((error as NodeJS.ErrnoException).code === "ECONNRESET" ? brokenOff() : error));
    const onClose = () => settle(() => reject(brokenOff()));
    const settle = (outcome: () => void) => {
      stream.off("data", onData).off("end", onEnd).off("close", onClose).pause();
      outcome();
    };
    // The listener of errors stays: one that comes later must not end the process.
    stream.on("data", onData).once("end", onEnd).once("close", onClose).on("error", onError);
    // Of what was closed before no event will come.
    if (stream.destroyed) onClose();
  });
}
