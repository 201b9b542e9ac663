/** Refreshes under a lease of the core, or waits for who holds it, so that over all threads one refresh is under way. */
import type { Clock, Random } from "../defaults.js";
import type { RefreshStrategy } from "../strategies/strategy.js";
import { checkedTriple } from "./checked-triple.js";
import { type CredentialCell, NO_LEASE, PUBLISHED, WAIT, YOURS } from "./credential-cell.js";
import { asError, type Flight } from "./flight.js";
import { Notices, tell } from "./notices.js";
import { failureFrom, failureText } from "./shared-failure.js";

export interface LeasedRefreshOptions {
  /** How the credentials are obtained, for errors. */
  readonly method: string;
  /** Seconds. */
  readonly timeout: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** How a refresh ended. */
export interface Outcome {
  /** Undefined when credentials were published. */
  readonly error: Error | undefined;
  /** Milliseconds that it took; undefined for the refresh of another session. */
  readonly durationMs: number | undefined;
}

/** What is called on the way, while nobody else can see more than has been told. */
export interface RefreshHooks {
  /** This session has the lease; may come again when that was lost. */
  begun(): void;
  /** The core has the outcome, and nobody who waits has gone on. */
  ended(outcome: Outcome): void;
}

/** The version of a refresh that is wanted in any case. */
const ANY_VERSION = -1;

export class LeasedRefresh {
  readonly #cell: CredentialCell;
  readonly #strategy: RefreshStrategy;
  readonly #options: LeasedRefreshOptions;
  /** The failure that callers get while the core keeps it, and the lease of the refresh that failed. */
  #failure: { readonly lease: number; readonly error: Error } | undefined;

  constructor(cell: CredentialCell, strategy: RefreshStrategy, options: LeasedRefreshOptions) {
    this.#cell = cell;
    this.#strategy = strategy;
    this.#options = options;
  }

  /**
   * Refreshes; while another session of the cell does, waits for what comes of that. Rejects with the failure.
   *
   * @param version that for which the refresh was decided: another that is current by now will do
   * @param force whether to refresh in any case, and the source has to ask anew
   */
  async run(flight: Flight, version: number, force: boolean, hooks: RefreshHooks): Promise<void> {
    let known = force ? ANY_VERSION : version;
    let notices: Notices | undefined;
    try {
      for (let awaited = NO_LEASE; ; ) {
        const turn = this.#cell.beginRefresh(this.#options.timeout, awaited, known);
        awaited = turn.lease;
        if (turn.kind === YOURS) {
          hooks.begun();
          if (await this.#refresh(flight, turn.lease, force || turn.anew, hooks)) return;
        } else if (turn.kind !== WAIT) {
          if (this.#follow(turn.kind, hooks)) return;
          if (!force) known = this.#cell.version;
        } else if (notices === undefined) {
          // Asks once more before it waits: nothing that ends from now on goes unheard.
          notices = new Notices(this.#cell.sharedId ?? 0);
        } else {
          await notices.next(turn.waitMs, flight.hold, flight.signal);
        }
      }
    } finally {
      notices?.close();
    }
  }

  /** The failure of the newest refresh that ended, if that one failed, whoever ran it. */
  lastFailure(): Error | undefined {
    const kept = this.#cell.keptFailure();
    if (kept === null) return undefined;
    if (kept.lease !== this.#failure?.lease) {
      this.#failure = { lease: kept.lease, error: failureFrom(kept.failure) };
    }
    return this.#failure?.error;
  }

  /** Lets the others who share the cell look at once. */
  tellOthers(lease = NO_LEASE): void {
    if (this.#cell.sharedId !== undefined) tell(this.#cell.sharedId, lease);
  }

  /** False when the lease was lost meanwhile: what came of the refresh counts for nobody then. */
  async #refresh(flight: Flight, lease: number, force: boolean, hooks: RefreshHooks): Promise<boolean> {
    const { clock, method, timeout } = this.#options;
    const begunAt = clock();
    let error: Error | undefined;
    try {
      const credentials = await flight.fetch(this.#strategy, timeout, force);
      flight.signal.throwIfAborted();
      if (!this.#cell.publish(checkedTriple(credentials, method), lease)) return false;
    } catch (thrown) {
      flight.signal.throwIfAborted();
      error = asError(thrown, method);
      if (!this.#fail(error, lease)) return false;
    }
    this.tellOthers(lease);
    hooks.ended({ error, durationMs: clock() - begunAt });
    if (error !== undefined) throw error;
    return true;
  }

  #fail(error: Error, lease: number): boolean {
    const recoverable = (error as { retryable?: unknown }).retryable !== false;
    const text = this.#cell.sharedId === undefined ? "" : failureText(error);
    if (!this.#cell.refreshFailed(lease, recoverable, this.#options.random(), text)) return false;
    this.#failure = { lease, error };
    return true;
  }

  /** False when what another session did is history already: its triple was given up, its failure followed by an attempt. */
  #follow(kind: number, hooks: RefreshHooks): boolean {
    let error: Error | undefined;
    if (kind === PUBLISHED) {
      this.#cell.decide();
      if (this.#cell.current === undefined) return false;
    } else {
      error = this.lastFailure();
      if (error === undefined) return false;
    }
    hooks.ended({ error, durationMs: undefined });
    if (error !== undefined) throw error;
    return true;
  }
}
