/** How far the clock of each host is from ours, once for the whole process: what one client learns, all others sign by. */
import { type Clock, systemClock } from "../defaults.js";
import { ClockOffset } from "./clock-offset.js";
import { isTrustedTime } from "./endpoints.js";

/** Buckets are hosts too: of more than this many, the one that was met first is forgotten. */
const MOST_HOSTS = 1_000;

/** When an answer came and what it says of the time; instants are milliseconds by the local clock. */
export interface DatedAnswer {
  readonly date: string | undefined;
  /** A cached answer has an Age, and its Date is the time of another request. */
  readonly age?: string | undefined;
  readonly sentAt: number;
  readonly receivedAt: number;
}

/** Offsets of hosts against one local clock. */
export class HostClocks {
  readonly #clock: Clock;
  readonly #offsets = new Map<string, ClockOffset>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The local clock, uncorrected. */
  local(): number {
    return this.#clock();
  }

  /** Milliseconds that the host is ahead; undefined while its clock is not known to be wrong. */
  offsetOf(host: string): number | undefined {
    return this.#offsets.get(host)?.ms || undefined;
  }

  /** Learns from an answer over TLS or of this machine; others could have been written by anybody. */
  observe(url: URL, { date, age, sentAt, receivedAt }: DatedAnswer): void {
    if (date === undefined || age !== undefined || !isTrustedTime(url)) return;
    this.#of(url.host).observe(date, sentAt, receivedAt);
  }

  /** As {@link ClockOffset.explains}, of a request that was signed with the offset `signedWith`. */
  explains(host: string, awsCode: string | undefined, message: string, signedWith: number): boolean {
    return this.#offsets.get(host)?.explains(awsCode, message, signedWith) === true;
  }

  #of(host: string): ClockOffset {
    let offset = this.#offsets.get(host);
    if (offset === undefined) {
      offset = new ClockOffset(this.#clock);
      this.#offsets.set(host, offset);
      if (this.#offsets.size > MOST_HOSTS) this.#offsets.delete(this.#offsets.keys().next().value as string);
    }
    return offset;
  }
}

const byClock = new WeakMap<Clock, HostClocks>();

/** The offsets against a clock: the same ones each time for the same clock. */
export function hostClocks(clock: Clock = systemClock): HostClocks {
  let clocks = byClock.get(clock);
  if (clocks === undefined) {
    clocks = new HostClocks(clock);
    byClock.set(clock, clocks);
  }
  return clocks;
}
