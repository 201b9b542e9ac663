/** The one place that reads the real clock, environment, home directory and randomness; everything else takes them as arguments. */
/** Milliseconds since the epoch. Given as `clock` to sessions, signers and verifiers. */
export type Clock = () => number;

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

export const systemClock: Clock = () => Date.now();

/** Milliseconds by a clock that all threads of the process share and that nobody sets; its zero means nothing. */
export const monotonicClock: Clock = () => Number(process.hrtime.bigint() / 1_000_000n);

export const processEnvironment = (): Environment => process.env;

// Loaded here: node:os costs a third of a millisecond, which most first signatures need not pay.
export const homeDirectory = (): string => (require("node:os") as typeof import("node:os")).homedir();

/** Where the application is: the working directory, and the folder of the script that the process was started with. */
export const applicationFolders = (): string[] => [
  process.cwd(),
  ...(process.argv[1] === undefined
    ? []
    : [(require("node:path") as typeof import("node:path")).dirname(process.argv[1])]),
];

/** A number in [0, 1) for jitter; never for secrets. */
export type Random = () => number;

export const systemRandom: Random = () => Math.random();

/** Resolves after `ms`; rejects with the signal's reason as soon as it aborts. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

export const systemSleep: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
