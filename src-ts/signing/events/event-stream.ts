/** Signs a request that opens an event stream, and the events that follow it one after the other. */
import { addAbortSignal, Transform, type TransformCallback } from "node:stream";
import type { Clock } from "../../defaults.js";
import { fromNative, masked, SigningError } from "../../errors.js";
import { native } from "../../native.js";
import { millisFrom } from "../amz-date.js";
import { ALGORITHM_SIGV4A } from "../flags.js";
import type { HeadersInput, SignableRequest } from "../request.js";
import { type ChainSeed, seedFrame, signatureOf } from "../streams/chain-seed.js";
import { encodeEventHeaders } from "./event-headers.js";
import { bytesOf, checkedSignature, type EventMessage } from "./sign-event.js";

type EventChain = InstanceType<typeof native.EventChain>;

export interface SignEventStreamOptions {
  /**
   * The signature that the stream goes on from, when its request was signed elsewhere: that of `authorization`, or of a
   * presigned websocket URL. Without it the request is signed here.
   */
  priorSignature?: string;
  /** Signs the request as if it were this instant; each event is signed by the clock. */
  signingDate?: Date;
  /** Destroys the stream. */
  signal?: AbortSignal;
}

export interface SignedEventStream {
  /** The headers to set, in lower case; none when `priorSignature` was given. */
  headers: Record<string, string>;
  /**
   * Takes encoded events or `{ headers, body }`, gives signed messages as one Buffer each, and a signed empty one at the
   * end.
   */
  stream: Transform;
}

const OPTIONS: ReadonlySet<string> = new Set<keyof SignEventStreamOptions>(["priorSignature", "signingDate", "signal"]);
/** What stands in place of the payload hash in a request whose body is a stream of events. */
const EVENTS = "STREAMING-AWS4-HMAC-SHA256-EVENTS";
/** Events under way: a second of audio comes in a handful of them. */
const HIGH_WATER_MARK = 16;

/** @throws SigningError that names the field at fault */
export function checkEventStream(options: SignEventStreamOptions, flags: number): void {
  if (typeof options !== "object" || options === null) {
    throw refused(`"options" must be an object, found ${masked(options)}`, "options");
  }
  for (const name of Object.keys(options)) {
    if (OPTIONS.has(name)) continue;
    throw refused(`"${name}" is not an option of signEventStream: it takes ${[...OPTIONS].join(", ")}`, name);
  }
  if (options.priorSignature !== undefined) checkedSignature(options.priorSignature);
  if ((flags & ALGORITHM_SIGV4A) !== 0) {
    throw refused('"algorithm" must be "sigv4" to sign event streams, found "sigv4a"', "algorithm");
  }
}

/** Signs the request, unless the chain goes on from elsewhere, and opens the stream. */
export function openEventStream(
  request: SignableRequest | undefined,
  options: SignEventStreamOptions,
  seed: ChainSeed,
  clock: Clock,
): SignedEventStream {
  let headers: Record<string, string> = {};
  let { priorSignature } = options;
  if (priorSignature === undefined) {
    if (typeof request !== "object" || request === null) {
      throw refused(`"request" must be an object with "url", found ${masked(request)}`, "request");
    }
    const { method = "POST", url } = request;
    const body = request.body ?? undefined;
    if (body !== undefined) throw refused('"body" must be written into the stream, found it in the request', "body");
    const own = { "x-amz-content-sha256": EVENTS };
    headers = { ...own, ...seed.sign({ method, url, headers: withHeader(request.headers, own) }) };
    priorSignature = signatureOf(headers);
  }
  let chain: EventChain;
  try {
    chain = new native.EventChain(seedFrame(seed), priorSignature);
  } catch (error) {
    throw fromNative(error);
  }
  const stream = new EventSigningStream(chain, clock);
  if (options.signal !== undefined) addAbortSignal(options.signal, stream);
  return { headers, stream };
}

function withHeader(headers: SignableRequest["headers"], own: Record<string, string>): HeadersInput {
  const isKept = ([name]: readonly [string, unknown]) => !Object.hasOwn(own, String(name).toLowerCase());
  if (headers === undefined || headers === null) return own;
  if (Symbol.iterator in headers) {
    return [...(headers as Iterable<readonly [string, string]>)].filter(isKept).concat(Object.entries(own));
  }
  return { ...Object.fromEntries(Object.entries(headers).filter(isKept)), ...own };
}

/** Wraps each event into a message that signs it and the message before; an error ends the chain without an end. */
class EventSigningStream extends Transform {
  readonly #chain: EventChain;
  readonly #clock: Clock;

  constructor(chain: EventChain, clock: Clock) {
    // Messages stay apart on their way out as well: a websocket sends each by itself.
    super({ objectMode: true, highWaterMark: HIGH_WATER_MARK });
    this.#chain = chain;
    this.#clock = clock;
  }

  override _transform(event: unknown, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.#sign(callback, () => encoded(event));
  }

  override _flush(callback: TransformCallback): void {
    this.#sign(callback, () => new Uint8Array());
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#chain.close();
    callback(error);
  }

  #sign(callback: TransformCallback, bytes: () => Uint8Array): void {
    let message: Buffer;
    try {
      message = this.#chain.signMessage(millisFrom(this.#clock), bytes());
    } catch (error) {
      callback(fromNative(error));
      return;
    }
    callback(null, message);
  }
}

/** An event as bytes; an empty one would end the stream. */
function encoded(event: unknown): Uint8Array {
  if (event instanceof Uint8Array) {
    if (event.length > 0) return bytesOf(event, "event");
    throw refused('"event" must be a message, found no bytes: those end the stream', "event");
  }
  const { headers, body } = (event ?? {}) as Partial<EventMessage>;
  if (typeof event !== "object" || headers === undefined || body === undefined) {
    throw refused(`"event" must be an encoded message or { headers, body }, found ${masked(event)}`, "event");
  }
  return native.encodeEvent(encodeEventHeaders(headers), bytesOf(body, "body"));
}

function refused(message: string, param: string): SigningError {
  return new SigningError(message, { code: "ERR_SIGN_EVENT", param });
}
