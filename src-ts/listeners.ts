/** Listeners of named events: called synchronously, in order of registration, and never able to break what they listen to. */
import { shown } from "./errors.js";
import { checkFunction, checkOneOf } from "./strategies/option-checks.js";
import { warn } from "./warnings.js";

type Listener<Event> = (event: Event) => void;

/** The listeners of one emitter, whose events `EventMap` names. One that throws is reported as a process warning; the others still run. */
export class Listeners<EventMap extends object> {
  readonly #names: readonly (keyof EventMap & string)[];
  /** The listeners of each name, with whether they are to be told only once. */
  readonly #listeners = new Map<string, Map<Listener<never>, boolean>>();

  constructor(names: readonly (keyof EventMap & string)[]) {
    this.#names = names;
  }

  /** Adds a listener; the function returned removes it. A listener that was added before stays where it was. */
  add<Name extends keyof EventMap & string>(name: Name, listener: Listener<EventMap[Name]>, isOnce: boolean) {
    checkOneOf("name", name, this.#names);
    checkFunction("listener", listener);
    const listeners = this.#listeners.get(name) ?? new Map<Listener<never>, boolean>();
    this.#listeners.set(name, listeners.set(listener, isOnce && listeners.get(listener) !== false));
    return () => this.remove(name, listener);
  }

  remove<Name extends keyof EventMap & string>(name: Name, listener: Listener<EventMap[Name]>): void {
    this.#listeners.get(name)?.delete(listener);
  }

  emit<Name extends keyof EventMap & string>(name: Name, event: EventMap[Name]): void {
    for (const [listener, isOnce] of [...(this.#listeners.get(name) ?? [])]) {
      if (isOnce) this.#listeners.get(name)?.delete(listener);
      try {
        listener(event as never);
      } catch (error) {
        const what = error instanceof Error ? error.message : shown(error);
        warn("BRS_LISTENER_THREW", `a listener of "${name}" threw: ${what}`);
      }
    }
  }
}
