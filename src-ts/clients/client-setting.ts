/** What whoever owns a cache adds to the clients that are made in it. */
import type { ClientConfig, SdkClient } from "./sdk-client.js";

/** For caches of a session: its credentials, its region, its signer. Neither part may be asynchronous. */
export interface ClientSetting {
  /**
   * What a config has unless it says otherwise. The same objects each time: a value that is given explicitly and is the one
   * here makes the same key as none.
   */
  readonly defaults: ClientConfig;
  /** The config to construct with: the defaults, and over them what is given and not undefined. */
  prepare(config: ClientConfig): ClientConfig;
  /** Completes a client that was just constructed. `config` is what it was asked for with. */
  finish(client: SdkClient, config: ClientConfig): void;
}
