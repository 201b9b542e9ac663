/** The refresh that `deferRefresh: false` starts at construction, and the promise that tells of it. */
import { BRSConfigurationError } from "../errors.js";
import type { RefreshableCredentials } from "../refresh/refreshable-credentials.js";

/**
 * Starts a refresh as one that nobody waits for, so that it does not keep the process alive; whoever asks for `ready`
 * begins to wait, and then it does.
 */
export class FirstRefresh {
  readonly #credentials: RefreshableCredentials;
  readonly #outcome: Promise<void>;
  #abandon: (reason: Error) => void = () => {};
  #isPending = true;

  constructor(credentials: RefreshableCredentials) {
    this.#credentials = credentials;
    this.#outcome = new Promise<void>((resolve, reject) => {
      const { events } = credentials;
      const settle = (outcome: () => void): void => {
        this.#isPending = false;
        forget();
        outcome();
      };
      const forgetSuccess = events.on("refresh", () => settle(resolve));
      const forgetFailure = events.on("refreshError", ({ error }) => settle(() => reject(error)));
      const forget = (): void => {
        forgetSuccess();
        forgetFailure();
      };
      this.#abandon = (reason) => settle(() => reject(reason));
    });
    // Nobody may ever look at it, which must not end the process as an unhandled rejection.
    this.#outcome.catch(() => {});
    credentials.startAdvised();
  }

  get ready(): Promise<void> {
    // Joins the refresh under way; the outcome itself comes through the events.
    if (this.#isPending) this.#credentials.getFrozenCredentials().catch(() => {});
    return this.#outcome;
  }

  /** A refresh that is ended by closing tells nobody, so the session says so here. */
  close(): void {
    if (this.#isPending) this.#abandon(new BRSConfigurationError("the session was closed", { code: "ERR_CLOSED" }));
  }
}
