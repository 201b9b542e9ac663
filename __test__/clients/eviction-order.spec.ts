/** Who leaves, and when: random uses of a cache against a slow model of it, and entries that nobody asks for. */
import test from "ava";
import { ClientCache, type EvictionPolicy } from "aws-refresh-session/clients";
import { seeded } from "../parity/seeded.js";
import { FakeClient, ManualTime } from "./fake-clients.js";

const { seed, below, pick, chance } = seeded();

interface ModelEntry {
  readonly name: string;
  readonly client: FakeClient;
  readonly isOwned: boolean;
  uses: number;
  /** When it reached that number, which is when it was used last. */
  at: number;
}

/** What a cache has to hold and to destroy, found by sorting. */
class Model {
  entries: ModelEntry[] = [];
  /** Of all clients that ever were in the cache, how often each has to have been destroyed. */
  readonly ends = new Map<FakeClient, number>();
  readonly #policy: EvictionPolicy;
  #maxSize = 3;
  #step = 0;
  #left: string[] = [];

  constructor(policy: EvictionPolicy) {
    this.#policy = policy;
  }

  find(name: string): ModelEntry | undefined {
    return this.entries.find((entry) => entry.name === name);
  }

  use(entry: ModelEntry): void {
    entry.uses++;
    entry.at = ++this.#step;
  }

