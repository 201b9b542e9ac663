/** Typed events of a session: synchronous, in order of registration, and never able to break a refresh. */
import { shown } from "../errors.js";
import type { TemporaryCredentials } from "../strategies/strategy.js";

export interface SessionEventMap {
  /** New credentials are current. */
  refresh: { readonly credentials: TemporaryCredentials };
  /** A refresh failed; what is held may still be served. */
  refreshError: { readonly error: Error };
  /** A caller asked when what is held had already expired. Emitted once for each triple. */
  expired: { readonly expiration: Date };
}

export type SessionEventName = keyof SessionEventMap;
export type SessionListener<Name extends SessionEventName> = (event: SessionEventMap[Name]) => void;

/** The events of one session. A listener that throws is reported as a process warning; the others still run. */
export class SessionEvents {
  /** The listeners of each name, with whether they are to be told only once. */
  readonly #listeners = new Map<SessionEventName, Map<SessionListener<SessionEventName>, boolean>>();

  /** Adds a listener; the function returned removes it. A listener that was added before stays where it was. */
  on<Name extends SessionEventName>(name: Name, listener: SessionListener<Name>): () => void {
    return this.#add(name, listener, false);
  }

  /** Adds a listener that is removed when it is called first. */
  once<Name extends SessionEventName>(name: Name, listener: SessionListener<Name>): () => void {
    return this.#add(name, listener, true);
  }

  off<Name extends SessionEventName>(name: Name, listener: SessionListener<Name>): void {
    this.#listeners.get(name)?.delete(listener as SessionListener<SessionEventName>);
  }

  emit<Name extends SessionEventName>(name: Name, event: SessionEventMap[Name]): void {
    for (const [listener, isOnce] of [...(this.#listeners.get(name) ?? [])]) {
      if (isOnce) this.off(name, listener);
      try {
        listener(event);
      } catch (error) {
        process.emitWarning(`a listener of "${name}" threw: ${error instanceof Error ? error.message : shown(error)}`, {
          type: "BRSWarning",
          code: "BRS_LISTENER_THREW",
        });
      }
    }
  }

  #add<Name extends SessionEventName>(name: Name, listener: SessionListener<Name>, isOnce: boolean): () => void {
    const listeners = this.#listeners.get(name) ?? new Map<SessionListener<SessionEventName>, boolean>();
    const key = listener as SessionListener<SessionEventName>;
    this.#listeners.set(name, listeners.set(key, isOnce && listeners.get(key) !== false));
    return () => this.off(name, listener);
  }
}
