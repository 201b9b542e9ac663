/** The one S3 call of the package, CreateSession: the credentials of a directory bucket. "CreateSession" in the S3 API reference. */
import { isIP } from "node:net";
import { credentialsIn, fieldsOf } from "../../aws/answer-fields.js";
import { partitionOrStandard } from "../../aws/partitions.js";
import { type CallOptions, ServiceCaller } from "../../aws/service-caller.js";
import type { TemporaryCredentials } from "../../strategies/strategy.js";
import { type CheckedExpressOptions, zoneOf } from "./s3-express-options.js";

/** Asks S3 for sessions. Retries and clock corrections are those of the other calls of the package. */
export class CreateSessionClient {
  readonly #options: CheckedExpressOptions;
  readonly #caller: ServiceCaller;

  constructor(options: CheckedExpressOptions) {
    const { region, credentials } = options;
    this.#options = options;
    this.#caller = new ServiceCaller(options, { service: "s3express", region, credentials });
  }

  /**
   * The credentials of one bucket.
   *
   * Rejects with BRSRequestError when S3 answered with an error, BRSConnectionError when no answer came, or whatever the
   * source of the caller's credentials rejects with.
   */
  createSession(bucket: string, options?: CallOptions): Promise<TemporaryCredentials> {
    const { sessionMode } = this.#options;
    return this.#caller.call(
      {
        operation: "S3 CreateSession",
        method: "GET",
        url: this.#urlOf(bucket),
        headers: {
          "user-agent": "aws-refresh-session",
          ...(sessionMode !== undefined && { "x-amz-create-session-mode": sessionMode }),
        },
        body: "",
        secrets: [],
        read: ({ body }) => credentialsIn(fieldsOf(body, "CreateSessionResult")),
      },
      options,
    );
  }

  close(): void {
    this.#caller.close();
  }

  /** The bucket is a part of the host, except where the host is an address. */
  #urlOf(bucket: string): URL {
    const { endpoint, region } = this.#options;
    const zone = zoneOf(bucket);
    if (endpoint === undefined) {
      return new URL(`https://${bucket}.s3express-${zone}.${region}.${partitionOrStandard(region).dnsSuffix}/?session`);
    }
    const base = endpoint.pathname.replace(/\/$/, "");
    const isAddress = isIP(endpoint.hostname.replace(/^\[|\]$/g, "")) !== 0;
    const [host, path] = isAddress ? [endpoint.host, `${base}/${bucket}`] : [`${bucket}.${endpoint.host}`, `${base}/`];
    return new URL(`${endpoint.protocol}//${host}${path}?session`);
  }
}
