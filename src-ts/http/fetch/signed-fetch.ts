/** `fetch` that signs what it sends. */
import { bodyAtHand, bodyLength, settleBody } from "../bodies/body.js";
import { endUnread } from "../bodies/body-reader.js";
import { checkUndiciHeader, unsendable, valueOnWire } from "../headers/wire-headers.js";
import type { HttpSigning } from "../outgoing-request.js";
import { SignedExchange } from "../signed-exchange.js";
import { answerOf, discard } from "./answer.js";
import { type Hop, markRedirected, redirectedHop } from "./hop.js";

export type FetchLike = typeof fetch;

/** The name under which errors speak of the client. */
const CLIENT = "fetch";
/** Methods that the fetch standard writes in upper case; all others stay as they are. */
const NORMALIZED = /^(?:delete|get|head|options|post|put)$/i;
/** Methods with which an empty body has a content-length. */
const SAYS_EMPTY = /^(?:post|put|patch)$/i;
/** What a Request holds besides method, headers, body and signal. Its dispatcher it does not tell. */
const REQUEST_FIELDS = [
  "cache",
  "credentials",
  "integrity",
  "keepalive",
  "mode",
  "redirect",
  "referrer",
  "referrerPolicy",
] as const;

/**
 * A function with the signature of the platform's `fetch`, which it calls; docs/http.md says what it does with bodies, headers and
 * redirects.
 *
 * Rejects as `fetch` does, with SigningError for what cannot be signed, with the failure of a refresh, and with the reason of the
 * signal.
 */
export function signedFetch(signing: HttpSigning): FetchLike {
  const platform = globalThis.fetch;
  const signed: FetchLike = async (input, init) => {
    // Looked up late, so that whoever replaces it, as tests do, is obeyed; unless it was replaced by this very function.
    const send = globalThis.fetch === signed ? platform : globalThis.fetch;
    return new FetchCall(signing, send, input, init).run();
  };
  return signed;
}

/** One call of fetch, with its redirects and attempts. Takes everything out of its arguments at once: they may change later. */
class FetchCall {
  readonly #signing: HttpSigning;
  readonly #send: FetchLike;
  /** What is passed through. */
  readonly #init: RequestInit;
  /** Handed on as it is where that is possible: parts of it only the platform can read. */
  readonly #request: Request | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #exchange: SignedExchange;
  readonly #first: Omit<Hop, "body">;
  readonly #body: unknown;

