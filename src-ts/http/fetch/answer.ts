/** A Response of fetch as an answer to learn from, without taking anything away from whom it is for. */

import { beginningOfHalf } from "../bodies/peeked-stream.js";
import type { ServiceAnswer } from "../outgoing-request.js";
import { LONGEST_REFUSAL } from "../refusal.js";

export function answerOf(response: Response): ServiceAnswer {
  const header = (name: string) => response.headers.get(name) ?? undefined;
  return { statusCode: response.status, header, text: () => beginningOf(response) };
}

/** Gives up a response that nobody gets, so that its connection is free. */
export function discard(response: Response): void {
  response.body?.cancel().catch(() => {});
}

/** The first bytes of the body as text; the response keeps all of it. */
async function beginningOf(response: Response): Promise<string> {
  if (Number(response.headers.get("content-length") ?? 0) > LONGEST_REFUSAL) return "";
  const half = response.clone().body;
  return half === null ? "" : (await beginningOfHalf(half)).toString();
}
