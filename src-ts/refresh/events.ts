/** Typed events of a session: synchronous, in order of registration, and never able to break a refresh. */
import { Listeners } from "../listeners.js";
import {
  type BeforeSignEvent,
  type ChooseSignerEvent,
  type SigningEvent,
  SigningEvents,
} from "../signing/request-signer/signing-events.js";
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

/** A hook of request signing, as botocore has them: "before-sign.s3.PutObject", with `*` for any part. */
export type SigningHookPattern = `before-sign${string}` | `choose-signer${string}`;

/**
 * The events of one session. A listener that throws is reported as a process warning; the others still run.
 *
 * Also takes the hooks of request signing, for `new RequestSigner({ events: session.events })`; what a hook throws ends the
 * signature (see `SigningEvents`).
 */
export class SessionEvents {
  #signing: SigningEvents | undefined;
  readonly #listeners = new Listeners<SessionEventMap>(["refresh", "refreshError", "expired"]);

  /** Adds a listener; the function returned removes it. A listener that was added before stays where it was. */
  on<Name extends SessionEventName>(name: Name, listener: SessionListener<Name>): () => void;
  /** Adds a hook of request signing; the function returned removes it. */
  on<Pattern extends SigningHookPattern>(pattern: Pattern, hook: (event: SigningEvent<Pattern>) => void): () => void;
  on(name: SessionEventName | SigningHookPattern, listener: (event: never) => void): () => void {
    if (!isHook(name)) return this.#listeners.add(name, listener as SessionListener<SessionEventName>, false);
    this.#signing ??= new SigningEvents();
    return this.#signing.on(name, listener as (event: BeforeSignEvent | ChooseSignerEvent) => void);
  }

  /** Adds a listener that is removed when it is called first. */
  once<Name extends SessionEventName>(name: Name, listener: SessionListener<Name>): () => void {
    return this.#listeners.add(name, listener, true);
  }

  off<Name extends SessionEventName>(name: Name, listener: SessionListener<Name>): void {
    this.#listeners.remove(name, listener);
  }

  emit<Name extends SessionEventName>(name: Name, event: SessionEventMap[Name]): void;
  /** As `RequestSigner` emits: hooks are called until one of them has made `isDone` true. */
  emit(name: string, event: BeforeSignEvent | ChooseSignerEvent, isDone?: () => boolean): void;
  emit(name: string, event: object, isDone?: () => boolean): void {
    if (isHook(name)) {
      this.#signing?.emit(name, event as BeforeSignEvent | ChooseSignerEvent, isDone);
      return;
    }
    this.#listeners.emit(name as SessionEventName, event as SessionEventMap[SessionEventName]);
  }
}

const isHook = (name: string): name is SigningHookPattern =>
  typeof name === "string" && /^(?:before-sign|choose-signer)(?:\.|$)/.test(name);
