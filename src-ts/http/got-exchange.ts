/** One request of got: signs each of its attempts as the options stand, and keeps signatures from other origins. */
import { SigningError } from "../errors.js";
import { NO_BODY, type NodeBody, nodeBody } from "./bodies/node-body.js";
import { printWithoutSecrets } from "./headers/printed-headers.js";
import { FRAMING, HOST, headerValue, sentPairs, withoutNames } from "./headers/sent-headers.js";
import { pairsOnWire, sentBeside } from "./headers/wire-headers.js";
import type { HttpSigning } from "./outgoing-request.js";
import { tellsWhoAsks } from "./redirect.js";
import { SignedExchange } from "./signed-exchange.js";

/** What is used of the options of a request, which are final once got calls `beforeRequest`. */
export interface GotOptions {
  readonly method: string;
  readonly url?: string | URL | undefined;
  readonly headers: Record<string, string | string[] | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: whichever bodies this version of got takes
  body?: any;
  readonly context: object;
  readonly hooks: object;
  readonly isStream?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What is used of an answer. */
export interface GotAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly isFromCache?: boolean;
  readonly rawBody?: Uint8Array;
  readonly request: { readonly options: GotOptions };
}

/** Set by got for itself: proxies and edges change it, so it is signed only where the user set it. */
const ACCEPT_ENCODING: ReadonlySet<string> = new Set(["accept-encoding"]);
/** Methods with which got ends a stream that it was given no body for. */
const WITHOUT_BODY: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "DELETE", "PATCH"]);

export class GotExchange {
  readonly signing: HttpSigning;
  readonly #exchange: SignedExchange;
  /** Of the first request, or of the first page: the only one that signatures are made for. */
  readonly #origin: string | undefined;
  readonly #encodingIsTheirs: boolean;
  /** What the last attempt set besides what is replaced in any case. */
  #set: readonly string[] = [];
  #canRepeat = true;
  #isRedirected = false;
  #hasLeft = false;
  #seen: object | undefined;

  /**
   * `before` is what another request left in the same options, as the pages of one list may. `home` is where such a list began,
   * null once it was elsewhere: answers say where their next page is.
   */
  constructor(signing: HttpSigning, options: GotOptions, before?: GotExchange, home?: string | null) {
    this.signing = signing;
    this.#exchange = new SignedExchange(signing, options.signal);
    if (before === undefined) {
      this.#origin = home ?? originOf(options);
      this.#encodingIsTheirs = options.headers["accept-encoding"] !== undefined;
      this.#hasLeft = home === null;
    } else {
      this.#origin = before.#origin;
      this.#encodingIsTheirs = before.#encodingIsTheirs;
      this.#hasLeft = before.#hasLeft || home === null;
    }
    this.#leaveAt(options);
  }

  /** Puts the signature for what the options say into their headers. */
  async sign(options: GotOptions): Promise<void> {
    const { headers, method } = options;
    for (const name of Object.keys(headers)) {
      if (this.signing.replaces.has(name) || this.#set.includes(name)) delete headers[name];
    }
    if (this.#hasLeft) return;
    const body = await this.#bodyOf(options);
    this.#canRepeat = body.canRepeat;
    const sent = sentBeside(sentPairs(headers), body.sent);
    if (sent !== options.body) options.body = sent;
    if (body.length !== undefined && FRAMING.every((name) => headers[name] === undefined)) {
      headers["content-length"] = String(body.length);
    }
    const url = sentUrl(options);
    const pairs = sentPairs(headers);
    const signed = await this.#exchange.sign({
      method: method.toUpperCase(),
      url: url.href,
      headers: pairsOnWire("got", this.#signable(pairs, url.host)),
      body: body.signed,
    });
    for (const [name, value] of Object.entries(signed)) headers[name.toLowerCase()] = value;
    // got's errors have the options in them.
    printWithoutSecrets(headers);
    this.#set = Object.keys(signed)
      .map((name) => name.toLowerCase())
      .filter((name) => !FRAMING.includes(name));
  }

  /** Notes where a redirect leads: got drops less than what has no business at another origin, and nothing at all of ours. */
  redirect(options: GotOptions): void {
    this.#isRedirected = true;
    this.#leaveAt(options);
  }

  #leaveAt(options: GotOptions): void {
    this.#hasLeft ||= originOf(options) !== this.#origin;
    if (!this.#hasLeft) return;
    for (const name of Object.keys(options.headers)) if (tellsWhoAsks(name)) delete options.headers[name];
  }

  /** Whether a refused request should go out once more. Learns from any answer that came from the service itself. */
  async shouldRepeat(answer: GotAnswer): Promise<boolean> {
    this.#seen = answer;
    // The date of an answer out of a cache is that of another request.
    if (this.#hasLeft || answer.isFromCache === true) return false;
    const repeats = await this.#exchange.shouldRepeat({
      statusCode: answer.statusCode,
      header: (name) => headerValue(sentPairs(answer.headers), name),
      text: () => Buffer.from(answer.rawBody ?? []).toString(),
    });
    return repeats && this.#canRepeat;
  }

  /** What a refused stream tells serves the next request: got has no hook that could repeat it. */
  async learn(answer: GotAnswer): Promise<void> {
    if (this.#seen === answer) return;
    // The refusal is what the caller is to see, whatever became of the refresh that it led to.
    await this.shouldRepeat(answer).catch(() => undefined);
  }

  async #bodyOf({ body, method, isStream, signal }: GotOptions): Promise<NodeBody> {
    if (body !== undefined) return nodeBody(body, this.signing, signal);
    if (isStream !== true || this.#isRedirected || WITHOUT_BODY.has(method)) return NO_BODY;
    if (this.signing.streamsUnsigned) return { ...NO_BODY, signed: { unsigned: true }, canRepeat: false };
    throw new SigningError(
      `what is written into a got stream cannot be signed before it is known: give it as "body", which may be a stream too`,
      { code: "ERR_SIGN_BODY", param: "body" },
    );
  }

  #signable(pairs: ReturnType<typeof sentPairs>, urlHost: string): ReturnType<typeof sentPairs> {
    const theirs = this.#encodingIsTheirs ? pairs : withoutNames(pairs, ACCEPT_ENCODING);
    return headerValue(pairs, "host") === urlHost ? withoutNames(theirs, HOST) : theirs;
  }
}

/** The URL as it is sent: without what is said elsewhere, and of `http://unix/path/of.socket:/path` what comes after the socket. */
function sentUrl(options: GotOptions): URL {
  const url = new URL(options.url as string | URL);
  url.username = "";
  url.password = "";
  url.hash = "";
  if (url.hostname !== "unix") return url;
  return new URL(`${url.pathname}${url.search}`.replace(/^.+?:/, ""), url);
}

export function originOf({ url }: Pick<GotOptions, "url">): string | undefined {
  if (url === undefined) return undefined;
  const { origin, hostname, pathname } = new URL(url);
  return hostname === "unix" ? origin + pathname.split(":")[0] : origin;
}
