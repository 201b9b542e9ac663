/**
 * How a body looks as aws-chunked: the texts around the bytes of each chunk, and their length before the first is sent.
 *
 * Source: "Signature calculations for the authorization header: Transferring payload in multiple chunks" in the Amazon S3
 * API reference.
 */
import type { Trailer } from "./trailers.js";

const SIGNATURE = ";chunk-signature=";
const TRAILER_SIGNATURE = "x-amz-trailer-signature:";
const SIGNATURE_DIGITS = 64;
const LINE_END = "\r\n";

/** The line before a chunk. */
export const chunkHead = (bytes: number, signature: string | undefined): string =>
  bytes.toString(16) + (signature === undefined ? "" : SIGNATURE + signature) + LINE_END;

/** What is signed of the trailing headers. */
export const canonicalTrailers = (trailers: readonly (readonly [name: string, value: string])[]): string =>
  trailers.map(([name, value]) => `${name}:${value}\n`).join("");

/** What follows the line of the last, empty chunk. */
export const bodyEnd = (
  trailers: readonly (readonly [name: string, value: string])[],
  signature: string | undefined,
): string => {
  const lines = trailers.map(([name, value]) => `${name}:${value}`);
  if (signature !== undefined) lines.push(TRAILER_SIGNATURE + signature);
  return [...lines, ""].join(LINE_END) + LINE_END;
};

/** The `content-length` of a body in chunks. */
export function encodedLength(
  decoded: number,
  chunkSize: number,
  signed: boolean,
  trailers: readonly Trailer[],
): number {
  const signature = signed ? SIGNATURE.length + SIGNATURE_DIGITS : 0;
  const chunk = (bytes: number) => bytes.toString(16).length + signature + 2 * LINE_END.length + bytes;
  const rest = decoded % chunkSize;
  const chunks = ((decoded - rest) / chunkSize) * chunk(chunkSize) + (rest === 0 ? 0 : chunk(rest));
  const lines = trailers.map(({ name, length }) => name.length + 1 + length);
  if (signed && trailers.length > 0) lines.push(TRAILER_SIGNATURE.length + SIGNATURE_DIGITS);
  const end = lines.reduce((sum, length) => sum + length + LINE_END.length, LINE_END.length);
  return chunks + chunkHead(0, undefined).length + signature + end;
}
