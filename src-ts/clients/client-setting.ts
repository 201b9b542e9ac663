/** What whoever owns a cache adds to the clients that are made in it. */
import type { ClientConfig, SdkClient } from "./sdk-client.js";

/** For caches of a session: its credentials, its region, its signer. Nothing of it may be asynchronous. */
export interface ClientSetting {
  /**
   * What a config has unless it says otherwise; undefined and null say nothing, as to the SDK. The same objects each time: a value
   * that is given explicitly and is the one here makes the same key as none.
   */
  readonly defaults: ClientConfig;
  /** Completes a client that was just constructed. `config` is what it was asked for with. */
  finish(client: SdkClient, config: ClientConfig): void;
}
