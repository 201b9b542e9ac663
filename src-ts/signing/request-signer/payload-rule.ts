/** What ends the canonical request: the hash of the body, a declared hash, or the words that stand in its place. */
import { createHash } from "node:crypto";
import { SigningError } from "../../errors.js";
import { digestInSlices, isLarge } from "../large-body.js";
import { kindOf } from "../request.js";
import { sha256 } from "../sha256.js";
import type { AuthSettings } from "./auth-types.js";
import type { AwsRequest } from "./aws-request.js";
import { isSeekable, type SeekableBody } from "./request-data.js";

export const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";
const UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

/** About half a millisecond of hashing. */
const SLICE = 1 << 20;

/** What ends the canonical request: text that was stated, content for the core to hash, or the hash of content read already. */
export type Payload = string | Uint8Array | { readonly hash: string };

/** What ends the canonical request of this request, before signing changes it. */
export async function resolvePayload(request: AwsRequest, settings: AuthSettings): Promise<Payload> {
  const { form, rawPath, algorithm } = settings;
  // A policy is signed in place of a request.
  if (form === "post") return "";
  const declared = request.headers.get("X-Amz-Content-SHA256");
  const words = payloadWords(request, settings);
  const obeysDeclared = !rawPath || (form === "query" && algorithm === "sigv4");
  if (words === undefined && declared !== undefined && obeysDeclared) return declared;
  // The body of a presigned request moves into its query, and nothing is left.
  return words ?? (form === "query" ? Buffer.alloc(0) : hashedBody(request));
}

/** Words that stand in place of a hash, or undefined when the body has to be hashed. */
function payloadWords(request: AwsRequest, settings: AuthSettings): string | undefined {
  const { rawPath, form, algorithm } = settings;
  const isTrailer = request.context.checksum?.requestAlgorithm?.in === "trailer";
  // Whoever presigns for S3 does not know the payload yet. Only CRT's classes look at the trailer here.
  if (rawPath && form === "query") return isTrailer && algorithm === "sigv4a" ? UNSIGNED_TRAILER : UNSIGNED_PAYLOAD;
  if (isTrailer) return UNSIGNED_TRAILER;
  return (rawPath ? signsS3Payload(request, settings) : signsPayload(request, form)) ? undefined : UNSIGNED_PAYLOAD;
}

/** Over plain http a payload is always signed. */
function signsPayload({ url, context }: AwsRequest, form: AuthSettings["form"] = "headers"): boolean {
  // botocore looks for "https" as it is written; a URL that gets a new query gets its scheme in lower case too.
  const isSecure = (form === "query" ? url.toLowerCase() : url).startsWith("https");
  return !isSecure || context.payloadSigningEnabled !== false;
}

function signsS3Payload(request: AwsRequest, { algorithm }: AuthSettings): boolean {
  const { url, headers, context } = request;
  const configured = context.clientConfig?.s3?.payloadSigningEnabled;
  if (configured !== undefined && configured !== null) return configured;
  const checksum = algorithm === "sigv4" ? context.checksum?.requestAlgorithm : undefined;
  const guard = checksum?.in === "header" ? String(checksum.name) : "Content-MD5";
  // Unsigned only where both TLS and a checksum guard the body.
  if (!url.startsWith("https") || !headers.has(guard)) return true;
  return context.hasStreamingInput ? false : signsPayload(request);
}

/**
 * The body, or its hash where it is large or read in pieces; the event loop has its turns between the pieces.
 *
 * @throws SigningError for a stream
 */
async function hashedBody({ body }: AwsRequest): Promise<Payload> {
  if (body === undefined) return Buffer.alloc(0);
  if (body instanceof Uint8Array) return isLarge(body) ? { hash: (await digestInSlices(body)).sha256 } : body;
  if (!isSeekable(body)) {
    throw new SigningError(
      `"data" is ${kindOf(body)}, whose hash is not known before it was sent, and a stream is never silently left unsigned: give ` +
        "content in memory, an object with seek, tell and read, an x-amz-content-sha256 header, or context.payloadSigningEnabled: false over https",
      { code: "ERR_SIGN_BODY", param: "data" },
    );
  }
  return inTurn(body, async () => {
    const position = body.tell();
    try {
      return await digestOf(readingOf(body, body.size - position));
    } finally {
      body.seek(position);
    }
  });
}

/** The reading of each body that was begun last: two at once would take each other's bytes. */
const readings = new WeakMap<SeekableBody, Promise<unknown>>();

/** Reads a body when nobody else does who signs; requests and their copies share bodies. */
function inTurn<T>(body: SeekableBody, read: () => Promise<T>): Promise<T> {
  const before = readings.get(body);
  const reading = before === undefined ? read() : before.then(read, read);
  readings.set(body, reading);
  const forget = () => {
    if (readings.get(body) === reading) readings.delete(body);
  };
  reading.then(forget, forget);
  return reading;
}

/** The payload as it travels in a header. */
export function hashText(payload: Payload): string {
  if (typeof payload === "string") return payload;
  return payload instanceof Uint8Array ? sha256(payload) : payload.hash;
}

async function digestOf(pieces: AsyncIterable<Uint8Array>): Promise<{ hash: string }> {
  const hash = createHash("sha256");
  for await (const piece of pieces) hash.update(piece);
  return { hash: hash.digest("hex") };
}

async function* readingOf(body: SeekableBody, expected: number): AsyncIterable<Uint8Array> {
  let total = 0;
  for (;;) {
    const piece: unknown = await body.read(SLICE);
    if (!(piece instanceof Uint8Array)) throw malformedBody(`gave ${kindOf(piece)} where bytes were to be read`);
    total += piece.byteLength;
    const isEnd = piece.byteLength === 0;
    // A body that is longer than it says might never end.
    if (total > expected || (isEnd && total < expected)) {
      throw malformedBody(`says that ${expected} bytes are left and has ${isEnd ? `only ${total}` : "more"}`);
    }
    if (isEnd) return;
    yield piece;
    await new Promise((resume) => setImmediate(resume));
  }
}

function malformedBody(problem: string): SigningError {
  return new SigningError(`"data" ${problem}: what is sent would not be what is signed`, {
    code: "ERR_SIGN_BODY",
    param: "data",
  });
}
