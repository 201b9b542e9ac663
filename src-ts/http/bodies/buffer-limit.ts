/** How much of a stream is read into memory so that it can be signed. */
import { BRSValidationError, shown } from "../../errors.js";

/** 10 MiB: API Gateway takes no longer bodies. */
export const DEFAULT_BUFFER_LIMIT = 10 * 1024 * 1024;

export function checkBufferLimit(limit: unknown): number {
  if (typeof limit === "number" && Number.isSafeInteger(limit) && limit >= 0) return limit;
  throw new BRSValidationError(`"bufferLimit" must be a whole number of bytes, 0 or more, found ${shown(limit)}`, {
    param: "bufferLimit",
    value: limit,
  });
}
