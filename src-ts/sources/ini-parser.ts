/** Reads the text of AWS's config and credentials files: sections of keys, in the dialect of botocore. */
import { BRSConfigurationError } from "../errors.js";

/** Text, or the keys of an indented block. */
export type IniValue = string | ReadonlyMap<string, string>;

/** The keys of one section, in lower case. */
export type IniSection = ReadonlyMap<string, IniValue>;

/** The section whose keys every other section has too, unless it sets them itself. */
const COMMON_SECTION = "DEFAULT";

interface Entry {
  /** Line of the key. */
  readonly line: number;
  /** What follows the key, and the lines that continue it. */
  readonly parts: string[];
}

/**
 * Reads a whole file in one pass. The rules are those of Python's RawConfigParser and botocore's `raw_config_parse`:
 *
 * - `[section]`; what follows the last bracket is ignored. A section, or a key in a section, must not come twice.
 * - `key = value` or `key: value`, at the first of the two signs. Keys are put in lower case, names of sections are not.
 * - A line that begins with `#` or `;` is a comment. After a value these signs belong to the value.
 * - A line indented deeper than its key continues the value. When nothing follows the sign, the lines that continue it are
 *   a block of `key = value` lines: a map, whose keys keep their case.
 * - Keys under `[DEFAULT]` count in every section.
 *
 * @param path of the file, for errors
 * @throws BRSConfigurationError with code ERR_CONFIG_PARSE, and `details` { path, line }; never with content of the file
 */
export function parseIni(text: string, path: string): Map<string, IniSection> {
  if (text.startsWith(BYTE_ORDER_MARK)) {
    throw parseError(path, 1, "the file begins with a byte order mark: save it as UTF-8 without one");
  }
  const common = new Map<string, Entry>();
  const sections = new Map<string, Map<string, Entry>>();
  const headers = new Map<string, number>();
  let section: Map<string, Entry> | undefined;
  let entry: Entry | undefined;
  let indent = 0;

  const openSection = (name: string, line: number): Map<string, Entry> => {
    if (name === COMMON_SECTION) return common;
    const before = headers.get(name);
    if (before !== undefined) throw parseError(path, line, `the section of this line began on line ${before} already`);
    headers.set(name, line);
    const opened = new Map<string, Entry>();
    sections.set(name, opened);
    return opened;
  };

  const lines = text.split(text.includes("\r") ? /\r\n|\r|\n/ : "\n");
  for (let index = 0; index < lines.length; index++) {
    const raw = lines[index] as string;
    const start = firstNonSpace(raw);
    if (start === raw.length) {
      entry?.parts.push("");
      continue;
    }
    const sign = raw.charCodeAt(start);
    if (sign === HASH || sign === SEMICOLON) continue;
    const content = raw.slice(start, endOfContent(raw));
    if (entry !== undefined && start > indent) {
      entry.parts.push(content);
      continue;
    }
    indent = start;
    const line = index + 1;
    const bracket = sign === BRACKET ? content.lastIndexOf("]") : -1;
    if (bracket > 1) {
      section = openSection(content.slice(1, bracket), line);
      entry = undefined;
      continue;
    }
    if (section === undefined) throw parseError(path, line, "a line comes before the first [section]");
    const at = signOf(content);
    const key = at < 0 ? "" : content.slice(0, endOfContent(content, at)).toLowerCase();
    if (key === "") throw parseError(path, line, `a line is no "key = value", no [section] and no comment`);
    const before = section.get(key);
    if (before !== undefined)
      throw parseError(path, line, `the key of this line is set on line ${before.line} already`);
    entry = { line, parts: [content.slice(firstNonSpace(content, at + 1))] };
    section.set(key, entry);
  }
  return new Map([...sections].map(([name, keys]) => [name, valuesOf(keys, common, path)]));
}

/** The error of a file that cannot be read as config. The problem must not quote the file: any line may hold a secret. */
export function parseError(path: string, line: number, problem: string): BRSConfigurationError {
  return new BRSConfigurationError(`${path}, line ${line}: ${problem}`, {
    code: "ERR_CONFIG_PARSE",
    details: { path, line },
  });
}

function valuesOf(keys: Map<string, Entry>, common: ReadonlyMap<string, Entry>, path: string): IniSection {
  const values = new Map<string, IniValue>();
  for (const [key, entry] of keys) values.set(key, entryValue(entry, path));
  for (const [key, entry] of common) if (!values.has(key)) values.set(key, entryValue(entry, path));
  return values;
}

function entryValue({ line, parts }: Entry, path: string): IniValue {
  const [first = ""] = parts;
  if (parts.length === 1) return first;
  const joined = parts.join("\n");
  const text = joined.slice(0, endOfContent(joined));
  return text.startsWith("\n") ? blockOf(text, line, path) : text;
}

function blockOf(text: string, line: number, path: string): ReadonlyMap<string, string> {
  const block = new Map<string, string>();
  for (const each of text.split(LINE_BREAK)) {
    const content = strip(each);
    if (content === "") continue;
    const at = content.indexOf("=");
    if (at < 0) throw parseError(path, line, `the block under this key has a line that is no "key = value"`);
    block.set(strip(content.slice(0, at)), strip(content.slice(at + 1)));
  }
  return block;
}

/** Where the first `=` or `:` stands, or -1. */
function signOf(content: string): number {
  const equals = content.indexOf("=");
  const colon = content.indexOf(":");
  return equals < 0 ? colon : colon < 0 ? equals : Math.min(equals, colon);
}

const BYTE_ORDER_MARK = "\ufeff";
const HASH = 0x23;
const SEMICOLON = 0x3b;
const BRACKET = 0x5b;

/** What ends a line within a value for Python: more than what ends a line of the file. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Python's str.splitlines knows them.
const LINE_BREAK = /[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]/;

/** Python's idea of white space, which has the separators from 0x1c on and not the byte order mark. */
function isSpace(code: number): boolean {
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x1f);
  return (
    code === 0x85 ||
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}

function firstNonSpace(text: string, from = 0): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** Where the text before `end` ends once white space is taken off. */
function endOfContent(text: string, end = text.length): number {
  let at = end;
  while (at > 0 && isSpace(text.charCodeAt(at - 1))) at--;
  return at;
}

function strip(text: string): string {
  const start = firstNonSpace(text);
  return text.slice(start, Math.max(start, endOfContent(text)));
}
