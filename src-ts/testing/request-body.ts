/** Reads the body of a request up to a limit. */
import type { IncomingMessage } from "node:http";

/** The limit of a request body in bytes. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * The whole body, or `undefined` when it is larger than the limit, in which case the rest is left unread. Rejects when
 * the connection breaks first.
 */
export function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers["content-length"] ?? 0) > MAX_BODY_BYTES) return resolve(undefined);
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) return void chunks.push(chunk);
      request.pause();
      resolve(undefined);
    });
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("error", reject);
    request.on("close", () => reject(new Error("the connection was closed before the request was complete")));
  });
}
