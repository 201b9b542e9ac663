/** How credentials refresh: the options of `RefreshableCredentials` and their defaults. */
import type { Clock, Random } from "../defaults.js";
import type { BackgroundRefresh } from "./background.js";
import type { SharedCell } from "./credential-cell.js";

export type RefreshPolicyName = "windows" | "static-stability";
export type MandatoryFailure = "reject" | "serve-valid";

/** Durations are seconds. */
export interface RefreshOptions {
  /** Remaining lifetime below which a refresh starts that nobody waits for. At most half the lifetime counts. */
  advisoryTimeout?: number;
  /** Remaining lifetime below which callers wait for a refresh. At most a quarter of the lifetime counts. */
  mandatoryTimeout?: number;
  /** How long one refresh may take. */
  refreshTimeout?: number;
  /** "static-stability" serves the held credentials through an outage of their source, even past their expiration. */
  refreshPolicy?: RefreshPolicyName;
  /** What callers get when a refresh fails while the held credentials are still valid. */
  onMandatoryFailure?: MandatoryFailure;
  /** Refreshes ahead of time once the credentials were used, in this background; `true` is that of the thread. */
  backgroundRefresh?: boolean | BackgroundRefresh;
  /** Shares the credentials with all who open with the same name, in every thread of the process. */
  shared?: SharedCell | undefined;
  clock?: Clock;
  random?: Random;
}

export const REFRESH_DEFAULTS = { advisoryTimeout: 900, mandatoryTimeout: 600, refreshTimeout: 30 } as const;
