/** Copies of SDK requests: what the SDK's `HttpRequest.clone` gives, with the signature's place made free. */
import type { HeaderNames, SdkHttpRequest } from "./sdk-types.js";

type Headers = SdkHttpRequest["headers"];
type Query = NonNullable<SdkHttpRequest["query"]>;

/** What a plain object becomes; requests of a class keep theirs. */
class ClonedRequest {
  /** A copy with headers and query of its own. */
  clone(): SdkHttpRequest {
    const request = this as unknown as SdkHttpRequest;
    return clonedRequest(request, { ...request.headers }, clonedQuery(request.query));
  }
}

/** A copy of a request with the given headers and query; the body is the same. Absent parts become what the SDK makes of them. */
export function clonedRequest(request: SdkHttpRequest, headers: Headers, query: Query): SdkHttpRequest {
  const prototype: object | null = Object.getPrototypeOf(request);
  const isPlain = prototype === Object.prototype || prototype === null;
  return filled(Object.create(isPlain ? ClonedRequest.prototype : prototype), request, headers, query);
}

/** As {@link clonedRequest}, as a plain object: what the SDK's `presign` returns. */
export function plainRequest(request: SdkHttpRequest, headers: Headers, query: Query): SdkHttpRequest {
  return filled({}, request, headers, query);
}

// biome-ignore lint/suspicious/noExplicitAny: the optional parts are set also where they are undefined
function filled(target: any, request: SdkHttpRequest, headers: Headers, query: Query): SdkHttpRequest {
  const { protocol, path } = request;
  // The order, and the undefined ones, are the SDK's. Assigned one by one: `Object.assign` takes ten times as long.
  target.method = request.method || "GET";
  target.protocol = protocol ? (protocol.endsWith(":") ? protocol : `${protocol}:`) : "https:";
  target.hostname = request.hostname || "localhost";
  target.port = request.port;
  target.path = path ? (path.startsWith("/") ? path : `/${path}`) : "/";
  target.query = query;
  target.headers = headers;
  target.username = request.username;
  target.password = request.password;
  target.fragment = request.fragment;
  target.body = request.body;
  return target;
}

// Copies are made name by name: an object that was spread takes twenty times as long to take further names.

/** A copy of a query and of the lists in it. */
export function clonedQuery(query: SdkHttpRequest["query"]): Query {
  const copy: Query = {};
  for (const name in query) {
    if (!Object.hasOwn(query, name)) continue;
    const value = query[name];
    setOwn(copy, name, Array.isArray(value) ? [...value] : value);
  }
  return copy;
}

/**
 * Splits headers into those that stay and, in the query, those that move: all of AWS's but the unhoistable, and the hoistable of
 * the others.
 */
export function hoistedHeaders(
  headers: Headers,
  query: Query,
  unhoistable: HeaderNames | undefined,
  hoistable: HeaderNames | undefined,
): Headers {
  const kept: Headers = {};
  for (const name in headers) {
    if (!Object.hasOwn(headers, name) || isSetAnew(name)) continue;
    const lower = name.toLowerCase();
    const moves = (lower.startsWith("x-amz-") && !unhoistable?.has(lower)) || hoistable?.has(lower) === true;
    setOwn(moves ? query : kept, name, headers[name]);
  }
  return kept;
}

/** Whether a header of this name is dropped before signing: the signature and its date. */
export function isSetAnew(name: string): boolean {
  // Only names of these lengths need a second look.
  const { length } = name;
  if (length !== 4 && length !== 10 && length !== 13) return false;
  const lower = name.toLowerCase();
  return lower === "date" || lower === "x-amz-date" || lower === "authorization";
}

/** An assignment that `__proto__` does not make something else of. */
export function setOwn<T>(target: Record<string, T>, name: string, value: T | undefined): void {
  if (name !== "__proto__") target[name] = value as T;
  else Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}
