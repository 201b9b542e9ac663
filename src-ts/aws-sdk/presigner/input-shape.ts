/** The shape of an input: which members it has. Inputs of one shape are presigned by one template. */

/** The input of a command. */
export type Input = Readonly<Record<string, unknown>>;

/** The one map whose keys become names of headers. */
export const METADATA = "Metadata";

/** Members that decide about more than their own place in a request: where it goes, and which checksum it carries. */
const FIXED = ["Bucket", "ChecksumAlgorithm"];

export const isFixed = (member: string): boolean => FIXED.includes(member);

/** Names of all members, keys of the metadata, and values of what is fixed; undefined where one of those is no text. */
export function shapeOf(input: Input): string | undefined {
  let shape = "";
  for (const member in input) {
    const value = input[member];
    if (value === undefined) continue;
    shape += `\n${member}`;
    if (isFixed(member)) {
      if (typeof value !== "string" || value.includes("\n")) return undefined;
      shape += `=${value}`;
    } else if (member === METADATA) {
      if (typeof value !== "object" || value === null) return undefined;
      for (const key in value) shape += ` ${key}`;
    }
  }
  return shape;
}
