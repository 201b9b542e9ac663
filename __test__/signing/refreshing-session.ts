/** Sessions whose every refresh gives a triple that can be told from the others. */
import { RefreshableSession } from "aws-refresh-session";
import { NOW } from "./examples.js";

/** A session at a clock that stands still, and what may be changed and read of it; `lifetime` is in seconds. */
export function refreshingSession(lifetime = 3_600) {
  const state = { now: NOW, round: 0 };
  const session = new RefreshableSession({
    method: "custom",
    clock: () => state.now,
    customCredentialsMethod: () => {
      state.round++;
      return {
        access_key: `AKID${state.round}`,
        secret_key: `secret ${state.round}`,
        token: `token${state.round}`,
        expiry_time: new Date(state.now + lifetime * 1_000),
      };
    },
  });
  return { state, session };
}
