/** What people see of a key: the target and its config in one line, with nothing secret in it. */
import { cut, masked } from "../errors.js";
import { type CacheTarget, type Defaults, isAbsent } from "./config-key.js";
import { kindOf } from "./member-kinds.js";
import { plainName } from "./plain-name.js";
import { isSecretName } from "./secret-names.js";

const LONGEST_STRING = 60;
/** Texts longer than this may be keys or certificates, of which not even the beginning is shown. */
const LONGEST_OPEN = 128;
const LONGEST_LABEL = 400;

/**
 * Such as `S3Client(region: "eu-west-1", credentials: ***)`: members in the order they have, without those that are undefined
 * or the same as in `defaults`.
 */
export function keyLabel(target: CacheTarget, config: object | undefined, defaults?: Defaults): string {
  const name = shownOr("(anonymous)", () => nameShown(target));
  const members = shownOr("...", () => (config === undefined ? "" : membersShown(config, 0, defaults)));
  return cut(`${name}(${members})`, LONGEST_LABEL);
}

/** Where an accessor of the user's throws, its error is not passed on: it may tell anything. */
function shownOr(otherwise: string, show: () => string): string {
  try {
    return show();
  } catch {
    return otherwise;
  }
}

function nameShown(target: CacheTarget): string {
  const name = typeof target === "string" ? target : target.name;
  if (name === "") return "(anonymous)";
  return /^[ -~]+$/.test(name) ? name : plainName(name);
}

function membersShown(object: object, depth: number, defaults?: Defaults): string {
  const members: string[] = [];
  for (const name of Object.keys(object)) {
    const value = (object as Record<string, unknown>)[name];
    if (isAbsent(value, name, defaults)) continue;
    members.push(
      `${plainName(name)}: ${isSecretName(name) && typeof value !== "boolean" ? "***" : valueShown(value, depth)}`,
    );
  }
  return members.join(", ");
}

function valueShown(value: unknown, depth: number): string {
  if (typeof value === "string") return stringShown(value);
  if (typeof value === "function") return "[function]";
  if (typeof value !== "object" || value === null) return cut(String(value), LONGEST_STRING);
  switch (kindOf(value)) {
    case "object":
      return depth > 0 ? "{...}" : `{${membersShown(value, depth + 1)}}`;
    case "date":
      return String(Date.prototype.getTime.call(value));
    case "url":
      return stringShown(URL.prototype.toString.call(value));
    case "array":
      // Of lists the length alone: a pair of a header's name and its value says nowhere which is which.
      return `[${(value as unknown[]).length}]`;
    default:
      return `[${classShown(value)}]`;
  }
}

function classShown(value: object): string {
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === "string" && name !== "" ? name : "object";
}

/** Of URLs neither user information nor query, which may be a signature; of long texts the beginning. */
function stringShown(text: string): string {
  if (text.length > LONGEST_OPEN) return masked(text);
  const [address = "", query] = text.split(/[?#]/, 2);
  const at = address.lastIndexOf("@");
  const open = at < 0 ? address : `***${address.slice(at)}`;
  return JSON.stringify(cut(query === undefined ? open : `${open}?...`, LONGEST_STRING));
}