  add(name: string, client: FakeClient, isOwned: boolean): void {
    this.ends.set(client, 0);
    if (this.#maxSize === 0) return;
    this.#shrink(this.#maxSize - 1);
    this.entries.push({ name, client, isOwned, uses: 1, at: ++this.#step });
  }

  resize(maxSize: number | null): void {
    this.#maxSize = maxSize ?? Number.POSITIVE_INFINITY;
    this.#shrink(this.#maxSize);
  }

  /** The next victim first. */
  order(): ModelEntry[] {
    const byUses = this.#policy === "LFU";
    return [...this.entries].sort((one, other) => (byUses ? one.uses - other.uses : 0) || one.at - other.at);
  }

  /** Without a reason it was taken. */
  remove(entry: ModelEntry, reason?: string): void {
    this.entries = this.entries.filter((other) => other !== entry);
    if (reason !== undefined) this.#left.push(`${reason} ${entry.name}`);
    if (reason === "destroyed" || (reason !== undefined && entry.isOwned)) this.ends.set(entry.client, 1);
  }

  /** Those that left since it was asked last. */
  takeLeft(): string[] {
    return this.#left.splice(0);
  }

  #shrink(most: number): void {
    while (this.entries.length > most) this.remove(this.order()[0] as ModelEntry, "size");
  }
}

for (const policy of ["LRU", "LFU"] as const) {
  test(`${policy}: 20 000 random operations do what a model says`, (t) => {
    t.log(`seed ${seed}`);
    const cache = new ClientCache({ evictionPolicy: policy, maxSize: 3 });
    const model = new Model(policy);
    const left: string[] = [];
    cache.on("evict", ({ reason, client }) => left.push(`${reason} ${(client as FakeClient).config.name}`));
    const randomName = () => `c${below(12)}`;
    const configOf = (name: string) => (chance(0.5) ? { name, extra: 1 } : { extra: 1, name });

    const ask = () => {
      const name = randomName();
      const maxSize = chance(0.05) ? pick([0, 1, 2, 5, 8, null]) : undefined;
      if (maxSize !== undefined) model.resize(maxSize);
      const client = cache.client(FakeClient, configOf(name), maxSize === undefined ? undefined : { maxSize });
      const known = model.find(name);
      if (known !== undefined) {
        t.is(client, known.client);
        model.use(known);
      } else {
        t.false(model.ends.has(client));
        model.add(name, client, true);
      }
    };
    const get = () => {
      const name = randomName();
      const known = model.find(name);
      t.is(cache.get(FakeClient, configOf(name)), known?.client);
      if (known !== undefined) model.use(known);
    };
    const remove = () => {
      const name = randomName();
      const known = model.find(name);
      t.is(cache.delete(cache.key(FakeClient, configOf(name))), known !== undefined);
      if (known !== undefined) model.remove(known, "deleted");
    };
    const takeNext = () => {
      const [known] = model.order();
      if (known === undefined) return;
      t.is(cache.takeNext()[1], known.client);
      model.remove(known);
    };
    const destroy = () => {
      const known = model.entries[below(20)];
      if (known === undefined) return;
      known.client.destroy();
      model.remove(known, "destroyed");
    };
    const add = () => {
      const name = randomName();
      if (model.find(name) !== undefined) return;
      const mine = new FakeClient({ name });
      cache.add(cache.key(FakeClient, configOf(name)), mine);
      model.add(name, mine, false);
    };
    const clear = () => {
      if (!chance(0.1)) return;
      for (const entry of model.order()) model.remove(entry, "cleared");
      cache.clear();
    };
    const resize = () => {
      const maxSize = pick([0, 1, 2, 3, 4, 6, 9]);
      model.resize(maxSize);
      cache.maxSize = maxSize;
    };

    const operations = [ask, ask, ask, ask, ask, ask, get, remove, takeNext, destroy, add, clear, resize];
    for (let count = 0; count < 20_000; count++) {
      const operation = pick(operations);
      operation();
      const names = cache.values().map((client) => (client as FakeClient).config.name);
      t.deepEqual(
        [names.join(), left.splice(0).join()],
        [
          model
            .order()
            .map(({ name }) => name)
            .join(),
          model.takeLeft().join(),
        ],
        `${operation.name}, operation ${count}`,
      );
    }
    for (const [client, ends] of model.ends) t.is(client.destroyed, ends, client.config.name);
  });
}

/** A cache whose time the test moves. */
function timed(options: { idleTimeout?: number; maxSize?: number | null; evictionPolicy?: EvictionPolicy }) {
  const time = new ManualTime();
  // Timers are given by tests alone.
  const Timed = ClientCache as new (...parameters: unknown[]) => ClientCache;
  const cache = new Timed({ ...options, clock: time.clock }, undefined, time.startTimer);
  const left: string[] = [];
  cache.on("evict", ({ reason, client }) => left.push(`${reason} ${(client as FakeClient).config.name}`));
  return { time, cache, left, ask: (name: string) => cache.client(FakeClient, { name }) };
}

test("entries that nobody asks for leave by one timer that holds no process", (t) => {
  const { time, cache, left, ask } = timed({ idleTimeout: 60 });
  t.is(time.timers.size, 0);
  const a = ask("a");
  time.pass(30);
  ask("b");
  t.is(time.timers.size, 1);
  t.false([...time.timers][0]?.isHeld);
  time.pass(20);
  ask("b");
  // A look is no use.
  cache.has(FakeClient, { name: "a" });
  cache.values();
  time.pass(15);
  t.deepEqual(left, ["idle a"]);
  t.is(a.destroyed, 1);
  t.like(cache.statistics, { evictions: 1, destroyed: 1 });
  time.pass(52);
  t.deepEqual(left, ["idle a", "idle b"]);
  t.is(time.timers.size, 0);
});

test("nothing is given out after its time, whatever the timer does", (t) => {
  const { time, cache, left, ask } = timed({ idleTimeout: 60 });
  let a = ask("a");
  for (const check of [
    () => t.not(ask("a"), a),
    () => t.false(cache.has(FakeClient, { name: "a" })),
    () => t.is(cache.get(FakeClient, { name: "a" }), undefined),
    () => t.is(cache.size, 0),
    () => t.deepEqual(cache.keys(), []),
    () => t.throws(() => cache.takeNext()),
  ]) {
    cache.clear();
    left.splice(0);
    a = ask("a");
    time.now += 60_000;
    check();
    t.deepEqual(left, ["idle a"]);
  }
});

test("a listener who changes the config that is asked for makes no client pass for another", (t) => {
  const { time, cache, ask } = timed({ idleTimeout: 60 });
  const config = { name: "a" };
  cache.client(FakeClient, config);
  cache.on("evict", () => {
    config.name = "b";
  });
  time.now += 60_000;
  const b = cache.client(FakeClient, config);
  t.deepEqual(cache.keys().map(String), [`FakeClient(name: "${b.config.name}")`]);
  t.is(cache.client(FakeClient, { ...b.config }), b);
  t.is(ask("a").config.name, "a");
});

test("an entry with requests under way is not idle", async (t) => {
  const { time, left, ask } = timed({ idleTimeout: 60 });
  const a = ask("a");
  const call = a.send();
  time.pass(200);
  t.deepEqual(left, []);
  await a.answer();
  await call;
  time.pass(130);
  t.deepEqual(left, ["idle a"]);
});

test("idle entries leave before those that are used make room", (t) => {
  const { time, cache, left, ask } = timed({ idleTimeout: 60, maxSize: 2, evictionPolicy: "LFU" });
  for (let count = 0; count < 5; count++) ask("often");
  time.pass(30);
  ask("once");
  time.now += 31_000;
  ask("new");
  t.deepEqual(left, ["idle often"]);
  t.is(cache.size, 2);
});

test("the idle time may be set, changed and taken away", (t) => {
  const { time, cache, left, ask } = timed({});
  t.is(cache.idleTimeout, undefined);
  ask("a");
  time.pass(1000);
  cache.idleTimeout = 0.5;
  t.deepEqual([cache.idleTimeout, cache.size], [0.5, 1]);
  time.pass(0.4);
  ask("b");
  time.pass(0.2);
  t.deepEqual(left, ["idle a"]);
  cache.idleTimeout = undefined;
  t.is(time.timers.size, 0);
  time.pass(1000);
  t.deepEqual(left, ["idle a"]);
  cache.idleTimeout = 10;
  time.pass(5);
  cache.idleTimeout = 3;
  t.deepEqual(left, ["idle a", "idle b"]);
  ask("c");
  cache.close();
  t.is(time.timers.size, 0);
});

test("a clock that is set back keeps nothing for longer than the idle time from then", (t) => {
  const { time, left, ask } = timed({ idleTimeout: 60 });
  ask("a");
  time.pass(10);
  time.now -= 3_600_000;
  for (const timer of time.timers) timer.at -= 3_600_000;
  time.pass(130);
  t.deepEqual(left, ["idle a"]);
});

test("after the clock was set back, the first look counts as the start of the idle time", (t) => {
  const { time, cache, left, ask } = timed({ idleTimeout: 60 });
  ask("a");
  // The timer stays where it was.
  time.now -= 3_600_000;
  t.is(cache.size, 1);
  time.pass(61);
  t.deepEqual(left, ["idle a"]);
});

test("however many entries there are, the timer goes off a few times in the idle time", (t) => {
  const { time, left, ask } = timed({ idleTimeout: 60, maxSize: null });
  for (let count = 0; count < 600; count++) {
    ask(`c${count}`);
    time.pass(0.1);
  }
  const before = time.started;
  time.pass(70);
  t.is(left.length, 600);
  t.true(time.started - before < 12, `${time.started - before} timers`);
});
