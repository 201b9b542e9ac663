/** Credentials that refresh: asks the core when, runs one refresh at a time, and hands out the current triple. */
import { inspect } from "node:util";
import { type Clock, type Random, systemClock, systemRandom } from "../defaults.js";
import { BRSConfigurationError, BRSValidationError, CredentialsNotReadyError, masked } from "../errors.js";
import { checkNames, checkRecord } from "../strategies/option-checks.js";
import type { RefreshStrategy, TemporaryCredentials } from "../strategies/strategy.js";
import { type BackgroundRefresh, background } from "./background.js";
import { checkedTriple } from "./checked-triple.js";
import { CredentialCell, FRESH, NO_LEASE, REFRESH_ADVISED, REFRESH_REQUIRED, SERVE_HELD } from "./credential-cell.js";
import { publishDiagnostics, type RefreshMessage, type RefreshStats } from "./diagnostics.js";
import { SessionEvents } from "./events.js";
import { Flight, type WaitOptions } from "./flight.js";
import { LeasedRefresh, type Outcome } from "./leased-refresh.js";
import { REFRESH_DEFAULTS, type RefreshOptions } from "./refresh-options.js";

/** A background refresh that waits for the end of a flight or a backoff looks again after this time. */
const BACKGROUND_RETRY_MS = 5_000;
/** Background refreshes of many processes spread over this part of the time that credentials stay fresh, */
const LEAD_PART = 0.1;
/** and over no more than this. */
const LONGEST_LEAD_MS = 60_000;

/**
 * The credentials of one session, shared by all its clients and signers.
 *
 * However many callers ask at once, at most one refresh is under way, over all threads that share them. A new triple is
 * checked whole before it is published, so a reader sees the old triple or the new one, never a mix.
 *
 * Errors: what the strategy rejects with reaches the callers who waited; `BRSConnectionError` when it took longer than
 * `refreshTimeout`; `BRSCredentialError` for a triple that cannot be used; `BRSConfigurationError` (ERR_CLOSED) after
 * {@link close}.
 */
export class RefreshableCredentials {
  readonly #strategy: RefreshStrategy;
  readonly #clock: Clock;
  readonly #random: Random;
  #flight: Flight | undefined;
  #closed = false;
  readonly #background: BackgroundRefresh | undefined;
  #used = false;
  /** How long before the advisory window the background refreshes what is held. */
  #lead = 0;
  #refreshes = 0;
  #failures = 0;
  /** How the credentials are obtained, as boto names it: "sts-assume-role", "custom", "static". */
  readonly method: string;
  readonly events = new SessionEvents();
  readonly #cell: CredentialCell;
  readonly #refreshTimeout: number;
  #lazyRefresher: LeasedRefresh | undefined;

  constructor(strategy: RefreshStrategy, options: RefreshOptions & { name?: string } = {}) {
    this.#strategy = strategy;
    this.method = options.name ?? strategy.method;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    const { backgroundRefresh = false } = options;
    this.#background = backgroundRefresh === true ? background : backgroundRefresh || undefined;
    this.#cell = new CredentialCell({
      clock: this.#clock,
      staticStability: options.refreshPolicy === "static-stability",
      serveValid: options.onMandatoryFailure === "serve-valid",
      advisoryTimeout: options.advisoryTimeout ?? REFRESH_DEFAULTS.advisoryTimeout,
      mandatoryTimeout: options.mandatoryTimeout ?? REFRESH_DEFAULTS.mandatoryTimeout,
      shared: options.shared,
      onRenewed: (isOwn) => {
        this.#renewed();
        if (!isOwn) this.events.emit("refresh", { credentials: this.#held() });
      },
    });
    this.#refreshTimeout = options.refreshTimeout ?? REFRESH_DEFAULTS.refreshTimeout;
  }

