/** Makes one resource of a cache, and keeps what ends with it: its clients, and what its factory wants done then. */
import { ResourceCacheError, shown } from "../errors.js";
import { describe } from "../strategies/option-checks.js";
import { warn } from "../warnings.js";
import { makeClient } from "./client-making.js";
import type { ClientSetting } from "./client-setting.js";
import { ownConfig } from "./own-config.js";
import { buildResource, findResource, type ResourceOwner } from "./resources.js";
import type { ClientClass, ClientConfig, SdkClient } from "./sdk-client.js";

export class ResourceMaking implements ResourceOwner {
  /** The clients that it was made with. */
  readonly clients: SdkClient[] = [];
  readonly #setting: ClientSetting;
  readonly #callbacks: (() => void)[] = [];

  constructor(setting: ClientSetting) {
    this.#setting = setting;
  }

  /** The resource, or the promise of it. What its factory throws is thrown as it is, and the clients it had made are destroyed. */
  make(name: string, config: ClientConfig): object | Promise<object> {
    try {
      const made = buildResource(findResource(name), config, this);
      return isThenable(made) ? this.#whenMade(name, made) : checked(name, made);
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  client(target: ClientClass, config: ClientConfig): SdkClient {
    const client = makeClient(this.#setting, target, ownConfig(config));
    this.clients.push(client);
    return client;
  }

  onDestroy(callback: () => void): void {
    this.#callbacks.push(callback);
  }

  /** All clients are destroyed. */
  readonly ended = (): void => {
    for (const callback of this.#callbacks.splice(0)) {
      try {
        callback();
      } catch (error) {
        const what = error instanceof Error ? error.message : shown(error);
        warn("BRS_LISTENER_THREW", `what a resource had given to onDestroy() threw: ${what}`);
      }
    }
  };

  /** Ends what nobody got. */
  abandon(): void {
    for (const client of this.clients) client.destroy();
    this.ended();
  }

  async #whenMade(name: string, made: PromiseLike<object>): Promise<object> {
    try {
      return checked(name, await made);
    } catch (error) {
      this.abandon();
      throw error;
    }
  }
}

export function isThenable(value: object): value is Promise<object> {
  return typeof (value as { then?: unknown } | null)?.then === "function";
}

function checked(name: string, made: unknown): object {
  if ((typeof made === "object" && made !== null) || typeof made === "function") return made;
  const found = describe(made);
  throw new ResourceCacheError(`the factory of the resource "${name}" must give an object, but gave ${found}`, {
    param: "factory",
    value: found,
  });
}
