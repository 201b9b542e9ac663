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
  return fill(Object.create(isPlain ? ClonedRequest.prototype : prototype), request, headers, query);
}

/** As {@link clonedRequest}, as a plain object: what the SDK's `presign` returns. */
export function plainRequest(request: SdkHttpRequest, headers: Headers, query: Query): SdkHttpRequest {
  return fill({}, request, headers, query);
}

function fill(target: object, request: SdkHttpRequest, headers: Headers, query: Query): SdkHttpRequest {
  const { protocol, path } = request;
  // The order, and the undefined ones, are the SDK's.
  return Object.assign(target, {
    method: request.method || "GET",
    protocol: protocol ? (protocol.endsWith(":") ? protocol : `${protocol}:`) : "https:",
    hostname: request.hostname || "localhost",
    port: request.port,
    path: path ? (path.startsWith("/") ? path : `/${path}`) : "/",
    query,
    headers,
    username: request.username,
    password: request.password,
    fragment: request.fragment,
    body: request.body,
  }) as SdkHttpRequest;
}

/** A copy of a query and of the lists in it. */
export function clonedQuery(query: SdkHttpRequest["query"]): Query {
  const copy: Query = { ...query };
  for (const name in copy) {
    const value = copy[name];
    if (Array.isArray(value)) setOwn(copy, name, [...value]);
  }
  return copy;
}

/** A copy of headers without those that signing sets anew. */
export function unsignedHeaders(headers: Headers | undefined): Headers {
  const copy: Headers = { ...headers };
  for (const name in copy) {
    // Only names of these lengths need a second look.
    const { length } = name;
    if (length !== 4 && length !== 10 && length !== 13) continue;
    const lower = name.toLowerCase();
    if (lower === "date" || lower === "x-amz-date" || lower === "authorization") delete copy[name];
  }
  return copy;
}

/** Moves headers into the query: all of AWS's but the unhoistable, and the hoistable of the others. */
export function hoistHeaders(
  headers: Headers,
  query: Query,
  unhoistable: HeaderNames | undefined,
  hoistable: HeaderNames | undefined,
): void {
  for (const name of Object.keys(headers)) {
    const lower = name.toLowerCase();
    if ((lower.startsWith("x-amz-") && !unhoistable?.has(lower)) || hoistable?.has(lower)) {
      setOwn(query, name, headers[name] as string);
      delete headers[name];
    }
  }
}

/** An assignment that `__proto__` does not make something else of. */
function setOwn(target: Query, name: string, value: string | string[]): void {
  if (name !== "__proto__") target[name] = value;
  else Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}