  /** @internal A getter of a private field: a spread does not meet the token in it. */
  get cell(): CredentialCell {
    if (!this.#used) this.#firstUse();
    return this.#cell;
  }

  /** @internal Seconds that one refresh may take, for those whose refresh waits for this one. */
  get refreshTimeout(): number {
    return this.#refreshTimeout;
  }

  /** @internal Whether asking for the credentials now would ask a person, such as for an MFA code. */
  get wouldPrompt(): boolean {
    return this.#strategy.prompts === true && this.refreshNeeded();
  }

  /** Milliseconds since the epoch by the clock, corrected by what the source's answers told. */
  now(): number {
    return this.#cell.now();
  }

  /** Milliseconds added to the clock, since AWS's clock and ours differ. */
  get clockOffset(): number {
    return this.#cell.clockOffset;
  }

  /** Corrects the clock; an offset over 24 hours is ignored. */
  setClockOffset(ms: number): void {
    this.#cell.clockOffset = ms;
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
    const expiration = this.#cell.current?.expiration;
    return expiration && new Date(expiration);
  }

  /** Whether a refresh is due, or with `seconds` whether less than that remains. */
  refreshNeeded(seconds?: number): boolean {
    const decision = this.#decide();
    if (seconds === undefined) return decision !== FRESH;
    if (this.#cell.current === undefined) return true;
    return this.#cell.expirationMs - this.now() < seconds * 1000;
  }

  /** Counters of the refreshes so far, and the age of what is held. */
  get stats(): RefreshStats {
    const now = this.now();
    const { expirationMs, obtainedAt } = this.#cell;
    return {
      refreshes: this.#refreshes,
      failures: this.#failures,
      waiters: this.#flight?.waiters ?? 0,
      age: obtainedAt === undefined ? undefined : (now - obtainedAt) / 1000,
      remaining: expirationMs === Number.POSITIVE_INFINITY ? undefined : (expirationMs - now) / 1000,
    };
  }

  /** Refreshes if it is due; with `force` in any case, backoff or not. Joins a refresh that is under way. */
  async refresh(options: WaitOptions & { force?: boolean } = {}): Promise<TemporaryCredentials> {
    checkNames("options.", checkRecord("options", options, "{ force: true }"), ["force", "signal", "hold"]);
    if (options.force === true) {
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
    return this.#cell.invalidate(accessKeyId);
  }

  /** Wipes what is held and ends a refresh under way. Signers and clients of these credentials fail from then on. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cell.close();
    this.#background?.forget(this);
    if (this.#flight === undefined) return;
    this.#flight.cancel(closedError());
    // A lease that was held is free now.
    this.#refresher().tellOthers();
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
    const held = this.#cell.current;
    const unchanged =
      held?.accessKeyId === credentials.accessKeyId &&
      held.secretAccessKey === credentials.secretAccessKey &&
      held.sessionToken === (credentials.sessionToken || undefined) &&
      held.expiration?.valueOf() === credentials.expiration?.valueOf();
    if (unchanged) return;
    this.#throwIfClosed();
    this.#cell.publish(checkedTriple(credentials, this.method), NO_LEASE);
  }

  /** @internal Starts the refresh that a signature's answer advised; nobody waits for it. */
  startAdvised(): void {
    this.#startRefresh();
  }

  /** @internal As `BackgroundTarget` says. A refresh that would ask a person is left to those who wait for it. */
  tend(): number {
    if (this.#closed || this.#strategy.prompts === true) return Number.POSITIVE_INFINITY;
    if (this.#flight !== undefined) return BACKGROUND_RETRY_MS;
    const early = this.#cell.freshUntil() - this.#lead - this.now();
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
    return this.#refresher().lastFailure() ?? notReady();
  }

  /**
   * @internal Learns what another thread published or gave up; true when that was not known here, so that a signature which
   * the core refused is worth another attempt.
   */
  catchUp(): boolean {
    const { version } = this.#cell;
    this.#decide();
    return this.#cell.version !== version;
  }

  #decide(): number {
    if (!this.#used) this.#firstUse();
    return this.#cell.decide();
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
    const { current } = this.#cell;
    if (current !== undefined) return current;
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

  #startRefresh(force = false): Flight {
    if (this.#flight !== undefined) return this.#flight;
    this.#throwIfClosed();
    const { version } = this.#cell;
    const flight = new Flight((started) => this.#refresh(started, version, force));
    this.#flight = flight;
    // A listener may ask for credentials itself: it then finds the refresh under way.
    this.#tellExpired();
    return flight;
  }

  /** Made when it is first needed: identities that are only signed with never refresh. */
  #refresher(): LeasedRefresh {
    this.#lazyRefresher ??= new LeasedRefresh(this.#cell, this.#strategy, {
      method: this.method,
      timeout: this.#refreshTimeout,
      clock: this.#clock,
      random: this.#random,
    });
    return this.#lazyRefresher;
  }

  async #refresh(flight: Flight, version: number, force: boolean): Promise<void> {
    try {
      await this.#refresher().run(flight, version, force, {
        begun: () => publishDiagnostics("refresh:start", () => this.#message()),
        ended: (outcome) => this.#ended(outcome),
      });
    } finally {
      // A listener may have started another one.
      if (this.#flight === flight) this.#flight = undefined;
    }
  }

  #ended({ error, durationMs }: Outcome): void {
    this.#flight = undefined;
    // Who shares them with the session that refreshed only passes on what came of it.
    const isOwn = durationMs !== undefined;
    if (error === undefined) {
      // The triple of another was told when it was taken over.
      if (!isOwn) return;
      this.#refreshes++;
      publishDiagnostics("refresh:end", () => this.#message({ durationMs }));
      this.events.emit("refresh", { credentials: this.#held() });
      return;
    }
    // What is fresh earns no backoff, so its next attempt ahead of time waits for its advisory window.
    this.#lead = 0;
    if (isOwn) {
      this.#failures++;
      publishDiagnostics("refresh:error", () => this.#message({ error, durationMs }));
    }
    this.events.emit("refreshError", { error });
  }

  #message(more: Partial<RefreshMessage> = {}): RefreshMessage {
    return { method: this.method, stats: this.stats, ...more };
  }

  /** Another triple is held than before. */
  #renewed(): void {
    this.#toldExpired = false;
    if (this.#background === undefined) return;
    const fresh = this.#cell.freshUntil() - this.now();
    this.#lead = Math.min(fresh * LEAD_PART, LONGEST_LEAD_MS) * this.#random();
    if (this.#used) this.#background.watch(this);
  }

  #toldExpired = false;

  #tellExpired(): void {
    const expiration = this.expiration;
    if (expiration === undefined || this.#toldExpired || expiration.getTime() > this.now()) return;
    this.#toldExpired = true;
    publishDiagnostics("expired", () => this.#message());
    this.events.emit("expired", { expiration });
  }

  #throwIfClosed(): void {
    if (this.#closed) throw closedError();
  }
}

/** What a session that was closed says to whoever still asks. */
export function closedError(): BRSConfigurationError {
  return new BRSConfigurationError("the session is closed; open a new one", { code: "ERR_CLOSED" });
}

function notReady(): CredentialsNotReadyError {
  return new CredentialsNotReadyError(
    "no usable credentials are held yet: await getFrozenCredentials(), session.ready or the asynchronous twin of this call first",
  );
}
