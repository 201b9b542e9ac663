/** A listener for Node's HTTP servers that lets only verified requests through and answers all others as AWS does. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Readable, type Transform } from "node:stream";
import { BRSValidationError, masked, VerificationError } from "../../errors.js";
import { type ErrorForm, errorAnswer } from "./error-answer.js";
import { checkedOptions, checkWhole, refuseOption, type VerifyOptions } from "./options.js";
import { refusal } from "./refusal.js";
import { brokenOff, readWhole, tooLarge } from "./request-body.js";
import { type VerifiedRequest, verifyReceived } from "./verify-request.js";

/** A verified request with its body. */
export type VerifiedWithBody<Body> = Omit<VerifiedRequest, "bodyVerifier" | "decodedBody"> & { readonly body: Body };

export interface VerifyingListenerOptions extends VerifyOptions {
  /**
   * "buffer" (the default) reads and proves the whole body before the handler runs. "stream" runs the handler once the signature
   * is proved, with a stream of the body that fails if the body turns out to be wrong: until its end nothing may be done with it
   * that cannot be undone.
   */
  body?: "buffer" | "stream";
  /**
   * The most bytes of a body that is held in memory, and of any body with "buffer"; more is answered with 413. Default: 10 MiB.
   * With "stream" it bounds only bodies whose hash was not sent, which must be read before they can be verified.
   */
  maxBodyBytes?: number;
  /** Form of refusals. Default: "xml" for the S3 family, "json" for other services. */
  errorForm?: ErrorForm;
  /** Told of everything that was answered with an error, and of faults of the handler, with their causes. It must not throw. */
  onError?: (error: unknown, request: IncomingMessage) => void;
}

/** The handler of {@link verifyingListener}. What it returns is awaited, and not looked at. */
export type VerifiedHandler<Body> = (
  request: IncomingMessage,
  response: ServerResponse,
  verified: VerifiedWithBody<Body>,
) => unknown;

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

const OWN_OPTIONS = ["body", "maxBodyBytes", "errorForm", "onError"] as const;
const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** What is still read of a request that was refused, so that its sender gets to read the answer. */
const MAX_DRAIN_BYTES = 1024 * 1024;

/**
 * Makes a request listener from a handler of verified requests: an endpoint like S3, or like API Gateway with IAM
 * authorization.
 *
 * It reads the raw target and the raw headers, verifies the signature before it reads a body wherever that is possible, and
 * answers every refusal in AWS's own form. A fault of the handler, or of the lookup, is answered with InternalFailure and
 * nothing more. Requests that break off are dropped. The request that the handler gets has been read already: the body is in
 * `verified.body`.
 *
 * @throws BRSValidationError when an option is wrong or unknown
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { verifyingListener } from "aws-refresh-session/signing";
 *
 * const listener = verifyingListener(
 *   {
 *     service: "execute-api",
 *     region: "eu-west-1",
 *     hosts: ["127.0.0.1:8080"],
 *     getCredentials: ({ accessKeyId }) => (accessKeyId === "AKIDEXAMPLE" ? { secretAccessKey: "..." } : undefined),
 *   },
 *   (_request, response, { accessKeyId, body }) => {
 *     response.end(`${accessKeyId} sent ${body.length} bytes`);
 *   },
 * );
 * createServer(listener).listen(8080, "127.0.0.1");
 * ```
 */
export function verifyingListener(
  options: VerifyingListenerOptions & { body: "stream" },
  handler: VerifiedHandler<Readable>,
): RequestListener;
export function verifyingListener(
  options: VerifyingListenerOptions & { body?: "buffer" },
  handler: VerifiedHandler<Buffer>,
): RequestListener;
export function verifyingListener(options: VerifyingListenerOptions, handler: VerifiedHandler<never>): RequestListener {
  const { verify, isStream, maxBodyBytes, errorForm, onError } = checkedListenerOptions(options);
  if (typeof handler !== "function")
    throw new BRSValidationError(`"handler" must be a function, found ${masked(handler)}`, { param: "handler" });

  const serve = async (
    request: IncomingMessage,
    response: ServerResponse,
    fail: (error: unknown) => void,
  ): Promise<void> => {
    const { method = "", url: target = "", rawHeaders } = request;
    let whole: Buffer | undefined;
    if (!isStream && announcedLength(request) > maxBodyBytes) throw tooLarge(maxBodyBytes);
    const readBody = async () => {
      whole = await readWhole(request, maxBodyBytes);
      return whole;
    };
    const verified = await verifyReceived({ method, target, rawHeaders }, verify, readBody);
    const incoming = whole === undefined ? proving(request, verified.bodyVerifier()) : undefined;
    const { decodedBody: _none, ...rest } = verified;
    if (!isStream) {
      const body = whole ?? (await readWhole(incoming as Readable, maxBodyBytes));
      await handler(request, response, { ...rest, body } as never);
      return;
    }
    const body = incoming ?? Readable.from(whole === undefined || whole.length === 0 ? [] : [whole]);
    const handled = (async () => handler(request, response, { ...rest, body } as never))();
    // The handler may answer a body that is wrong by itself; one that does not, or has returned before, is answered for.
    body.once("error", (error) => {
      const settled = () => setImmediate(fail, error);
      handled.then(settled, settled);
    });
    await handled;
    const letPass = () => {
      if (!body.readableDidRead) body.destroy();
    };
    // As Node does with requests that nobody read: the next one on the connection waits behind it.
    if (response.writableFinished || response.destroyed) letPass();
    else response.once("close", letPass);
  };

  return (request, response) => {
    let hasFailed = false;
    const fail = (error: unknown) => {
      if (hasFailed) return;
      hasFailed = true;
      try {
        onError(error, request);
      } finally {
        answer(request, response, error, errorForm);
      }
    };
    serve(request, response, fail).catch(fail);
  };
}

