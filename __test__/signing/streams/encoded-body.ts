/** An aws-chunked body taken apart, so that a test can look at its parts, change them and put it together again. */

export interface EncodedChunk {
  /** The digits before the signature. */
  readonly size: string;
  /** Undefined for a body that is not signed. */
  readonly signature: string | undefined;
  readonly data: Buffer;
}

export interface EncodedBody {
  /** The last has no data. */
  readonly chunks: readonly EncodedChunk[];
  /** Lines of name and value, the signature among them. */
  readonly trailers: readonly string[];
}

const CRLF = "\r\n";

/** Reads a body to its last byte; anything out of place is an error. */
export function parseBody(bytes: Buffer): EncodedBody {
  const chunks: EncodedChunk[] = [];
  let at = 0;
  const line = () => {
    const end = bytes.indexOf(CRLF, at);
    if (end < 0) throw new Error(`no line end after byte ${at}`);
    const text = bytes.toString("latin1", at, end);
    at = end + CRLF.length;
    return text;
  };
  for (;;) {
    const [, size = "", signature] = /^([0-9a-f]+)(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line()) ?? [];
    if (size === "") throw new Error(`no head of a chunk before byte ${at}`);
    const length = Number.parseInt(size, 16);
    const data = bytes.subarray(at, at + length);
    chunks.push({ size, signature, data });
    if (length === 0) break;
    at += length;
    if (line() !== "") throw new Error(`chunk ${chunks.length} is longer than it says`);
  }
  const trailers: string[] = [];
  for (let text = line(); text !== ""; text = line()) trailers.push(text);
  if (at !== bytes.length) throw new Error(`${bytes.length - at} bytes after the end`);
  return { chunks, trailers };
}

export function writeBody({ chunks, trailers }: EncodedBody): Buffer {
  const parts: (string | Buffer)[] = [];
  for (const { size, signature, data } of chunks) {
    parts.push(size, signature === undefined ? "" : `;chunk-signature=${signature}`, CRLF, data);
    if (data.length > 0) parts.push(CRLF);
  }
  for (const trailer of trailers) parts.push(trailer, CRLF);
  parts.push(CRLF);
  return Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part)));
}
