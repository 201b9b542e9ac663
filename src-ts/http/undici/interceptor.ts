/** Signs what undici's dispatchers send. */
import { SigningError } from "../../errors.js";
import type { HttpSigning } from "../outgoing-request.js";
import { tellsWhoAsks } from "../redirect.js";
import { UndiciExchange, type UndiciTransfer } from "./exchange.js";
import { LegacyHandler, ModernHandler } from "./legacy.js";
import { type RedirectSource, SigningOrigins, type UndiciSigningOptions } from "./origins.js";
import { headersOf } from "./request.js";
import type { LegacyUndiciHandler, UndiciDispatch, UndiciHandler, UndiciInterceptor, UndiciOptions } from "./types.js";

export type { UndiciSigningOptions } from "./origins.js";
export type { UndiciInterceptor } from "./types.js";

/**
 * An interceptor for `dispatcher.compose`, of an Agent, a Pool or a Client; docs/http.md says what it does with bodies, headers,
 * origins and redirects.
 *
 * Errors reach the handler of the request: SigningError for what cannot be signed, the failure of a refresh, and what the
 * dispatcher itself fails with.
 */
export function undiciInterceptor(signing: HttpSigning, options?: UndiciSigningOptions): UndiciInterceptor {
  const origins = new SigningOrigins(options);
  const intercept = (dispatch: UndiciDispatch) => intercepted(signing, origins, dispatch);
  return intercept as unknown as UndiciInterceptor;
}

function intercepted(signing: HttpSigning, origins: SigningOrigins, dispatch: UndiciDispatch): UndiciDispatch {
  // Set while the end of a redirecting answer is told, which is when an interceptor outside of this one dispatches the next request.
  let redirect: RedirectSource | undefined;

  return (options, handler) => {
    const source = redirect;
    // Those that undici wraps know both ways, and the old one is the faster: nothing is converted on it.
    const isLegacy = "onConnect" in handler && typeof handler.onConnect === "function";
    const own = isLegacy ? new ModernHandler(handler as LegacyUndiciHandler) : (handler as UndiciHandler);
    let origin = "";
    let isElsewhere = false;
    const transfer: UndiciTransfer = {
      signing,
      dispatch: (attempt, exchange) => dispatch(attempt, isLegacy ? new LegacyHandler(exchange) : exchange),
      following(run) {
        const outer = redirect;
        redirect = { origin, isElsewhere };
        try {
          run();
        } finally {
          redirect = outer;
        }
      },
    };
    const exchange = new UndiciExchange(transfer, options, own);
    try {
      checkOptions(options);
      const headers = headersOf(options.headers);
      origin = origins.resolve(options.origin, headers.find(([, lower]) => lower === "host")?.[2]);
      isElsewhere = !origins.signs(origin, source);
      if (!isElsewhere) return exchange.send(origin, headers);
      // A host is that of the new origin, from an interceptor that looks up names.
      const kept = headers.filter(([, lower]) => lower === "host" || !tellsWhoAsks(lower));
      const flat = kept.flatMap(([name, , value]) => [name, value]);
      return exchange.sendUnsigned({ ...options, headers: flat, maxRedirections: 0 });
    } catch (error) {
      exchange.fail(error);
      return false;
    }
  };
}

function checkOptions({ method, maxRedirections }: UndiciOptions): void {
  if (method === "CONNECT") {
    throw new SigningError("a CONNECT request goes to a proxy and cannot be signed", {
      code: "ERR_SIGN_METHOD",
      param: "method",
    });
  }
  if (maxRedirections) {
    throw new SigningError(
      '"maxRedirections" would send a signature along with redirects: compose the redirect interceptor of undici after this one',
      { code: "ERR_SIGN_REDIRECT", param: "maxRedirections" },
    );
  }
}
