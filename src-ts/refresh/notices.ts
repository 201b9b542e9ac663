/** Notices between the threads that share a cell: hints that a refresh has ended, so that who waits looks at once. */
import { BroadcastChannel } from "node:worker_threads";
import { follow, systemTimer } from "../aws/hold.js";
import type { ProcessHold } from "../strategies/strategy.js";

/** Who waits looks by itself after this time: a thread that is terminated tells nobody. */
const LOOK_MS = 500;

const channelOf = (cell: number) => new BroadcastChannel(`aws-refresh-session:cell:${cell}`);

/** Tells all who wait, in this thread and others, that the refresh under this lease has ended. The outcome is in the cell. */
export function tell(cell: number, lease: number): void {
  const channel = channelOf(cell);
  channel.postMessage(lease);
  channel.close();
}

/** The ear of one who waits. What is told between two waits ends the second at once. */
export class Notices {
  readonly #channel: BroadcastChannel;
  #told = false;
  #wake: () => void = () => {};

  constructor(cell: number) {
    this.#channel = channelOf(cell);
    this.#channel.onmessage = () => {
      this.#told = true;
      this.#wake();
    };
    // The timer of a wait that somebody awaits is what keeps the process.
    this.#channel.unref();
  }

  /** Resolves at a notice, after `ms`, or when it is time to look again; rejects with the signal's reason. */
  next(ms: number, hold: ProcessHold, signal: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const timer = systemTimer(this.#told ? 0 : Math.min(ms, LOOK_MS), () => this.#wake());
      const release = follow(hold, timer);
      const onAbort = () => {
        end();
        reject(signal.reason);
      };
      const end = () => {
        timer.cancel();
        release();
        signal.removeEventListener("abort", onAbort);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#wake = () => {
        this.#told = false;
        end();
        resolve();
      };
    });
  }

  close(): void {
    this.#channel.close();
  }
}
