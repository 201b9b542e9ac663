/** A failed refresh as text, so that threads that share a cell reject with an equal error of the same class. */
import * as errors from "../errors.js";

/** What of an error crosses: neither its stack nor its cause, which belong to the thread that met it. */
interface FailureFields extends Omit<errors.BRSErrorOptions, "cause"> {
  readonly name: string;
  readonly message: string;
}

const FIELDS = ["name", "message", "code", "statusCode", "details", "param", "value", "retryable"] as const;

const CLASSES: ReadonlyArray<new (message: string) => Error> = [Error, TypeError, RangeError, SyntaxError];

/**
 * The error as JSON. Its message holds no secret where it is one of ours; others stay inside the process.
 *
 * Never throws, whatever a function of the user has thrown: others wait for the text.
 */
export function failureText(error: Error): string {
  const fields: Record<string, unknown> = {
    name: "Error",
    message: "the refresh failed with an error that cannot be read",
  };
  for (const field of FIELDS) {
    const value = jsonOf(error, field);
    if (value !== undefined) fields[field] = value;
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

/** A property as JSON has it; undefined for what JSON has no form for, and where reading it throws. */
function jsonOf(error: Error, field: (typeof FIELDS)[number]): unknown {
  try {
    const text: string | undefined = JSON.stringify((error as Partial<errors.BRSError>)[field]);
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
