/** Commands that the tests of MFA run for real: Node programs, so that they run everywhere. */

/** A command that runs a piece of JavaScript. */
export function node(script: string, ...args: string[]): string[] {
  return [process.execPath, "-e", script, ...args];
}

/** A command that prints a text as it is. */
export function printing(text: string): string[] {
  return node("process.stdout.write(process.argv[1])", text);
}
