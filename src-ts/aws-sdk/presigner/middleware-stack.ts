/** Tells whether only middlewares of the SDK and of this package take part in a call, and whether they are still the same. */
import type { ClientStack, StackVisitor } from "./sdk-client.js";

/** Those that S3 clients bring along, from the oldest to the newest SDK that is supported, and ours: what they do is known. */
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
  "signedCallMiddleware",
  "signedRequestMiddleware",
  "expiredTokenRecoveryMiddleware",
  "hostClockOffsetMiddleware",
  "throw200ExceptionsMiddleware",
  "validateBucketNameMiddleware",
]);
class Listing implements StackVisitor {
  readonly middlewares: unknown[] = [];
  allKnown = true;

  add(middleware: unknown, options: { readonly name?: string }): void {
    this.middlewares.push(middleware);
    if (!KNOWN.has(options.name ?? "")) this.allKnown = false;
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

class Inspection implements StackVisitor {
  #allKnown = true;

  inspect(stack: ClientStack): boolean {
    this.#allKnown = true;
    stack.applyToStack(this);
    return this.#allKnown;
  }

  add(_middleware: unknown, options: { readonly name?: string }): void {
    if (!KNOWN.has(options.name ?? "")) this.#allKnown = false;
  }

  addRelativeTo(middleware: unknown, options: { readonly name?: string }): void {
    this.add(middleware, options);
  }

  identifyOnResolve(): boolean {
    return false;
  }
}

/** One of each for all stacks: nothing is awaited while they look at one. */
const comparison = new Comparison();
const inspection = new Inspection();

/** How often a stack was changed. */
interface Changes {
  count: number;
}

const CHANGING = ["add", "addRelativeTo", "use", "remove", "removeByTag"] as const;
const watched = new WeakMap<ClientStack, Changes>();

/**
 * Counts the changes of a stack from now on. Stacks tell nobody that they were changed, and listing one takes as long as half a
 * signature; so its methods are replaced by ones that count and then do the same. Undefined for a frozen stack.
 */
function changesOf(stack: ClientStack): Changes | undefined {
  let changes = watched.get(stack);
  if (changes !== undefined || Object.isFrozen(stack)) return changes;
  changes = { count: 0 };
  watched.set(stack, changes);
  const counted = changes;
  const methods = stack as unknown as Record<string, ((...args: unknown[]) => unknown) | undefined>;
  for (const name of CHANGING) {
    const change = methods[name];
    if (change === undefined) continue;
    methods[name] = (...args) => {
      counted.count++;
      return change.apply(stack, args);
    };
  }
  return changes;
}

/** What a stack holds at one time, and whether it still does. */
export class StackState {
  readonly #stack: ClientStack;
  readonly #middlewares: readonly unknown[];
  readonly #changes: Changes | undefined;
  #seen: number | undefined;
  /** Whether all middlewares are known to leave a request to what its input says. */
  readonly allKnown: boolean;

  constructor(stack: ClientStack) {
    const listing = new Listing();
    stack.applyToStack(listing);
    this.#stack = stack;
    this.#middlewares = listing.middlewares;
    this.allKnown = listing.allKnown;
    this.#changes = changesOf(stack);
    this.#seen = this.#changes?.count;
  }

  /** Whether this stack holds the same middlewares, in the same order. */
  isOf(stack: ClientStack): boolean {
    if (stack === this.#stack && this.#changes !== undefined && this.#changes.count === this.#seen) return true;
    if (!comparison.compare(stack, this.#middlewares)) return false;
    if (stack === this.#stack) this.#seen = this.#changes?.count;
    return true;
  }
}

/** Whether all middlewares of a stack are known: that of a command is empty until it is presigned or sent for the first time. */
export function holdsKnownOnly(stack: ClientStack): boolean {
  return inspection.inspect(stack);
}
