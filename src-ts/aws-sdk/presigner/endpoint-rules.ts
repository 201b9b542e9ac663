/** Finds out whether a client's endpoint rules look at more of an input than its bucket: those of a user may. */
import type { ClientConfig } from "./sdk-client.js";

/** Members of an input that endpoint rules are given, besides the bucket. */
const OF_INPUTS = new Set<PropertyKey>(["Key", "Prefix", "CopySource"]);

type Rules = (parameters: object, context: unknown) => unknown;

/** A copy of a client's configuration that notices what its endpoint rules were asked. */
export function observed(config: ClientConfig): {
  readonly config: ClientConfig;
  /** Whether the endpoint was found without a look at the members that differ from one input to the next. */
  goesByBucketAlone(): boolean;
} {
  const rules = config.endpointProvider as Rules;
  const asked: object[] = [];
  const endpointProvider: Rules = (parameters, context) => {
    asked.push({ ...parameters });
    return rules(parameters, context);
  };
  return {
    config: { ...config, endpointProvider },
    // Asked again, the SDK's own rules answer from their cache, which knows what they depend on.
    goesByBucketAlone: () => asked.length > 0 && asked.every((parameters) => !readsInputs(rules, parameters)),
  };
}

function readsInputs(rules: Rules, parameters: object): boolean {
  let reads = false;
  const noticed = new Proxy(parameters, {
    get(target, name, receiver) {
      if (OF_INPUTS.has(name)) reads = true;
      return Reflect.get(target, name, receiver);
    },
    has(target, name) {
      if (OF_INPUTS.has(name)) reads = true;
      return Reflect.has(target, name);
    },
    ownKeys(target) {
      reads = true;
      return Reflect.ownKeys(target);
    },
  });
  try {
    rules(noticed, {});
  } catch {
    return true;
  }
  return reads;
}
