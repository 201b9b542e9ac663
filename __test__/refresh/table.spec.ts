/**
 * The tables of docs/refresh.md, cell by cell, through the public API: each row of `TABLE` is a policy in a zone, each test a
 * cell of it, and 50 callers come in by every door that a session has.
 *
 * More on single cells: windows.spec.ts (where the zones begin), policies.spec.ts (the jitter of each backoff and the doubling),
 * storms.spec.ts (many callers over a whole outage), signers.spec.ts (signing in each zone), waiting.spec.ts (leaving a wait).
 */
import test from "ava";
import { CredentialsNotReadyError, RefreshableSession, type SessionOptions } from "aws-refresh-session";
import { ManualClock } from "aws-refresh-session/testing";
import { CountingSource, fifty, HOUR, heard, isPending, START, turn } from "./counting-source.js";

RefreshableSession.register("counted", ({ source }) => source as CountingSource);

interface Row {
  readonly policy: SessionOptions;
  readonly zone: string;
  /** Seconds that remain of a triple of an hour; null: nothing is held. */
  readonly remaining: readonly (number | null)[];
  readonly until: number;
  readonly inFlight: "all get the held triple" | "all wait for it";
  readonly failed: "all get the held triple" | "all reject with it";
  /** Seconds: at least so long, and no longer than. A first failure with 0 is not kept; the next one is. */
  readonly backoff: readonly [least: number, most: number];
  readonly backingOff: "all get the held triple" | "all reject at once with the kept failure";
}

const HELD = "all get the held triple";
const WAIT = "all wait for it";
const REJECT = "all reject with it";
const KEPT = "all reject at once with the kept failure";

const WINDOWS: SessionOptions = { refreshPolicy: "windows" };
const SERVE_VALID: SessionOptions = { refreshPolicy: "windows", onMandatoryFailure: "serve-valid" };
const STABLE: SessionOptions = { refreshPolicy: "static-stability" };

/** With so many seconds left the next zone begins, in which other backoffs count. */
const NEVER = Number.NEGATIVE_INFINITY;
const ADVISORY = { zone: "advisory", until: 600, remaining: [899.999, 700, 601, 600] };
const MANDATORY = { zone: "mandatory, still valid", until: 0, remaining: [599.999, 60, 0.001] };
const EXPIRED = { zone: "expired", until: NEVER, remaining: [0, -0.001, -24 * HOUR] };
const NOTHING = { zone: "nothing held", until: NEVER, remaining: [null] };
/** What was served before goes on to be served. */
const STABLE_ADVISORY = { zone: "advisory", until: NEVER, remaining: [899.999, 600, 60] };
const STABLE_MANDATORY = { zone: "mandatory, still valid", until: NEVER, remaining: [59.999, 0.001] };

const TABLE: readonly Row[] = [
  { policy: WINDOWS, ...ADVISORY, inFlight: HELD, failed: HELD, backoff: [30, 60], backingOff: HELD },
  { policy: WINDOWS, ...MANDATORY, inFlight: WAIT, failed: REJECT, backoff: [1, 1], backingOff: KEPT },
  { policy: WINDOWS, ...EXPIRED, inFlight: WAIT, failed: REJECT, backoff: [0, 0], backingOff: KEPT },
  { policy: WINDOWS, ...NOTHING, inFlight: WAIT, failed: REJECT, backoff: [0, 0], backingOff: KEPT },
  { policy: SERVE_VALID, ...ADVISORY, inFlight: HELD, failed: HELD, backoff: [30, 60], backingOff: HELD },
  { policy: SERVE_VALID, ...MANDATORY, inFlight: WAIT, failed: HELD, backoff: [1, 1], backingOff: HELD },
  { policy: SERVE_VALID, ...EXPIRED, inFlight: WAIT, failed: REJECT, backoff: [0, 0], backingOff: KEPT },
  { policy: SERVE_VALID, ...NOTHING, inFlight: WAIT, failed: REJECT, backoff: [0, 0], backingOff: KEPT },
  { policy: STABLE, ...STABLE_ADVISORY, inFlight: HELD, failed: HELD, backoff: [300, 600], backingOff: HELD },
  { policy: STABLE, ...STABLE_MANDATORY, inFlight: WAIT, failed: HELD, backoff: [300, 600], backingOff: HELD },
  { policy: STABLE, ...EXPIRED, inFlight: WAIT, failed: HELD, backoff: [300, 600], backingOff: HELD },
  { policy: STABLE, ...NOTHING, inFlight: WAIT, failed: REJECT, backoff: [0, 0], backingOff: KEPT },
];

