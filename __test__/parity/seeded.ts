/** Random choices that a seed repeats: the seed differs from run to run, is printed, and is taken from SEED when that is set. */
import { randomInt } from "node:crypto";

export interface Seeded {
  readonly seed: number;
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  pick<T>(choices: readonly T[]): T;
  /** True in about this share of all calls. */
  chance(share: number): boolean;
  /** Up to `most` items, or none. */
  list<T>(most: number, make: (index: number) => T): T[];
  /** Text of up to `most` pieces, at least one. */
  text(pieces: readonly string[], most: number): string;
}

export function seeded(): Seeded {
  const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
  let state = seed | 0;
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  const pick = <T>(choices: readonly T[]): T => choices[below(choices.length)] as T;
  const text = (pieces: readonly string[], most: number) =>
    Array.from({ length: 1 + below(most) }, () => pick(pieces)).join("");
  const chance = (share: number) => next() < share;
  const list = <T>(most: number, make: (index: number) => T) =>
    Array.from({ length: below(most + 1) }, (_, index) => make(index));
  return { seed, below, pick, chance, list, text };
}
