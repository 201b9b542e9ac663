/** Headers of a request to sign: names without regard to case, names that repeat, and the order of adding kept. */
import { inspect } from "node:util";
import { masked, SigningError } from "../../errors.js";

/** Headers as an object (a list is several headers of that name), a `Headers`, a `Map`, or pairs. */
export type AwsHeadersInput =
  | Readonly<Record<string, string | number | readonly string[] | undefined>>
  | Iterable<readonly [name: string, value: string]>;

/** Values of these are secrets, or worth as much for as long as they are valid. */
const SECRET: ReadonlySet<string> = new Set([
  "authorization",
  "cookie",
  "proxy-authorization",
  "x-amz-copy-source-server-side-encryption-customer-key",
  "x-amz-s3session-token",
  "x-amz-security-token",
  "x-amz-server-side-encryption-customer-key",
]);

interface Header {
  readonly name: string;
  readonly lower: string;
  value: string;
}

/**
 * A multi-map of headers. `add` appends, also where the name is there already: both values are then signed and sent.
 *
 * @example
 * ```ts
 * import { AwsHeaders } from "aws-refresh-session/signing";
 *
 * const headers = new AwsHeaders({ "Content-Type": "text/plain" });
 * headers.add("X-Amz-Meta-Tag", "a");
 * headers.add("x-amz-meta-tag", "b");
 * headers.getAll("X-AMZ-META-TAG"); // ["a", "b"]
 * ```
 */
export class AwsHeaders implements Iterable<[name: string, value: string]> {
  #list: Header[] = [];

  /** @throws SigningError naming the header that no request can carry */
  constructor(headers?: AwsHeadersInput | null) {
    if (headers === undefined || headers === null) return;
    if (typeof headers !== "object") throw malformed("headers", "an object, a Headers, a Map or pairs", headers);
    if (Symbol.iterator in headers) {
      for (const pair of headers as Iterable<unknown>) {
        if (!Array.isArray(pair)) throw malformed("headers", "pairs of a name and a value", pair);
        this.add(pair[0], pair[1]);
      }
      return;
    }
    for (const [name, value] of Object.entries(headers)) {
      if (value === undefined) continue;
      for (const each of Array.isArray(value) ? value : [value]) this.add(name, each as string);
    }
  }

  /** The number of headers, repeated ones counted each time. */
  get size(): number {
    return this.#list.length;
  }

  /** Appends a header; those of the same name stay. */
  add(name: string, value: string | number): void {
    const text = checked(name, value);
    this.#list.push({ name, lower: name.toLowerCase(), value: text });
  }

  /** The first value of a name. */
  get(name: string): string | undefined {
    const lower = name.toLowerCase();
    return this.#list.find((header) => header.lower === lower)?.value;
  }

  /** All values of a name, in the order of adding. */
  getAll(name: string): string[] {
    const lower = name.toLowerCase();
    return this.#list.filter((header) => header.lower === lower).map(({ value }) => value);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Makes this the only value of a name. Where the name is there already, its place and spelling are kept. */
  set(name: string, value: string | number): void {
    const text = checked(name, value);
    const lower = name.toLowerCase();
    const first = this.#list.find((header) => header.lower === lower);
    if (first === undefined) {
      this.add(name, text);
      return;
    }
    first.value = text;
    this.#keep((header) => header === first || header.lower !== lower);
  }

  /** Removes every header of a name; tells whether there was one. */
  delete(name: string): boolean {
    const lower = name.toLowerCase();
    return this.#keep((header) => header.lower !== lower);
  }

  #keep(isKept: (header: Header) => boolean): boolean {
    const kept = this.#list.filter(isKept);
    const removed = kept.length < this.#list.length;
    if (removed) this.#list = kept;
    return removed;
  }

  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    for (const { name, value } of this.#list) yield [name, value];
  }

  /** What may be shown: the values of secret headers are masked. */
  toJSON(): Array<[name: string, value: string]> {
    return this.#list.map(({ name, lower, value }) => [name, SECRET.has(lower) ? masked(value) : value]);
  }

  [inspect.custom](): string {
    return `AwsHeaders ${inspect(this.toJSON())}`;
  }
}

function checked(name: unknown, value: unknown): string {
  if (typeof name !== "string" || !/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) {
    throw malformed("headers", "named by letters, digits and hyphens", name);
  }
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  // These would end the header, or the request.
  if (typeof value === "string" && !/[\r\n\0]/.test(value)) return value;
  throw malformed(name, "a string without line ends and NUL, or a number", value);
}

/** What was found is not shown: headers hold secrets. */
function malformed(param: string, expected: string, found: unknown): SigningError {
  const where = param === "headers" ? param : `headers: ${param}`;
  return new SigningError(`"${where}" must be ${expected}, found ${masked(found)}`, {
    code: "ERR_SIGN_REQUEST",
    param,
  });
}
