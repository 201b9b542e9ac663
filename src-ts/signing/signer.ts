/** The signer: holds refreshable credentials and settings, and makes each signature in one synchronous native call. */
import type { Clock } from "../defaults.js";
import { CredentialsNotReadyError, fromNative } from "../errors.js";
import { native } from "../native.js";
import { asRefreshable } from "../refresh/credential-source.js";
import type { RefreshableCredentials } from "../refresh/refreshable-credentials.js";
import { amzDate, millisFrom, millisOf } from "./amz-date.js";
import {
  checkEventStream,
  openEventStream,
  type SignEventStreamOptions,
  type SignedEventStream,
} from "./events/event-stream.js";
import {
  type EventMessage,
  type FormattedEvent,
  type SignableMessage,
  type SignedMessage,
  signEvent,
  signMessage,
} from "./events/sign-event.js";
import { type Explanation, explainFrame } from "./explain.js";
import { ENGINE_AWS_SIGV4, UNSIGNED_PAYLOAD } from "./flags.js";
import { answerOf, type Stamp, writeRequest } from "./frame.js";
import { declaresNoHash, digestInSlices, isLarge } from "./large-body.js";
import { checkNames } from "./option-names.js";
import { checkWatching, type PresignManyOptions, presignMany } from "./presign-many.js";
import { checkList, type ItemSource } from "./presigning/batch-reader.js";
import type { ListItem } from "./presigning/list-items.js";
import { type PresignStreamOptions, presignStream, type StreamSigner } from "./presigning/presign-stream.js";
import { createPresignedPost, type PresignedPost, type PresignedPostOptions } from "./presigning/presigned-post.js";
import { ensureValidity, validExpiresIn, validMinValidity } from "./presigning/validity.js";
import { type SignableRequest, withLastingHeaders } from "./request.js";
import { type RequestLike, withSignedHeaders } from "./signed-request.js";
import {
  asRequest,
  EXPLAIN_NAMES,
  type ExplainOptions,
  LIST_NAMES,
  noRequest,
  PRESIGN_NAMES,
  type PresignedUrl,
  type PresignOptions,
  SIGN_NAMES,
  type SignedHeaders,
  type SignOptions,
} from "./signer-calls.js";
import { type ResolvedSignerOptions, resolveSignerOptions, type SignerOptions } from "./signer-options.js";
import type { ChainSeed } from "./streams/chain-seed.js";
import { openStream, planStream, type SignedStream, type SignStreamOptions } from "./streams/sign-stream.js";

/** Answers of the core that are no signature; see `Answer` in `crates/core/src/wire.rs`. */
const REJECT_KEPT = -2;
const REFRESH_ADVISED = 1 << 30;
/** Room for `authorization` besides three times the request. */
const HEADER_ANSWER = 1024;
const PRESIGN_ANSWER = 2048;
/** How often a signature is tried again when another caller's refresh came between. */
const ATTEMPTS = 3;

type NativeSign = (frame: Buffer, body: Uint8Array | undefined) => number;
const signHeaders: NativeSign = (frame, body) =>
  body === undefined ? native.sign(frame) : native.signBytes(frame, body);

/**
 * Signs requests with Signature Version 4, or 4A for a set of regions.
 *
 * Cheap to construct, safe to share. Signatures follow a refresh at once: the signer reads the current credentials for
 * each of them. Source: "AWS Signature Version 4 for API requests" in the IAM user guide.
 *
 * @example
 * ```ts
 * import { Signer } from "aws-refresh-session/signing";
 *
 * const signer = new Signer({
 *   service: "execute-api",
 *   region: "eu-west-1",
 *   credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
 * });
 * const request = { method: "POST", url: "https://api.example.com/orders", headers: {}, body: "{}" };
 * const { url, ...init } = await signer.signRequest(request);
 * // await fetch(url, init);
 * ```
 */
export class Signer {
  readonly #options: SignerOptions;
  readonly #credentials: RefreshableCredentials;
  readonly #settings: ResolvedSignerOptions;
  readonly #clock: Clock | undefined;

