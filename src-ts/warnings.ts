/** Warnings of the package: through the process, under one type, each with a code to listen for. */

/** Seen by listeners of `process.on("warning")`, and printed unless Node is told otherwise. Never holds a secret. */
export function warn(code: string, message: string): void {
  process.emitWarning(message, { type: "BRSWarning", code });
}
