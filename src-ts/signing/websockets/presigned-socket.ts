/** What the URLs of websockets have in common: their options, their end, and the host as it is signed. */
import type { Clock } from "../../defaults.js";
import { asRefreshable, type CredentialSource } from "../../refresh/credential-source.js";
import { currentTriple } from "../prepared.js";
import { checkClock, checkRegion, refused, signingMillis } from "../presigning/options.js";
import { type QueryToSign, signQuery } from "../presigning/query-signature.js";
import { ensureValidity } from "../presigning/validity.js";

export interface SocketOptions {
  region: string;
  credentials: CredentialSource;
  /** Seconds that the credentials must still be valid; if they are not, they are refreshed first. */
  minValidity?: number;
  clock?: Clock;
}

export interface PresignedSocket {
  /** `wss://...`; a secret until it expires. */
  url: string;
  /** Until when a connection can be opened: after `expiresIn`, or with the credentials if they expire before. */
  expiresAt: Date;
  /** 64 hex digits. */
  signature: string;
}

/** Checks what all sockets are given, and signs their URL. */
export async function presignSocket(
  options: SocketOptions,
  request: Omit<QueryToSign, "region">,
): Promise<PresignedSocket> {
  const region = checkRegion(options.region);
  checkClock(options.clock);
  const credentials = asRefreshable(options.credentials);
  await ensureValidity(credentials, options.minValidity);
  const triple = await currentTriple(credentials);
  const now = signingMillis(options.clock, credentials);
  const { query, signature } = signQuery(triple, { ...request, region }, now);
  const expiresAt = new Date(Math.min(now + request.expiresIn * 1000, triple.expirationMs));
  return { url: `wss://${request.host}${request.path}?${query}`, expiresAt, signature };
}

/** A host name with an optional port, as a client of TLS sends it: in lower case, without the default port. */
export function checkHost(value: unknown, param: string): string {
  const [, host, port] =
    typeof value === "string" ? (/^([\w.-]*\w|\[[\da-fA-F:.]+\])(?::(\d{1,5}))?$/.exec(value) ?? []) : [];
  if (host === undefined || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) {
    throw refused(param, "a host name, with or without a port, and no scheme or path", value);
  }
  const lower = host.toLowerCase();
  return port === undefined || Number(port) === 443 ? lower : `${lower}:${Number(port)}`;
}
