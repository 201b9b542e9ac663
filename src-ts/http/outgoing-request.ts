/** A request as an HTTP client is about to send it, and an answer as it came: what signing needs to know of any client. */
import type { Clock } from "../defaults.js";
import type { RefreshableCredentials } from "../refresh/refreshable-credentials.js";
import type { BodyInput } from "../signing/request.js";
import type { SignedHeaders } from "../signing/signer-calls.js";

/** What will be on the wire, as far as it is known before it is sent. */
export interface OutgoingRequest {
  readonly method: string;
  /** Absolute, spelled as it is sent. */
  readonly url: string;
  /**
   * Everything that is sent besides what the signature adds, values as the server reads them; `host` only where it differs from
   * that of the URL.
   */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** What is really sent: after compression, say. */
  readonly body?: BodyInput | null;
}

/** An answer, as little as is needed to learn from it. */
export interface ServiceAnswer {
  readonly statusCode: number;
  /** The value of a header by its lower-case name. */
  header(name: string): string | undefined;
  /** The body, or the beginning of it. Asked for at most once, and only of answers that refuse. */
  text(): string | Promise<string>;
}

/** By which rules requests are signed, and as whom. */
export interface HttpSigning {
  readonly credentials: RefreshableCredentials;
  /** Lower-case names of headers that the user's requests lose before ours are set. */
  readonly replaces: ReadonlySet<string>;
  /** Longest body, in bytes, that is read into memory so that it can be signed. */
  readonly bufferLimit: number;
  /** Whether a body may be sent as a stream that the signature does not cover. */
  readonly streamsUnsigned: boolean;
  readonly clock: Clock;
  /** Whether an application answers behind the service, whose own error codes may read like AWS's. */
  readonly frontsApplication?: boolean;
  /**
   * The headers to set, by the names under which they are sent. `signingDate` is given where the host's clock is known to
   * differ from ours.
   */
  headersFor(request: OutgoingRequest, signingDate: Date | undefined): Promise<SignedHeaders>;
  /**
   * The same at once. Clients that can go on at once are faster with it.
   *
   * @throws CredentialsNotReadyError when a refresh has to be awaited first
   */
  headersNow?(request: OutgoingRequest, signingDate: Date | undefined): SignedHeaders;
}
