/** Signs the options of a request of node:http or node:https. */
import { BRSValidationError, masked, SigningError } from "../errors.js";
import { refuse } from "../strategies/option-checks.js";
import { type NodeBody, nodeBody } from "./bodies/node-body.js";
import {
  CONTENT_TYPE,
  FRAMING,
  type HeaderPair,
  HOST,
  headerValue,
  inSameContainer,
  type NodeHeaders,
  sentPairs,
  withoutNames,
} from "./headers/sent-headers.js";
import { pairsOnWire, sentBeside } from "./headers/wire-headers.js";
import type { HttpSigning } from "./outgoing-request.js";
import { SignedExchange } from "./signed-exchange.js";

/** What `http.request` takes as options, as far as it is read here, and what will be written to the request. */
export interface NodeRequestOptions {
  readonly protocol?: string | null | undefined;
  readonly hostname?: string | null | undefined;
  readonly host?: string | null | undefined;
  readonly port?: number | string | null | undefined;
  readonly defaultPort?: number | string | undefined;
  readonly path?: string | null | undefined;
  readonly method?: string | undefined;
  readonly headers?: NodeHeaders | undefined;
  /** Basic credentials: left out of the signed options, since the signature takes their place. */
  readonly auth?: string | null | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * What will be written: node:http does not look at it, `request.end(options.body)` sends it. A stream, a Blob or a FormData
   * is read into memory, and the signed options hold the bytes.
   */
  readonly body?: unknown;
}

/** The signature is good for one request: options are signed again for each. */
export async function nodeRequestOptions<Options extends NodeRequestOptions>(
  signing: HttpSigning,
  options: Options,
): Promise<Options> {
  return signNodeRequest(signing, new SignedExchange(signing, options?.signal), options);
}

/** A copy of the options that is signed as an attempt of the exchange. */
export async function signNodeRequest<Options extends NodeRequestOptions>(
  signing: HttpSigning,
  exchange: SignedExchange,
  options: Options,
): Promise<Options> {
  checkOptions(options);
  const { auth: _, ...copy } = options;
  const body = await nodeBody(options.body, signing, options.signal);
  const given = withoutNames(sentPairs(options.headers), signing.replaces);
  const pairs = withType(given, body);
  const { scheme, authority, path, target } = targetOf(options);
  const host = headerValue(pairs, "host") ?? authority;
  const url = `${scheme}//${host}${path}`;
  const headers = pairsOnWire("node:http", withoutNames(pairs, HOST));
  if (hostOf(url) !== host) headers.push(["host", host]);
  const method = (options.method || "GET").toUpperCase();
  const signed = Object.entries(await exchange.sign({ method, url, headers, body: body.signed }));
  const names = new Set(signed.map(([name]) => name.toLowerCase()));
  const sent: HeaderPair[] = [["Host", host], ...withoutNames(pairs, names, HOST), ...signed];
  if (body.length !== undefined && FRAMING.every((name) => headerValue(sent, name) === undefined)) {
    sent.push(["Content-Length", String(body.length)]);
  }
  return {
    ...copy,
    ...(options.path !== undefined && options.path !== null && { path: target }),
    ...(options.body !== undefined && { body: sentBeside(pairs, body.sent) }),
    headers: inSameContainer(options.headers, sent),
  } as unknown as Options;
}

function hostOf(url: string): string {
  if (URL.canParse(url)) return new URL(url).host;
  const message = '"hostname", "host" and "port", or the Host header, must make the authority of a URL';
  throw new SigningError(message, { code: "ERR_SIGN_URL", param: "hostname" });
}

/** With the type of the body: that of a form in any case, any other where none is given. */
function withType(pairs: readonly HeaderPair[], { contentType, isForm }: NodeBody): readonly HeaderPair[] {
  if (contentType === undefined || !(isForm || headerValue(pairs, "content-type") === undefined)) return pairs;
  return [...withoutNames(pairs, CONTENT_TYPE), ["Content-Type", contentType]];
}

function checkOptions(options: NodeRequestOptions): void {
  if (typeof options === "object" && options !== null && !(options instanceof URL)) {
    for (const name of ["method", "path"] as const) {
      const value: unknown = options[name] ?? "";
      if (typeof value !== "string" || /\p{Surrogate}/u.test(value)) refuse(name, "well-formed text", value);
    }
    return;
  }
  const advice = options instanceof URL ? ': give urlToHttpOptions(url) of "node:url", with method and headers' : "";
  throw new BRSValidationError(
    `request() takes the options of http.request, found ${options instanceof URL ? "a URL" : masked(options)}${advice}`,
    { param: "options" },
  );
}

interface Target {
  readonly scheme: string;
  /** What node:http would set as Host. */
  readonly authority: string;
  /** With the query, from the slash on. */
  readonly path: string;
  /** What stands in the request line: the path, or the whole URL for a proxy. */
  readonly target: string;
}

/**
 * Where the request goes. What no request line can carry is percent-encoded, and has to be sent so; a fragment, which node:http
 * would send, never leaves the client.
 */
function targetOf(options: NodeRequestOptions): Target {
  const target = (options.path || "/")
    .replace(/#.*/s, "")
    .replace(/[^\x21-\x7e]+|["<>\\^`{|}]/g, (unsafe) => encodeURIComponent(unsafe));
  const whole = /^(https?:)\/\/([^/?#]*)/i.exec(target);
  const rest = target.slice(whole?.[0].length ?? 0);
  const path = rest.startsWith("/") ? rest : `/${rest}`;
  if (whole !== null) return { scheme: whole[1] as string, authority: whole[2] as string, path, target };
  const scheme = schemeOf(options);
  return { scheme, authority: authorityOf(options, scheme), path, target: path };
}

/** The scheme decides over nothing but the port that the Host header leaves out, and Host is always set. */
function schemeOf({ protocol, port, defaultPort }: NodeRequestOptions): string {
  return protocol ?? (Number(port ?? defaultPort) === 80 ? "http:" : "https:");
}

function authorityOf({ hostname, host, port, defaultPort }: NodeRequestOptions, scheme: string): string {
  const name = hostname || host || "localhost";
  const bracketed = name.includes(":") && !name.startsWith("[") ? `[${name}]` : name;
  const usual = Number(defaultPort ?? (scheme === "http:" ? 80 : 443));
  return !port || Number(port) === usual ? bracketed : `${bracketed}:${port}`;
}
