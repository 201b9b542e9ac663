/** Reads the members of a JSON object as texts, in their order, the way botocore moves a JSON body into a query. */
import { SigningError } from "../../errors.js";

/**
 * The members of a JSON object, each with the list of its values as Python's `str` writes them.
 *
 * `JSON.parse` would not do: it moves names that look like numbers to the front, and makes `1.0` the number 1.
 *
 * @throws SigningError for text that is no JSON object, or has objects or lists within its members
 */
export function jsonMembers(json: string): Map<string, readonly string[]> {
  const refused = (problem: string) =>
    new SigningError(
      `"data" ${problem}: a body that moves into the query of a URL must be an object of JSON with plain members`,
      {
        code: "ERR_SIGN_BODY",
        param: "data",
      },
    );
  try {
    JSON.parse(json);
  } catch {
    // The parser's own message may quote the body.
    throw refused("is no JSON");
  }
  // Well formed from here on: what is left to do is to cut it into tokens.
  const tokens = json.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs) ?? [];
  let at = 0;
  const next = (): string => tokens[at++] ?? "";
  if (next() !== "{") throw refused("is no object of JSON");
  const members = new Map<string, readonly string[]>();
  if (tokens[at] === "}") return members;
  do {
    const name = JSON.parse(next()) as string;
    next();
    if (tokens[at] !== "[") {
      members.set(name, [scalar(next(), refused)]);
    } else {
      next();
      const items: string[] = [];
      while (tokens[at] !== "]") {
        items.push(scalar(next(), refused));
        if (tokens[at] === ",") next();
      }
      next();
      members.set(name, items);
    }
  } while (next() === ",");
  return members;
}

const NAMES: Readonly<Record<string, string>> = { true: "True", false: "False", null: "None" };

function scalar(token: string, refused: (problem: string) => SigningError): string {
  if (token === "{" || token === "[") throw refused("has an object or a list within a member");
  if (token.startsWith('"')) return JSON.parse(token) as string;
  return NAMES[token] ?? (/[.eE]/.test(token) ? floatText(Number(token)) : String(BigInt(token)));
}

/** A number as Python writes a float: always with a point or an exponent. */
function floatText(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const [mantissa = "", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (value !== 0 && (exponent < -4 || exponent >= 16)) {
    const digits = String(Math.abs(exponent)).padStart(2, "0");
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${digits}`;
  }
  const text = Object.is(value, -0) ? "-0" : String(value);
  return text.includes(".") ? text : `${text}.0`;
}
