/** What is used of undici, by its shape: dispatchers of undici 6 and 7, and those inside Node. */

/** Options of a request as interceptors hand them on. */
export interface UndiciOptions {
  readonly origin?: string | URL | null;
  readonly path: string;
  readonly method: string;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, unknown>> | null;
  readonly maxRedirections?: number | null;
}

/** Headers by their lower-case names; or names and values in turn, as they came. */
export type UndiciHeaders = Readonly<Record<string, string | string[] | undefined>> | readonly Buffer[];

export interface UndiciController {
  readonly aborted: boolean;
  readonly paused: boolean;
  readonly reason: Error | null;
  rawHeaders?: unknown;
  rawTrailers?: unknown;
  abort(reason: Error): void;
  pause(): void;
  resume(): void;
}

/** A handler as undici 7 has it. */
export interface UndiciHandler {
  onRequestStart?(controller: UndiciController, context: unknown): void;
  onRequestUpgrade?(controller: UndiciController, statusCode: number, headers: UndiciHeaders, socket: unknown): void;
  onResponseStarted?(): void;
  onResponseStart?(controller: UndiciController, statusCode: number, headers: UndiciHeaders, message?: string): void;
  onResponseData?(controller: UndiciController, chunk: Buffer): void;
  onResponseEnd?(controller: UndiciController, trailers: UndiciHeaders): void;
  onResponseError?(controller: UndiciController, error: Error): void;
}

/** A handler as undici 6 has it, and 7 takes it still. */
export interface LegacyUndiciHandler {
  onConnect?(abort: (reason?: Error) => void, context?: unknown): void;
  onUpgrade?(statusCode: number, headers: unknown, socket: unknown): void;
  onResponseStarted?(): void;
  onHeaders?(statusCode: number, headers: readonly Buffer[], resume: () => void, message: string): unknown;
  onData?(chunk: Buffer): unknown;
  onComplete?(trailers: readonly Buffer[] | null): void;
  onError?(error: Error): void;
  onBodySent?(chunk: unknown, total?: number): void;
  onRequestSent?(): void;
}

export type UndiciDispatch = (options: UndiciOptions, handler: UndiciHandler | LegacyUndiciHandler) => boolean;

/** What `dispatcher.compose` takes. */
export type UndiciInterceptor = <Dispatch extends (options: never, handler: never) => boolean>(
  dispatch: Dispatch,
) => Dispatch;
