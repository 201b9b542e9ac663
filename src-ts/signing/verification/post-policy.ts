/** A POST policy: what it says, and whether the fields of a form fulfil it. */
import { refusal } from "./refusal.js";

/** What a policy demands of one field, or of the size of the file. */
type Condition =
  | { readonly operator: "eq" | "starts-with"; readonly name: string; readonly value: string }
  | { readonly operator: "content-length-range"; readonly minimum: number; readonly maximum: number };

export interface PostPolicy {
  /** Milliseconds since the epoch. */
  readonly expiration: number;
  readonly conditions: readonly Condition[];
}

/** The sizes that a file may have, in bytes. */
export interface LengthRange {
  readonly minimum: number;
  readonly maximum: number;
}

const invalid = (found: string) => refusal("InvalidPolicyDocument", `Invalid Policy: ${found}`);

/** Reads the policy of a form, base64 of JSON. Nothing of it is proved by that. */
export function readPolicy(base64: string): PostPolicy {
  if (base64 === "" || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    throw invalid("it is not base64.");
  }
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(base64, "base64")));
  } catch {
    throw invalid("Invalid JSON.");
  }
  if (typeof document !== "object" || document === null) throw invalid("Invalid JSON.");
  const { expiration, conditions } = document as Record<string, unknown>;
  if (typeof expiration !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(expiration)) {
    throw invalid("Invalid 'expiration' value.");
  }
  const ends = Date.parse(expiration);
  if (!Number.isFinite(ends)) throw invalid("Invalid 'expiration' value.");
  if (!Array.isArray(conditions)) throw invalid("Invalid 'conditions' value: must be a List.");
  return { expiration: ends, conditions: conditions.flatMap(conditionsOf) };
}

function conditionsOf(condition: unknown): Condition[] {
  if (!Array.isArray(condition)) {
    if (typeof condition !== "object" || condition === null) throw invalid("Invalid Condition.");
    return Object.entries(condition).map(([name, value]) => {
      if (typeof value !== "string") throw invalid("Invalid Simple-Condition: value must be a string.");
      return { operator: "eq", name: name.toLowerCase(), value };
    });
  }
  const [first, name, value] = condition;
  if (condition.length !== 3 || typeof first !== "string") throw invalid("Invalid Condition.");
  const operator = first.toLowerCase();
  if (operator === "content-length-range") {
    const [minimum, maximum] = [wholeNumber(name), wholeNumber(value)];
    if (minimum === undefined || maximum === undefined)
      throw invalid("Invalid content-length-range: arguments must be integers.");
    return [{ operator, minimum, maximum }];
  }
  if (operator !== "eq" && operator !== "starts-with") throw invalid("Invalid Condition: unknown operation.");
  if (typeof name !== "string" || typeof value !== "string" || !/^\$./.test(name)) {
    throw invalid("Invalid Condition: it must name a field, with a dollar sign before it.");
  }
  return [{ operator, name: name.slice(1).toLowerCase(), value }];
}

function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** Fields that no policy has to mention. */
const isFree = (name: string) =>
  name === "x-amz-signature" || name === "file" || name === "policy" || name.startsWith("x-ignore-");

const denied = (why: string) => refusal("AccessDenied", `Invalid according to Policy: ${why}`);

/** Refuses a form whose fields, by lower-case names, do not fulfil the policy, or that has fields of which it says nothing. */
export function checkFields({ conditions }: PostPolicy, fields: ReadonlyMap<string, string>): void {
  const named = new Set<string>();
  for (const condition of conditions) {
    if (condition.operator === "content-length-range") continue;
    named.add(condition.name);
    const found = fields.get(condition.name);
    if (found === undefined || !fulfils(condition, found)) {
      const { operator, name, value } = condition;
      const shown = name === "x-amz-security-token" ? `<token, ${Buffer.byteLength(value)} bytes>` : value;
      throw denied(`Policy Condition failed: ${JSON.stringify([operator, `$${name}`, shown])}`);
    }
  }
  const extra = [...fields.keys()].filter((name) => !isFree(name) && !named.has(name));
  if (extra.length > 0) throw denied(`Extra input fields: ${extra.join(", ")}`);
}

function fulfils({ operator, name, value }: Extract<Condition, { name: string }>, found: string): boolean {
  if (operator === "eq") return found === value;
  // A content type may be a list, and a browser may take any of them.
  const parts = name === "content-type" ? found.split(",") : [found];
  return parts.every((part, index) => (index === 0 ? part : part.trimStart()).startsWith(value));
}

/** The sizes that all conditions allow; undefined when none speaks of them. */
export function lengthRangeOf({ conditions }: PostPolicy): LengthRange | undefined {
  let range: LengthRange | undefined;
  for (const condition of conditions) {
    if (condition.operator !== "content-length-range") continue;
    range = {
      minimum: Math.max(condition.minimum, range?.minimum ?? 0),
      maximum: Math.min(condition.maximum, range?.maximum ?? Number.MAX_SAFE_INTEGER),
    };
  }
  return range;
}

/** Refuses a file of a size that the policy does not allow. */
export function checkLength(range: LengthRange | undefined, size: number): void {
  if (range === undefined) return;
  if (size > range.maximum) {
    throw refusal("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");
  }
  if (size < range.minimum) {
    throw refusal("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
  }
}
