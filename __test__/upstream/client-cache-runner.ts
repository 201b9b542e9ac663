/** Runs a sequence of calls through one of our caches, and tells what was observed at each of its steps. */
import { type Cache, KINDS, type Kind, type Policy } from "./client-cache-kinds.js";

export type Step = readonly [operation: string, ...given: Array<string | number>];

export interface Sequence {
  readonly kind: Kind["name"];
  readonly policy: Policy;
  readonly maxSize: number;
  readonly steps: readonly Step[];
}

/** What came of a call, what has left the cache with it, first victim first, and what is held, next victim first. */
export type Observed = readonly [outcome: unknown, gone: readonly string[], held: readonly string[]];

/** What is held is known by its name, and by how many were made before it. */
export function observeCache({ kind: name, policy, maxSize, steps }: Sequence): Observed[] {
  const kind = KINDS.find((each) => each.name === name) as Kind;
  const cache = kind.newCache({ evictionPolicy: policy, maxSize });
  const titles = new Map<object, string>();
  const keys = new Map<string, ReturnType<Cache["key"]>>();
  let evicted: string[] = [];
  cache.on("evict", (eviction) => evicted.push(titleOf(kind.left(eviction))));
  const observed = steps.map(observe);
  cache.close();
  return observed;

  function keyOf(each: string) {
    const key = keys.get(each) ?? cache.key(kind.target, { name: each });
    keys.set(each, key);
    return key;
  }

  /** One that was not seen before was just made. */
  function titleOf(value: object, each?: string): string {
    const title = titles.get(value) ?? `${each}#${titles.size + 1}`;
    titles.set(value, title);
    return title;
  }

  function observe([operation, given]: Step): Observed {
    evicted = [];
    const before = titlesHeld();
    const outcome = attempt(() => call(operation, given as never));
    const held = titlesHeld();
    // Whoever takes one is told by what it gets, and others by the event.
    const gone = operation.startsWith("take") ? before.filter((title) => !held.includes(title)) : [...evicted];
    return [outcome, gone, held];
  }

  function titlesHeld(): string[] {
    return cache.entries().map(([key, value]) => {
      const title = titles.get(value) as string;
      if (!key.equals(keyOf(title.split("#")[0] as string))) throw new Error(`${title} is held under ${key}`);
      return title;
    });
  }

  function call(operation: string, given: never): unknown {
    switch (operation) {
      case "add": {
        const value = kind.newValue();
        titleOf(value, given);
        cache.add(keyOf(given), value);
        return "added";
      }
      case "build":
        return titleOf(kind.build(cache, { name: given }), given);
      case "get": {
        const value = cache.get(keyOf(given));
        return value === undefined ? null : titleOf(value);
      }
      case "has":
        return cache.has(keyOf(given));
      case "delete":
        return cache.delete(keyOf(given));
      case "take":
        return titleOf(cache.take(keyOf(given)));
      case "takeNext":
        return titleOf(cache.takeNext()[1]);
      case "clear":
        cache.clear();
        return null;
      case "resize":
        cache.maxSize = given;
        return null;
      default:
        throw new Error(`no such operation: ${operation}`);
    }
  }
}

/** What a function gives, or the name of the class of its error. */
export function attempt<Result>(run: () => Result): Result | string {
  try {
    return run();
  } catch (error) {
    return (error as Error).constructor.name;
  }
}
