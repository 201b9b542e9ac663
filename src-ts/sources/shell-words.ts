/** Splits a command line into its words, as the shell of the platform would, without ever running one. */
import { BRSConfigurationError } from "../errors.js";

/**
 * The words of a command.
 *
 * POSIX: quotes and backslashes as in `sh`, with nothing expanded. Windows: as the C runtime of a started program reads its
 * arguments. Both split as botocore does.
 *
 * @param param what the command is, for errors; the command itself is not quoted, since it may hold a secret
 * @throws BRSConfigurationError for a quote that is not closed
 */
export function splitCommand(command: string, param: string, platform: NodeJS.Platform = process.platform): string[] {
  const words = platform === "win32" ? windowsWords(command) : posixWords(command);
  if (words !== undefined) return words;
  throw new BRSConfigurationError(`${param} has a quote or an escape that nothing ends: close it`, { param });
}

/** Words in the manner of Python's `shlex.split`; undefined where a quote or an escape has no end. */
export function posixWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (character === "\\" && quote !== "'") {
      const next = text[++at];
      if (next === undefined) return undefined;
      // Between double quotes a backslash is itself, unless it escapes what would otherwise mean something there.
      const isKept = quote !== undefined && next !== "\\" && next !== quote;
      word = (word ?? "") + (isKept ? `\\${next}` : next);
    } else if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (character === " " || character === "\t" || character === "\r" || character === "\n") {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (quote !== undefined) return undefined;
  if (word !== undefined) words.push(word);
  return words;
}

/**
 * Words by the rules for C programs on Windows: backslashes are themselves, except before a double quote, where two stand
 * for one and an odd one out escapes the quote. Undefined where a quote has no end.
 */
export function windowsWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let isQuoted = false;
  let backslashes = 0;
  for (const character of text) {
    if (character === "\\") {
      backslashes++;
      continue;
    }
    if (character === '"') {
      word = (word ?? "") + "\\".repeat(backslashes >> 1);
      if (backslashes % 2 === 1) word += '"';
      else isQuoted = !isQuoted;
      backslashes = 0;
      continue;
    }
    if (backslashes > 0) word = (word ?? "") + "\\".repeat(backslashes);
    backslashes = 0;
    if ((character === " " || character === "\t") && !isQuoted) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (isQuoted) return undefined;
  if (backslashes > 0) word = (word ?? "") + "\\".repeat(backslashes);
  if (word !== undefined) words.push(word);
  return words;
}
