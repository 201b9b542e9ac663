/** One request of axios: its signed attempts, and the redirects that it follows. */
import type { Readable } from "node:stream";
import { SigningError } from "../errors.js";
import { NO_BODY, type NodeBody, nodeBody } from "./bodies/node-body.js";
import { beginningOfHalf, peekStream } from "./bodies/peeked-stream.js";
import {
  CONTENT_TYPE,
  type HeaderPair,
  HOST,
  headerObject,
  headerValue,
  sentPairs,
  withoutNames,
} from "./headers/sent-headers.js";
import { checkUndiciHeader, pairsOnWire, unsendable } from "./headers/wire-headers.js";
import type { HttpSigning, ServiceAnswer } from "./outgoing-request.js";
import { type Redirect, redirectOf, tellsWhoAsks } from "./redirect.js";
import { SignedExchange } from "./signed-exchange.js";

/** What is read of the config that an adapter is given. */
export interface AxiosConfig {
  readonly method?: string;
  readonly data?: unknown;
  readonly headers: { toJSON(): Record<string, unknown> };
  readonly signal?: unknown;
  readonly socketPath?: unknown;
  readonly maxRedirects?: number;
  readonly beforeRedirect?: (options: object, answer: object, request: object) => void;
  readonly sensitiveHeaders?: readonly string[];
  readonly fetchOptions?: { readonly redirect?: string };
  readonly adapter?: unknown;
}

/** What an adapter gives. */
export interface AxiosAnswer {
  readonly status: number;
  headers: object;
  data: unknown;
  config: unknown;
}

/** How a request reaches the adapter that its user chose. */
export interface AxiosRoute {
  /** What base, path and parameters come to. */
  readonly uri: string;
  readonly send: (config: AxiosConfig) => Promise<AxiosAnswer>;
  /** Whether it is one of axios' own. */
  readonly isNamed: boolean;
  /** Whether it is the one that sends through fetch, which takes fewer headers. */
  readonly isFetch: boolean;
}

/** What goes out next. */
interface NextRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly HeaderPair[];
  readonly body: NodeBody;
  readonly isRedirected: boolean;
  /** False once a redirect has led to another origin. */
  readonly isSigned: boolean;
}

/** As many as axios follows when it is told nothing. */
const MAX_REDIRECTS = 21;
const LOCAL = "http://localhost";
const FETCH_ADAPTER = "the fetch adapter of axios";

export class AxiosExchange {
  readonly #signing: HttpSigning;
  readonly #config: AxiosConfig;
  readonly #route: AxiosRoute;
  readonly #exchange: SignedExchange;
  readonly #signal: AbortSignal | undefined;

  constructor(signing: HttpSigning, config: AxiosConfig, route: AxiosRoute) {
    this.#signing = signing;
    this.#config = config;
    this.#route = route;
    this.#signal = config.signal instanceof AbortSignal ? config.signal : undefined;
    this.#exchange = new SignedExchange(signing, this.#signal);
  }