  constructor(options: SignerOptions) {
    this.#settings = resolveSignerOptions(options);
    this.#options = { ...options };
    this.#credentials = asRefreshable(options.credentials);
    this.#clock = options.clock;
  }

  /**
   * The headers to set on a request, in lower case: `authorization`, `x-amz-date`, and where they apply
   * `x-amz-security-token`, `x-amz-content-sha256` and `x-amz-region-set`. Waits when credentials have to be refreshed first.
   *
   * Rejects with SigningError when the request cannot be signed, or with the failure of the refresh.
   */
  sign(request: SignableRequest, options?: SignOptions): Promise<SignedHeaders> {
    try {
      if (options !== undefined) checkNames(options, "sign", SIGN_NAMES);
      request = withLastingHeaders(request);
      if (isLarge(request?.body)) return this.#signLarge(request, options);
      const signed = this.#trySign(request, options);
      return typeof signed === "object" ? Promise.resolve(signed) : this.#signWhenReady(request, options, signed);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * As {@link sign}, without a promise. Bodies are hashed on the calling thread, at about 1 ms for each megabyte.
   *
   * @throws CredentialsNotReadyError when a refresh has to be awaited first
   */
  signSync(request: SignableRequest, options?: SignOptions): SignedHeaders {
    if (options !== undefined) checkNames(options, "signSync", SIGN_NAMES);
    const signed = this.#trySign(request, options);
    if (typeof signed === "object") return signed;
    throw this.#notSigned(signed);
  }

  /**
   * A copy of a request with the signature among its headers; headers of an earlier signature are dropped. Takes a plain
   * request or a `Request`, whose body is read into memory.
   */
  async signRequest<R extends RequestLike>(request: R, options?: SignOptions): Promise<R> {
    return withSignedHeaders(request, (plain) => this.sign(plain, options));
  }

  /** A URL that carries its signature. It is a secret until it expires. */
  async presign(request: SignableRequest | string | URL, options: PresignOptions): Promise<PresignedUrl> {
    const lasting = withLastingHeaders(asRequest(request));
    validExpiresIn(options?.expiresIn);
    checkNames(options, "presign", PRESIGN_NAMES);
    await ensureValidity(this.#credentials, options.minValidity);
    for (let attempt = 1; ; attempt++) {
      const presigned = this.#tryPresign(lasting, options);
      if (typeof presigned === "object") return presigned;
      if (attempt === ATTEMPTS) throw this.#notSigned(presigned);
      await this.#credentials.getFrozenCredentials();
    }
  }

  /**
   * As {@link presign}, without a promise.
   *
   * @throws CredentialsNotReadyError when a refresh has to be awaited first, also for `minValidity`
   */
  presignSync(request: SignableRequest | string | URL, options: PresignOptions): PresignedUrl {
    if (options !== undefined) checkNames(options, "presignSync", PRESIGN_NAMES);
    if (options?.minValidity !== undefined && this.#credentials.refreshNeeded(validMinValidity(options.minValidity))) {
      throw new CredentialsNotReadyError(`the credentials expire within "minValidity": await presign() instead`);
    }
    const presigned = this.#tryPresign(request, options);
    if (typeof presigned === "object") return presigned;
    throw this.#notSigned(presigned);
  }

  /**
   * Presigns many URLs with one set of credentials and one date, in the order given. Sets of more than a few hundred are
   * signed off the main thread, so that the event loop goes on. With `base` the strings of the list are object keys.
   *
   * Rejects with the first error, which names the index of its request, or with the signal's reason.
   */
  async presignMany(requests: Iterable<ListItem>, options: PresignOptions & PresignManyOptions): Promise<string[]> {
    checkWatching(Object(options));
    validExpiresIn(options?.expiresIn);
    checkNames(options, "presignMany", LIST_NAMES);
    checkList(requests);
    const signer = await this.#batchSigner(options, options.signal);
    try {
      return await presignMany(requests, options, signer);
    } finally {
      signer.close();
    }
  }

  /**
   * Signs a request whose body is a stream, as aws-chunked: the headers now, each chunk as it passes through the Transform.
   *
   * The chain keeps the credentials that signed the request, whatever a refresh does meanwhile. The stream ends in a
   * SigningError, and the server never sees the end of the body, when the body is not as long as declared. Connect it with
   * `pipeline`, or give the `body`, so that an error on one side reaches the other.
   *
   * @example
   * ```ts
   * import { createReadStream } from "node:fs";
   * import { request } from "node:https";
   * import { pipeline } from "node:stream/promises";
   * import { Signer } from "aws-refresh-session/signing";
   *
   * export async function upload(signer: Signer, url: string, path: string, decodedContentLength: number) {
   *   const options = { decodedContentLength, checksumAlgorithm: "CRC64NVME" } as const;
   *   const { headers, stream } = await signer.signStream({ method: "PUT", url }, options);
   *   await pipeline(createReadStream(path), stream, request(url, { method: "PUT", headers }));
   * }
   * ```
   */
  async signStream(request: SignableRequest, options: SignStreamOptions): Promise<SignedStream> {
    const plan = planStream(request, options, this.#settings.flags);
    return this.#withSeed(options, (seed) => openStream(plan, options, seed));
  }

  /**
   * Signs a request that opens an event stream (Transcribe, Bedrock, Lex), and the events that pass through the Transform,
   * each by the clock and after the signature before it, with the credentials that signed the request.
   */
  async signEventStream(
    request: SignableRequest | undefined,
    options: SignEventStreamOptions = {},
  ): Promise<SignedEventStream> {
    checkEventStream(options, this.#settings.flags);
    return this.#withSeed(options, (seed) => openEventStream(request, options, seed, () => this.#now()));
  }

  /** The signature of an event, for callers who keep the chain themselves: as `EventSigner` of the AWS SDK. */
  async signEvent(event: FormattedEvent, options: SignOptions & { priorSignature: string }): Promise<string> {
    return signEvent(event, options?.priorSignature, await this.#seed(options));
  }

  /** A message with its signature, for callers who keep the chain themselves: as `MessageSigner` of the AWS SDK. */
  async signMessage<M extends EventMessage>(
    signable: SignableMessage<M>,
    options?: SignOptions,
  ): Promise<SignedMessage<M>> {
    return signMessage(signable, await this.#seed(options));
  }

  /**
   * Presigns what an iterable or async iterable gives, in its order, without holding it in memory: no more than about 2 500
   * URLs are read ahead of the consumer. Leaving the loop ends the reading and the signing.
   *
   * Batches of up to 500 URLs are each signed with the credentials and the date that are current as the batch begins, so a stream
   * may outlive any credentials; those that do not live for `minValidity` any more are refreshed before the next batch.
   * An error, of the source or of an item, comes after the URLs of all items before it.
   *
   * @throws SigningError or BRSValidationError at once when an option is wrong
   */
  presignStream(
    requests: ItemSource,
    options: PresignOptions & PresignStreamOptions,
  ): AsyncGenerator<string, void, undefined> {
    validExpiresIn(options?.expiresIn);
    checkNames(options, "presignStream", LIST_NAMES);
    if (options.minValidity !== undefined) validMinValidity(options.minValidity);
    return presignStream(requests, options, (signal) => this.#batchSigner(options, signal));
  }

  /**
   * The URL and fields of an HTML form with which anybody may upload one object to S3, as its policy allows; see
   * {@link PresignedPostOptions}.
   */
  createPresignedPost(options: PresignedPostOptions): Promise<PresignedPost> {
    return createPresignedPost(options, { ...this.#options, credentials: this.#credentials, now: () => this.#now() });
  }

  /**
   * What is hashed and signed for a request, for somebody who asks why a server refused it. With `expiresIn` the query
   * form is explained, with `stream` the request of {@link signStream}, whose signature is the first of the chain. Printed texts show the session token as `<token, N bytes>`; see {@link Explanation}.
   */
  explain(request: SignableRequest | string | URL, options: ExplainOptions = {}): Explanation {
    checkNames(options, "explain", EXPLAIN_NAMES);
    const { cell } = this.#credentials;
    // Expired credentials explain as well as others; only without any there is nothing to tell.
    if (cell.version === 0) {
      throw new CredentialsNotReadyError(
        "no credentials are held yet to explain with: await sign() or presign() first",
      );
    }
    const expiresIn = options.expiresIn === undefined ? 0 : validExpiresIn(options.expiresIn);
    const plain = asRequest(request);
    const explained =
      options.stream === undefined ? plain : planStream(plain, options.stream, this.#settings.flags).request;
    const { frame, body } = this.#write(explained, options, expiresIn, PRESIGN_ANSWER);
    return explainFrame(frame, body, cell.sessionToken);
  }

  /** Scope, date and the triple that is current once a refresh that is due has settled. To be used at once. */
  async #seed(options: SignOptions | undefined): Promise<{ prefix: string; stamp: Stamp }> {
    await this.#credentials.getFrozenCredentials();
    const { handle, version } = this.#credentials.cell;
    const signingDate = millisOf(options?.signingDate) ?? this.#now();
    const { prefix, flags } = this.#settings;
    return { prefix, stamp: { handle, version, now: this.#credentials.now(), signingDate, flags, expiresIn: 0 } };
  }

  /** Runs something with a triple that no refresh touches. */
  async #withSeed<R>(options: SignOptions & { signal?: AbortSignal }, use: (seed: ChainSeed) => R): Promise<R> {
    options.signal?.throwIfAborted();
    // The expiration is left behind: what is current now signs all of it.
    const { expiration: _, ...identity } = await this.#credentials.getFrozenCredentials(options);
    const frozen = new Signer({ ...this.#options, credentials: identity });
    const signingDate = new Date(millisOf(options.signingDate) ?? this.#now());
    const { handle, version } = frozen.#credentials.cell;
    const { prefix, flags } = this.#settings;
    const at = signingDate.getTime();
    try {
      return use({
        prefix,
        stamp: { handle, version, now: at, signingDate: at, flags, expiresIn: 0 },
        sign: (request) => frozen.signSync(request, { signingDate }),
      });
    } finally {
      frozen.#credentials.close();
    }
  }

  #trySign(request: SignableRequest, options: SignOptions | undefined): SignedHeaders | number {
    const { cell } = this.#credentials;
    const written = this.#write(request, options, 0, HEADER_ANSWER);
    const answer = this.#call(signHeaders, written);
    if (answer < 0) return this.#credentials.catchUp() ? this.#trySign(request, options) : answer;
    const text = answerOf(written.frame, answer);
    const date = amzDate(written.signingDate);
    // S3 alone has a second line: the payload hash.
    const split = text.indexOf("\n");
    const headers: SignedHeaders =
      split < 0
        ? { authorization: text, "x-amz-date": date }
        : { authorization: text.slice(0, split), "x-amz-date": date, "x-amz-content-sha256": text.slice(split + 1) };
    if (cell.sessionToken !== undefined) headers["x-amz-security-token"] = cell.sessionToken;
    const { regionSet } = this.#settings;
    if (regionSet !== undefined) headers["x-amz-region-set"] = regionSet;
    return headers;
  }

  #tryPresign(request: SignableRequest | string | URL, options: PresignOptions): PresignedUrl | number {
    const { cell } = this.#credentials;
    const { sessionToken } = cell;
    const plain = asRequest(request);
    // One UTF-16 unit of a URL may become three bytes, and each of them three characters.
    const growth = typeof plain.url === "string" ? 6 * plain.url.length : 0;
    const room = PRESIGN_ANSWER + growth + 3 * (sessionToken?.length ?? 0);
    const written = this.#write(plain, options, validExpiresIn(options?.expiresIn), room);
    const answer = this.#call(native.presign, written);
    if (answer < 0) return this.#credentials.catchUp() ? this.#tryPresign(request, options) : answer;
    const expiresAt = Math.min(written.signingDate + options.expiresIn * 1000, cell.expirationMs);
    return { url: answerOf(written.frame, answer), expiresAt: new Date(expiresAt) };
  }

  #write(request: SignableRequest, options: SignOptions | undefined, expiresIn: number, answerBytes: number) {
    if (typeof request !== "object" || request === null) throw noRequest(request);
    const { handle, version } = this.#credentials.cell;
    const now = this.#credentials.now();
    const signingDate = millisOf(options?.signingDate) ?? (this.#clock === undefined ? now : millisFrom(this.#clock));
    const stamp = { handle, version, now, signingDate, flags: this.#settings.flags, expiresIn };
    const { frame, body } = writeRequest(this.#settings.prefix, request, stamp, answerBytes);
    return { frame, body, signingDate };
  }

  /** Calls the core; starts the refresh that its answer advises, and returns the answer without that mark. */
  #call(sign: NativeSign, written: { frame: { bytes: Buffer }; body: Uint8Array | undefined }): number {
    let answer: number;
    try {
      answer = sign(written.frame.bytes, written.body);
    } catch (error) {
      throw fromNative(error);
    }
    if (answer >= REFRESH_ADVISED) {
      this.#credentials.startAdvised();
      return answer - REFRESH_ADVISED;
    }
    return answer;
  }

  async #signWhenReady(
    request: SignableRequest,
    options: SignOptions | undefined,
    first: number,
  ): Promise<SignedHeaders> {
    let answer = first;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      if (answer === REJECT_KEPT) break;
      await this.#credentials.getFrozenCredentials();
      const signed = this.#trySign(request, options);
      if (typeof signed === "object") return signed;
      answer = signed;
    }
    throw this.#notSigned(answer);
  }

  async #signLarge(request: SignableRequest, options: SignOptions | undefined): Promise<SignedHeaders> {
    if ((this.#settings.flags & (ENGINE_AWS_SIGV4 | UNSIGNED_PAYLOAD)) === 0 && !declaresNoHash(request)) {
      const { method = "GET", url, headers = {} } = request;
      request = { method, url, headers, body: await digestInSlices(request.body) };
    }
    const signed = this.#trySign(request, options);
    return typeof signed === "object" ? signed : this.#signWhenReady(request, options, signed);
  }

  /** Signs with the triple and the date that are current now, whatever is refreshed or closed meanwhile. */
  async #batchSigner(options: PresignOptions, signal: AbortSignal | undefined): Promise<StreamSigner> {
    const { expiresIn, minValidity } = options;
    await ensureValidity(this.#credentials, minValidity, signal);
    // The expiration is left behind: what was current when the batch began signs all of it.
    const { expiration: _, ...identity } = await this.#credentials.getFrozenCredentials(signal && { signal });
    const frozen = new Signer({ ...this.#options, credentials: identity });
    const signingDate = new Date(millisOf(options.signingDate) ?? this.#now());
    const { handle, version } = frozen.#credentials.cell;
    const { prefix, flags } = this.#settings;
    return {
      prefix,
      stamp: { handle, version, now: signingDate.getTime(), signingDate: signingDate.getTime(), flags, expiresIn },
      // The batches of the core know its own engine alone, and signatures of one length.
      signsAlone: (flags & ENGINE_AWS_SIGV4) !== 0,
      presignOne: (request) => frozen.presignSync(request, { expiresIn, signingDate }).url,
      close: () => frozen.#credentials.close(),
    };
  }

  #now(): number {
    return this.#clock === undefined ? this.#credentials.now() : millisFrom(this.#clock);
  }

  #notSigned(answer: number): Error {
    if (answer === REJECT_KEPT) return this.#credentials.keptFailure();
    return new CredentialsNotReadyError(
      "the credentials have to be refreshed first: await the asynchronous twin of this call",
    );
  }
}
