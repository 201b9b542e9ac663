/** Tells whether only middlewares of the SDK and of this package take part in a call, and whether they are still the same. */
import type { ClientStack, StackVisitor } from "./sdk-client.js";

/** Those that S3 clients bring along, from the oldest to the newest SDK that is supported, and ours, which leave URLs alone. */
const KNOWN: ReadonlySet<string> = new Set([
  "addExpectContinueMiddleware",
  "bucketEndpointMiddleware",
  "contentLengthMiddleware",
  "deserializerMiddleware",
  "endpointV2Middleware",
  "flexibleChecksumsInputMiddleware",
  "flexibleChecksumsMiddleware",
  "flexibleChecksumsResponseMiddleware",
  "getCheckContentLengthHeaderPlugin",
  "getUserAgentMiddleware",
  "hostHeaderMiddleware",
  "httpAuthSchemeMiddleware",
  "httpSigningMiddleware",
  "loggerMiddleware",
  "recursionDetectionMiddleware",
  "regionRedirectEndpointMiddleware",
  "regionRedirectMiddleware",
  "retryMiddleware",
  "s3ExpiresMiddleware",
  "s3ExpressMiddleware",
  "serializerMiddleware",
  "ssecMiddleware",
  "throw200ExceptionsMiddleware",
  "validateBucketNameMiddleware",
]);
/** What the names of this package's own middlewares begin with. */
const OURS = "aws-refresh-session";

class Listing implements StackVisitor {
  readonly middlewares: unknown[] = [];
  allKnown = true;

  add(middleware: unknown, { name = "" }: { readonly name?: string } = {}): void {
    this.middlewares.push(middleware);
    if (!KNOWN.has(name) && !name.startsWith(OURS)) this.allKnown = false;
  }

  addRelativeTo(middleware: unknown, options: { readonly name?: string }): void {
    this.add(middleware, options);
  }

  identifyOnResolve(): boolean {
    return false;
  }
}

class Comparison implements StackVisitor {
  #expected: readonly unknown[] = [];
  #index = 0;
  #isSame = true;

  /** Whether a stack holds these middlewares, in this order, and no others. */
  compare(stack: ClientStack, expected: readonly unknown[]): boolean {
    this.#expected = expected;
    this.#index = 0;
    this.#isSame = true;
    stack.applyToStack(this);
    this.#expected = [];
    return this.#isSame && this.#index === expected.length;
  }

  add(middleware: unknown): void {
    if (this.#expected[this.#index++] !== middleware) this.#isSame = false;
  }

  addRelativeTo(middleware: unknown): void {
    this.add(middleware);
  }

  identifyOnResolve(): boolean {
    return false;
  }
}

/** One for all: nothing is awaited while it compares. */
const comparison = new Comparison();
const NONE: readonly unknown[] = [];

/** The middlewares of a stack, and whether all of them are known to leave a request to what its input says. */
export function listMiddlewares(stack: ClientStack): {
  readonly middlewares: readonly unknown[];
  readonly allKnown: boolean;
} {
  const listing = new Listing();
  stack.applyToStack(listing);
  return listing;
}

/** Whether a stack holds these middlewares and no others. Costs a fraction of a microsecond. */
export function holdsExactly(stack: ClientStack, middlewares: readonly unknown[]): boolean {
  return comparison.compare(stack, middlewares);
}

export function isEmpty(stack: ClientStack): boolean {
  return comparison.compare(stack, NONE);
}
