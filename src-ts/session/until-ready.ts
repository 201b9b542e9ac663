/** What every `create` does: opens a session and waits until its credentials are there. */
import { checkNames, checkRecord } from "../strategies/option-checks.js";
import type { RefreshableSession } from "./refreshable-session.js";

/** How long `create` waits. */
export interface Waiting {
  /** Leaves the wait; the session is closed then, since nobody holds it yet. */
  signal?: AbortSignal;
}

/** The body of each `create`. */
export async function untilReady<Session extends RefreshableSession>(
  open: () => Session,
  waiting: Waiting = {},
): Promise<Session> {
  checkNames("waiting.", checkRecord("waiting", waiting, "{ signal }"), ["signal"]);
  const { signal } = waiting;
  signal?.throwIfAborted();
  const session = open();
  try {
    await session.refreshableCredentials(signal === undefined ? {} : { signal });
    return session;
  } catch (error) {
    session.close();
    throw error;
  }
}
