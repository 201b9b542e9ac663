/** Signs a request whose body is a stream: the headers now, the body chunk by chunk as it passes through a Transform. */
import { addAbortSignal, pipeline, Readable, type Transform } from "node:stream";
import { fromNative, masked, SigningError, shown } from "../../errors.js";
import { native } from "../../native.js";
import { ALGORITHM_SIGV4A, UNSIGNED_PAYLOAD } from "../flags.js";
import { type HeadersInput, headerPairs, type SignableRequest } from "../request.js";
import { type ChainSeed, seedFrame, signatureOf } from "./chain-seed.js";
import { encodedLength } from "./framing.js";
import { PayloadStream } from "./payload-stream.js";
import { type ChecksumAlgorithm, type Trailer, type TrailerValue, trailersOf } from "./trailers.js";

/** A body that comes in pieces: a Node or web stream, a generator, a list of Buffers. */
export type StreamedBody = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

export interface SignStreamOptions {
  /** Bytes of the body. `content-length` is computed from it; a body of another length ends in an error. */
  decodedContentLength: number;
  /** A checksum to make of the body on the way and to send after it, such as `x-amz-checksum-crc32`. */
  checksumAlgorithm?: ChecksumAlgorithm;
  /** Other headers to send after the body. S3 takes checksums of the body, whose values you may know already. */
  trailers?: Readonly<Record<string, TrailerValue>>;
  /** Bytes of each chunk but the last, 8 KiB (what S3 takes at least) to 16 MiB. The stream holds about two of them. */
  chunkSize?: number;
  /** "unsigned" leaves the body unsigned and sends trailers all the same, which S3 takes over TLS; the signer's by default. */
  payload?: "signed" | "unsigned";
  /** Pieces of the body. Without it, write or pipe them into the stream. */
  body?: StreamedBody;
  /** Signs as if it were this instant. */
  signingDate?: Date;
  /** Destroys the stream. */
  signal?: AbortSignal;
}

export interface SignedStream {
  /** The headers to set, in lower case; they replace those of the same name. */
  headers: Record<string, string>;
  /** Takes the body, gives what has to be sent: `pipeline(body, stream, request)`. */
  stream: Transform;
}

const OPTIONS: ReadonlySet<string> = new Set<keyof SignStreamOptions>([
  "decodedContentLength",
  "checksumAlgorithm",
  "trailers",
  "chunkSize",
  "payload",
  "body",
  "signingDate",
  "signal",
]);

const CHUNK_SIZE = 1 << 16;
const MIN_CHUNK_SIZE = 1 << 13;
const MAX_CHUNK_SIZE = 1 << 24;

const SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
const UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

/** What is written here, whatever the request says. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "authorization",
  "content-encoding",
  "content-length",
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-decoded-content-length",
  "x-amz-security-token",
  "x-amz-trailer",
]);

/** Options of which every field was looked at. */
export interface StreamPlan {
  readonly decodedContentLength: number;
  readonly chunkSize: number;
  readonly trailers: readonly Trailer[];
  readonly isSigned: boolean;
  /** Headers to sign, besides those that a signature brings. */
  readonly headers: Record<string, string>;
  readonly request: SignableRequest;
}

/**
 * Checks a request and the options of its stream, before anything waits for credentials.
 *
 * @param flags the settings of the signer, as bits of `wire::flag`
 * @throws SigningError that names the field at fault
 */
