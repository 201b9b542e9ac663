/** Clients of no service, with all that a cache looks at: a stack of middlewares, calls that end when the test says so, and a count of ends. */

type Handler = (args: object) => Promise<object>;
type Middleware = (next: Handler) => Handler;

class Stack {
  readonly #middlewares: Middleware[] = [];

  add(middleware: Middleware): void {
    this.#middlewares.push(middleware);
  }

  use(): void {}

  remove(middleware: Middleware): boolean {
    const place = this.#middlewares.indexOf(middleware);
    if (place >= 0) this.#middlewares.splice(place, 1);
    return place >= 0;
  }

  around(innermost: Handler): Handler {
    return this.#middlewares.reduce((next, middleware) => middleware(next), innermost);
  }
}

export interface FakeConfig {
  readonly name?: string | undefined;
  readonly [other: string]: unknown;
}

export class FakeClient {
  readonly config: FakeConfig;
  readonly middlewareStack = new Stack();
  /** How often it was destroyed. */
  destroyed = 0;
  /** Ends the calls that are under way. */
  readonly answers: (() => void)[] = [];

  constructor(config: FakeConfig = {}) {
    this.config = { ...config };
  }

  /** Settles when the test calls what it adds to `answers`. */
  send(_command: object = {}): Promise<object> {
    return this.middlewareStack.around(() => new Promise((resolve) => this.answers.push(() => resolve({}))))({});
  }

  destroy(): void {
    this.destroyed++;
  }

  /** Answers all calls, and waits until whoever watches them has seen it. */
  async answer(): Promise<void> {
    for (const answer of this.answers.splice(0)) answer();
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export class OtherClient extends FakeClient {}

/** A clock and timers that the test moves. */
export class ManualTime {
  now = 1_800_000_000_000;
  /** How many timers there were. */
  started = 0;
  readonly timers = new Set<{ at: number; isHeld: boolean; fire: () => void }>();

  readonly clock = (): number => this.now;

  readonly startTimer = (ms: number, fire: () => void) => {
    this.started++;
    const timer = { at: this.now + ms, isHeld: true, fire };
    this.timers.add(timer);
    return {
      ref: () => (timer.isHeld = true),
      unref: () => (timer.isHeld = false),
      cancel: () => this.timers.delete(timer),
    };
  };

  /** Lets seconds pass, with the timers that come due on the way. */
  pass(seconds: number): void {
    const end = this.now + seconds * 1000;
    for (;;) {
      const next = [...this.timers].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
      if (next === undefined) break;
      this.timers.delete(next);
      this.now = Math.max(this.now, next.at);
      next.fire();
    }
    this.now = end;
  }
}
