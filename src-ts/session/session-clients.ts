/** The clients and resources of one session: its caches, made when they are first asked for, and its end. */
import type { CachedCallOptions } from "../clients/cache-options.js";
import { endConnections } from "../clients/quiet-end.js";
import type { ClientClass, SdkClient } from "../clients/sdk-client.js";
import { SessionCache } from "../clients/session-cache.js";
import type { Clock } from "../defaults.js";
import { closedError } from "../refresh/refreshable-credentials.js";
import { type SessionDefaults, SessionSetting } from "./session-setting.js";

export class SessionClients {
  readonly #defaults: SessionDefaults;
  readonly #clock: Clock | undefined;
  #cache: SessionCache | undefined;
  #isClosed = false;

  /** @param clock by which the caches tell what is idle; the system's unless given */
  constructor(defaults: SessionDefaults, clock: Clock | undefined) {
    this.#defaults = defaults;
    this.#clock = clock;
  }

  /** All four caches; closed ones after `close()`. */
  get cache(): SessionCache {
    if (this.#cache === undefined) {
      this.#cache = new SessionCache(new SessionSetting(this.#defaults), { clock: this.#clock });
      if (this.#isClosed) this.#cache.close();
    }
    return this.#cache;
  }

  client(target: ClientClass | string, config: object | undefined, options: CachedCallOptions | undefined): SdkClient {
    if (this.#isClosed) throw closedError();
    return this.cache.clientFor(target, config, options);
  }

  resource(name: string, config: object | undefined, options: CachedCallOptions | undefined): object {
    if (this.#isClosed) throw closedError();
    return this.cache.resourceFor(name, config, options);
  }

  /** Lets all clients go, and ends the connections that they share once nothing is in flight on them. */
  close(): void {
    this.#isClosed = true;
    this.#cache?.close();
    const { requestHandler } = this.#defaults;
    // Without one nothing of the caches is loaded for the end of a session that made no client.
    if (requestHandler === undefined) return;
    if (this.#cache === undefined) endConnections(requestHandler);
    else void this.#cache.drained().then(() => endConnections(requestHandler));
  }
}