/** What is done about faults when nobody asked to be told: refusals are everyday, a fault of the handler is not. */
function warn(error: unknown): void {
  if (error instanceof VerificationError && error.cause === undefined) return;
  const cause = error instanceof VerificationError ? error.cause : error;
  process.emitWarning(`a request was answered with InternalFailure: ${cause instanceof Error ? cause.stack : cause}`, {
    code: "BRS_LISTENER",
  });
}

function checkedListenerOptions(options: VerifyingListenerOptions) {
  checkedOptions(options, "verifyingListener", OWN_OPTIONS);
  const { service, body = "buffer", maxBodyBytes = MAX_BODY_BYTES, onError = warn } = options;
  const isS3 = service === "s3" || service.startsWith("s3-") || service === "s3express";
  const errorForm = options.errorForm ?? (isS3 ? "xml" : "json");
  if (body !== "buffer" && body !== "stream") refuseOption("body", `"buffer" or "stream"`, body);
  checkWhole("maxBodyBytes", maxBodyBytes, 0, Number.MAX_SAFE_INTEGER);
  if (errorForm !== "xml" && errorForm !== "json") refuseOption("errorForm", `"xml" or "json"`, errorForm);
  if (typeof onError !== "function") refuseOption("onError", "a function", onError);
  // A copy: what is changed later must not slip past the checks.
  return { verify: { ...options }, isStream: body === "stream", maxBodyBytes, errorForm, onError };
}

/** Answers an error, unless an answer is on its way already: then the connection is cut, so that it is not taken for whole. */
function answer(request: IncomingMessage, response: ServerResponse, error: unknown, form: ErrorForm): void {
  if (response.destroyed || request.socket.destroyed) return;
  if (response.headersSent) {
    if (!response.writableEnded) response.destroy();
    return;
  }
  const { statusCode, headers, body } = errorAnswer(error, form, request.url);
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  if (request.complete) {
    response.writeHead(statusCode, headers).end(body);
    return;
  }
  // Closed at once with unread bytes, the connection would be reset, and the answer lost with it.
  response.writeHead(statusCode, { ...headers, connection: "close" });
  if (request.method !== "HEAD") response.write(body);
  else response.flushHeaders();
  let drained = 0;
  const end = () => response.end();
  request.unpipe();
  request.on("data", (chunk: Buffer) => {
    drained += chunk.length;
    if (drained > MAX_DRAIN_BYTES) request.destroy();
  });
  request.once("end", end).once("close", end).once("error", end);
  request.resume();
}

/** The listener of "clientError" events: answers what is no HTTP request in the same form, and closes the connection. */
export function clientErrorListener(errorForm: ErrorForm = "json"): (error: Error, socket: Socket) => void {
  if (errorForm !== "xml" && errorForm !== "json") refuseOption("errorForm", `"xml" or "json"`, errorForm);
  return (error, socket) => {
    if (!socket.writable || (error as NodeJS.ErrnoException).code === "ECONNRESET") {
      socket.destroy();
      return;
    }
    const { headers, body } = errorAnswer(refusal("InvalidRequest", "The request is not well formed."), errorForm);
    const lines = Object.entries({ ...headers, connection: "close" }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 400 Bad Request\r\n${lines.join("")}\r\n${body}`);
  };
}

/** Leads a request's body through what proves it; fails the proof when the request breaks off. */
function proving(request: IncomingMessage, verifier: Transform): Transform {
  // It broke off while the lookup was waited for: no event will come to tell of it.
  if (request.destroyed) throw brokenOff();
  const broken = () => {
    // What was received in full, but not read, is lost with the connection as well.
    if (!request.readableEnded) verifier.destroy(brokenOff());
  };
  request.once("close", broken).on("error", broken);
  // Whoever does not read the body is not to be ended by what is wrong with it; what nobody will read is let pass.
  verifier.on("error", () => request.unpipe(verifier)).once("close", () => request.unpipe(verifier).resume());
  return request.pipe(verifier);
}

const announcedLength = ({ headers }: IncomingMessage): number =>
  Number(headers["x-amz-decoded-content-length"] ?? headers["content-length"] ?? 0);