const nameOf = ({ refreshPolicy, onMandatoryFailure }: SessionOptions) =>
  onMandatoryFailure === undefined ? refreshPolicy : `${refreshPolicy} with ${onMandatoryFailure}`;

/** A session as its users have it, in a zone of the table. */
async function openIn(policy: SessionOptions, remaining: number | null) {
  const time = new ManualClock(START);
  const source = new CountingSource(time.clock, HOUR);
  const options = { method: "counted", source, region: "eu-west-1", env: {}, clock: time.clock, ...policy };
  const session = new RefreshableSession(options);
  if (remaining !== null) {
    await session.refreshableCredentials();
    time.advance(HOUR - remaining);
  }
  const signer = session.signer({ service: "execute-api" });
  const request = { url: "https://example.com/" };
  const keyOf = (text: string | undefined) => Number(/AKID(\d+)/.exec(text ?? "")?.[1]);
  /** Every way to come by the current triple: each gives its number, or rejects. */
  const doors: ReadonlyArray<() => Promise<number>> = [
    async () => keyOf((await session.refreshableCredentials()).accessKeyId),
    async () => keyOf((await session.credentials()).accessKeyId),
    async () => keyOf((await session.getCredentials().getFrozenCredentials()).accessKeyId),
    async () => keyOf((await signer.sign(request)).authorization),
    async () => keyOf((await signer.presign(request, { expiresIn: 60 })).url),
    async () => keyOf((await session.getCredentials().refresh()).accessKeyId),
  ];
  /** Those that never wait. `refresh()`, which waits for a refresh that is merely advised as well, is not among the others. */
  const synchronous: ReadonlyArray<() => number> = [
    () => keyOf(session.getCredentials().frozen.accessKeyId),
    () => keyOf(signer.signSync(request).authorization),
    () => keyOf(signer.presignSync(request, { expiresIn: 60 }).url),
  ];
  const seen = (promise: Promise<number>) => promise.catch((error: unknown) => error);
  const enter = (which: typeof doors = doors.slice(0, -1)) =>
    fifty((caller) => seen((which[caller % which.length] ?? fail)()));
  return { time, source, session, doors, synchronous, enter };
}

const fail = () => Promise.reject(new Error("no such door"));
const outOfOrder = () => new Error("out of order");
const fiftyTimes = (seen: unknown) => Array(50).fill(seen);

