/** POST policies as JSON, byte for byte as Python's `json.dumps` writes them: the signature covers the text, not the values. */
import { masked, SigningError } from "../../errors.js";

/** Lists and objects within each other; a policy that holds itself has no end of them. */
const MAX_DEPTH = 100;

/** `{"a": 1, "b": ["x", "\u00e9"]}`: a space after commas and colons, everything but printable ASCII escaped. */
export function policyJson(value: unknown, param: string, depth = 0): string {
  if (depth > MAX_DEPTH) {
    throw new SigningError(`"${param.slice(0, 60)}..." lies within more than ${MAX_DEPTH} lists and objects`, {
      code: "ERR_SIGN_POLICY",
      param,
    });
  }
  switch (typeof value) {
    case "string":
      return quoted(value);
    case "boolean":
    case "bigint":
      return String(value);
    case "number":
      if (Number.isFinite(value)) return String(value);
      break;
    case "object": {
      if (value === null) return "null";
      if (Array.isArray(value)) {
        // Holes of a list are visited too, and refused as undefined.
        return `[${Array.from(value, (item, i) => policyJson(item, `${param}[${i}]`, depth + 1)).join(", ")}]`;
      }
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== null) break;
      const members = Object.entries(value).map(
        ([name, item]) => `${quoted(name)}: ${policyJson(item, `${param}.${name}`, depth + 1)}`,
      );
      return `{${members.join(", ")}}`;
    }
  }
  throw new SigningError(
    `"${param}" must be JSON (text, a number, true, false, null, a list or an object), found ${masked(value)}`,
    {
      code: "ERR_SIGN_POLICY",
      param,
    },
  );
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
