/** A seeded source of choices, so that a case that failed can be made again. */

/** Splits one seed into as many as there are cases. */
export function caseSeed(seed: number, index: number): number {
  return Math.imul(seed ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b) >>> 0;
}

/** Numbers by mulberry32, and the choices that are made of them. */
export class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)] as T;
  }

  /** Up to `most` choices, each possible more than once. */
  some<T>(of: readonly T[], most: number): T[] {
    return Array.from({ length: this.below(most + 1) }, () => this.one(of));
  }

  /** A name in some mixture of upper and lower case. */
  spelled(name: string): string {
    const way = this.next();
    if (way < 0.5) return name;
    if (way < 0.7) return name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
    if (way < 0.8) return name.toUpperCase();
    return [...name].map((letter) => (this.chance(0.5) ? letter.toUpperCase() : letter)).join("");
  }
}
