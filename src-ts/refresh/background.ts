/** Refreshes ahead of time: one timer for all credentials of a thread that want it, which never keeps the process alive. */
import { type StartTimer, systemTimer, type Timer } from "../aws/hold.js";

/** Credentials that the background takes care of. */
export interface BackgroundTarget {
  /** Starts a refresh if it is time for one; gives the milliseconds until it wants to be asked again, Infinity for never. */
  tend(): number;
}

/** Everybody is asked again after this time at the latest, so that a clock that jumped, or a machine that slept, is noticed. */
const LONGEST_PAUSE_MS = 30_000;

export class BackgroundRefresh {
  readonly #startTimer: StartTimer;
  /** Held weakly: a session that its owner dropped ends, wanted ahead of time or not. */
  readonly #targets = new Set<WeakRef<BackgroundTarget>>();
  readonly #references = new WeakMap<BackgroundTarget, WeakRef<BackgroundTarget>>();
  #timer: Timer | undefined;

  constructor(startTimer: StartTimer = systemTimer) {
    this.#startTimer = startTimer;
  }

  /** Takes care of the target from now on. To be called again whenever its next refresh may come sooner than it said. */
  watch(target: BackgroundTarget): void {
    let reference = this.#references.get(target);
    if (reference === undefined) {
      reference = new WeakRef(target);
      this.#references.set(target, reference);
    }
    this.#targets.add(reference);
    this.#arm(0);
  }

  forget(target: BackgroundTarget): void {
    const reference = this.#references.get(target);
    if (reference !== undefined) this.#targets.delete(reference);
  }

  #arm(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#startTimer(ms, () => this.#tendAll());
    this.#timer.unref();
  }

  #tendAll(): void {
    this.#timer = undefined;
    let pause = Number.POSITIVE_INFINITY;
    for (const reference of [...this.#targets]) {
      const target = reference.deref();
      if (target === undefined) this.#targets.delete(reference);
      else pause = Math.min(pause, target.tend());
    }
    // A listener of a refresh may have armed it meanwhile.
    if (pause !== Number.POSITIVE_INFINITY && this.#timer === undefined) this.#arm(Math.min(pause, LONGEST_PAUSE_MS));
  }
}

/** The background of this thread. */
export const background = new BackgroundRefresh();
