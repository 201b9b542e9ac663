/** What caches warn of, each cause once in a process: a busy program would repeat it thousands of times. */
import { warn } from "../warnings.js";
import type { UnkeyableError } from "./unkeyable-error.js";

/** Causes are made of names and values in configs, which a program may make up without end. */
const MOST_CAUSES = 100;

/** Says once for each cause that something is not cached. */
export function warnUncached(noun: "client" | "resource", { message, path }: UnkeyableError): void {
  const instead =
    path === "config"
      ? "Give a plain object of plain data"
      : "Leave the member out, or give plain data, or an instance of a class that is the same one in each call";
  warnOnce(
    "BRS_CONFIG_NOT_CACHED",
    `${message}, so the ${noun} is not cached: each call makes a new one, which its caller destroys. ${instead}`,
  );
}

/** Tells the user who kept a client how to keep one; `label` is that of its key, which shows no secret. */
export function warnLateUse(label: string): void {
  warnOnce(
    "BRS_CLIENT_EVICTED",
    `${label} was used after it had left its cache. The request works, but its connections are closed whenever it is idle. ` +
      "Ask for the client each time, with session.client(), make the cache larger with maxSize, or take the client out with cache.take()",
  );
}

const told = new Map<string, Set<string>>();

function warnOnce(code: string, message: string): void {
  const messages = told.get(code) ?? new Set();
  if (messages.has(message) || messages.size >= MOST_CAUSES) return;
  told.set(code, messages.add(message));
  warn(code, message);
}
