/** Takes credentials in every form that users have them in, and makes them refreshable credentials once. */
import { type Clock, systemClock } from "../defaults.js";
import { BRSCredentialError, BRSValidationError, masked } from "../errors.js";
import { readCredentialResult } from "../strategies/credential-result.js";
import type { ProcessHold, RefreshStrategy, TemporaryCredentials } from "../strategies/strategy.js";
import { RefreshableCredentials } from "./refreshable-credentials.js";

/** What a provider function is told. `signal` ends the refresh that it works for; `forceRefresh` asks for new credentials. */
export interface ProviderProperties {
  forceRefresh?: boolean;
  signal?: AbortSignal;
  /** @internal */
  hold?: ProcessHold;
}

/** A provider function as AWS SDK v3 clients know it. What it may say of itself beyond that is for sessions. */
export interface ProviderFunction {
  (properties?: ProviderProperties): Promise<TemporaryCredentials>;
  /** Whether a call may ask a person, such as for an MFA code: then none is made in the background. */
  readonly prompts?: boolean;
  /** Seconds that a call may take; default 30. */
  readonly refreshTimeout?: number;
}

/**
 * An identity, an AWS SDK v3 provider function, a session, or the credentials of one. An identity is copied each
 * time it is given; a function is called again whenever what it gave comes near its expiration.
 */
export type CredentialSource =
  | TemporaryCredentials
  | ProviderFunction
  | { getCredentials(): RefreshableCredentials }
  | RefreshableCredentials;

/** One cell for each object ever given: SDK clients construct a signer for every request from the same credentials. */
const known = new WeakMap<object, RefreshableCredentials>();

/**
 * The refreshable credentials behind a source: the same ones each time for the same object.
 *
 * @param param name of the option, for errors
 */
export function asRefreshable(source: CredentialSource, param = "credentials"): RefreshableCredentials {
  if (source instanceof RefreshableCredentials) return source;
  if ((typeof source !== "object" && typeof source !== "function") || source === null) throw refused(source, param);
  if ("getCredentials" in source) {
    const held: unknown = typeof source.getCredentials === "function" ? source.getCredentials() : undefined;
    if (held instanceof RefreshableCredentials) return held;
    throw refused(source, param);
  }
  let credentials = known.get(source);
  if (credentials === undefined) {
    credentials = typeof source === "function" ? fromProvider(source) : fromIdentity(source, param);
    known.set(source, credentials);
  } else if (typeof source === "object") {
    // People rotate keys by writing into the object they passed.
    credentials.hold(source);
  }
  return credentials;
}

function refused(source: unknown, param: string): BRSValidationError {
  return new BRSValidationError(
    `"${param}" must be an identity ({ accessKeyId, secretAccessKey, sessionToken? }), a provider function or a session, ` +
      `found ${masked(source)}`,
    { param },
  );
}

/** What to do about objects that people take for an identity. */
function hintFor(found: object): string {
  if ("middlewareStack" in found)
    return ": a client of the AWS SDK is no source; give the session that its credentials come from";
  if ("then" in found) return ": a promise is no identity; await it, or give the function that makes it";
  if ("AccessKeyId" in found || "access_key" in found || "aws_access_key_id" in found) {
    return ": an identity is written { accessKeyId, secretAccessKey, sessionToken? }";
  }
  return "";
}

/** How a provider function is called at each refresh, and its answers are judged. */
export interface ProviderUse {
  /** Name of the strategy. */
  readonly method: string;
  /** What errors call the function. */
  readonly name: string;
  readonly clock: Clock;
}

/** A strategy that asks a provider function at each refresh. */
export function providerStrategy(provider: ProviderFunction, { method, name, clock }: ProviderUse): RefreshStrategy {
  return {
    method,
    prompts: provider.prompts === true,
    refresh: async ({ force, signal, hold }) => {
      const properties = { ...(force && { forceRefresh: true }), signal, ...(hold !== undefined && { hold }) };
      return readCredentialResult(await provider(properties), { source: name, complete: false, now: clock() });
    },
  };
}

/** Refreshable credentials of their own for a provider function. */
export function fromProvider(
  provider: ProviderFunction,
  name = "the provider function",
  clock: Clock = systemClock,
): RefreshableCredentials {
  const { refreshTimeout } = provider;
  return new RefreshableCredentials(providerStrategy(provider, { method: "provider", name, clock }), {
    ...PROVIDER_WINDOWS,
    clock,
    ...(refreshTimeout !== undefined && { refreshTimeout }),
  });
}

/** Seconds. SDK providers know one window of five minutes; wider ones would ask those that cache for what they hold. */
export const PROVIDER_WINDOWS = { advisoryTimeout: 300, mandatoryTimeout: 60 };

function fromIdentity(identity: TemporaryCredentials, param: string): RefreshableCredentials {
  const missing = (["accessKeyId", "secretAccessKey"] as const).filter(
    (name) => typeof identity[name] !== "string" || identity[name] === "",
  );
  if (missing.length > 0) {
    throw new BRSValidationError(
      `"${param}" lacks ${missing.map((name) => `"${name}"`).join(" and ")}${hintFor(identity)}`,
      {
        param,
        details: { missing },
      },
    );
  }
  const given: RefreshStrategy = {
    method: "static",
    // Asked for when it has ended or was refused. A refusal may pass (STS does not know a new key for some seconds), and
    // people rotate keys by writing into the object: so it is read again, not given up.
    refresh: async () => {
      const { expiration } = identity;
      if (!(expiration instanceof Date) || expiration.getTime() > credentials.now()) return identity;
      throw new BRSCredentialError("the credentials have expired and came without a source to refresh them from", {
        code: "ERR_CREDENTIALS_EXPIRED",
      });
    },
  };
  // Without a source there is nothing to refresh ahead of time: no windows.
  const credentials = new RefreshableCredentials(given, { advisoryTimeout: 0, mandatoryTimeout: 0 });
  credentials.hold(identity);
  return credentials;
}
