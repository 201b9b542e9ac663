/** A source of credentials that counts its calls and answers as a test tells it to, and credentials that refresh from it. */
import type { RefreshContext, RefreshStrategy, TemporaryCredentials } from "aws-refresh-session";
import { ManualClock } from "aws-refresh-session/testing";
import type { RefreshOptions } from "../../dist/refresh/refresh-options.js";
import { RefreshableCredentials } from "../../dist/refresh/refreshable-credentials.js";

export const START = Date.parse("2030-01-01T00:00:00Z");
export const HOUR = 3600;

/** A triple of which every part carries the same number, so that parts of two of them can be told apart. */
export function triple(n: number, expirationMs: number): Required<TemporaryCredentials> {
  return {
    accessKeyId: `AKID${n}`,
    secretAccessKey: `secret${n}`,
    sessionToken: `token${n}`,
    accountId: String(n).padStart(12, "0"),
    expiration: new Date(expirationMs),
  };
}

/** A refresh that settles when the test says so. */
export interface Pending {
  /** Answers with this, or with the triple that was due. */
  give(answer?: unknown): void;
  fail(error: unknown): void;
}

export class CountingSource implements RefreshStrategy {
  readonly method = "counted";
  /** One for each call. */
  readonly contexts: RefreshContext[] = [];
  /** While it is set every refresh fails with it. */
  outage: unknown;
  readonly #next: Array<(due: TemporaryCredentials) => unknown> = [];
  readonly #now: () => number;
  readonly #lifetime: number;

  constructor(now: () => number, lifetime: number) {
    this.#now = now;
    this.#lifetime = lifetime;
  }

  get calls(): number {
    return this.contexts.length;
  }

  /** The next refresh answers with the result, whatever it is. */
  answerNext(answer: (due: TemporaryCredentials) => unknown): void {
    this.#next.push(answer);
  }

  /** The next refresh does not settle by itself. */
  pendNext(): Pending {
    let settle: { resolve(answer: unknown): void; reject(error: unknown): void } | undefined;
    let due: TemporaryCredentials | undefined;
    const promise = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.answerNext((next) => {
      due = next;
      return promise;
    });
    return {
      give: (...answers) => settle?.resolve(answers.length > 0 ? answers[0] : due),
      fail: (error) => settle?.reject(error),
    };
  }

  async refresh(context: RefreshContext): Promise<TemporaryCredentials> {
    this.contexts.push(context);
    const due = triple(this.calls, this.#now() + this.#lifetime * 1000);
    const next = this.#next.shift();
    if (next !== undefined) return next(due) as TemporaryCredentials;
    if (this.outage !== undefined) throw this.outage;
    return due;
  }
}

export interface Opened {
  readonly time: ManualClock;
  readonly source: CountingSource;
  readonly credentials: RefreshableCredentials;
  /** Moves the clock to so many seconds before the end of what is held. */
  atRemaining(seconds: number): void;
}

/** Credentials that hold nothing yet; the n-th refresh gives the n-th triple, for `lifetime` seconds. */
export function open(options: RefreshOptions & { lifetime?: number } = {}): Opened {
  const { lifetime = HOUR, ...rest } = options;
  const time = new ManualClock(START);
  const source = new CountingSource(time.clock, lifetime);
  const credentials = new RefreshableCredentials(source, { clock: time.clock, random: () => 0, ...rest });
  const atRemaining = (seconds: number) => {
    const end = credentials.expiration?.getTime();
    if (end === undefined) throw new Error("nothing is held");
    time.set(end - seconds * 1000);
  };
  return { time, source, credentials, atRemaining };
}

/** Credentials that hold the first triple, of which so many seconds remain. */
export async function openHeld(
  remaining: number,
  options?: RefreshOptions & { lifetime?: number },
): Promise<Opened & { readonly first: TemporaryCredentials }> {
  const opened = open(options);
  const first = await opened.credentials.getFrozenCredentials();
  opened.atRemaining(remaining);
  return { ...opened, first };
}

/** As many callers at once. */
export const fifty = <T>(ask: (caller: number) => T) => Array.from({ length: 50 }, (_, caller) => ask(caller));

/** Lets everything run that is ready to. */
export const turn = () => new Promise<void>((resume) => setImmediate(resume));

/** Whether a promise is still pending once everything has run that is ready to. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  const settled = () => {
    pending = false;
  };
  promise.then(settled, settled);
  await turn();
  return pending;
}

/** What became of a call: the number of the triple that it got, or the error that it rejected with. */
export async function outcome(promise: Promise<TemporaryCredentials>): Promise<unknown> {
  try {
    return Number((await promise).accessKeyId.slice("AKID".length));
  } catch (error) {
    return error;
  }
}

/** As {@link outcome}, of the synchronous getter. */
export function frozenOutcome(credentials: RefreshableCredentials): unknown {
  try {
    return Number(credentials.frozen.accessKeyId.slice("AKID".length));
  } catch (error) {
    return error;
  }
}

/** What the events told so far, in order. */
export function heard(credentials: RefreshableCredentials): unknown[] {
  const told: unknown[] = [];
  credentials.events.on("refresh", ({ credentials: { accessKeyId } }) => told.push(`refresh ${accessKeyId}`));
  credentials.events.on("refreshError", ({ error }) => told.push(error));
  credentials.events.on("expired", ({ expiration }) => told.push(`expired ${expiration.toISOString()}`));
  return told;
}

/** The handle of their cell in the core. */
export const handleOf = (credentials: object) =>
  (credentials as unknown as { readonly cell: { readonly handle: number } }).cell.handle;
