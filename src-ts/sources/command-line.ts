/** Splits a command line into a program and its arguments, as it would reach the program, without any shell. */
import { BRSConfigurationError } from "../errors.js";

/** What a command line is for, and by whose rules it is read. */
export interface CommandLineOptions {
  /** Name of the option or setting it stands in, for errors. */
  readonly param: string;
  readonly platform?: NodeJS.Platform;
}

/**
 * On Windows by the rules of the C runtime (double quotes; backslashes count only before one), elsewhere as Python's
 * `shlex.split` reads it: both quotes, backslash outside single quotes, no variables, no patterns, no comments.
 *
 * The line may hold a secret, so no error quotes it.
 *
 * @returns at least one word
 * @throws BRSConfigurationError for a line that is empty, or that ends within a quote or an escape
 */
export function splitCommandLine(line: string, { param, platform = process.platform }: CommandLineOptions): string[] {
  const fault = (problem: string) => new BRSConfigurationError(`${param} ${problem}`, { param });
  const words = platform === "win32" ? splitWindows(line, fault) : splitPosix(line, fault);
  if (words.length === 0) throw fault("is an empty command; name a program, and its arguments behind it");
  return words;
}

type Fault = (problem: string) => Error;

const UNCLOSED = "has a quote that is not closed; close it, or give the command as a list of words";
const UNFINISHED =
  "ends in a backslash, with nothing behind it to escape; remove it, or give the command as a list of words";

// In order: a backslash and what it escapes, a quoted part, plain characters, white space between words.
const POSIX_PART = /\\(.)|'([^']*)'|"((?:\\.|[^"\\])*)"|([^\s\\'"]+)|([ \t\r\n]+)|(.)/gsy;

function splitPosix(line: string, fault: Fault): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const [, escaped, single, double, plain, space, other] of line.matchAll(POSIX_PART)) {
    if (space !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    if (other === "\\") throw fault(UNFINISHED);
    if (other === "'" || other === '"') throw fault(UNCLOSED);
    // Within double quotes a backslash escapes the quote and itself, and stands for itself elsewhere.
    word = (word ?? "") + (escaped ?? single ?? double?.replace(/\\(["\\])/g, "$1") ?? plain ?? other ?? "");
  }
  if (word !== undefined) words.push(word);
  return words;
}

// Backslashes with the quote that follows them, white space, or anything else.
const WINDOWS_PART = /(\\*)"|([ \t]+)|(\\+|[^\\" \t]+)/gy;

function splitWindows(line: string, fault: Fault): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = false;
  for (const [, backslashes, space, plain] of line.matchAll(WINDOWS_PART)) {
    if (space !== undefined && !quoted) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (backslashes !== undefined) {
      // Two before a quote are one; an odd one makes the quote an ordinary character.
      const isLiteral = backslashes.length % 2 === 1;
      word = (word ?? "") + "\\".repeat(backslashes.length >> 1) + (isLiteral ? '"' : "");
      if (!isLiteral) quoted = !quoted;
    } else {
      word = (word ?? "") + (space ?? plain);
    }
  }
  if (quoted) throw fault(UNCLOSED);
  if (word !== undefined) words.push(word);
  return words;
}