export function planStream(request: SignableRequest, options: SignStreamOptions, flags: number): StreamPlan {
  if (typeof request !== "object" || request === null) {
    throw refused("request", 'an object with "url"', masked(request));
  }
  if (typeof options !== "object" || options === null) {
    throw refused("options", 'an object with "decodedContentLength"', masked(options));
  }
  for (const name of Object.keys(options)) {
    if (!OPTIONS.has(name)) {
      throw new SigningError(`"${name}" is not an option of signStream; it takes ${[...OPTIONS].join(", ")}`, {
        code: "ERR_SIGN_STREAM",
        param: name,
      });
    }
  }
  if (request.body !== undefined && request.body !== null) {
    throw refused("body", "written into the stream, or given among the options", "it in the request");
  }
  const { decodedContentLength, chunkSize = CHUNK_SIZE, payload } = options;
  if (!Number.isSafeInteger(decodedContentLength) || decodedContentLength < 0) {
    throw refused("decodedContentLength", "the whole number of bytes of the body", shown(decodedContentLength));
  }
  if (!Number.isInteger(chunkSize) || chunkSize < MIN_CHUNK_SIZE || chunkSize > MAX_CHUNK_SIZE) {
    throw refused("chunkSize", `${MIN_CHUNK_SIZE} to ${MAX_CHUNK_SIZE} bytes`, shown(chunkSize));
  }
  if (payload !== undefined && payload !== "signed" && payload !== "unsigned") {
    throw refused("payload", '"signed" or "unsigned"', shown(payload));
  }
  const isSigned = (payload ?? ((flags & UNSIGNED_PAYLOAD) === 0 ? "signed" : "unsigned")) === "signed";
  if (isSigned && (flags & ALGORITHM_SIGV4A) !== 0) {
    throw refused("payload", '"unsigned" for a signer of the algorithm "sigv4a"', '"signed"');
  }
  const trailers = trailersOf(options.checksumAlgorithm, options.trailers);
  if (!isSigned && trailers.length === 0) {
    const hint = "a body without either needs no stream of chunks: sign() the request with { unsigned: true }";
    throw refused("payload", `"signed" without "checksumAlgorithm" or "trailers" (${hint})`, '"unsigned"');
  }
  const length = encodedLength(decodedContentLength, chunkSize, isSigned, trailers);
  if (!Number.isSafeInteger(length)) {
    throw refused("decodedContentLength", "small enough for a number", shown(decodedContentLength));
  }
  const kept = headersWithout(request.headers);
  const headers: Record<string, string> = {
    "content-encoding": ["aws-chunked", ...kept.encodings].join(","),
    "content-length": String(length),
    "x-amz-content-sha256": isSigned ? (trailers.length === 0 ? SIGNED : SIGNED_TRAILER) : UNSIGNED_TRAILER,
    "x-amz-decoded-content-length": String(decodedContentLength),
  };
  if (trailers.length > 0) headers["x-amz-trailer"] = trailers.map(({ name }) => name).join(",");
  const { method = "PUT", url } = request;
  const planned = { method, url, headers: [...kept.pairs, ...Object.entries(headers)] };
  return { decodedContentLength, chunkSize, trailers, isSigned, headers, request: planned };
}

/** Signs the planned request and opens the stream; the signature of the request is the first of the chain. */
export function openStream(plan: StreamPlan, options: SignStreamOptions, seed: ChainSeed): SignedStream {
  const headers = { ...plan.headers, ...seed.sign(plan.request) };
  let chain: InstanceType<typeof native.ChunkChain> | undefined;
  if (plan.isSigned) {
    try {
      chain = new native.ChunkChain(seedFrame(seed), signatureOf(headers));
    } catch (error) {
      throw fromNative(error);
    }
  }
  const { decodedContentLength, chunkSize, trailers } = plan;
  const stream = new PayloadStream({ decodedContentLength, chunkSize, trailers, chain }, chunkSize);
  if (options.signal !== undefined) addAbortSignal(options.signal, stream);
  if (options.body !== undefined) feed(options.body, stream);
  return { headers, stream };
}

/** Writes a body into the stream. Whichever of the two fails or is given up ends the other with the same error. */
function feed(body: StreamedBody, stream: Transform): void {
  // The error reaches whoever reads the stream.
  pipeline(piecesOf(body), stream, () => {});
}

function piecesOf(body: StreamedBody): Readable {
  if (body instanceof Readable) return body;
  // Bytes are a list of numbers to Readable.from, and a text a list of characters.
  if (typeof body === "string" || ArrayBuffer.isView(body) || body instanceof ArrayBuffer) {
    return Readable.from([body instanceof ArrayBuffer ? new Uint8Array(body) : body], { objectMode: false });
  }
  if (typeof body === "object" && body !== null && (Symbol.asyncIterator in body || Symbol.iterator in body)) {
    return Readable.from(body, { objectMode: false });
  }
  throw refused("body", "a stream, a generator or another iterable of bytes", masked(body));
}

/** The headers without those that are written here, and the encodings that the body already has. */
function headersWithout(headers: HeadersInput | undefined): { pairs: [string, string][]; encodings: string[] } {
  const pairs: [string, string][] = [];
  const encodings: string[] = [];
  for (const [name, value] of headerPairs(headers, refused)) {
    const lower = name.toLowerCase();
    if (lower === "transfer-encoding") {
      throw refused("headers: transfer-encoding", "left out: a stream of chunks has a content-length", masked(value));
    }
    if (lower === "content-encoding") {
      const given = value.split(",").map((each) => each.trim());
      encodings.push(...given.filter((each) => each !== "" && each.toLowerCase() !== "aws-chunked"));
    }
    if (!OWN_HEADERS.has(lower)) pairs.push([name, value]);
  }
  return { pairs, encodings };
}

function refused(param: string, expected: string, found: string): SigningError {
  return new SigningError(`"${param}" must be ${expected}, found ${found}`, { code: "ERR_SIGN_STREAM", param });
}