  async run(): Promise<AxiosAnswer> {
    const { maxRedirects = MAX_REDIRECTS, fetchOptions } = this.#config;
    const mayFollow = maxRedirects > 0 && (fetchOptions?.redirect ?? "follow") === "follow";
    let request = await this.#first();
    for (let redirects = 0; ; ) {
      const { answer, failure } = await this.#attempt(request);
      if (request.isSigned && (await this.#shouldRepeat(answer)) && request.body.canRepeat) {
        discard(answer);
        continue;
      }
      const redirect = mayFollow ? redirectOf(request, answer.status, headerOf(answer, "location")) : undefined;
      if (redirect === undefined || !(redirect.dropsBody || request.body.canRepeat)) {
        if (failure !== undefined) throw failure;
        return answer;
      }
      discard(answer);
      if (++redirects > maxRedirects) {
        throw new SigningError(`more than ${maxRedirects} redirects, which is "maxRedirects"`, {
          code: "ERR_FR_TOO_MANY_REDIRECTS",
        });
      }
      request = this.#redirected(request, redirect, answer);
    }
  }

  async #first(): Promise<NextRequest> {
    const body = await nodeBody(this.#config.data, this.#signing, this.#signal);
    const url = new URL(this.#route.uri, this.#config.socketPath ? LOCAL : undefined);
    // Over a socket axios names this host, whatever stands in the URL.
    if (this.#config.socketPath) {
      url.hostname = "localhost";
      url.port = "";
    }
    // What stands there would become an authorization beside ours.
    url.username = "";
    url.password = "";
    url.hash = "";
    const contentType =
      body.contentType ?? (this.#config.data instanceof Blob ? "application/octet-stream" : undefined);
    const given = Object.entries(this.#config.headers.toJSON()).filter(([, value]) => value !== false);
    const headers = withoutNames(sentPairs(Object.fromEntries(given)), this.#signing.replaces);
    return {
      method: (this.#config.method ?? "get").toUpperCase(),
      url: url.href,
      headers:
        contentType === undefined ? headers : [...withoutNames(headers, CONTENT_TYPE), ["Content-Type", contentType]],
      body,
      isRedirected: false,
      isSigned: true,
    };
  }

  /** Sends a request; an answer that axios makes an error of, by `validateStatus`, comes with that error. */
  async #attempt(request: NextRequest): Promise<{ answer: AxiosAnswer; failure?: unknown }> {
    const config = await this.#configOf(request);
    try {
      const answer = await this.#route.send(config);
      return { answer: this.#asOurs(answer) };
    } catch (failure) {
      const response = this.#asOurs(failure as { config: unknown; response?: AxiosAnswer } | undefined)?.response;
      if (typeof response?.status !== "number") throw failure;
      return { answer: this.#asOurs(response), failure };
    }
  }

  /** What users see again is the config that they gave, without any signature; the request, which has one, is not printed. */
  #asOurs<Held extends { config: unknown } | undefined>(held: Held): Held {
    if (typeof held !== "object" || held === null) return held;
    if ("config" in held) held.config = this.#config;
    if ("request" in held) Reflect.defineProperty(held, "request", { enumerable: false });
    return held;
  }

  async #configOf(request: NextRequest): Promise<AxiosConfig> {
    const { method, url, body } = request;
    const { fetchOptions } = this.#config;
    if (this.#route.isFetch) checkFetchHeaders(request);
    const headers =
      new URL(url).host === headerValue(request.headers, "host")
        ? withoutNames(request.headers, HOST)
        : request.headers;
    const signed = request.isSigned
      ? Object.entries(
          await this.#exchange.sign({ method, url, headers: pairsOnWire("axios", headers), body: body.signed }),
        )
      : [];
    const names = new Set(signed.map(([name]) => name.toLowerCase()));
    const isMoved = request.isRedirected || this.#route.isNamed;
    return {
      ...this.#config,
      ...(isMoved && { url, baseURL: undefined, params: undefined }),
      ...(request.isRedirected && { method: method.toLowerCase() }),
      headers: headerObject([...withoutNames(request.headers, names), ...signed]) as unknown as AxiosConfig["headers"],
      data: body.sent,
      // Redirects are followed here, since what axios sends after one cannot be signed anew.
      maxRedirects: 0,
      fetchOptions: { ...fetchOptions, redirect: fetchOptions?.redirect === "error" ? "error" : "manual" },
      // Basic credentials would take the place of the signature.
      auth: undefined,
    } as AxiosConfig;
  }

  async #shouldRepeat(answer: AxiosAnswer): Promise<boolean> {
    const seen: ServiceAnswer = {
      statusCode: answer.status,
      header: (name) => headerOf(answer, name),
      text: () => textOf(answer, this.#signal),
    };
    try {
      return await this.#exchange.shouldRepeat(seen);
    } catch (error) {
      discard(answer);
      throw error;
    }
  }

  #redirected(request: NextRequest, redirect: Redirect, answer: AxiosAnswer): NextRequest {
    const { method, url, dropsBody } = redirect;
    const isSigned = request.isSigned && !redirect.leaves;
    const kept = request.headers.filter(([name]) => {
      const lower = name.toLowerCase();
      return lower !== "host" && !(dropsBody && lower.startsWith("content-"));
    });
    const secret = new Set(this.#config.sensitiveHeaders?.map((name) => name.toLowerCase()));
    const headers = redirect.leaves ? withoutNames(kept, secret).filter(([name]) => !tellsWhoAsks(name)) : kept;
    return {
      method,
      url,
      headers: this.#toldUser(request, { method, url, headers }, answer),
      body: dropsBody ? NO_BODY : request.body,
      isRedirected: true,
      isSigned,
    };
  }

  /** Calls the user's `beforeRedirect`, which may change headers, or throw; gives the headers that it leaves. */
  #toldUser(
    from: NextRequest,
    to: Pick<NextRequest, "method" | "url" | "headers">,
    answer: AxiosAnswer,
  ): readonly HeaderPair[] {
    const { beforeRedirect } = this.#config;
    if (beforeRedirect === undefined) return to.headers;
    const { href, protocol, hostname, port, pathname, search } = new URL(to.url);
    const options = {
      href,
      protocol,
      hostname,
      port,
      path: pathname + search,
      method: to.method,
      headers: headerObject(to.headers),
    };
    beforeRedirect(
      options,
      { headers: { ...answer.headers }, statusCode: answer.status },
      { url: from.url, method: from.method, headers: headerObject(from.headers) },
    );
    return withoutNames(sentPairs(options.headers), this.#signing.replaces);
  }
}

/** Refuses what would leave the request unsigned, or fail only once it is on its way. */
function checkFetchHeaders({ headers, url }: NextRequest): void {
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    checkUndiciHeader(FETCH_ADAPTER, lower, value);
    if (lower === "host" && value !== new URL(url).host) {
      throw unsendable(FETCH_ADAPTER, lower, "which always sends that of the URL: leave it out");
    }
  }
}

/** From the class of axios, or from the plain object of an adapter that a user wrote. */
function headerOf(answer: AxiosAnswer, name: string): string | undefined {
  return headerValue(sentPairs({ ...answer.headers }), name);
}

/** The body of an answer in whichever form its `responseType` gave it; a stream is replaced by one that still has all of it. */
async function textOf(answer: AxiosAnswer, signal: AbortSignal | undefined): Promise<string> {
  const { data } = answer;
  if (typeof data === "string") return data;
  if (data instanceof ArrayBuffer) return Buffer.from(data).toString();
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString();
  if (data instanceof Blob) return data.text();
  if (data instanceof ReadableStream) {
    const [ours, theirs] = data.tee();
    answer.data = theirs;
    return (await beginningOfHalf(ours, signal)).toString();
  }
  if (isReadable(data)) {
    const { beginning, stream } = await peekStream(data, signal);
    answer.data = stream;
    return beginning.toString();
  }
  return data === undefined || data === null ? "" : JSON.stringify(data);
}

/** Lets go of an answer that nobody will read. */
function discard({ data }: AxiosAnswer): void {
  if (isReadable(data)) data.destroy();
  else if (data instanceof ReadableStream) data.cancel().catch(() => undefined);
}

function isReadable(data: unknown): data is Readable {
  return typeof data === "object" && data !== null && "pipe" in data && typeof data.pipe === "function";
}
