/** Whether anybody awaits a refresh: a process is kept alive for callers, never for a refresh nobody waits for. */
import type { ProcessHold } from "../strategies/strategy.js";

export class CallerHold implements ProcessHold {
  #callers = 0;
  readonly #listeners = new Set<(held: boolean) => void>();

  get held(): boolean {
    return this.#callers > 0;
  }

  onChange(listener: (held: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A caller begins to wait; the function returned, called once, says that it no longer does. */
  enter(): () => void {
    if (this.#callers++ === 0) this.#changed();
    return () => {
      if (--this.#callers === 0) this.#changed();
    };
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener(this.held);
  }
}
