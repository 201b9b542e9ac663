/** What a test endpoint can be told to do wrong, and the queue of what it does wrong next. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Sleep, systemSleep } from "../defaults.js";
import { BRSValidationError, shown } from "../errors.js";

/**
 * One thing that goes wrong with one request:
 * - `{ statusCode, code, message }`: an error answer in the form of the service
 * - `"close"`: the connection is closed without an answer
 * - `"hang"`: no answer, until the endpoint is closed
 * - `"garbage"`: a 200 that is neither XML nor JSON
 * - `"truncate"`: an answer that promises more than it sends before the connection is closed
 * - `{ delayMs }`: the right answer, that much later
 */
export type Fault =
  | "close"
  | "hang"
  | "garbage"
  | "truncate"
  | { readonly statusCode: number; readonly code: string; readonly message?: string }
  | { readonly delayMs: number };

/** A fault in the form of an error answer. */
export type ErrorFault = Extract<Fault, { readonly statusCode: number }>;

const WORDS: ReadonlySet<unknown> = new Set(["close", "hang", "garbage", "truncate"]);

function isFault(value: unknown): value is Fault {
  if (typeof value !== "object" || value === null) return WORDS.has(value);
  const { statusCode, code, delayMs } = value as Record<string, unknown>;
  if (delayMs !== undefined) return typeof delayMs === "number" && delayMs >= 0;
  return Number.isInteger(statusCode) && typeof code === "string";
}

/** The faults of one service of the endpoint, each for one request, in order. */
export class FaultQueue {
  readonly #faults: Fault[] = [];
  readonly #sleep: Sleep;

  /** @internal */
  constructor(sleep: Sleep = systemSleep) {
    this.#sleep = sleep;
  }

  /** Adds faults for the next requests, one each; after them all is well again. */
  failNext(...faults: Fault[]): void {
    for (const fault of faults) {
      if (isFault(fault)) continue;
      throw new BRSValidationError(
        `a fault is "close", "hang", "garbage", "truncate", { statusCode, code, message } or { delayMs }, found ${shown(fault)}`,
        { param: "fault", value: fault },
      );
    }
    this.#faults.push(...faults);
  }

  /** How many faults are still to come. */
  get pending(): number {
    return this.#faults.length;
  }

  /** Forgets the faults still to come. */
  clear(): void {
    this.#faults.length = 0;
  }

  /**
   * Applies the next fault, if there is one.
   *
   * @returns "serve" to go on as usual, "done" when the request has been dealt with, or an error to answer with
   * @internal
   */
  async apply(request: IncomingMessage, response: ServerResponse): Promise<"serve" | "done" | ErrorFault> {
    const fault = this.#faults.shift();
    if (fault === undefined) return "serve";
    if (typeof fault === "object") {
      if ("statusCode" in fault) return fault;
      await this.#sleep(fault.delayMs);
      return "serve";
    }
    if (fault === "close") {
      request.socket.destroy();
    } else if (fault === "garbage") {
      response.writeHead(200, { "content-type": "text/html" }).end("<html><p>Welcome to the hotel network</html");
    } else if (fault === "truncate") {
      response
        .writeHead(200, { "content-length": "4096" })
        .write("<AssumeRoleResponse>", () => request.socket.destroy());
    }
    return "done";
  }
}
