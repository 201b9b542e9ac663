/** Options as an object that checks whatever is written into it, and shows no secret. */
import { inspect } from "node:util";
import { BRSConfigurationError } from "../../errors.js";
import { checkNames, checkRecord, describe } from "../option-checks.js";

/** What the options of one kind are. */
export interface ConfigRules<Options extends object> {
  /** Name of the option that takes them, for errors. */
  readonly option: string;
  /** A right value, for the error of one that is no object. */
  readonly example: string;
  readonly names: ReadonlyArray<keyof Options & string>;
  /** Names that can be neither left out nor removed. */
  readonly required: ReadonlyArray<keyof Options & string>;
  /** Names, here or in entries of a list, whose values are never shown. */
  readonly secrets: ReadonlySet<string>;
  /** Checks one value, and copies it where it could be changed from outside. */
  check(name: keyof Options & string, param: string, value: unknown): unknown;
}

/** What such an object can do beside holding its options. */
export interface ConfigMethods {
  /** Another object of the same class with the same options. */
  copy(): this;
  /** The options with every secret masked; spread the object to get them as they are. */
  toJSON(): Record<string, unknown>;
}

/**
 * The class of such objects.
 *
 * Each option that is set is a property of its own, so that a spread, `Object.keys` and `structuredClone` see plain data. Writing
 * null or undefined removes an option that is not required, as `delete` does; a name that is not known is refused.
 */
export function configClass<Options extends object>(
  rules: ConfigRules<Options>,
): new (
  given: Options,
) => Options & ConfigMethods {
  class Config implements ConfigMethods {
    constructor(given: Options) {
      const options = checkRecord(rules.option, given, rules.example);
      checkNames(`${rules.option}.`, options, rules.names);
      for (const name of rules.names) assign(this, name, options[name], rules);
    }

    copy(): this {
      return new (this.constructor as new (given: object) => this)(this);
    }

    toJSON(): Record<string, unknown> {
      return withoutSecrets({ ...this }, rules.secrets);
    }

    [inspect.custom](_depth: number, options: object): string {
      return `${this.constructor.name} ${inspect(this.toJSON(), options)}`;
    }
  }
  // What is not a property yet is looked for along the prototypes, at whose end it is caught: an object that were a proxy
  // itself could not be cloned.
  const guard = new Proxy(Object.create(Object.prototype), {
    set(target, name, value, config) {
      if (typeof name === "symbol") return Reflect.set(target, name, value, config);
      assign(config, name, value, rules);
      return true;
    },
  });
  Object.setPrototypeOf(Config.prototype, guard);
  return Config as unknown as new (
    given: Options,
  ) => Options & ConfigMethods;
}

/** Writes an option that is not there yet. */
function assign<Options extends object>(
  config: object,
  name: string,
  value: unknown,
  rules: ConfigRules<Options>,
): void {
  checkNames(`${rules.option}.`, { [name]: value ?? null }, rules.names);
  const isRequired = (rules.required as readonly string[]).includes(name);
  const checked = (next: unknown) =>
    frozen(rules.check(name as keyof Options & string, `${rules.option}.${name}`, next));
  // The check of a required option is what says that it is needed.
  if (!isRequired && isNothing(value)) return;
  let held = checked(value);
  Object.defineProperty(config, name, {
    get: () => held,
    set(next: unknown) {
      if (!isNothing(next)) held = checked(next);
      else if (isRequired) throw isNeeded(`${rules.option}.${name}`);
      else delete (config as Record<string, unknown>)[name];
    },
    enumerable: true,
    // A required one cannot be deleted.
    configurable: !isRequired,
  });
}

function isNeeded(param: string): BRSConfigurationError {
  return new BRSConfigurationError(`${param} cannot be removed; set another value, or make a new config`, { param });
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

/** A list is a copy already; it must not change past its check. */
function frozen(value: unknown): unknown {
  return Array.isArray(value) ? Object.freeze(value.map((entry) => Object.freeze(entry))) : value;
}

const MASK = "<masked>";

function withoutSecrets(options: object, secrets: ReadonlySet<string>): Record<string, unknown> {
  const shown = ([name, value]: [string, unknown]): [string, unknown] => {
    if (secrets.has(name)) return [name, MASK];
    if (Array.isArray(value)) {
      return [name, value.map((entry) => (typeof entry === "object" ? withoutSecrets(entry, secrets) : entry))];
    }
    return [name, typeof value === "object" ? describe(value) : value];
  };
  return Object.fromEntries(Object.entries(options).map(shown));
}
