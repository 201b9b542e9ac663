/** What a process is warned of while a test runs. */
import { setImmediate as turn } from "node:timers/promises";
import type { ExecutionContext } from "ava";

export type CodedWarning = Error & { code?: string };

/** All warnings from now to the end of the test, as they come. For tests that run alone: the process is that of the whole file. */
export function warningsDuring(t: ExecutionContext): CodedWarning[] {
  const warnings: CodedWarning[] = [];
  const listen = (warning: CodedWarning) => void warnings.push(warning);
  process.on("warning", listen);
  t.teardown(() => process.off("warning", listen));
  return warnings;
}

/** Those of one action. Node tells of them in the next turn. */
export async function warningsOf(action: () => unknown): Promise<CodedWarning[]> {
  const warnings: CodedWarning[] = [];
  const listen = (warning: CodedWarning) => void warnings.push(warning);
  process.on("warning", listen);
  try {
    await action();
    await turn();
  } finally {
    process.off("warning", listen);
  }
  return warnings;
}
