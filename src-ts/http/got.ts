/** Signs what got sends, by its hooks. */
import { type GotAnswer, GotExchange, type GotOptions, originOf } from "./got-exchange.js";
import type { HttpSigning } from "./outgoing-request.js";

/** Options for `got.extend`: hooks, and a handler that tells one request from another. */
export interface GotExtension {
  readonly handlers: (<Options extends GotOptions, Result>(
    options: Options,
    next: (options: Options) => Result,
  ) => Result)[];
  readonly hooks: {
    readonly init: ((given: object, options?: Pick<GotOptions, "url" | "context">) => void)[];
    readonly beforeRequest: ((options: GotOptions) => Promise<void>)[];
    readonly beforeRedirect: ((options: GotOptions) => void)[];
    readonly afterResponse: (<Answer extends GotAnswer>(
      answer: Answer,
      repeat: (options: Record<string, never>) => never,
    ) => Promise<Answer>)[];
    readonly beforeError: (<Failure extends Error>(error: Failure) => Promise<Failure>)[];
  };
}

/** Kept in the context of a request, which goes with it from attempt to attempt. */
const EXCHANGE = Symbol("signed exchange");

/** Where the first page of a list is, beside the options of the next; null once one was elsewhere. */
const HOME = Symbol("home of the list");

interface Context {
  [EXCHANGE]?: GotExchange;
  [HOME]?: string | null;
}

/**
 * Every attempt is signed as it goes out: the first, those that got makes by itself, and redirects on the same origin. An
 * instance that was extended by several signers is signed by the last.
 */
export function gotExtension(signing: HttpSigning): GotExtension {
  const begin = (options: GotOptions): GotExchange => {
    const context = options.context as Context;
    const exchange = new GotExchange(signing, options, context[EXCHANGE], context[HOME]);
    context[EXCHANGE] = exchange;
    return exchange;
  };
  /** Undefined where another signer took the place of this one. */
  const exchangeOf = (options: GotOptions): GotExchange | undefined => {
    const exchange = (options.context as Context)[EXCHANGE] ?? begin(options);
    return exchange.signing === signing ? exchange : undefined;
  };
  return {
    handlers: [
      (options, next) => {
        begin(options);
        return next(options);
      },
    ],
    hooks: {
      init: [(_, options) => rememberHome(options)],
      beforeRequest: [async (options) => exchangeOf(options)?.sign(options)],
      beforeRedirect: [(options) => exchangeOf(options)?.redirect(options)],
      afterResponse: [
        async (answer, repeat) => {
          const { options } = answer.request;
          if (!(await exchangeOf(options)?.shouldRepeat(answer))) return answer;
          return withItsHooks(options, () => repeat({}));
        },
      ],
      beforeError: [
        async (error) => {
          const { options, response } = error as { options?: GotOptions; response?: GotAnswer };
          if (options !== undefined && response !== undefined) await exchangeOf(options)?.learn(response);
          return error;
        },
      ],
    },
  };
}

/** Options that have a URL already are those of a page, and are about to be told the next. */
function rememberHome(options: Pick<GotOptions, "url" | "context"> | undefined): void {
  if (options?.url === undefined) return;
  const context = options.context as Context;
  const origin = originOf(options) as string;
  context[HOME] = context[HOME] === undefined || context[HOME] === origin ? origin : null;
}

/** got drops the hooks of a request that it repeats; this one may be refused for another reason. */
function withItsHooks(options: GotOptions, repeat: () => never): never {
  const hooks = options.hooks as { afterResponse: unknown };
  const { afterResponse } = hooks;
  try {
    return repeat();
  } finally {
    hooks.afterResponse = afterResponse;
  }
}
