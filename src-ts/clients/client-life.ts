/** The life of one SDK client in a cache: what is in flight on it, and its end once it has left and nothing is. */
import { type StartTimer, systemTimer, type Timer } from "../aws/hold.js";
import { type ActivityWatcher, ClientActivity, type MortalClient } from "./client-activity.js";
import { endQuietly } from "./quiet-end.js";

/** What a cache wants to know of a client. Called synchronously; must not throw. */
export interface ClientLifeHooks {
  /** A call began after `retire()`: somebody has kept the client. At most once. `warnLateUse()` says what to do about it. */
  onLateUse(): void;
  /** Its user destroyed a client that was not retired. It is left to its user from then on. */
  onUserDestroy(): void;
  /** The retired client has been destroyed, by this or by its user. Exactly once, unless it is released before. */
  onDestroyed(): void;
}

/** How often answers that nobody reads are looked at again while a client waits for them. */
const UNREAD_CHECK_MS = 1_000;

/**
 * Watches one client from its making until it is destroyed or given to its user.
 *
 * In flight is every call from `send` on, with all its attempts and the pauses between them, until the body of its answer is at
 * its end, has failed or is closed: `GetObject` settles when the headers are there, and event streams go on until their reader
 * leaves them. An answer that nobody reads stays in flight, unless it came over HTTP/1 and has arrived whole: that one can be read
 * after its connection was closed.
 *
 * Nothing here keeps the process alive, and what is sent is what the client sends without it.
 */
export class ClientLife {
  readonly #hooks: ClientLifeHooks;
  readonly #activity: ClientActivity;
  readonly #startTimer: StartTimer;
  #state: "live" | "draining" | "destroyed" | "released" = "live";
  #isLateUseKnown = false;
  /** Whether the client is to be destroyed, or closed once more, when it is idle. */
  #isEndDue = false;
  #unreadCheck: Timer | undefined;

  constructor(
    client: MortalClient,
    hooks: ClientLifeHooks,
    { startTimer = systemTimer }: { startTimer?: StartTimer } = {},
  ) {
    this.#hooks = hooks;
    this.#startTimer = startTimer;
    this.#activity = ClientActivity.watch(client, this.#watcher);
  }

  /** Calls and bodies of answers that are not over. */
  get inFlight(): number {
    return this.#activity.inFlight;
  }

  /**
   * Destroys the client: now when nothing is in flight, else as soon as nothing is. Again, or after `release()`: does nothing.
   *
   * A retired client that is used all the same works as before, and what it opens then is closed when it is idle again.
   */
  retire(): void {
    if (this.#state !== "live") return;
    this.#state = "draining";
    this.#isEndDue = true;
    this.#endIfIdle();
    this.#checkUnread();
  }

  /** Leaves the client to its user as it was found. A client that waited for its end lives on. */
  release(): void {
    this.#state = "released";
    this.#isEndDue = false;
    this.#unreadCheck?.cancel();
    this.#activity.unwatch(this.#watcher);
  }

  readonly #watcher: ActivityWatcher = {
    began: (byUser) => {
      if (this.#state === "live") return;
      this.#isEndDue = true;
      this.#checkUnread();
      if (this.#isLateUseKnown || !byUser) return;
      this.#isLateUseKnown = true;
      this.#hooks.onLateUse();
    },
    idled: () => {
      // In the next turn: what has ended is still being put away, and the next of several calls in a row may follow.
      if (this.#isEndDue) setImmediate(this.#endIfIdle);
    },
    destroyed: () => {
      if (this.#state === "live") {
        this.release();
        this.#hooks.onUserDestroy();
      } else if (this.#state === "draining") this.#destroyed();
    },
  };

  readonly #endIfIdle = (): void => {
    if (!this.#isEndDue || this.inFlight > 0) return;
    this.#isEndDue = false;
    if (this.#state === "draining") {
      endQuietly("destroy() of a client that left its cache", () => this.#activity.destroyClient());
      this.#destroyed();
    } else endQuietly("destroy() of the connections of a client", () => this.#activity.closeConnections());
  };

  #destroyed(): void {
    this.#state = "destroyed";
    this.#hooks.onDestroyed();
  }

  /** Streams do not say when all there will be has arrived, so `inFlight` asks them. */
  #checkUnread(): void {
    if (this.inFlight === 0 || this.#unreadCheck !== undefined) return;
    this.#unreadCheck = this.#startTimer(UNREAD_CHECK_MS, () => {
      this.#unreadCheck = undefined;
      this.#checkUnread();
    });
    this.#unreadCheck.unref();
  }
}
