/** The shape of an input: which members it has. Inputs of one shape are presigned by one template. */

/** The input of a command. */
export type Input = Readonly<Record<string, unknown>>;

/** The one map whose keys become names of headers. */
export const METADATA = "Metadata";

/** Members that decide about more than their own place in a request: where it goes, and which checksum it carries. */
const FIXED = ["Bucket", "ChecksumAlgorithm"];

export const isFixed = (member: string): boolean => FIXED.includes(member);

/**
 * Names of all members, keys of the metadata, and values of what is fixed; undefined where one of those is no text, or something is
 * inherited, of which clients send a part.
 */
export function shapeOf(input: Input): string | undefined {
  let shape = "";
  for (const member in input) {
    if (!Object.hasOwn(input, member)) return undefined;
    const value = input[member];
    if (value === undefined) continue;
    shape += `\n${member}`;
    if (isFixed(member)) {
      if (typeof value !== "string" || value.includes("\n")) return undefined;
      shape += `=${value}`;
    } else if (member === METADATA) {
      if (typeof value !== "object" || value === null) return undefined;
      for (const key in value) {
        if (!Object.hasOwn(value, key)) return undefined;
        shape += ` ${key}`;
      }
    }
  }
  return shape;
}

/** A shape to compare with, for runs of inputs that have the same: costs less than naming each. */
export class InputShape {
  readonly #members: readonly string[];
  /** Values of what is fixed, by place. */
  readonly #fixed: readonly unknown[];

  constructor(input: Input) {
    this.#members = Object.keys(input).filter((member) => input[member] !== undefined);
    this.#fixed = this.#members.map((member) => (isFixed(member) ? input[member] : undefined));
  }

  /** Whether an input has these members, in this order. One with metadata is not looked into, and is said not to. */
  isOf(input: Input): boolean {
    let index = 0;
    for (const member in input) {
      const value = input[member];
      if (value === undefined) continue;
      if (this.#members[index] !== member || member === METADATA || !Object.hasOwn(input, member)) return false;
      const fixed = this.#fixed[index++];
      if (fixed !== undefined && fixed !== value) return false;
    }
    return index === this.#members.length;
  }
}
