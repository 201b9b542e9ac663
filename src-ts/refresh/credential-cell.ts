/** What this thread knows of a credential cell of the core: a handle to it, the triple taken over last, and the clock. */
import { type Clock, monotonicClock } from "../defaults.js";
import { BRSCredentialError, fromNative } from "../errors.js";
import { native } from "../native.js";
import type { TemporaryCredentials } from "../strategies/strategy.js";
import { frozenIdentity } from "./identity.js";

/** What the core decided; see `decide` in `crates/node/src/cells.rs`. */
export const FRESH = 0;
export const REFRESH_ADVISED = 1;
export const REFRESH_REQUIRED = 2;
export const SERVE_HELD = 3;
/** A version and a decision cross as one number: the version times this, and the decision. */
const DECISIONS = 8;

/** What a turn is; see `Turn` in `crates/node/src/cells.rs`. */
export const YOURS = 0;
export const WAIT = 1;
export const PUBLISHED = 2;

/** The number of no lease. */
export const NO_LEASE = 0;

/** The longest clock offset that an answer may teach: more is a broken server, not a wrong clock. */
const MAX_OFFSET_MS = 24 * 3_600_000;
/** Enough for requests that stay on their way while credentials of seconds come and go. */
const REMEMBERED_KEYS = 16;
/** A refresh that ran into its time limit has this long to say so, before others take its lease. */
const LEASE_GRACE_MS = 1_000;

/** Under which name a cell is shared, and of what all who share it must have the same. */
export interface SharedCell {
  readonly name: string;
  /** Lines of an option's name, a space and a digest of its value. */
  readonly fingerprint: string;
}

export interface CellOptions {
  readonly clock: Clock;
  readonly staticStability: boolean;
  readonly serveValid: boolean;
  /** Seconds. */
  readonly advisoryTimeout: number;
  readonly mandatoryTimeout: number;
  readonly shared: SharedCell | undefined;
  /** Called when another triple is held than before; whether it was published here, and not taken over. */
  readonly onRenewed: (isOwn: boolean) => void;
}

const closeWhenUnreachable = new FinalizationRegistry<number>((handle) => native.closeCell(handle));

/** One object for the life of the credentials, changed in place: signers read what they need of it. */
export class CredentialCell {
  readonly handle: number;
  /** Process-unique number of the cell when other sessions share it. */
  readonly sharedId: number | undefined;
  /** Version of the triple that the next five belong to; 0 while nothing is held. */
  version = 0;
  accessKeyId = "";
  sessionToken: string | undefined;
  expirationMs = Number.POSITIVE_INFINITY;
  current: TemporaryCredentials | undefined;
  /** When this thread came to hold it, in epoch milliseconds by {@link CredentialCell.now}. */
  obtainedAt: number | undefined;
  readonly #clock: Clock;
  #clockOffset = 0;
  readonly #onRenewed: (isOwn: boolean) => void;
  /** The core's answer while nothing has to be done; no number while nothing is held. */
  #fresh = Number.NaN;
  /** Key ids that were held, the newest last, with the end that the identities handed out tell. */
  readonly #ends = new Map<string, Date | undefined>();

  constructor(options: CellOptions) {
    this.#clock = options.clock;
    this.#onRenewed = options.onRenewed;
    const { shared } = options;
    try {
      this.handle = native.openCell({
        staticStability: options.staticStability,
        serveValid: options.serveValid,
        advisoryMs: options.advisoryTimeout * 1000,
        mandatoryMs: options.mandatoryTimeout * 1000,
        ...shared,
      });
    } catch (error) {
      throw fromNative(error);
    }
    this.sharedId = shared === undefined ? undefined : native.cellId(this.handle);
    closeWhenUnreachable.register(this, this.handle, this);
  }

  /** Milliseconds since the epoch by the clock, corrected by what the source's answers told. */
  now(): number {
    return this.#clock() + this.#clockOffset;
  }

  get clockOffset(): number {
    return this.#clockOffset;
  }

  /** Corrects the clock; an offset over 24 hours is ignored. */
  set clockOffset(ms: number) {
    if (Math.abs(ms) <= MAX_OFFSET_MS) this.#clockOffset = Math.round(ms);
  }

