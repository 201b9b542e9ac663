/** Between the handlers of undici 6 and those of undici 7, in both directions. */
import type { LegacyUndiciHandler, UndiciController, UndiciHandler, UndiciHeaders } from "./types.js";

/** A handler of undici 6 as one of undici 7. */
export class ModernHandler implements UndiciHandler {
  readonly #handler: LegacyUndiciHandler;

  constructor(handler: LegacyUndiciHandler) {
    this.#handler = handler;
  }

  onRequestStart(controller: UndiciController, context: unknown): void {
    this.#handler.onConnect?.((reason) => controller.abort(reason as Error), context);
  }

  onRequestUpgrade(controller: UndiciController, statusCode: number, _headers: UndiciHeaders, socket: unknown): void {
    this.#handler.onUpgrade?.(statusCode, controller.rawHeaders, socket);
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.();
  }

  onResponseStart(controller: UndiciController, statusCode: number, _headers: UndiciHeaders, message = ""): void {
    const raw = controller.rawHeaders as readonly Buffer[];
    if (this.#handler.onHeaders?.(statusCode, raw, () => controller.resume(), message) === false) controller.pause();
  }

  onResponseData(controller: UndiciController, chunk: Buffer): void {
    if (this.#handler.onData?.(chunk) === false) controller.pause();
  }

  onResponseEnd(controller: UndiciController): void {
    this.#handler.onComplete?.((controller.rawTrailers as readonly Buffer[]) ?? []);
  }

  onResponseError(_controller: UndiciController, error: Error): void {
    this.#handler.onError?.(error);
  }

  onBodySent(chunk: unknown, total?: number): void {
    this.#handler.onBodySent?.(chunk, total);
  }

  onRequestSent(): void {
    this.#handler.onRequestSent?.();
  }
}

/**
 * A handler of undici 7 as one of undici 6. It is told of headers as they came: undici would parse them here, and write them again
 * for a handler of the old kind.
 */
export class LegacyHandler implements LegacyUndiciHandler {
  readonly #handler: UndiciHandler & Pick<LegacyUndiciHandler, "onBodySent" | "onRequestSent">;
  /** A request that fails before it has a connection is given none. */
  #controller: LegacyController = NO_CONTROLLER;

  constructor(handler: UndiciHandler) {
    this.#handler = handler;
  }

  onConnect(abort: (reason?: Error) => void, context?: unknown): void {
    this.#controller = new LegacyController(abort);
    this.#handler.onRequestStart?.(this.#controller, context);
  }

  onUpgrade(statusCode: number, headers: readonly Buffer[], socket: unknown): void {
    this.#controller.rawHeaders = headers;
    this.#handler.onRequestUpgrade?.(this.#controller, statusCode, headers, socket);
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.();
  }

  onHeaders(statusCode: number, headers: readonly Buffer[], resume: () => void, message: string): boolean {
    this.#controller.onResume = resume;
    this.#controller.rawHeaders = headers;
    this.#handler.onResponseStart?.(this.#controller, statusCode, headers, message);
    return !this.#controller.paused;
  }

  onData(chunk: Buffer): boolean {
    this.#handler.onResponseData?.(this.#controller, chunk);
    return !this.#controller.paused;
  }

  onComplete(trailers: readonly Buffer[] | null): void {
    this.#controller.rawTrailers = trailers;
    this.#handler.onResponseEnd?.(this.#controller, trailers ?? []);
  }

  onError(error: Error): void {
    this.#handler.onResponseError?.(this.#controller, error);
  }

  onBodySent(chunk: unknown, total?: number): void {
    this.#handler.onBodySent?.(chunk, total);
  }

  onRequestSent(): void {
    this.#handler.onRequestSent?.();
  }
}

class LegacyController implements UndiciController {
  readonly #abort: (reason?: Error) => void;
  paused = false;
  aborted = false;
  reason: Error | null = null;
  rawHeaders: unknown = null;
  rawTrailers: unknown = null;
  onResume: (() => void) | undefined;

  constructor(abort: (reason?: Error) => void) {
    this.#abort = abort;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.onResume?.();
  }

  abort(reason: Error): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.#abort(reason);
  }
}

const NO_CONTROLLER = new LegacyController(() => {});
