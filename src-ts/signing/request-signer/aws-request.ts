/** A request while it is being made: changed by whoever takes part in signing it, and then prepared for sending. */
import { inspect } from "node:util";
import { BRSValidationError, masked, SigningError, shown } from "../../errors.js";
import { AwsHeaders, type AwsHeadersInput } from "./aws-headers.js";
import { encodePairs, hasParams, type Params, pairsOf } from "./query-encoding.js";
import type { RequestContext } from "./request-context.js";
import { contentLengthOf, type PreparedBody, preparedBody, type RequestData, rewind } from "./request-data.js";
import { splitUrl } from "./url-parts.js";
import { inheritTokens } from "./written-tokens.js";

export interface AwsRequestInit {
  /** Default GET. */
  method?: string;
  /** Absolute, and encoded as it is to be sent. */
  url: string | URL;
  headers?: AwsHeadersInput | null;
  data?: RequestData;
  /** Parameters that `prepare` appends to the query; header signatures then cover these and nothing else of the query. */
  params?: Params | null;
  context?: RequestContext;
}

const NAMES: ReadonlySet<string> = new Set<keyof AwsRequestInit>([
  "method",
  "url",
  "headers",
  "data",
  "params",
  "context",
]);

/** Methods that announce no length of a body. */
const WITHOUT_LENGTH: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * A mutable request, botocore's AWSRequest.
 *
 * @example
 * ```ts
 * import { AwsRequest } from "aws-refresh-session/signing";
 *
 * const request = new AwsRequest({ method: "PUT", url: "https://b.s3.eu-west-1.amazonaws.com/key", data: "content" });
 * request.headers.add("Content-Type", "text/plain");
 * request.context.payloadSigningEnabled = false;
 * request.prepare().headers.get("content-length"); // "7"
 * ```
 */
export class AwsRequest {
  method: string;
  url: string;
  headers: AwsHeaders;
  data: RequestData;
  params: Params | null;
  context: RequestContext;

  /** @throws BRSValidationError or SigningError naming the field at fault */
  constructor(init: AwsRequestInit) {
    if (typeof init !== "object" || init === null) {
      throw new BRSValidationError(`an AwsRequest takes an object with a url, found ${shown(init)}`, {
        param: "request",
      });
    }
    for (const name of Object.keys(init)) {
      if (NAMES.has(name)) continue;
      throw new BRSValidationError(`"${name}" is not a field of AwsRequest; it takes ${[...NAMES].join(", ")}`, {
        param: name,
      });
    }
    const { method = "GET", url, headers, data, params = {}, context = {} } = init;
    const href: unknown = typeof url === "string" ? url : (url as URL | undefined)?.href;
    if (typeof href !== "string") throw refused("url", "a string or URL", url);
    if (typeof method !== "string" || !/^[!#$%&'*+.^_`|~\w-]+$/.test(method)) {
      throw refused("method", "a method of HTTP such as GET", method);
    }
    if (typeof context !== "object" || context === null) throw refused("context", "an object", context);
    this.method = method;
    this.url = href;
    this.headers = new AwsHeaders(headers);
    this.data = data;
    this.params = params;
    this.context = context;
    preparedBody(data);
    hasParams(params, "params");
  }

  /** The body as bytes or stream, in the form in which it will be sent. */
  get body(): Exclude<PreparedBody, string> {
    const body = preparedBody(this.data);
    return typeof body === "string" ? Buffer.from(body) : body;
  }

  /** The request in the form in which it is sent. Can be called again after further changes. */
  prepare(): AwsPreparedRequest {
    return new AwsPreparedRequest(this);
  }

  /** A request of its own with the same content; a body that is not in memory is shared. */
  copy(): AwsRequest {
    const { method, url, headers, data, params, context } = this;
    const { s3PresignPostFields: fields, s3PresignPostPolicy: policy, signing } = context;
    const copy = new AwsRequest({
      method,
      url,
      headers,
      data,
      params,
      context: {
        ...context,
        ...(signing && { signing: { ...signing } }),
        ...(fields && { s3PresignPostFields: { ...fields } }),
        ...(policy && {
          s3PresignPostPolicy: { ...policy, ...(policy.conditions && { conditions: [...policy.conditions] }) },
        }),
      },
    });
    inheritTokens(this, copy);
    return copy;
  }

  toJSON(): { method: string; url: string; headers: Array<[name: string, value: string]> } {
    return { method: this.method, url: withoutSecretParameters(this.url), headers: this.headers.toJSON() };
  }

  [inspect.custom](): string {
    return `AwsRequest ${inspect(this.toJSON())}`;
  }
}

/**
 * A request as it is sent. Headers that repeat are one, their values joined with ",", which is how they were signed.
 *
 * Content-Length is set unless it or Transfer-Encoding is there, or the method is GET, HEAD or OPTIONS; where the length
 * is unknown it is `Transfer-Encoding: chunked`.
 */
export class AwsPreparedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: AwsHeaders;
  readonly body: PreparedBody;
  readonly context: RequestContext;

  constructor(request: AwsRequest) {
    this.method = request.method;
    this.url = urlWithParams(request);
    this.body = preparedBody(request.data);
    this.context = request.context;
    this.headers = new AwsHeaders();
    for (const [name] of request.headers) {
      if (!this.headers.has(name)) this.headers.add(name, request.headers.getAll(name).join(","));
    }
    if (this.headers.has("transfer-encoding") || this.headers.has("content-length")) return;
    if (WITHOUT_LENGTH.has(this.method)) return;
    const length = contentLengthOf(this.body);
    if (length === undefined) this.headers.add("Transfer-Encoding", "chunked");
    else this.headers.add("Content-Length", length);
  }

  /**
   * Rewinds the body to its first byte, so that the request can be sent again. Nothing to do for content in memory.
   *
   * @throws UnseekableStreamError for a stream
   */
  resetStream(): void {
    rewind(this.body);
  }

  toJSON(): { method: string; url: string; headers: Array<[name: string, value: string]> } {
    return { method: this.method, url: withoutSecretParameters(this.url), headers: this.headers.toJSON() };
  }

  [inspect.custom](): string {
    return `AwsPreparedRequest ${inspect(this.toJSON())}`;
  }
}

function urlWithParams({ url, params }: AwsRequest): string {
  if (!hasParams(params, "params")) return url;
  const form = encodePairs(pairsOf(params, "params"), "params").replaceAll("%20", "+");
  return `${url}${splitUrl(url).query === "" ? "?" : "&"}${form}`;
}

/** A presigned URL is a secret: who has it can use it. */
function withoutSecretParameters(url: string): string {
  return url.replace(/([?&](?:X-Amz-Signature|X-Amz-Security-Token|X-Amz-S3session-Token)=)[^&#]*/gi, (_, name) => {
    return `${name}<masked>`;
  });
}

function refused(param: string, expected: string, found: unknown): SigningError {
  return new SigningError(`"${param}" must be ${expected}, found ${masked(found)}`, {
    code: "ERR_SIGN_REQUEST",
    param,
  });
}
