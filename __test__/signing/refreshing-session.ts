/** Sessions whose every refresh gives a triple that can be told from the others. */
import { RefreshableSession } from "aws-refresh-session";
import { NOW } from "./examples.js";

/** Refresh N gives "AKIDN" with "secret N" and "tokenN", for an hour unless told otherwise; `lifetime` is in seconds. */
export function countingSession(
  state: { round: number },
  { clock, lifetime = 3_600 }: { clock?: () => number; lifetime?: number } = {},
) {
  return new RefreshableSession({
    method: "custom",
    ...(clock !== undefined && { clock }),
    customCredentialsMethod: () => {
      state.round++;
      return {
        access_key: `AKID${state.round}`,
        secret_key: `secret ${state.round}`,
        token: `token${state.round}`,
        expiry_time: new Date((clock ?? Date.now)() + lifetime * 1_000),
      };
    },
  });
}

/** A session at a clock that stands still, and what may be changed and read of it; `lifetime` is in seconds. */
export function refreshingSession(lifetime = 3_600) {
  const state = { now: NOW, round: 0 };
  return { state, session: countingSession(state, { clock: () => state.now, lifetime }) };
}

/** A session at the real clock, and how often it was refreshed. */
export function rotatingSession() {
  const state = { round: 0 };
  return { state, session: countingSession(state) };
}
