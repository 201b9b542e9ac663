/** Tells whether only middlewares of the SDK and of this package take part in a call, and whether they are still the same. */
import type { ClientStack, StackVisitor } from "./sdk-client.js";

/** Those that S3 clients bring along, from the oldest to the newest SDK that is supported, and ours: what they do is known. */
const KNOWN: ReadonlySet<string> = new Set([
  "addExpectContinueMiddleware",
  "bucketEndpointMiddleware",
  "clientLifeMiddleware",
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

/** The middlewares of a stack, in the order in which they were added. */
class Listing implements StackVisitor {
  readonly middlewares: unknown[] = [];
  allKnown = true;

  constructor(stack: ClientStack) {
    // What is no stack of the SDK's can only be asked itself.
    if (typeof stack.applyToStack === "function") stack.applyToStack(this);
    else this.allKnown = false;
  }

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
    const listing = new Listing(stack);
    this.#stack = stack;
    this.#middlewares = listing.middlewares;
    this.allKnown = listing.allKnown;
    this.#changes = changesOf(stack);
    this.#seen = this.#changes?.count;
  }

  /** Whether this stack holds the same middlewares, in the same order. */
  isOf(stack: ClientStack): boolean {
    if (stack === this.#stack && this.#changes !== undefined && this.#changes.count === this.#seen) return true;
    const { middlewares } = new Listing(stack);
    const isSame = (middleware: unknown, index: number) => middleware === this.#middlewares[index];
    if (middlewares.length !== this.#middlewares.length || !middlewares.every(isSame)) return false;
    if (stack === this.#stack) this.#seen = this.#changes?.count;
    return true;
  }
}

/** Whether all middlewares of a stack are known: that of a command is empty until it is presigned or sent for the first time. */
export function holdsKnownOnly(stack: ClientStack): boolean {
  return new Listing(stack).allKnown;
}
