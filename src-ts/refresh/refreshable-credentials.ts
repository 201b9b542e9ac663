/** Credentials that refresh: asks the core when, runs one refresh at a time, and hands out the current triple. */
import { inspect } from "node:util";
import { type Clock, type Random, systemClock, systemRandom } from "../defaults.js";
import {
  BRSConfigurationError,
  BRSCredentialError,
  BRSValidationError,
  CredentialsNotReadyError,
  fromNative,
  masked,
} from "../errors.js";
import { native } from "../native.js";
import type { RefreshStrategy, TemporaryCredentials } from "../strategies/strategy.js";
import { type BackgroundRefresh, type BackgroundTarget, background } from "./background.js";
import { publishDiagnostics, type RefreshMessage, type RefreshStats } from "./diagnostics.js";
import { SessionEvents } from "./events.js";
import { asError, Flight, type WaitOptions } from "./flight.js";
import { frozenIdentity } from "./identity.js";

export type RefreshPolicyName = "windows" | "static-stability";
export type MandatoryFailure = "reject" | "serve-valid";

/** Durations are seconds. */
export interface RefreshOptions {
  /** Remaining lifetime below which a refresh starts that nobody waits for. At most half the lifetime counts. */
  advisoryTimeout?: number;
  /** Remaining lifetime below which callers wait for a refresh. At most a quarter of the lifetime counts. */
  mandatoryTimeout?: number;
  /** How long one refresh may take. */
  refreshTimeout?: number;
  /** "static-stability" serves the held credentials through an outage of their source, even past their expiration. */
  refreshPolicy?: RefreshPolicyName;
  /** What callers get when a refresh fails while the held credentials are still valid. */
  onMandatoryFailure?: MandatoryFailure;
  /** Refreshes ahead of time once the credentials were used, in this background; `true` is that of the thread. */
  backgroundRefresh?: boolean | BackgroundRefresh;
  clock?: Clock;
  random?: Random;
}

export const REFRESH_DEFAULTS = { advisoryTimeout: 900, mandatoryTimeout: 600, refreshTimeout: 30 } as const;

/** The longest clock offset that an answer may teach: more is a broken server, not a wrong clock. */
const MAX_OFFSET_MS = 24 * 3_600_000;

/** A background refresh that waits for the end of a flight or a backoff looks again after this time. */
const BACKGROUND_RETRY_MS = 5_000;
/** Background refreshes of many processes spread over this part of the time that credentials stay fresh, */
const LEAD_PART = 0.1;
/** and over no more than this. */
const LONGEST_LEAD_MS = 60_000;

/** What the core decided; see `decide` in `crates/node/src/cells.rs`. */
const FRESH = 0;
const REFRESH_ADVISED = 1;
const REFRESH_REQUIRED = 2;
const SERVE_HELD = 3;

/** What a signer needs to know of the current triple; one object for the life of the credentials, changed in place. */
export interface CredentialCell {
  readonly handle: number;
  /** Version of the triple that the next two belong to; 0 while nothing is held. */
  version: number;
  accessKeyId: string;
  sessionToken: string | undefined;
  expirationMs: number;
}

const closeWhenUnreachable = new FinalizationRegistry<number>((handle) => native.closeCell(handle));

/**
 * The credentials of one session, shared by all its clients and signers.
 *
 * However many callers ask at once, at most one refresh is under way. A new triple is checked whole before it is
 * published, so a reader sees the old triple or the new one, never a mix.
 *
 * Errors: what the strategy rejects with reaches the callers who waited; `BRSConnectionError` when it took longer than
 * `refreshTimeout`; `BRSCredentialError` for a triple that cannot be used; `BRSConfigurationError` (ERR_CLOSED) after
 * {@link close}.
 */
export class RefreshableCredentials implements BackgroundTarget {
  readonly #strategy: RefreshStrategy;
  readonly #timeout: number;
  readonly #clock: Clock;
  readonly #random: Random;
  #clockOffset = 0;
  #current: TemporaryCredentials | undefined;
  #flight: Flight | undefined;
  #failure: Error | undefined;
  #closed = false;
  /** What was held was refused, so that the next refresh has to ask its source anew. */
  #invalidated = false;
  readonly #background: BackgroundRefresh | undefined;
  #used = false;
  /** How long before the advisory window the background refreshes what is held. */
  #lead = 0;
  #refreshes = 0;
  #failures = 0;
  #obtainedAt: number | undefined;
  /** How the credentials are obtained, as boto names it: "sts-assume-role", "custom", "static". */
  readonly method: string;
  readonly events = new SessionEvents();
  readonly #cell: CredentialCell;

