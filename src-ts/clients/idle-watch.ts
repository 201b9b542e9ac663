/** When entries that nobody asked for have to leave: one timer for all entries of a cache, which never keeps the process alive. */
import { type StartTimer, systemTimer, type Timer } from "../aws/hold.js";
import { type Clock, systemClock } from "../defaults.js";

/** The timer goes off no more often than this in the time allowed, since each time all entries are looked through. */
const LOOKS = 8;

/** What can be idle. */
interface IdleCandidate {
  /** By the clock of the watch. Kept while the watch is on. */
  usedAt: number;
  /** Whether requests are under way; then it is not idle. */
  readonly isBusy: boolean;
}

export class IdleWatch {
  /** Has to call `select`. */
  readonly #onDue: () => void;
  readonly #clock: Clock;
  readonly #startTimer: StartTimer;
  #idleMs: number;
  #timer: Timer | undefined;
  /** Between these instants nothing is idle. Before them the clock was set back. */
  #armedAt = 0;
  #dueAt = 0;

  /** @param idleMs the time allowed; Infinity for a watch that is off */
  constructor(idleMs: number, onDue: () => void, clock: Clock = systemClock, startTimer: StartTimer = systemTimer) {
    this.#idleMs = idleMs;
    this.#onDue = onDue;
    this.#clock = clock;
    this.#startTimer = startTimer;
  }

  get idleMs(): number {
    return this.#idleMs;
  }

  get isOn(): boolean {
    return this.#idleMs !== Number.POSITIVE_INFINITY;
  }

  /** Changes the time allowed. What was not watched so far counts as used now. */
  change(idleMs: number, entries: Iterable<IdleCandidate | undefined>): void {
    if (!this.isOn) {
      const now = this.#clock();
      for (const entry of entries) if (entry !== undefined) entry.usedAt = now;
    }
    this.#idleMs = idleMs;
    if (this.isOn) this.#onDue();
    else this.stop();
  }

  /** Something new is watched. */
  entered(entry: IdleCandidate): void {
    if (!this.isOn) return;
    entry.usedAt = this.#clock();
    if (this.#timer === undefined) this.#arm(entry.usedAt, entry.usedAt);
  }

  /** Notes a use, unless it comes too late: then the entry has to leave. */
  isUsedAgain(entry: IdleCandidate): boolean {
    const now = this.#clock();
    if (this.#isIdle(entry, now)) return false;
    entry.usedAt = now;
    return true;
  }

  /** Whether something may be idle. */
  isDue(): boolean {
    if (this.#timer === undefined) return false;
    const now = this.#clock();
    return now >= this.#dueAt || now < this.#armedAt;
  }

  /** What is idle, the longest unused first. Looks again when the next may be. */
  select<Entry extends IdleCandidate>(entries: Iterable<Entry | undefined>): Entry[] {
    const now = this.#clock();
    const idle: Entry[] = [];
    let earliest = Number.POSITIVE_INFINITY;
    for (const entry of entries) {
      if (entry === undefined) continue;
      if (this.#isIdle(entry, now)) idle.push(entry);
      else earliest = Math.min(earliest, entry.usedAt);
    }
    this.#arm(earliest, now);
    return idle.sort((one, other) => one.usedAt - other.usedAt);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #isIdle(entry: IdleCandidate, now: number): boolean {
    // After the clock was set back: the entry would stay for as long as that.
    if (entry.usedAt > now) entry.usedAt = now;
    if (now - entry.usedAt < this.#idleMs) return false;
    if (!entry.isBusy) return true;
    entry.usedAt = now;
    return false;
  }

  /** @param earliest when that was used which was used longest ago; Infinity without entries */
  #arm(earliest: number, now: number): void {
    this.stop();
    if (!this.isOn || earliest === Number.POSITIVE_INFINITY) return;
    this.#armedAt = now;
    this.#dueAt = earliest + this.#idleMs;
    const pause = Math.max(this.#dueAt - now, this.#idleMs / LOOKS, 1);
    this.#timer = this.#startTimer(Math.ceil(pause), this.#onDue);
    this.#timer.unref();
  }
}
