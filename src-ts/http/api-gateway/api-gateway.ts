/** IAM authorization of API Gateway for plain HTTP requests. */
import { inspect } from "node:util";
import type { Explanation } from "../../signing/explain.js";
import type { SignableRequest } from "../../signing/request.js";
import { asRequest, type SignedHeaders } from "../../signing/signer-calls.js";
import type { HttpSigning } from "../outgoing-request.js";
import { SignedExchange } from "../signed-exchange.js";
import { SignedHttp } from "../signed-http.js";
import { authorizationHeaders, authorizationNow, explainAuthorization } from "./authorization.js";
import { type ApiGatewayOptions, type ResolvedApiGatewayOptions, resolveApiGatewayOptions } from "./options.js";
import { type ApiGatewayRequest, outgoing, readBody } from "./request.js";
import { targetOf } from "./target.js";

/**
 * Signed requests to APIs behind IAM authorization of API Gateway, through fetch, ky, undici, axios, got or node:http(s).
 *
 * All that the user sets is signed except connection, expect, user-agent and x-amzn-trace-id, and the payload always is;
 * docs/api-gateway.md has the rules. A request that is refused because its credentials have ended, or because the clock is wrong, is
 * sent a second time with what was learned, if its body can be sent again. Safe to share; keeps no sockets of its own.
 *
 * Errors: BRSValidationError and BRSConfigurationError at construction for options that cannot be, SigningError for requests that
 * cannot be signed, BRSConfigurationError when neither options, session nor host name a region, and the failure of a refresh.
 *
 * @example
 * ```ts
 * import { RefreshableSession } from "aws-refresh-session";
 * import { ApiGateway } from "aws-refresh-session/http";
 *
 * const session = new RefreshableSession({ assumeRole: { RoleArn: "arn:aws:iam::123456789012:role/orders" }, region: "eu-west-1" });
 * export const orders = new ApiGateway({ session });
 * // await orders.fetch("https://id.execute-api.eu-west-1.amazonaws.com/live/orders", { method: "POST", body: "{}" });
 * ```
 */
export class ApiGateway extends SignedHttp {
  readonly #settings: ResolvedApiGatewayOptions;
  readonly #signing: HttpSigning;

  constructor(options: ApiGatewayOptions) {
    const settings = resolveApiGatewayOptions(options);
    const signing: HttpSigning = {
      credentials: settings.credentials,
      replaces: settings.replaces,
      bufferLimit: settings.bufferLimit,
      streamsUnsigned: false,
      frontsApplication: true,
      clock: settings.localClock,
      headersFor: (request, signingDate) => authorizationHeaders(settings, request, signingDate),
      headersNow: (request, signingDate) => authorizationNow(settings, request, signingDate),
    };
    super(signing);
    this.#settings = settings;
    this.#signing = signing;
  }

  /**
   * The headers to set on a request, in lower case; those of the same names that it has are to be dropped, and a token or date
   * of an earlier signature in any case. They are `authorization`, `x-amz-content-sha256`, `x-amz-date` (or `date` for a request
   * that has one), and where they apply `host`, `content-length` and `x-amz-security-token`. Waits when credentials have to be
   * refreshed first; the signal ends the wait.
   *
   * A stream, Blob or FormData is read into memory, up to `bufferLimit`: `request.body` is replaced by the bytes, which are
   * what has to be sent, and the headers hold a form's `content-type`.
   */
  async sign(
    request: ApiGatewayRequest | string | URL,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<SignedHeaders> {
    const given = asRequest(request as SignableRequest) as ApiGatewayRequest;
    const { body, type } = await readBody(given, this.#signing, signal);
    const sent = outgoing(given, body, type);
    const headers = await new SignedExchange(this.#signing, signal).sign(sent);
    const hasHost = sent.headers.some(([name]) => name.toLowerCase() === "host");
    return {
      ...(!hasHost && { host: targetOf(sent.url).host }),
      ...type,
      ...headers,
    };
  }

  /**
   * What is hashed and signed for a request, to be compared with what API Gateway says it expected. Texts that print show the
   * session token as `<token, N bytes>`.
   *
   * @throws CredentialsNotReadyError before the first credentials are there
   */
  explain(request: SignableRequest | string | URL): Explanation {
    const given = asRequest(request);
    return explainAuthorization(this.#settings, outgoing(given, given.body ?? null));
  }

  [inspect.custom](): string {
    return `ApiGateway ${inspect({ region: this.#settings.region, credentials: this.#settings.credentials })}`;
  }
}
