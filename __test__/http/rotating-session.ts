/** Sessions at the real clock whose every refresh gives a triple that can be told from the others. */
import { RefreshableSession } from "aws-refresh-session";

/** Refresh N gives "AKIDN" with "secret N" and "tokenN", for an hour. */
export function rotatingSession() {
  const state = { round: 0 };
  const session = new RefreshableSession({
    method: "custom",
    customCredentialsMethod: () => {
      state.round++;
      return {
        access_key: `AKID${state.round}`,
        secret_key: `secret ${state.round}`,
        token: `token${state.round}`,
        expiry_time: new Date(Date.now() + 3_600_000),
      };
    },
  });
  return { state, session };
}
