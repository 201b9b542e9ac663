/** Who a session is: by what its method knows, or by asking STS. */
import { StsClient } from "../aws/sts.js";
import { BRSConfigurationError } from "../errors.js";
import { closedError, type RefreshableCredentials } from "../refresh/refreshable-credentials.js";
import type { Identity } from "../strategies/strategy.js";
import { resolveStsSettings } from "../strategies/sts-client-config.js";
import type { MethodParts } from "./method-definition.js";
import type { EffectiveOptions } from "./options.js";

/** The client of STS that it asks is made when it is first needed. */
export class SessionIdentity {
  readonly #credentials: RefreshableCredentials;
  readonly #parts: MethodParts;
  readonly #options: EffectiveOptions;
  #client: StsClient | undefined;
  #closed = false;

  /** @param options with the region of the session */
  constructor(credentials: RefreshableCredentials, parts: MethodParts, options: EffectiveOptions) {
    this.#credentials = credentials;
    this.#parts = parts;
    this.#options = options;
  }

  /** By the strategy where it knows, else the caller. */
  async identity(): Promise<Identity> {
    this.#assertOpen();
    const { strategy } = this.#parts;
    return strategy.getIdentity === undefined ? this.caller() : strategy.getIdentity();
  }

  /** GetCallerIdentity with the credentials of the session. */
  async caller(options?: { signal?: AbortSignal }): Promise<Identity> {
    this.#assertOpen();
    const { stsSettings = {} } = this.#parts;
    const settings = typeof stsSettings === "function" ? await stsSettings() : stsSettings;
    this.#assertOpen();
    this.#client ??= new StsClient({
      ...resolveStsSettings(settings, this.#options),
      credentials: this.#credentials,
      onClockOffset: (ms) => this.#credentials.setClockOffset(ms),
    });
    const { Account, Arn, UserId } = await this.#client.getCallerIdentity(options);
    return { Account, Arn, UserId };
  }

  /** Who the strategy calls AWS as. */
  async source(): Promise<Identity> {
    this.#assertOpen();
    const { strategy } = this.#parts;
    if (strategy.getSourceIdentity !== undefined) return strategy.getSourceIdentity();
    throw new BRSConfigurationError(
      `method "${strategy.method}" has no source identity; getIdentity() and getCallerIdentity() tell who the session is`,
      { param: "method" },
    );
  }

  close(): void {
    this.#closed = true;
    this.#client?.close();
  }

  #assertOpen(): void {
    if (this.#closed) throw closedError();
  }
}
