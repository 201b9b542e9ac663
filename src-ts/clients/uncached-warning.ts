/** Says once for each cause that something is not cached. */
import { warn } from "../warnings.js";
import type { UnkeyableError } from "./unkeyable-error.js";

/** Paths are made of names in configs, which a program may make up without end. */
const MOST_CAUSES = 100;

const told = new Set<string>();

export function warnUncached(noun: "client" | "resource", { message, path }: UnkeyableError): void {
  const cause = `${noun}: ${message}`;
  if (told.has(cause) || told.size >= MOST_CAUSES) return;
  told.add(cause);
  const instead =
    path === "config"
      ? "Give a plain object of plain data"
      : "Leave the member out, or give plain data, or an instance of a class that is the same one in each call";
  warn(
    "BRS_CONFIG_NOT_CACHED",
    `${message}, so the ${noun} is not cached: each call makes a new one, which its caller destroys. ${instead}`,
  );
}
