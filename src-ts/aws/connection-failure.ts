/** Exchanges that ended without an answer, as errors: what was tried, why it failed, and what to do about it. */
import { BRSConnectionError, BRSError } from "../errors.js";
import type { HttpRequest } from "./transport.js";

/** What users call the options that advice names. */
export interface TransportOptionNames {
  /** Completes "its certificate is not trusted; ". */
  readonly trust: string;
  readonly timeout: string;
  /** What to do about a connection that was closed early, where that has causes of its own. */
  readonly closed?: string;
}

/** What to do about a failure, by the code of Node's error. */
const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there; check the endpoint and its port",
  ENOTFOUND: "its name does not resolve; check the region or the endpoint, and DNS",
  EAI_AGAIN: "its name could not be resolved; check DNS and the network",
  ECONNRESET: "the connection was closed before the answer was complete; check proxies and firewalls between",
  EPIPE: "the connection was closed while sending; check proxies and firewalls between",
  ETIMEDOUT: "the network gave up; check routes, proxies and firewalls between",
  EHOSTUNREACH: "there is no route to it; check the network",
  ENETUNREACH: "there is no route to it; check the network",
};

export const OPTION_NAMES: TransportOptionNames = {
  trust: "give an agent with the right `ca`, or set NODE_EXTRA_CA_CERTS",
  timeout: "requestTimeout",
};

function isCertificateProblem(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL/.test(code);
}

/** The other side has ended the handshake with an alert: it is our certificate, or our TLS, that it does not want. */
function isAlert(code: string): boolean {
  return code.includes("_ALERT_");
}

/** What a failed connection means, whatever protocol it was for: the words, and whether another attempt may do better. */
export function connectionAdvice(
  code: string,
  { trust, closed }: TransportOptionNames,
): { advice: string; retryable: boolean } {
  if (closed !== undefined && (code === "ECONNRESET" || code === "EPIPE")) return { advice: closed, retryable: true };
  if (isAlert(code)) {
    return {
      advice: "it refused the handshake; check the certificate and key that were shown to it",
      retryable: false,
    };
  }
  if (isCertificateProblem(code)) return { advice: `its certificate is not trusted; ${trust}`, retryable: false };
  return { advice: ADVICE[code] ?? "check the endpoint and the network", retryable: true };
}

/** `seconds` have passed in a phase of the exchange: "connection" or "answer". */
export function timeoutFailure(
  request: HttpRequest,
  seconds: number,
  phase: string,
  { timeout }: TransportOptionNames,
): BRSConnectionError {
  return new BRSConnectionError(
    `${request.operation}: no ${phase} from ${request.url.host} within ${seconds} s; ` +
      `check the network between, or raise ${timeout}`,
    { code: "ERR_TIMEOUT", details: facts(request), retryable: true },
  );
}

/** `error` is what Node failed with; one of ours is passed on. */
export function connectionFailure(request: HttpRequest, error: unknown, names: TransportOptionNames): BRSError {
  if (error instanceof BRSError) return error;
  const { code = "unknown" } = error as { code?: string };
  const { advice, retryable } = connectionAdvice(code, names);
  return new BRSConnectionError(`${request.operation}: no answer from ${request.url.host} (${code}): ${advice}`, {
    details: { ...facts(request), reason: code },
    retryable,
  });
}

export function tooLargeFailure(request: HttpRequest, limit: number): BRSConnectionError {
  return new BRSConnectionError(
    `${request.operation}: ${request.url.host} sent more than ${limit} bytes; ` +
      "check that the endpoint is the service that was meant",
    { code: "ERR_ANSWER_TOO_LARGE", details: facts(request) },
  );
}

function facts({ operation, url }: HttpRequest): Record<string, unknown> {
  return { operation, endpoint: url.host };
}
