/** The credentials of S3 Express: one set for each directory bucket, kept, refreshed, and given to requests that are signed with them. */
import { BRSConfigurationError, BRSValidationError, masked } from "../../errors.js";
import { RefreshableCredentials } from "../../refresh/refreshable-credentials.js";
import type { RefreshContext, TemporaryCredentials } from "../../strategies/strategy.js";
import { CreateSessionClient } from "./create-session.js";
import type { IdentityCache, SigningContext } from "./request-context.js";
import {
  type CheckedExpressOptions,
  checkExpressOptions,
  type S3ExpressIdentityOptions,
  zoneOf,
} from "./s3-express-options.js";
import type { SigningEvents } from "./signing-events.js";
import { splitUrl } from "./url-parts.js";

/** Sessions last five minutes: botocore's windows for them, in seconds. */
const WINDOWS = { advisoryTimeout: 45, mandatoryTimeout: 10 } as const;
const MAX_BUCKETS = 100;

/** The key that the resolver read from a URL: it is read again for the next one, a key of the caller stays. */
const DERIVED = Symbol("cacheKey");
type ResolvedContext = SigningContext & { [DERIVED]?: string };

/**
 * Credentials by bucket, of the hundred buckets used last.
 *
 * A bucket's first request waits for CreateSession, later ones share what it gave; in the last 45 seconds it is asked again
 * beside the requests, in the last ten before them.
 */
export class S3ExpressIdentityCache implements IdentityCache {
  readonly #options: CheckedExpressOptions;
  #client: CreateSessionClient | undefined;
  readonly #buckets = new Map<string, RefreshableCredentials>();
  #closed = false;

  /** @throws BRSValidationError or BRSConfigurationError naming the option at fault */
  constructor(options: S3ExpressIdentityOptions) {
    this.#options = checkExpressOptions(options);
  }

  /** How many buckets it holds credentials of. */
  get size(): number {
    return this.#buckets.size;
  }

  /**
   * The credentials of a bucket; nothing is asked before they are used.
   *
   * @throws BRSValidationError for a name that is not that of a directory bucket
   */
  getCredentials(bucket: string): RefreshableCredentials {
    if (typeof bucket !== "string") {
      throw new BRSValidationError(`"bucket" must be the name of a directory bucket, found ${masked(bucket)}`, {
        param: "bucket",
      });
    }
    if (this.#closed) throw closedError();
    let credentials = this.#buckets.get(bucket);
    if (credentials === undefined) {
      zoneOf(bucket);
      credentials = this.#open(bucket);
    } else {
      this.#buckets.delete(bucket);
    }
    this.#buckets.set(bucket, credentials);
    const [oldest] = this.#buckets.keys();
    // Not closed: a request may be about to be signed with it. What nobody holds is wiped when it is collected.
    if (this.#buckets.size > MAX_BUCKETS) this.#buckets.delete(oldest as string);
    return credentials;
  }

  /** Wipes all credentials and ends the connections. */
  close(): void {
    this.#closed = true;
    for (const credentials of this.#buckets.values()) credentials.close();
    this.#buckets.clear();
    this.#client?.close();
  }

  #open(bucket: string): RefreshableCredentials {
    const { clock, random } = this.#options;
    const refresh = (context: RefreshContext) => this.#createSession(bucket, context);
    return new RefreshableCredentials({ method: "s3express", refresh }, { ...WINDOWS, clock, random });
  }

  async #createSession(bucket: string, context: RefreshContext): Promise<TemporaryCredentials> {
    if (this.#closed) throw closedError();
    this.#client ??= new CreateSessionClient(this.#options);
    return this.#client.createSession(bucket, context);
  }
}

/**
 * Gives requests for directory buckets the credentials of their bucket: those whose `context.signing.signingName` is
 * "s3express" and whose signature version is one of v4-s3express.
 *
 * @example
 * ```ts
 * import { RequestSigner, S3ExpressIdentityResolver, SigningEvents } from "aws-refresh-session/signing";
 *
 * const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
 * const events = new SigningEvents();
 * const resolver = new S3ExpressIdentityResolver({ region: "us-west-2", credentials });
 * resolver.register(events);
 * const signer = new RequestSigner({
 *   serviceId: "S3",
 *   region: "us-west-2",
 *   signingName: "s3express",
 *   signatureVersion: "v4-s3express",
 *   events,
 * });
 * console.log(signer.signatureVersion); // sign(...) now asks for the session of the request's bucket
 * resolver.close();
 * ```
 */
export class S3ExpressIdentityResolver {
  readonly cache: S3ExpressIdentityCache;

  /** @throws BRSValidationError or BRSConfigurationError naming the option at fault */
  constructor(options: S3ExpressIdentityOptions) {
    this.cache = new S3ExpressIdentityCache(options);
  }

  /** Listens to "before-sign.s3"; the function returned stops that. */
  register(events: Pick<SigningEvents, "on">): () => void {
    return events.on("before-sign.s3", ({ request, signatureVersion, signingName }) => {
      // A copy: requests may share a context.
      const signing: ResolvedContext = { ...request.context.signing };
      if ((signing.signingName ?? signingName) !== "s3express" || !signatureVersion.startsWith("v4-s3express")) return;
      signing.identityCache = this.cache;
      if (signing.cacheKey === undefined || signing.cacheKey === signing[DERIVED]) {
        signing.cacheKey = signing[DERIVED] = bucketOf(request.url);
      }
      request.context.signing = signing;
    });
  }

  /** Wipes all credentials and ends the connections. */
  close(): void {
    this.cache.close();
  }
}

/** The bucket that a URL is for: the first label of its host, or the first segment of its path. */
function bucketOf(url: string): string {
  const { authority, path } = splitUrl(url);
  const label = authority.split(".")[0] ?? "";
  return label.endsWith("--x-s3") ? label : (path.split("/")[1] ?? "");
}

function closedError(): BRSConfigurationError {
  return new BRSConfigurationError("the S3 Express identities are closed", { code: "ERR_CLOSED" });
}
