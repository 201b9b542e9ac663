/** Typed events of a session: synchronous, in order of registration, and never able to break a refresh. */
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
  readonly #listeners = new Map<SessionEventName, Set<SessionListener<SessionEventName>>>();

  /** Adds a listener; the function returned removes it. */
  on<Name extends SessionEventName>(name: Name, listener: SessionListener<Name>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener as SessionListener<SessionEventName>));
    return () => this.off(name, listener);
  }

  /** Adds a listener that is removed when it is called first. */
  once<Name extends SessionEventName>(name: Name, listener: SessionListener<Name>): () => void {
    const remove = this.on(name, (event) => {
      remove();
      listener(event);
    });
    return remove;
  }

  off<Name extends SessionEventName>(name: Name, listener: SessionListener<Name>): void {
    this.#listeners.get(name)?.delete(listener as SessionListener<SessionEventName>);
  }

  emit<Name extends SessionEventName>(name: Name, event: SessionEventMap[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        listener(event);
      } catch (error) {
        process.emitWarning(`a listener of "${name}" threw: ${(error as Error)?.message ?? error}`, {
          type: "BRSWarning",
          code: "BRS_LISTENER_THREW",
        });
      }
    }
  }
}
