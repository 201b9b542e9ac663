/** POST policies as JSON, byte for byte as Python's `json.dumps` writes them: the signature covers the text, not the values. */
import { masked, SigningError } from "../../errors.js";

/** `{"a": 1, "b": ["x", "\u00e9"]}`: a space after commas and colons, everything but printable ASCII escaped. */
export function policyJson(value: unknown, param: string): string {
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
      if (Array.isArray(value)) return `[${value.map((item, i) => policyJson(item, `${param}[${i}]`)).join(", ")}]`;
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== null) break;
      const members = Object.entries(value).map(
        ([name, item]) => `${quoted(name)}: ${policyJson(item, `${param}.${name}`)}`,
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
