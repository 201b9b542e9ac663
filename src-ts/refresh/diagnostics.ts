/** What monitoring sees of refreshes: counters of one session, and messages on `node:diagnostics_channel`. */
import { type Channel, channel } from "node:diagnostics_channel";

/** Counters since the session was opened, and what is held now. Durations are seconds. */
export interface RefreshStats {
  /** Refreshes that gave credentials. */
  readonly refreshes: number;
  /** Refreshes that failed. */
  readonly failures: number;
  /** Callers that wait for the refresh under way. */
  readonly waiters: number;
  /** Since the credentials held now were obtained; undefined while nothing is held. */
  readonly age: number | undefined;
  /** Until the credentials held now expire; undefined while nothing is held, and for those that never expire. */
  readonly remaining: number | undefined;
}

/**
 * A message on one of the channels. It holds no credential.
 *
 * | channel | when |
 * |---|---|
 * | `aws-refresh-session:refresh:start` | a refresh begins |
 * | `aws-refresh-session:refresh:end` | it gave credentials |
 * | `aws-refresh-session:refresh:error` | it failed; `error` is what callers get |
 * | `aws-refresh-session:expired` | a caller asked when what was held had expired |
 */
export interface RefreshMessage {
  /** How the credentials are obtained: "sts-assume-role", "custom". */
  readonly method: string;
  readonly stats: RefreshStats;
  /** Milliseconds that the refresh took; at its end only. */
  readonly durationMs?: number;
  readonly error?: Error;
}

type ChannelName = "refresh:start" | "refresh:end" | "refresh:error" | "expired";

const channels = new Map<ChannelName, Channel>();

/** Tells subscribers; without any the message is not even made. */
export function publishDiagnostics(name: ChannelName, message: () => RefreshMessage): void {
  let found = channels.get(name);
  if (found === undefined) {
    found = channel(`aws-refresh-session:${name}`);
    channels.set(name, found);
  }
  if (found.hasSubscribers) found.publish(message());
}
