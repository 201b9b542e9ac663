/** The controller that a handler is given for all attempts of its request, also while none of them is on its way. */
import type { UndiciController } from "./types.js";

export class RelayController implements UndiciController {
  #target: UndiciController | undefined;
  #paused = false;
  #reason: Error | null = null;
  #aborted = false;
  #atWork: AbortController | undefined;
  #onResume: (() => void) | undefined;

  get aborted(): boolean {
    return this.#aborted || this.#target?.aborted === true;
  }

  get reason(): Error | null {
    return this.#reason ?? this.#target?.reason ?? null;
  }

  get paused(): boolean {
    return this.#paused || this.#target?.paused === true;
  }

  get rawHeaders(): unknown {
    return this.#target?.rawHeaders ?? null;
  }

  get rawTrailers(): unknown {
    return this.#target?.rawTrailers ?? null;
  }

  pause(): void {
    this.#paused = true;
    this.#target?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#target?.resume();
    this.#onResume?.();
  }

  abort(reason: Error): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    if (this.#atWork === undefined) this.#target?.abort(reason);
    else this.#atWork.abort(reason);
    this.#onResume?.();
  }

  /** An attempt is on its way. */
  attach(target: UndiciController): void {
    this.#target = target;
    this.#atWork = undefined;
    if (this.#aborted) target.abort(this.#reason as Error);
    else if (this.#paused) target.pause();
  }

  /** No attempt is on its way for a while: aborting aborts the signal instead. */
  detach(): AbortSignal {
    this.#atWork ??= new AbortController();
    if (this.#aborted) this.#atWork.abort(this.#reason);
    return this.#atWork.signal;
  }

  /** Resolves once the handler takes more, or has aborted. */
  async flowing(): Promise<void> {
    while (this.#paused && !this.#aborted) {
      await new Promise<void>((resolve) => {
        this.#onResume = resolve;
      });
    }
  }
}
