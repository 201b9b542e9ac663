/** Times several ways of doing the same thing in one run: rounds interleaved, so that noise falls on all alike. */

/**
 * @typedef {{ name: string, each: number, run: (times: number) => unknown | Promise<unknown> }} Contender
 *   `run(times)` does `times * each` operations.
 */

/**
 * Nanoseconds of one operation: the median of the rounds of each contender, by name. A map given as `cpu` is filled with the time
 * that the processor worked for the process, which other programs of the machine disturb less.
 */
export async function compare(contenders, { rounds = 21, targetMs = 40, cpu } = {}) {
  const plans = [];
  for (const contender of contenders)
    plans.push({ contender, times: await calibrated(contender, targetMs), samples: [], cpuSamples: [] });
  for (let round = 0; round < rounds; round++) {
    // Every round starts with another contender: nobody always runs on a cold or a hot machine.
    for (let index = 0; index < plans.length; index++) {
      const plan = plans[(index + round) % plans.length];
      const before = process.cpuUsage();
      plan.samples.push(await timed(plan.contender, plan.times));
      const { user, system } = process.cpuUsage(before);
      plan.cpuSamples.push(((user + system) * 1000) / (plan.times * plan.contender.each));
    }
  }
  if (cpu !== undefined) for (const { contender, cpuSamples } of plans) cpu.set(contender.name, median(cpuSamples));
  return new Map(plans.map(({ contender, samples }) => [contender.name, median(samples)]));
}

async function calibrated(contender, targetMs) {
  let times = 1;
  for (;;) {
    const nanoseconds = (await timed(contender, times)) * times * contender.each;
    if (nanoseconds >= targetMs * 1e6) return times;
    times = Math.max(times + 1, Math.ceil(times * Math.min(10, (targetMs * 1.2e6) / Math.max(nanoseconds, 1))));
  }
}

async function timed({ run, each }, times) {
  const start = process.hrtime.bigint();
  const pending = run(times);
  // Awaiting what is no promise would give the loop a turn that belongs to nobody.
  if (pending instanceof Promise) await pending;
  return Number(process.hrtime.bigint() - start) / (times * each);
}

export function median(samples) {
  const sorted = [...samples].sort((one, two) => one - two);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Operations repeated without a promise. */
export const sync = (operation) => (times) => {
  let sink = 0;
  for (let index = 0; index < times; index++) sink += operation(index).length ?? 1;
  return sink;
};

/** Operations awaited one after the other. */
export const awaited = (operation) => async (times) => {
  for (let index = 0; index < times; index++) await operation(index);
};
