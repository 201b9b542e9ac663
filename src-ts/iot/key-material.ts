/** One piece of a certificate option: PEM text or bytes as given, or a file that is read again when it changes. */
import { readFileSync, statSync } from "node:fs";
import { BRSValidationError, masked } from "../errors.js";
import { expandHome } from "../sources/config-files.js";
import { refuse } from "../strategies/option-checks.js";

/** Content, or where to find it: text with a line "-----BEGIN ..." is PEM, all other text is a path. */
export type KeyMaterial = string | Uint8Array;

// Tools write comments in front, as "Bag Attributes"; no path has a line like this.
const BEGINS_AS_PEM = /^\s*-----BEGIN /m;

/** What a file was when it was read; another text means that it has changed. */
type Stamp = string;

export class MaterialSource {
  /** The option, for errors. */
  readonly param: string;
  readonly #path: string | undefined;
  readonly #given: Buffer | undefined;

  constructor(param: string, value: unknown, homeDir: () => string) {
    this.param = param;
    if (value instanceof Uint8Array) {
      // A copy: what the caller does with the bytes later must not reach us.
      this.#given = Buffer.from(value);
    } else if (typeof value === "string" && BEGINS_AS_PEM.test(value)) {
      this.#given = Buffer.from(value, "utf8");
    } else if (typeof value === "string" && value !== "") {
      this.#path = expandHome(value, homeDir);
    } else {
      refuse(param, "PEM text, its bytes or the path of a file", value, true);
    }
  }

  /** Reading is synchronous: the files are small, and rarely read. */
  read(): Buffer {
    if (this.#path === undefined) return this.#given as Buffer;
    return this.#looking(() => readFileSync(this.#path as string));
  }

  stamp(): Stamp {
    if (this.#path === undefined) return "";
    return this.#looking(() => {
      const { mtimeMs, ctimeMs, size, ino } = statSync(this.#path as string);
      return [mtimeMs, ctimeMs, size, ino].join();
    });
  }

  #looking<Found>(look: () => Found): Found {
    try {
      return look();
    } catch (error) {
      const { code = "unknown" } = error as { code?: string };
      // Not even the path is shown: it may be a key that lost its first line.
      throw new BRSValidationError(
        `${this.param} must be PEM text ("-----BEGIN ..."), its bytes or the path of a file that can be read, ` +
          `but is ${masked(this.#path)}, and reading a file of that name failed (${code})`,
        { param: this.param, details: { reason: code } },
      );
    }
  }
}
