/** A client of STS over the package's own signer. */
import { asRefreshable } from "../refresh/credential-source.js";
import { fieldsOf } from "./answer-fields.js";
import { encodeQuery, QUERY_CONTENT_TYPE, type QueryValue } from "./query-protocol.js";
import { type CallOptions, ServiceCaller } from "./service-caller.js";
import { type StsOperation, StsOperations } from "./sts-operations.js";
import { checkStsOptions, type StsOptions } from "./sts-options.js";

export type { CallOptions } from "./service-caller.js";
export type * from "./sts-calls.js";
export type { StsOptions } from "./sts-options.js";

const API_VERSION = "2011-06-15";

/**
 * A client of STS.
 *
 * Every option is checked at construction. One client may be used by many callers at once; its connections are kept for
 * the next call until `close()`. Failures are retried as `retry.ts` says, at most `maxAttempts` times; a request that
 * carries a TokenCode is sent exactly once, since the code is used up whether or not the answer arrives.
 *
 * A client without credentials makes the unsigned calls, AssumeRoleWithWebIdentity and AssumeRoleWithSAML; they are sent
 * unsigned even when there are credentials.
 *
 * Calls reject with BRSRequestError when STS answered with an error (`details.awsCode` is its own code), with
 * BRSConnectionError when no answer came, or with whatever the source of the credentials rejects with.
 *
 * Time: the Date header of answers over TLS or from this machine sets the offset of the clock that signs (a difference up
 * to two seconds or above 24 hours changes nothing). A request refused for its time is signed anew by the server's time and
 * sent again at once.
 */
export class StsClient extends StsOperations {
  readonly #url: URL;
  readonly #caller: ServiceCaller;

  constructor(options: StsOptions) {
    super();
    const checked = checkStsOptions(options);
    const { credentials, endpoint } = checked;
    this.#url = endpoint.url;
    this.#caller = new ServiceCaller(
      checked,
      credentials && {
        service: "sts",
        region: endpoint.signingRegion,
        credentials: asRefreshable(credentials, "stsClientConfig.credentials"),
      },
    );
  }

  /** Milliseconds that STS's clock is ahead of ours, as far as its answers have shown. */
  get clockOffset(): number {
    return this.#caller.clockOffset;
  }

  override close(): void {
    this.#caller.close();
  }

  protected override send<Result>(
    action: string,
    operation: StsOperation<Result>,
    options?: CallOptions,
  ): Promise<Result> {
    const { parameters, secrets = [], read, ...rest } = operation;
    return this.#caller.call(
      {
        ...rest,
        operation: `STS ${action}`,
        method: "POST",
        url: this.#url,
        headers: { "content-type": QUERY_CONTENT_TYPE, "user-agent": "aws-refresh-session" },
        body: encodeQuery(action, API_VERSION, parameters as Readonly<Record<string, QueryValue>>),
        secrets: secrets.filter((text) => text !== undefined),
        read: ({ body }) => read(fieldsOf(body, `${action}Response/${action}Result`)),
      },
      options,
    );
  }
}