  constructor(strategy: RefreshStrategy, options: RefreshOptions & { name?: string } = {}) {
    this.#strategy = strategy;
    this.method = options.name ?? strategy.method;
    this.#timeout = options.refreshTimeout ?? REFRESH_DEFAULTS.refreshTimeout;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    const { backgroundRefresh = false } = options;
    this.#background = backgroundRefresh === true ? background : backgroundRefresh || undefined;
    const handle = native.openCell(
      options.refreshPolicy === "static-stability",
      options.onMandatoryFailure === "serve-valid",
      (options.advisoryTimeout ?? REFRESH_DEFAULTS.advisoryTimeout) * 1000,
      (options.mandatoryTimeout ?? REFRESH_DEFAULTS.mandatoryTimeout) * 1000,
    );
    this.#cell = {
      handle,
      version: 0,
      accessKeyId: "",
      sessionToken: undefined,
      expirationMs: Number.POSITIVE_INFINITY,
    };
    closeWhenUnreachable.register(this, handle, this);
  }

  /** @internal A getter of a private field: a spread does not meet the token in it. */
  get cell(): CredentialCell {
    if (!this.#used) this.#firstUse();
    return this.#cell;
  }

  /** @internal Seconds that one refresh may take, for those whose refresh waits for this one. */
  get refreshTimeout(): number {
    return this.#timeout;
  }

  /** @internal Whether asking for the credentials now would ask a person, such as for an MFA code. */
  get wouldPrompt(): boolean {
    return this.#strategy.prompts === true && this.refreshNeeded();
  }

  /** Milliseconds since the epoch by the clock, corrected by what the source's answers told. */
  now(): number {
    return this.#clock() + this.#clockOffset;
  }

  /** Milliseconds added to the clock, since AWS's clock and ours differ. */
  get clockOffset(): number {
    return this.#clockOffset;
  }

  /** Corrects the clock; an offset over 24 hours is ignored. */
  setClockOffset(ms: number): void {
    if (Math.abs(ms) <= MAX_OFFSET_MS) this.#clockOffset = Math.round(ms);
  }

  /** The current triple as one unit; waits for a refresh when one is due. `signal` ends the wait, not the refresh. */
  async getFrozenCredentials(options?: WaitOptions): Promise<TemporaryCredentials> {
    const decision = this.#decide();
    if (decision === REFRESH_REQUIRED) return this.#waitForRefresh(options);
    return this.#heldAfter(decision);
  }

  /**
   * The current triple without waiting.
   *
   * @throws CredentialsNotReadyError when a refresh has to be awaited first
   */
  get frozen(): TemporaryCredentials {
    const decision = this.#decide();
    if (decision === REFRESH_REQUIRED) throw notReady();
    return this.#heldAfter(decision);
  }

  /** When the held triple expires; undefined when it never does or nothing is held. */
  get expiration(): Date | undefined {
    const expiration = this.#current?.expiration;
    return expiration && new Date(expiration);
  }

  /** Whether a refresh is due, or with `seconds` whether less than that remains. */
  refreshNeeded(seconds?: number): boolean {
    if (seconds === undefined) return this.#decide() !== FRESH;
    if (this.#current === undefined) return true;
    return this.#cell.expirationMs - this.now() < seconds * 1000;
  }

  /** Counters of the refreshes so far, and the age of what is held. */
  get stats(): RefreshStats {
    const now = this.now();
    const { expirationMs } = this.#cell;
    return {
      refreshes: this.#refreshes,
      failures: this.#failures,
      waiters: this.#flight?.waiters ?? 0,
      age: this.#obtainedAt === undefined ? undefined : (now - this.#obtainedAt) / 1000,
      remaining: expirationMs === Number.POSITIVE_INFINITY ? undefined : (expirationMs - now) / 1000,
    };
  }

  /** Refreshes if it is due; with `force` in any case, backoff or not. Joins a refresh that is under way. */
  async refresh(options?: WaitOptions & { force?: boolean }): Promise<TemporaryCredentials> {
    if (options?.force === true) {
      options.signal?.throwIfAborted();
      await this.#startRefresh(true).wait(options);
      return this.#held();
    }
    const decision = this.#decide();
    if (decision === REFRESH_ADVISED || decision === REFRESH_REQUIRED) return this.#waitForRefresh(options);
    return this.#heldAfter(decision);
  }

  /**
   * Gives up a triple that a service refused, so that the next caller waits for a new one.
   *
   * @param rejected access key id, or the identity that was refused: nothing happens unless it is still the current
   * one. Without it whatever is held is given up.
   * @returns whether anything was given up
   */
  invalidate(rejected?: string | { accessKeyId: string }): boolean {
    this.#throwIfClosed();
    const accessKeyId = typeof rejected === "object" ? rejected?.accessKeyId : rejected;
    if (rejected !== undefined && typeof accessKeyId !== "string") {
      throw new BRSValidationError(
        `"rejected" must be an access key id or the identity that was refused, found ${masked(rejected)}; ` +
          "leave it out to give up whatever is held",
        { param: "rejected" },
      );
    }
    const dropped = native.invalidate(this.#cell.handle, accessKeyId);
    if (dropped) {
      this.#forget();
      this.#invalidated = true;
    }
    return dropped;
  }

  /** Wipes what is held and ends a refresh under way. Signers and clients of these credentials fail from then on. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeWhenUnreachable.unregister(this);
    native.closeCell(this.#cell.handle);
    this.#forget();
    this.#background?.forget(this);
    this.#flight?.cancel(closedError());
  }

  /** What may be shown of credentials: how they are obtained and when they end. */
  toJSON(): { method: string; expiration: Date | undefined } {
    return { method: this.method, expiration: this.expiration };
  }

  [inspect.custom](): string {
    return `RefreshableCredentials ${inspect(this.toJSON())}`;
  }

  /** @internal Makes a triple that needed no fetching the current one, unless it is already. */
  hold(credentials: TemporaryCredentials): void {
    const held = this.#current;
    const unchanged =
      held?.accessKeyId === credentials.accessKeyId &&
      held.secretAccessKey === credentials.secretAccessKey &&
      held.sessionToken === (credentials.sessionToken || undefined) &&
      held.expiration?.valueOf() === credentials.expiration?.valueOf();
    if (!unchanged) this.#publish(credentials);
  }

  /** @internal Starts the refresh that a signature's answer advised; nobody waits for it. */
  startAdvised(): void {
    this.#startRefresh();
  }

  /** @internal See {@link BackgroundTarget}. A refresh that would ask a person is left to those who wait for it. */
  tend(): number {
    if (this.#closed || this.#strategy.prompts === true) return Number.POSITIVE_INFINITY;
    if (this.#flight !== undefined) return BACKGROUND_RETRY_MS;
    const early = native.freshUntil(this.#cell.handle) - this.#lead - this.now();
    if (early > 0) return early;
    const decision = this.#decide();
    if (decision <= REFRESH_REQUIRED) this.#startRefresh();
    return BACKGROUND_RETRY_MS;
  }

  #firstUse(): void {
    this.#used = true;
    this.#background?.watch(this);
  }

  /** @internal The error of a signature that the core refused to make because of a kept failure. */
  keptFailure(): Error {
    return this.#failure ?? notReady();
  }

  #decide(): number {
    if (!this.#used) this.#firstUse();
    try {
      return native.decide(this.#cell.handle, this.now());
    } catch (error) {
      throw fromNative(error);
    }
  }

  /** The held triple after a decision other than REFRESH_REQUIRED. */
  #heldAfter(decision: number): TemporaryCredentials {
    if (decision === FRESH) return this.#held();
    if (decision === REFRESH_ADVISED) this.#startRefresh();
    else this.#tellExpired();
    if (decision !== REFRESH_ADVISED && decision !== SERVE_HELD) throw this.keptFailure();
    return this.#held();
  }

  #held(): TemporaryCredentials {
    if (this.#current !== undefined) return this.#current;
    this.#throwIfClosed();
    throw notReady();
  }

  async #waitForRefresh(options: WaitOptions | undefined): Promise<TemporaryCredentials> {
    options?.signal?.throwIfAborted();
    try {
      await this.#startRefresh().wait(options);
    } catch (error) {
      options?.signal?.throwIfAborted();
      this.#throwIfClosed();
      // The policy may serve what is held in spite of the failure.
      const decision = this.#decide();
      if (decision === SERVE_HELD || decision === FRESH) return this.#held();
      throw error;
    }
    return this.#held();
  }

  #startRefresh(force = this.#invalidated): Flight {
    if (this.#flight !== undefined) return this.#flight;
    this.#throwIfClosed();
    const begunAt = this.#clock();
    this.#invalidated = false;
    const flight = new Flight(this.#strategy, this.#timeout, force, (fetched) =>
      fetched.then(
        (credentials) => this.#succeeded(credentials, begunAt),
        (error) => this.#failed(error, begunAt),
      ),
    );
    this.#flight = flight;
    publishDiagnostics("refresh:start", () => this.#message());
    // A listener may ask for credentials itself: it then finds the refresh under way.
    this.#tellExpired();
    return flight;
  }

  #succeeded(credentials: TemporaryCredentials, begunAt: number): TemporaryCredentials {
    this.#flight = undefined;
    this.#throwIfClosed();
    try {
      this.#publish(credentials);
    } catch (error) {
      return this.#failed(error, begunAt);
    }
    this.#refreshes++;
    const current = this.#held();
    if (this.#used) this.#background?.watch(this);
    publishDiagnostics("refresh:end", () => this.#message({ durationMs: this.#clock() - begunAt }));
    this.events.emit("refresh", { credentials: current });
    return current;
  }

  #failed(thrown: unknown, begunAt: number): never {
    this.#flight = undefined;
    const error = asError(thrown, this.method);
    this.#throwIfClosed();
    this.#failure = error;
    this.#failures++;
    // What is fresh earns no backoff, so its next attempt ahead of time waits for its advisory window.
    this.#lead = 0;
    const recoverable = (error as { retryable?: unknown }).retryable !== false;
    native.refreshFailed(this.#cell.handle, this.now(), recoverable, this.#random());
    publishDiagnostics("refresh:error", () => this.#message({ error, durationMs: this.#clock() - begunAt }));
    this.events.emit("refreshError", { error });
    throw error;
  }

  #message(more: Partial<RefreshMessage> = {}): RefreshMessage {
    return { method: this.method, stats: this.stats, ...more };
  }

  #publish(credentials: TemporaryCredentials): void {
    this.#throwIfClosed();
    const identity = frozenIdentity(checked(credentials, this.method));
    const expirationMs = identity.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
    const { accessKeyId, secretAccessKey, sessionToken } = identity;
    try {
      this.#cell.version = native.publish(
        this.#cell.handle,
        accessKeyId,
        secretAccessKey,
        sessionToken,
        expirationMs,
        this.now(),
      );
    } catch (error) {
      const { message, code } = fromNative(error);
      const when = code === "ERR_CREDENTIALS_EXPIRED" ? `: they ended at ${identity.expiration?.toISOString()}` : "";
      throw new BRSCredentialError(message + when, { code, retryable: true });
    }
    this.#cell.accessKeyId = accessKeyId;
    this.#cell.sessionToken = sessionToken;
    this.#cell.expirationMs = expirationMs;
    this.#current = identity;
    this.#failure = undefined;
    this.#toldExpired = false;
    this.#obtainedAt = this.now();
    if (this.#background !== undefined) {
      const fresh = native.freshUntil(this.#cell.handle) - this.#obtainedAt;
      this.#lead = Math.min(fresh * LEAD_PART, LONGEST_LEAD_MS) * this.#random();
    }
  }

  #toldExpired = false;

  #tellExpired(): void {
    const expiration = this.expiration;
    if (expiration === undefined || this.#toldExpired || expiration.getTime() > this.now()) return;
    this.#toldExpired = true;
    publishDiagnostics("expired", () => this.#message());
    this.events.emit("expired", { expiration });
  }

  #forget(): void {
    this.#current = undefined;
    this.#obtainedAt = undefined;
    this.#cell.version = 0;
    this.#cell.accessKeyId = "";
    this.#cell.sessionToken = undefined;
    this.#cell.expirationMs = Number.POSITIVE_INFINITY;
  }

  #throwIfClosed(): void {
    if (this.#closed) throw closedError();
  }
}

function closedError(): BRSConfigurationError {
  return new BRSConfigurationError("the session is closed", { code: "ERR_CLOSED" });
}

function notReady(): CredentialsNotReadyError {
  return new CredentialsNotReadyError(
    "no usable credentials are held yet: await getFrozenCredentials(), session.ready or the asynchronous twin of this call first",
  );
}

/** A strategy is the user's own code as well: what it answers is looked at before it is believed. */
function checked(credentials: TemporaryCredentials, method: string): TemporaryCredentials {
  const problem = (param: string) =>
    new BRSCredentialError(`the source "${method}" gave credentials with a missing or malformed "${param}"`, {
      param,
      // The next answer may be right: an outage of the source must not look like a refusal.
      retryable: true,
    });
  if (typeof credentials !== "object" || credentials === null) throw problem("credentials");
  const { accessKeyId, secretAccessKey, sessionToken, expiration, accountId } = credentials;
  if (typeof accessKeyId !== "string" || accessKeyId === "") throw problem("accessKeyId");
  if (typeof secretAccessKey !== "string" || secretAccessKey === "") throw problem("secretAccessKey");
  if (sessionToken != null && typeof sessionToken !== "string") throw problem("sessionToken");
  if (expiration !== undefined && !(expiration instanceof Date && Number.isFinite(expiration.getTime()))) {
    throw problem("expiration");
  }
  if (accountId !== undefined && typeof accountId !== "string") throw problem("accountId");
  return credentials;
}
