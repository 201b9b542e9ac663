/** Makes one resource of a cache, and keeps what ends with it: its clients, and what its factory wants done then. */
import { ResourceCacheError } from "../errors.js";
import { findResource, type ResourceContext } from "../resource-registry.js";
import { checkFunction, describe } from "../strategies/option-checks.js";
import { classOf, makeClient } from "./client-making.js";
import type { ClientSetting } from "./client-setting.js";
import { destroyAll, endQuietly } from "./quiet-end.js";
import type { ClientClass, ClientConfig, SdkClient } from "./sdk-client.js";

export class ResourceMaking {
  /** The clients that it was made with. */
  readonly clients: SdkClient[] = [];
  readonly #setting: ClientSetting;
  readonly #callbacks: (() => void)[] = [];
  #isMade = false;

  constructor(setting: ClientSetting) {
    this.#setting = setting;
  }

  /** The resource, or the promise of it. What its factory throws is thrown as it is, and the clients it had made are destroyed. */
  make(name: string, config: ClientConfig): object | Promise<object> {
    try {
      const client = this.#client as ResourceContext["client"];
      const made = findResource(name)({ config, client, onDestroy: this.#onDestroy });
      return isThenable(made) ? this.#whenMade(name, made) : this.#checked(name, made);
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  readonly #client = (target: ClientClass | string, config: ClientConfig = {}): SdkClient => {
    this.#assertMaking("client");
    const client = makeClient(this.#setting, classOf(target), config);
    this.clients.push(client);
    return client;
  };

  readonly #onDestroy = (callback: () => void): void => {
    this.#assertMaking("onDestroy");
    this.#callbacks.push(checkFunction("callback", callback) as () => void);
  };

  /** All clients are destroyed. */
  readonly ended = (): void => {
    for (const callback of this.#callbacks.splice(0)) endQuietly("what a resource gave to onDestroy()", callback);
  };

  /** Ends what nobody got. */
  abandon(): void {
    destroyAll(this.clients);
    this.ended();
  }

  async #whenMade(name: string, made: PromiseLike<object>): Promise<object> {
    try {
      return this.#checked(name, await made);
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  #checked(name: string, made: unknown): object {
    this.#isMade = true;
    if ((typeof made === "object" && made !== null) || typeof made === "function") return made;
    const found = describe(made);
    throw new ResourceCacheError(`the factory of the resource "${name}" must give an object, but gave ${found}`, {
      param: "factory",
      value: found,
    });
  }

  /** What comes later would end with nothing. */
  #assertMaking(method: string): void {
    if (!this.#isMade) return;
    throw new ResourceCacheError(
      `${method}() of a resource can be called while its factory makes it, and no later: make its clients there`,
      { param: method },
    );
  }
}

export function isThenable(value: object): value is Promise<object> {
  return typeof (value as { then?: unknown } | null)?.then === "function";
}
