/** How long what is presigned is valid: the checks of the durations that users ask for, and credentials that last as long. */
import { BRSValidationError, SigningError, shown } from "../../errors.js";
import type { RefreshableCredentials } from "../../refresh/refreshable-credentials.js";

/** Seven days, in seconds: no service accepts a presigned request for longer. */
const MAX_EXPIRES_IN = 604_800;

/** `expiresIn` as a service accepts it: whole seconds from 1 to `max`. */
export function validExpiresIn(expiresIn: unknown, max = MAX_EXPIRES_IN): number {
  if (Number.isInteger(expiresIn) && (expiresIn as number) >= 1 && (expiresIn as number) <= max) {
    return expiresIn as number;
  }
  throw new SigningError(`"expiresIn" must be 1 to ${max} whole seconds, found ${shown(expiresIn)}`, {
    code: "ERR_SIGN_EXPIRES",
    param: "expiresIn",
    value: expiresIn,
  });
}

export function validMinValidity(minValidity: unknown): number {
  if (typeof minValidity === "number" && minValidity >= 0) return minValidity;
  throw new BRSValidationError(`"minValidity" must be seconds, 0 or more, found ${shown(minValidity)}`, {
    param: "minValidity",
    value: minValidity,
  });
}

/**
 * Refreshes credentials that do not live for `minValidity` seconds any more.
 *
 * @throws SigningError (ERR_SIGN_VALIDITY) when fresh ones do not either
 */
export async function ensureValidity(
  credentials: RefreshableCredentials,
  minValidity: number | undefined,
  signal?: AbortSignal,
): Promise<void> {
  if (minValidity === undefined || !credentials.refreshNeeded(validMinValidity(minValidity))) return;
  await credentials.refresh({ force: true, ...(signal !== undefined && { signal }) });
  if (credentials.refreshNeeded(minValidity)) {
    throw new SigningError(`fresh credentials do not live as long as "minValidity" (${minValidity} s) asks`, {
      code: "ERR_SIGN_VALIDITY",
      param: "minValidity",
      value: minValidity,
    });
  }
}
