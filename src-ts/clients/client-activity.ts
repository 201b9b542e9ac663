/** Counts what is in flight on one SDK client, from `send` until the body of the answer is at its end, and notices its `destroy()`. */
import { AnswerBody } from "./answer-body.js";
import { whenReaderLeaves } from "./event-reader.js";

/** A client of the AWS SDK for JavaScript v3, as far as its life goes. */
export interface MortalClient {
  readonly config: object;
  readonly middlewareStack: object;
  destroy(): void;
}

/** Who wants to know what happens on a client. All are called synchronously. */
export interface ActivityWatcher {
  /** A call begins; `byUser` is false where another call of the same client has made it, for itself. */
  began(byUser: boolean): void;
  /** The last thing in flight is over. */
  idled(): void;
  /** The client's `destroy()` was called by somebody else than its watcher, and is done. */
  destroyed(): void;
}

/** What middlewares pass on; commands of the SDK give both, a presigner gives less. */
interface CallResult {
  readonly response?: { readonly body?: unknown };
  readonly output?: unknown;
}

type CallHandler = (args: unknown) => Promise<CallResult>;
type CallMiddleware = (next: CallHandler, context: unknown) => CallHandler;

interface CallStack {
  add(middleware: CallMiddleware, options: object): void;
  remove(middleware: CallMiddleware): boolean;
}

/** Outermost: nothing of the SDK's comes before what was added first with this step and priority. */
const OUTERMOST = { step: "initialize", priority: "high", name: "clientLifeMiddleware", override: true };

/** What clients ask before what they were asked for: the session of an S3 Express bucket, the endpoint of an account. */
const ASKED_BY_CLIENTS: ReadonlySet<unknown> = new Set(["CreateSessionCommand", "DescribeEndpointsCommand"]);

/** By the stack of middlewares, which document clients share with the client they were made from. */
const activities = new WeakMap<object, ClientActivity>();

/** One for each client, however many watch it. */
export class ClientActivity {
  readonly #client: MortalClient;
  readonly #ownDestroy: PropertyDescriptor | undefined;
  readonly #watchers = new Set<ActivityWatcher>();
  readonly #bodies = new Set<AnswerBody>();
  #calls = 0;
  #isWatcherDestroying = false;

  /** Begins to tell `watcher`; `unwatch` ends it. */
  static watch(client: MortalClient, watcher: ActivityWatcher): ClientActivity {
    let activity = activities.get(client.middlewareStack);
    if (activity === undefined) {
      activity = new ClientActivity(client);
      activities.set(client.middlewareStack, activity);
    }
    activity.#watchers.add(watcher);
    return activity;
  }

  private constructor(client: MortalClient) {
    this.#client = client;
    this.#ownDestroy = Object.getOwnPropertyDescriptor(client, "destroy");
    (client.middlewareStack as CallStack).add(this.#count, OUTERMOST);
    // On the instance, since the method of the class is everybody's. Refused by a frozen client, which then tells nothing.
    Reflect.defineProperty(client, "destroy", { value: this.#noticeDestroy, configurable: true, writable: true });
  }

  /** Calls that have not settled, and answers whose bodies neither were read to their end nor have arrived whole. */
  get inFlight(): number {
    for (const body of [...this.#bodies]) if (body.isComplete) body.settle();
    return this.#calls + this.#bodies.size;
  }

  /** With the last watcher the client is as it was found. */
  unwatch(watcher: ActivityWatcher): void {
    if (!this.#watchers.delete(watcher) || this.#watchers.size > 0) return;
    const client = this.#client;
    activities.delete(client.middlewareStack);
    (client.middlewareStack as CallStack).remove(this.#count);
    if (Object.getOwnPropertyDescriptor(client, "destroy")?.value !== this.#noticeDestroy) return;
    if (this.#ownDestroy === undefined) Reflect.deleteProperty(client, "destroy");
    else Reflect.defineProperty(client, "destroy", this.#ownDestroy);
  }

  /** The client's own `destroy()`, of which nobody is told. */
  destroyClient(): void {
    this.#isWatcherDestroying = true;
    try {
      this.#client.destroy();
    } finally {
      this.#isWatcherDestroying = false;
    }
  }

  /** Closes what a client that was destroyed has opened since. */
  closeConnections(): void {
    const { requestHandler } = this.#client.config as { requestHandler?: { destroy?(): void } };
    requestHandler?.destroy?.();
  }

  readonly #noticeDestroy = (): void => {
    try {
      const destroy: unknown = this.#ownDestroy?.value ?? Object.getPrototypeOf(this.#client).destroy;
      (destroy as () => void).call(this.#client);
    } finally {
      if (!this.#isWatcherDestroying) for (const watcher of [...this.#watchers]) watcher.destroyed();
    }
  };

  /** Not asynchronous itself: `send` is counted before it returns, and takes no turn more than it must. */
  readonly #count: CallMiddleware = (next, context) => (args) => {
    const byUser = this.#calls++ === 0 || !ASKED_BY_CLIENTS.has(Object(context).commandName);
    for (const watcher of this.#watchers) watcher.began(byUser);
    let call: Promise<CallResult>;
    try {
      call = next(args);
    } catch (error) {
      this.#callEnded();
      throw error;
    }
    return call.then(
      (result) => {
        this.#follow(result);
        this.#callEnded();
        return result;
      },
      (error) => {
        // Nobody gets to read the body of an answer that failed.
        this.#callEnded();
        throw error;
      },
    );
  };

  #callEnded(): void {
    this.#calls--;
    this.#ended();
  }

  #follow(result: CallResult | undefined): void {
    const body = AnswerBody.of(result?.response?.body, () => {
      this.#bodies.delete(body as AnswerBody);
      this.#ended();
    });
    if (body === undefined) return;
    this.#bodies.add(body);
    whenReaderLeaves(result?.output, body.settle);
  }

  #ended(): void {
    if (this.#calls + this.#bodies.size > 0) return;
    for (const watcher of [...this.#watchers]) watcher.idled();
  }
}
