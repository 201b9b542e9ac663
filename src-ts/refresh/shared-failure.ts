/** A failed refresh as text, so that threads that share a cell reject with an equal error of the same class. */
import * as errors from "../errors.js";

/** What of an error crosses: neither its stack nor its cause, which belong to the thread that met it. */
interface FailureFields extends Omit<errors.BRSErrorOptions, "cause"> {
  readonly name: string;
  readonly message: string;
}

const FIELDS = ["code", "statusCode", "details", "param", "value", "retryable"] as const;

const CLASSES: ReadonlyArray<new (message: string) => Error> = [Error, TypeError, RangeError, SyntaxError];

/** The error as JSON. Its message holds no secret where it is one of ours; others stay inside the process. */
export function failureText(error: Error): string {
  const fields: Record<string, unknown> = { name: error.name, message: error.message };
  for (const field of FIELDS) {
    const value: unknown = (error as Partial<errors.BRSError>)[field];
    if (isJson(value)) fields[field] = value;
  }
  return JSON.stringify(fields);
}

/** The error that {@link failureText} told of, of the same class where that is one of ours or of the language. */
export function failureFrom(text: string): Error {
  const { name, message, ...options } = JSON.parse(text) as FailureFields;
  const ours: unknown = (errors as Record<string, unknown>)[name];
  if (isErrorClass(ours)) return new ours(message, options);
  const found = CLASSES.find((each) => each.name === name) ?? Error;
  const error = Object.assign(new found(message), options);
  if (error.name !== name) Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  return error;
}

function isErrorClass(value: unknown): value is typeof errors.BRSError {
  return typeof value === "function" && (value === errors.BRSError || value.prototype instanceof errors.BRSError);
}

function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}