for (const row of TABLE) {
  for (const remaining of row.remaining) {
    const where = `${nameOf(row.policy)} | ${row.zone}${remaining === null ? "" : `, ${remaining} s left`}`;
    const held = remaining === null ? 0 : 1;

    test(`${where} | a refresh is in flight: ${row.inFlight}`, async (t) => {
      const { source, synchronous, enter, session } = await openIn(row.policy, remaining);
      const pending = source.pendNext();
      const early = enter();
      t.is(await isPending(Promise.race(early)), row.inFlight === WAIT);
      t.is(source.calls, held + 1);
      // Those who come later share it, too.
      const late = enter();
      for (const door of synchronous) {
        if (row.inFlight === HELD) t.is(door(), 1);
        else t.throws(door, { instanceOf: CredentialsNotReadyError });
      }
      await turn();
      pending.give();
      const [expected, next] = row.inFlight === HELD ? [1, 2] : [held + 1, held + 1];
      for (const callers of [early, late]) t.deepEqual(await Promise.all(callers), fiftyTimes(expected));
      await turn();
      // The new triple is everybody's from then on.
      t.deepEqual(await Promise.all(enter()), fiftyTimes(next));
      for (const door of synchronous) t.is(door(), next);
      t.is(source.calls, held + 1);
      session.close();
    });

    test(`${where} | the refresh failed: ${row.failed}`, async (t) => {
      const { source, enter, session } = await openIn(row.policy, remaining);
      const told = heard(session.getCredentials());
      const error = outOfOrder();
      const pending = source.pendNext();
      const callers = enter();
      await turn();
      pending.fail(error);
      t.deepEqual(await Promise.all(callers), fiftyTimes(row.failed === HELD ? 1 : error));
      await turn();
      t.is(source.calls, held + 1);
      t.is(told.filter((event) => event === error).length, 1);
      session.close();
    });

    test(`${where} | backing off ${row.backoff.join(" to ")} s: ${row.backingOff}`, async (t) => {
      const { time, source, enter, doors, synchronous, session } = await openIn(row.policy, remaining);
      let error = outOfOrder();
      const failOnce = async () => {
        error = outOfOrder();
        source.outage = error;
        await Promise.all(enter(doors));
        await turn();
        source.outage = undefined;
      };
      await failOnce();
      let [least, most] = row.backoff;
      // A first failure with nothing to serve is not kept: the next caller asks at once. From the second on it is.
      if (most === 0) {
        t.is(source.calls, held + 1);
        await failOnce();
        [least, most] = [1, 1];
      }
      const { calls } = source;
      t.is(calls, held + (row.backoff[1] === 0 ? 2 : 1));
      const staysInZone = remaining === null || remaining - least >= row.until;
      for (const wait of staysInZone ? [0, least / 2, least / 2 - 0.001] : [0]) {
        time.advance(wait);
        const expected = row.backingOff === HELD ? 1 : error;
        t.deepEqual(await Promise.all(enter(doors)), fiftyTimes(expected));
        for (const door of synchronous) {
          if (row.backingOff === HELD) t.is(door(), 1);
          else t.is(t.throws(door), error);
        }
        t.is(source.calls, calls);
      }
      time.advance(staysInZone ? most - least + 0.001 : most);
      await Promise.all(enter());
      await turn();
      t.is(source.calls, calls + 1);
      t.deepEqual(await Promise.all(enter()), fiftyTimes(calls + 1));
      session.close();
    });
  }
}

/** How long before the end, and what callers see: nothing is started; it is started for nobody; it is waited for. */
const BOUNDARIES: ReadonlyArray<readonly [remaining: number, refreshes: 0 | 1, got: 1 | 2]> = [
  [901, 0, 1],
  [900, 0, 1],
  [899, 1, 1],
  [601, 1, 1],
  [600, 1, 1],
  [599, 1, 2],
];

for (const [remaining, refreshes, got] of BOUNDARIES) {
  test(`the defaults, ${remaining} s left of an hour: ${refreshes} refreshes, callers get triple ${got}, by each door`, async (t) => {
    const count = (await openIn({}, remaining)).doors.length - 1;
    for (let door = 0; door < count; door++) {
      const { source, doors, session } = await openIn({}, remaining);
      t.is(session.getCredentials().refreshNeeded(), refreshes === 1);
      t.is(await (doors[door] ?? fail)(), got);
      await turn();
      t.is(source.calls, 1 + refreshes);
      session.close();
    }
  });

  test(`deferRefresh: false changes no window: ${remaining} s left`, async (t) => {
    const time = new ManualClock(START);
    const source = new CountingSource(time.clock, 12 * HOUR);
    const options = { method: "counted", source, env: {}, clock: time.clock, deferRefresh: false };
    const session = new RefreshableSession(options);
    await session.ready;
    // Long-lived credentials: by moving the clock alone.
    time.advance(12 * HOUR - remaining);
    t.is((await session.refreshableCredentials()).accessKeyId, `AKID${got}`);
    await turn();
    t.is(source.calls, 1 + refreshes);
    session.close();
  });
}