  constructor(signing: HttpSigning, send: FetchLike, input: string | URL | Request, given?: RequestInit | null) {
    const init = given ?? {};
    const request = input instanceof Request ? input : undefined;
    this.#signing = signing;
    this.#send = send;
    this.#request = request;
    this.#init = { ...fieldsOf(request), ...init };
    this.#signal = (init.signal === undefined ? request?.signal : init.signal) ?? undefined;
    this.#exchange = new SignedExchange(signing, this.#signal);
    const url = new URL(request?.url ?? String(input));
    if (url.username !== "" || url.password !== "") {
      throw new TypeError("Request cannot be constructed from a URL that includes credentials");
    }
    const method = init.method ?? request?.method ?? "GET";
    const headers = new Headers(init.headers ?? request?.headers);
    for (const name of signing.replaces) headers.delete(name);
    for (const [name, value] of headers) checkUndiciHeader(CLIENT, name, value);
    checkHost(headers, url);
    checkMode(headers, this.#init.mode);
    this.#first = { url, method: NORMALIZED.test(method) ? method.toUpperCase() : method, headers, isElsewhere: false };
    const body = init.body ?? request?.body;
    this.#body = body instanceof ArrayBuffer || ArrayBuffer.isView(body) ? copyOf(body) : body;
  }

  async run(): Promise<Response> {
    const body = bodyAtHand(this.#body) ?? (await settleBody(this.#body, this.#signing, this.#signal));
    const { headers } = this.#first;
    if (body.contentType !== undefined && !headers.has("content-type")) headers.set("content-type", body.contentType);
    let hop: Hop = { ...this.#first, body };
    const { redirect = "follow" } = this.#init;
    for (let count = 0; ; count++) {
      const response = await (hop.isElsewhere ? this.#sendOnce(hop, hop.headers) : this.#sendSigned(hop));
      let next: Hop | undefined;
      try {
        next = redirect === "follow" ? redirectedHop(hop, response, count) : undefined;
      } catch (error) {
        discard(response);
        throw error;
      }
      if (next === undefined) return count === 0 ? response : markRedirected(response);
      discard(response);
      hop = next;
    }
  }

  async #sendSigned(hop: Hop): Promise<Response> {
    const { url, method, body } = hop;
    const length = settleLength(hop);
    const headers = [...hop.headers].map(([name, value]) => [name, valueOnWire(CLIENT, name, value)] as const);
    for (;;) {
      const signed = await this.#exchange.sign({ method, url: url.href, headers, body: body.signed }).catch((error) => {
        if (!body.canRepeat) endUnread(body.sent, error);
        throw error;
      });
      const sent = new Headers(hop.headers);
      for (const [name, value] of Object.entries(signed)) sent.set(name, value);
      // The platform sends the length that it finds, and refuses a second one.
      if (length !== undefined) sent.delete("content-length");
      const response = await this.#sendOnce(hop, sent);
      try {
        const repeats = await this.#exchange.shouldRepeat(answerOf(response));
        // A body that is aborted while its beginning is looked at could not be read by anybody else.
        this.#signal?.throwIfAborted();
        if (!repeats || !body.canRepeat) return response;
      } catch (error) {
        discard(response);
        throw error;
      }
      discard(response);
    }
  }

  #sendOnce({ url, method, body: { sent } }: Hop, headers: Headers): Promise<Response> {
    const request = url === this.#first.url ? this.#request : undefined;
    const init: RequestInit = { ...this.#init, method, headers, signal: this.#signal ?? null };
    if (init.redirect === undefined || init.redirect === "follow") init.redirect = "manual";
    delete init.body;
    // A body that is sent as it came is left in its request, which alone knows how long it is.
    if (sent !== undefined && sent !== request?.body) {
      init.body = sent as NonNullable<RequestInit["body"]>;
      if (typeof sent !== "string" && !(sent instanceof Uint8Array)) Object.assign(init, { duplex: "half" });
    }
    return this.#send(request ?? url, init);
  }
}

function fieldsOf(request: Request | undefined): RequestInit {
  return request === undefined ? {} : Object.fromEntries(REQUEST_FIELDS.map((name) => [name, request[name]]));
}

/** Bytes as fetch takes them: at the time of the call. */
function copyOf(bytes: ArrayBuffer | ArrayBufferView): Uint8Array {
  return new Uint8Array(bodyAtHand(bytes)?.sent as Uint8Array);
}

/** `fetch` sends the host of the URL, whatever it is told. */
function checkHost(headers: Headers, url: URL): void {
  const host = headers.get("host");
  if (host !== null && host.toLowerCase() !== url.host) {
    throw unsendable(CLIENT, "host", "which sends the host of the URL: use undici or node:http");
  }
  headers.delete("host");
}

/** `fetch` says how it was called. */
function checkMode(headers: Headers, mode = "cors"): void {
  const given = headers.get("sec-fetch-mode");
  if (given !== null && given !== mode)
    throw unsendable(CLIENT, "sec-fetch-mode", `which sends "${mode}": leave it out`);
}

/** The bytes of the body, undefined for a stream; a content-length of the user is compared, and left out where none is sent. */
function settleLength({ method, headers, body }: Hop): number | undefined {
  const length = bodyLength(body);
  const given = headers.get("content-length");
  if (given === null || length === undefined) return length;
  if (given !== String(length)) {
    throw unsendable(CLIENT, "content-length", `which sends the length of the body, ${length} bytes: leave it out`);
  }
  if (length === 0 && !SAYS_EMPTY.test(method)) headers.delete("content-length");
  return length;
}
