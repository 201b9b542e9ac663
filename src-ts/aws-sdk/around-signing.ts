/** Plugins of SDK clients that surround the signing of every attempt, and see what was signed, when, and what came of it. */
import { systemClock } from "../defaults.js";
import type { SdkHttpRequest, SdkSigningConfig } from "./sdk-types.js";

/** What goes down the middlewares of a client. */
export interface SdkArguments {
  readonly input: object;
  request?: unknown;
}

/** What comes back. */
export interface SdkResult {
  response: unknown;
  output: object;
}

export type SdkHandler = (args: SdkArguments) => Promise<SdkResult>;

/** `HandlerExecutionContext`: one for each call of `send`, or for each command class with `cacheMiddleware`. */
export type SdkContext = object;

export type SdkMiddleware = (next: SdkHandler, context: SdkContext) => SdkHandler;

/** `MiddlewareStack` of any client, as far as it is needed. */
export interface SdkMiddlewareStack {
  // biome-ignore lint/suspicious/noExplicitAny: each client has types of its own for what goes through, which no other accepts
  add(middleware: any, options: { step: "build"; priority: "low"; name: string; override: boolean }): void;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  addRelativeTo(middleware: any, options: SdkPlace): void;
}

export interface SdkPlace {
  relation: "before" | "after";
  toMiddleware: string;
  name: string;
  override: boolean;
}

/** `Pluggable` of any client or command: `client.middlewareStack.use(plugin)`. */
export interface SdkPlugin {
  applyToStack: (stack: SdkMiddlewareStack) => void;
}

/** A request that was signed. */
export interface SignedRequest {
  readonly request: SdkHttpRequest;
  /** Milliseconds by the system's clock, which the SDK signs by, too. */
  readonly sentAt: number;
}

/** The attempts of one call of `send`. */
export class SdkCall {
  readonly context: SdkContext;
  /** The newest attempt; undefined before the first. */
  signed: SignedRequest | undefined;
  /** Attempts beyond those that the SDK counts. */
  repeats = 0;

  constructor(context: SdkContext) {
    this.context = context;
  }
}

/** One attempt of the SDK: may be made several times, and is signed each time. */
export interface Attempt {
  readonly call: SdkCall;
  /** Before it is signed. */
  readonly request: SdkHttpRequest;
  send(): Promise<SdkResult>;
}

/** The call travels with the arguments: with `cacheMiddleware` a context is shared by calls at the same time. */
const CALL = Symbol("call");
type WithCall = SdkArguments & { readonly [CALL]?: SdkCall };

/**
 * A plugin that makes each attempt through `around`. It stands within the SDK's retries, so what is made twice costs neither an
 * attempt nor retry quota, and outside of signing, so each is signed anew by whatever signer the client has.
 */
export function aroundSigning(name: string, around: (attempt: Attempt) => Promise<SdkResult>): SdkPlugin {
  const surround: SdkMiddleware = (next) => (args: WithCall) => {
    const { [CALL]: call, request } = args;
    if (call === undefined || !isHttpRequest(request)) return next(args);
    call.signed = undefined;
    return around({ call, request, send: () => next(args) });
  };
  return {
    applyToStack: (stack) => {
      stack.add(beginCall, { step: "build", priority: "low", name: "signedCallMiddleware", override: true });
      stack.addRelativeTo(surround, { ...AT_SIGNING, relation: "before", name });
      stack.addRelativeTo(noteSigned, { ...AT_SIGNING, relation: "after", name: "signedRequestMiddleware" });
    },
  };
}

/** By the name that all versions know. */
const AT_SIGNING = { toMiddleware: "httpSigningMiddleware", override: true };

/** Outside of the SDK's retries, whose count it completes. */
const beginCall: SdkMiddleware = (next, context) => async (args) => {
  const call = new SdkCall(context);
  const counted: WithCall = { ...args, [CALL]: call };
  try {
    const result = await next(counted);
    countRepeats(result.output, call);
    return result;
  } catch (error) {
    countRepeats(error, call);
    throw error;
  }
};

/** Inside of signing: keeps what was signed. */
const noteSigned: SdkMiddleware = (next) => (args: WithCall) => {
  const { [CALL]: call, request } = args;
  if (call !== undefined && isHttpRequest(request)) call.signed = { request, sentAt: systemClock() };
  return next(args);
};

/** `$metadata.attempts` of an output or an error. */
function countRepeats(answer: unknown, { repeats }: SdkCall): void {
  if (repeats === 0) return;
  const metadata = Object(answer).$metadata as { attempts?: number } | undefined;
  if (typeof metadata?.attempts === "number") metadata.attempts += repeats;
}

function isHttpRequest(request: unknown): request is SdkHttpRequest {
  const { method, hostname, path, headers } = Object(request) as Partial<SdkHttpRequest>;
  return (
    typeof method === "string" &&
    typeof hostname === "string" &&
    typeof path === "string" &&
    typeof headers === "object" &&
    headers !== null
  );
}

/** An answer as the SDK's HTTP handlers give it; header names are in lower case. */
export interface SdkHttpAnswer {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** The answer that an error of the SDK was made of. */
export function answerOf(error: unknown): SdkHttpAnswer | undefined {
  return Object(error).$response as SdkHttpAnswer | undefined;
}

/** What the SDK keeps of a call for its own middlewares, in every version under this name. */
export interface SmithyContext {
  /** What signing goes by; made for the call, and read anew at each attempt. */
  selectedHttpAuthScheme?: {
    readonly identity?: unknown;
    readonly httpAuthOption?: { readonly signingProperties?: { readonly config?: SdkSigningConfig } };
  };
  readonly abortSignal?: unknown;
}

export function smithyContextOf(context: SdkContext): SmithyContext | undefined {
  return (context as { readonly __smithy_context?: SmithyContext }).__smithy_context;
}
