/** The policies that tests of the table of refreshing run under, and what they are called. */
import type { RefreshOptions } from "../../dist/refresh/refresh-options.js";

export const WINDOWS: RefreshOptions = { refreshPolicy: "windows" };
export const SERVE_VALID: RefreshOptions = { onMandatoryFailure: "serve-valid" };
export const STABLE: RefreshOptions = { refreshPolicy: "static-stability" };
export const NAMES = new Map([
  [WINDOWS, "windows"],
  [SERVE_VALID, "windows with serve-valid"],
  [STABLE, "static-stability"],
]);
export const POLICIES = [...NAMES.keys()];
