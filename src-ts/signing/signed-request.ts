/** Puts signature headers on a copy of a request, whatever its headers are kept in. */
import { type HeadersInput, type SignableRequest, withLastingHeaders } from "./request.js";

/** A plain request, with whatever else a client wants in it, or a `Request`. */
export type RequestLike = SignableRequest | Request;

/** Headers of an earlier signature: a new one replaces them all. */
export const SIGNATURE_HEADERS: ReadonlySet<string> = new Set([
  "authorization",
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-security-token",
]);

/** The access key that an Authorization header of Signature Version 4 was made with. */
export function signingKeyId(authorization: string | undefined): string | undefined {
  return authorization?.match(/ Credential=([^/]+)\//)?.[1];
}

export async function withSignedHeaders<R extends RequestLike>(
  request: R,
  sign: (request: SignableRequest) => Promise<Record<string, string>>,
): Promise<R> {
  if (request instanceof Request) {
    const { method, url, headers } = request;
    const body = request.body === null ? undefined : new Uint8Array(await request.clone().arrayBuffer());
    const signed = await sign({ method, url, headers: [...headers], ...(body === undefined ? {} : { body }) });
    return new Request(request, {
      headers: merged(headers, signed) as Headers,
      ...(body === undefined ? {} : { body }),
    }) as R;
  }
  const lasting = withLastingHeaders(request);
  const signed = await sign(lasting);
  return { ...request, headers: merged(lasting.headers ?? {}, signed) };
}

/** The headers in the same kind of container, without those of an earlier signature in any case of letters. */
function merged(headers: HeadersInput, signed: Record<string, string>): HeadersInput {
  if (headers instanceof Headers) {
    const result = new Headers(headers);
    for (const name of SIGNATURE_HEADERS) result.delete(name);
    for (const [name, value] of Object.entries(signed)) result.set(name, value);
    return result;
  }
  const isKept = ([name]: readonly [string, unknown]) => {
    const lower = name.toLowerCase();
    return !SIGNATURE_HEADERS.has(lower) && !Object.hasOwn(signed, lower);
  };
  if (Symbol.iterator in headers) {
    const pairs = [...(headers as Iterable<readonly [string, string]>)].filter(isKept).concat(Object.entries(signed));
    return headers instanceof Map ? new Map(pairs) : pairs;
  }
  return { ...Object.fromEntries(Object.entries(headers).filter(isKept)), ...signed };
}
