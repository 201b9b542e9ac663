/** POST policies: the conditions that an upload by HTML form has to meet, checked and written as S3 reads them. */
import { SigningError, shown } from "../../errors.js";

/**
 * What a form must hold: a field with this very value, in either form; a field that begins with a text; or a size of the
 * file in bytes. Fields are written `$name` in lists.
 */
export type PostCondition =
  | Readonly<Record<string, string>>
  | readonly ["eq" | "starts-with", `$${string}`, string]
  | readonly ["content-length-range", number, number];

/** Stands in a key for the name of the file that the user picked. */
// Written so that it is not taken for a template that lost its quotes.
const FILENAME = "\u0024{filename}";

/** Names that a signed form holds besides those of the caller; in any case of letters. */
const WRITTEN_BY_US: ReadonlySet<string> = new Set([
  "key",
  "bucket",
  "policy",
  "file",
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-security-token",
  "x-amz-signature",
]);

/** The fields of the caller as a list of pairs, each one checked. */
export function checkFields(fields: unknown): [name: string, value: string][] {
  if (fields === undefined) return [];
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw malformed("fields", "an object of names and values", fields);
  }
  const seen = new Set<string>();
  return Object.entries(fields).map(([name, value]) => {
    const lower = name.toLowerCase();
    if (WRITTEN_BY_US.has(lower)) {
      throw malformed(
        `fields.${name}`,
        "left out: it is written by createPresignedPost, or added by who uploads",
        name,
      );
    }
    // S3 reads names without regard to case and would take one of the two.
    if (seen.has(lower)) throw malformed(`fields.${name}`, "given once, whatever its case", name);
    seen.add(lower);
    if (name === "" || !isText(name)) throw malformed("fields", "an object of names and values", name);
    if (!isText(value)) throw malformed(`fields.${name}`, "a string", value);
    return [name, value];
  });
}

/** The conditions of the caller, each of a shape that S3 knows. */
export function checkConditions(conditions: unknown): readonly PostCondition[] {
  if (conditions === undefined) return [];
  if (!Array.isArray(conditions)) throw malformed("conditions", "a list of conditions", conditions);
  return conditions.map((condition, index) => {
    const problem = problemOf(condition);
    if (problem === undefined) return condition;
    throw malformed(`conditions[${index}]`, problem, condition);
  });
}

/** What a condition must be and is not, or undefined. */
function problemOf(condition: unknown): string | undefined {
  if (typeof condition !== "object" || condition === null) return "{ field: value } or a list";
  if (!Array.isArray(condition)) {
    const entries = Object.entries(condition);
    const [name, value] = entries[0] ?? [];
    if (entries.length !== 1 || name === "" || !isText(name)) return "{ field: value } with one field";
    return isText(value) ? undefined : `{ ${name}: value } with a string as the value`;
  }
  const [operator, first, second] = condition;
  switch (operator) {
    case "eq":
    case "starts-with": {
      if (condition.length !== 3) return `["${operator}", "$field", value]`;
      if (!isText(first) || !/^\$./s.test(first))
        return `["${operator}", "$field", value] with a field that begins with "$"`;
      return isText(second) ? undefined : `["${operator}", "${first}", value] with a string as the value`;
    }
    case "content-length-range": {
      const areSizes =
        condition.length === 3 && [first, second].every((size) => Number.isSafeInteger(size) && size >= 0);
      return areSizes && first <= second
        ? undefined
        : '["content-length-range", least, most] with whole numbers of bytes, the least not above the most';
    }
    default:
      return 'one that begins with "eq", "starts-with" or "content-length-range"';
  }
}

/** What a key asks of the form: this very key, or its beginning when it ends with the name of a file chosen later. */
export function keyCondition(key: string): PostCondition {
  const at = key.indexOf(FILENAME);
  return at < 0 ? { key } : ["starts-with", "$key", key.slice(0, at)];
}

/** A policy in base64. Two conditions that say the same are written once. */
export function encodePolicy(expiration: number, conditions: readonly PostCondition[]): string {
  const texts = new Set(conditions.map((condition) => JSON.stringify(condition)));
  const end = `${new Date(expiration).toISOString().slice(0, 19)}Z`;
  const policy = `{"expiration":"${end}","conditions":[${[...texts].join(",")}]}`;
  // S3 wants characters beyond ASCII escaped; JSON.stringify leaves them as they are.
  const ascii = policy.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return Buffer.from(ascii).toString("base64");
}

const isText = (value: unknown): value is string => typeof value === "string" && !/\p{Surrogate}/u.test(value);

function malformed(param: string, expected: string, found: unknown): SigningError {
  return new SigningError(`"${param}" must be ${expected}, found ${shown(found)}`, {
    code: "ERR_SIGN_POLICY",
    param,
  });
}