  /** What to do now with the triple that is current, which is taken over first when another thread published it. */
  decide(): number {
    let answer: number;
    try {
      answer = native.decide(this.handle, this.now());
    } catch (error) {
      throw fromNative(error);
    }
    if (answer === this.#fresh) return FRESH;
    const decision = answer % DECISIONS;
    if (answer - decision === this.version * DECISIONS) return decision;
    this.#takeOver();
    // Again: the other thread may have set the clock right, too.
    return this.decide();
  }

  /** Until when what is held is fresh, in milliseconds since the epoch; -Infinity when nothing is held. */
  freshUntil(): number {
    return native.freshUntil(this.handle);
  }

  /**
   * Asks for the lease of a refresh.
   *
   * @param awaited the lease that the caller waited for, or 0
   * @param version that for which it decided to refresh, or -1 where a refresh is wanted in any case
   */
  beginRefresh(timeoutSeconds: number, awaited: number, version: number) {
    const ttlMs = timeoutSeconds * 1000 + LEASE_GRACE_MS;
    try {
      return native.beginRefresh(this.handle, monotonicClock(), ttlMs, awaited, version, this.now());
    } catch (error) {
      throw fromNative(error);
    }
  }

  /** Makes a triple the current one; with a lease other than 0 only if that was not lost, which the answer tells. */
  publish(credentials: TemporaryCredentials, lease: number): boolean {
    const identity = frozenIdentity(credentials);
    const { accessKeyId, secretAccessKey, sessionToken, accountId } = identity;
    const expirationMs = identity.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
    const clockOffsetMs = this.#clockOffset;
    const triple = {
      accessKeyId,
      secretAccessKey,
      expirationMs,
      clockOffsetMs,
      ...(sessionToken !== undefined && { sessionToken }),
      ...(accountId !== undefined && { accountId }),
    };
    let version: number;
    try {
      version = native.publish(this.handle, lease, triple, this.now());
    } catch (error) {
      const { message, code } = fromNative(error);
      const when = code === "ERR_CREDENTIALS_EXPIRED" ? `: they ended at ${identity.expiration?.toISOString()}` : "";
      throw new BRSCredentialError(message + when, { code, retryable: true });
    }
    if (version === 0) return false;
    this.#hold(version, identity);
    this.#onRenewed(true);
    return true;
  }

  /** Reports a failure; false when the lease was lost, so that it is nobody's. */
  refreshFailed(lease: number, recoverable: boolean, random: number, text: string): boolean {
    return native.refreshFailed(this.handle, lease, this.now(), recoverable, random, text);
  }

  /** The failure of the newest refresh that ended, if that one failed. */
  keptFailure(): { readonly lease: number; readonly failure: string } | null {
    try {
      return native.keptFailure(this.handle);
    } catch (error) {
      throw fromNative(error);
    }
  }

  /** Gives up what is held, if it has this key id; undefined is any. */
  invalidate(accessKeyId: string | undefined): boolean {
    const dropped = native.invalidate(this.handle, accessKeyId);
    if (dropped) this.#giveUp();
    return dropped;
  }

  /** Whether this key id is held, or was not long ago: what was signed with it may still be on its way. */
  hasHeld(accessKeyId: string): boolean {
    return this.#ends.has(accessKeyId);
  }

  /** Some SDK clients keep an identity until the date in it comes near: one that was refused has ended for them, too. */
  end(accessKeyId: string): void {
    this.#ends.get(accessKeyId)?.setTime(0);
  }

  close(): void {
    closeWhenUnreachable.unregister(this);
    native.closeCell(this.handle);
    this.#forget();
  }

  #takeOver(): void {
    const found = native.currentTriple(this.handle);
    if (found === null) {
      this.#giveUp();
      return;
    }
    const { expirationMs, clockOffsetMs, ...keys } = found.triple;
    this.clockOffset = clockOffsetMs;
    const expires = expirationMs !== Number.POSITIVE_INFINITY;
    this.#hold(found.version, frozenIdentity({ ...keys, ...(expires && { expiration: new Date(expirationMs) }) }));
    this.#onRenewed(false);
  }

  #hold(version: number, identity: TemporaryCredentials): void {
    this.version = version;
    this.#ends.delete(identity.accessKeyId);
    this.#ends.set(identity.accessKeyId, identity.expiration);
    if (this.#ends.size > REMEMBERED_KEYS) this.#ends.delete(this.#ends.keys().next().value as string);
    this.accessKeyId = identity.accessKeyId;
    this.sessionToken = identity.sessionToken;
    this.expirationMs = identity.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
    this.current = identity;
    this.obtainedAt = this.now();
    this.#fresh = version * DECISIONS + FRESH;
  }

  #giveUp(): void {
    this.end(this.accessKeyId);
    this.#forget();
  }

  #forget(): void {
    this.version = 0;
    this.accessKeyId = "";
    this.sessionToken = undefined;
    this.expirationMs = Number.POSITIVE_INFINITY;
    this.current = undefined;
    this.obtainedAt = undefined;
    this.#fresh = Number.NaN;
  }
}
