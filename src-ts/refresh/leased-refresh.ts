/** Refreshes under a lease of the core, or waits for who holds it, so that over all threads one refresh is under way. */
import type { Clock, Random } from "../defaults.js";
import type { RefreshStrategy } from "../strategies/strategy.js";
import { checkedTriple } from "./checked-triple.js";
import { type CredentialCell, PUBLISHED, WAIT, YOURS } from "./credential-cell.js";
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

/** The number of no lease. */
export const NO_LEASE = 0;

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
   * Refreshes; while another session of the cell does, waits for what comes of that. The outcome is in the core then.
   *
   * @param force whether the source has to ask anew
   * @param onBegin called when this session has the lease, each time
   */
  async run(flight: Flight, force: boolean, onBegin: () => void): Promise<Outcome> {
    let notices: Notices | undefined;
    try {
      for (let awaited = NO_LEASE; ; ) {
        const turn = this.#cell.beginRefresh(this.#options.timeout, awaited);
        awaited = turn.lease;
        let outcome: Outcome | undefined;
        if (turn.kind === YOURS) {
          onBegin();
          outcome = await this.#refresh(flight, turn.lease, force || turn.anew);
        } else if (turn.kind !== WAIT) {
          outcome = this.#outcomeOfAnother(turn.kind);
        } else if (notices === undefined) {
          // Asks once more before it waits: nothing that ends from now on goes unheard.
          notices = new Notices(this.#cell.sharedId ?? 0);
        } else {
          await notices.next(turn.waitMs, flight.hold, flight.signal);
        }
        if (outcome !== undefined) return outcome;
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

  /** Undefined when the lease was lost meanwhile: what came of the refresh counts for nobody then. */
  async #refresh(flight: Flight, lease: number, force: boolean): Promise<Outcome | undefined> {
    const { clock, method, timeout } = this.#options;
    const begunAt = clock();
    let error: Error | undefined;
    try {
      const credentials = await flight.fetch(this.#strategy, timeout, force);
      flight.signal.throwIfAborted();
      if (!this.#cell.publish(checkedTriple(credentials, method), lease)) return undefined;
    } catch (thrown) {
      flight.signal.throwIfAborted();
      error = asError(thrown, method);
      if (!this.#fail(error, lease)) return undefined;
    }
    this.tellOthers(lease);
    return { error, durationMs: clock() - begunAt };
  }

  #fail(error: Error, lease: number): boolean {
    const recoverable = (error as { retryable?: unknown }).retryable !== false;
    const text = this.#cell.sharedId === undefined ? "" : failureText(error);
    if (!this.#cell.refreshFailed(lease, recoverable, this.#options.random(), text)) return false;
    this.#failure = { lease, error };
    return true;
  }

  /** Undefined when that is history already: its triple was given up, its failure followed by another attempt. */
  #outcomeOfAnother(kind: number): Outcome | undefined {
    if (kind === PUBLISHED) {
      this.#cell.decide();
      return this.#cell.current === undefined ? undefined : { error: undefined, durationMs: undefined };
    }
    const error = this.lastFailure();
    return error && { error, durationMs: undefined };
  }
}
