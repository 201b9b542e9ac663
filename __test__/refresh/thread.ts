/** Worker threads that do what a test tells them, with the package loaded as a user's program loads it. */
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";

const { resolve } = createRequire(import.meta.url);
const PATHS = {
  main: resolve("aws-refresh-session"),
  signing: resolve("aws-refresh-session/signing"),
  awsSdk: resolve("aws-refresh-session/aws-sdk"),
  sts: resolve("@aws-sdk/client-sts"),
};

/** What the threads of one test share: places of one Int32Array. */
export const ASKED = 0;
export const GATE = 1;
export const BLOCK = 2;

/** Plain CommonJS, without what loads these tests. Each task is the body of a function of what stands below. */
const PROGRAM = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { paths, memory } = workerData;
  const lib = { ...require(paths.main), ...require(paths.signing) };
  const ints = new Int32Array(memory, 0, 8);
  const time = new Float64Array(memory, 64, 1);
  const clock = () => time[0];
  const until = async (condition) => {
    while (!condition()) await new Promise((resume) => setTimeout(resume, 2));
  };
  // Counts who asks, and answers when the gate of that number is open.
  const gated = (answer) => async () => {
    const number = Atomics.add(ints, ${ASKED}, 1) + 1;
    await until(() => Atomics.load(ints, ${GATE}) >= number);
    return answer(number);
  };
  const triple = (accessKeyId, seconds = 3600) => ({
    accessKeyId,
    secretAccessKey: "secret-of-" + accessKeyId,
    sessionToken: "token-of-" + accessKeyId,
    expiration: new Date(clock() + seconds * 1000),
  });
  const outcome = (promise) => promise.then(
    (credentials) => credentials.accessKeyId,
    (error) => ({
      error: error.constructor.name, name: error.name, message: error.message, code: error.code,
      details: error.details, retryable: error.retryable, statusCode: error.statusCode,
    }),
  );
  const state = {};
  const scope = { require, paths, lib, ints, clock, until, gated, triple, outcome, state };
  const names = Object.keys(scope);
  const AsyncFunction = (async () => {}).constructor;
  parentPort.on("message", async ({ id, body, args }) => {
    try {
      const run = new AsyncFunction("args", ...names, body);
      parentPort.postMessage({ id, result: await run(args, ...names.map((name) => scope[name])) });
    } catch (error) {
      parentPort.postMessage({ id, failure: String(error.stack) });
    }
  });
`;

/** Memory that all threads of a test see, and a clock in it. */
export class Shared {
  readonly memory = new SharedArrayBuffer(128);
  readonly ints = new Int32Array(this.memory, 0, 8);
  readonly #time = new Float64Array(this.memory, 64, 1);

  constructor(now = Date.parse("2030-01-01T00:00:00Z")) {
    this.now = now;
  }

  get now(): number {
    return this.#time[0] as number;
  }

  set now(ms: number) {
    this.#time[0] = ms;
  }

  readonly clock = (): number => this.now;

  get asked(): number {
    return Atomics.load(this.ints, ASKED);
  }

  /** Lets the first `count` who asked have their answers. */
  open(count: number): void {
    Atomics.store(this.ints, GATE, count);
  }
}

export class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  #last = 0;

  constructor(shared: Shared) {
    this.#worker = new Worker(PROGRAM, {
      eval: true,
      execArgv: [],
      workerData: { paths: PATHS, memory: shared.memory },
    });
    this.#worker.on("message", ({ id, result, failure }) => {
      const { resolve: give, reject } = this.#waiting.get(id) ?? {};
      this.#waiting.delete(id);
      if (failure === undefined) give?.(result as never);
      else reject?.(new Error(failure));
    });
  }

  /** Runs the body of an async function in the thread; its result is what can be cloned. */
  run<Result = unknown>(body: string, args: object = {}): Promise<Result> {
    return new Promise((give, reject) => {
      const id = ++this.#last;
      this.#waiting.set(id, { resolve: give, reject });
      this.#worker.postMessage({ id, body, args });
    });
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}
