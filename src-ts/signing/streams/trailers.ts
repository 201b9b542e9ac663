/** The headers that follow a body: checksums made on the way, and values that the caller gives or computes. */
import { masked, SigningError, shown } from "../../errors.js";
import { native } from "../../native.js";

/** The checksums that S3 takes, by the names it gives them. */
export type ChecksumAlgorithm = "CRC32" | "CRC32C" | "CRC64NVME" | "SHA1" | "SHA256";

/** A value that is known only when the body is through; `content-length` needs its length before. */
export interface ComputedTrailer {
  /** How many characters the value will have. */
  readonly length: number;
  /** Called once, after the last byte of the body. */
  readonly compute: () => string;
}

/** A header after the body: its value, or how to get it. */
export type TrailerValue = string | ComputedTrailer;

/** A trailing header of one body. */
export interface Trailer {
  /** Lower case. */
  readonly name: string;
  /** Characters of its value, all ASCII. */
  readonly length: number;
  update(bytes: Uint8Array): void;
  /** The value, once the body is through. */
  value(): string;
}

/** Bytes of each checksum; their header holds them in base64. */
const CHECKSUM_BYTES: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

/** The trailing headers that the options ask for, sorted by name as they are signed. */
export function trailersOf(
  algorithm: unknown,
  values: Readonly<Record<string, TrailerValue>> | undefined,
): readonly Trailer[] {
  const trailers = new Map<string, Trailer>();
  if (algorithm !== undefined) {
    const trailer = checksumTrailer(algorithm);
    trailers.set(trailer.name, trailer);
  }
  if (values !== undefined && (typeof values !== "object" || values === null || Array.isArray(values))) {
    throw refused("trailers", "an object of header names and values", masked(values));
  }
  for (const [given, value] of Object.entries(values ?? {})) {
    const name = given.toLowerCase();
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name) || name === "x-amz-trailer-signature") {
      throw refused("trailers", "header names other than x-amz-trailer-signature", shown(given));
    }
    if (trailers.has(name)) throw refused("trailers", `each name once ("${name}" is there already)`, shown(given));
    trailers.set(name, givenTrailer(name, value));
  }
  return [...trailers.values()].sort((one, two) => (one.name < two.name ? -1 : 1));
}

function checksumTrailer(algorithm: unknown): Trailer {
  if (typeof algorithm !== "string" || !Object.hasOwn(CHECKSUM_BYTES, algorithm)) {
    throw new SigningError(
      `"checksumAlgorithm" must be one of ${Object.keys(CHECKSUM_BYTES).join(", ")}, found ${shown(algorithm)}`,
      { code: "ERR_SIGN_CHECKSUM", param: "checksumAlgorithm", value: algorithm },
    );
  }
  const bytes = CHECKSUM_BYTES[algorithm as ChecksumAlgorithm];
  const suffix = algorithm.toLowerCase();
  const state = new native.BodyChecksum(suffix);
  return {
    name: `x-amz-checksum-${suffix}`,
    length: 4 * Math.ceil(bytes / 3),
    update: (piece) => state.update(piece),
    value: () => state.digest().toString("base64"),
  };
}

function givenTrailer(name: string, given: TrailerValue): Trailer {
  const param = `trailers: ${name}`;
  if (typeof given === "string") {
    const text = checkedValue(given, param);
    return { name, length: text.length, update: nothing, value: () => text };
  }
  const { length, compute } = given ?? {};
  if (typeof compute !== "function" || !Number.isSafeInteger(length) || length < 1) {
    throw refused(param, "a string, or { length, compute } with the number of its characters", masked(given));
  }
  return {
    name,
    length,
    update: nothing,
    value: () => {
      const text = checkedValue(compute(), param);
      if (text.length === length) return text;
      throw refused(param, `of the ${length} characters that "length" promised`, `${text.length}`);
    },
  };
}

function nothing(): void {}

/** Servers differ in what they make of other blanks before they check the signature. */
function checkedValue(value: unknown, param: string): string {
  if (typeof value === "string" && /^[!-~]+(?: [!-~]+)*$/.test(value)) return value;
  throw refused(param, "printable ASCII with single blanks inside and none around it", masked(value));
}

function refused(param: string, expected: string, found: string): SigningError {
  return new SigningError(`"${param}" must be ${expected}, found ${found}`, { code: "ERR_SIGN_TRAILER", param });
}
