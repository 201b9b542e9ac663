/** Keeps the connections that a user gives to a client from ending with it. */
import { isRecord } from "../strategies/option-checks.js";

/** Whatever has a `destroy()` that ends connections: a connection handler of the SDK, an agent of Node. */
type Destroyable = object & { destroy?: unknown };

/** One shield for each, so that clients with one handler are seen to have one. */
const shields = new WeakMap<object, object>();

/**
 * The same handler, or agent, with a `destroy()` that does nothing: everything else goes to the one given, which its owner ends.
 * Given twice, or a shield, it gives the same shield.
 */
export function shieldHandler<Handler extends Destroyable>(handler: Handler): Handler {
  const known = shields.get(handler);
  if (known !== undefined) return known as Handler;
  const methods = new Map<unknown, unknown>();
  // An object of its own stands for the handler: what is frozen in that one could not be given out as anything else.
  const shield = new Proxy(Object.create(handler) as Handler, {
    get(_, name) {
      if (name === "destroy") return ignore;
      const member: unknown = Reflect.get(handler, name, handler);
      // Called on the handler itself: private members and what it writes belong to that.
      return typeof member === "function" && name !== "constructor" ? bound(methods, member, handler) : member;
    },
    set: (_, name, value) => Reflect.set(handler, name, value, handler),
  });
  shields.set(handler, shield);
  shields.set(shield, shield);
  return shield;
}

function ignore(): void {}

function bound(methods: Map<unknown, unknown>, method: object, handler: object): unknown {
  let known = methods.get(method);
  if (known === undefined) {
    known = (method as (...args: never) => unknown).bind(handler as never);
    methods.set(method, known);
  }
  return known;
}

/**
 * The `requestHandler` of a client's config such that the client's `destroy()` ends only what the client made for itself:
 * a handler of the user's is shielded, and so are agents among the options of one that the client makes. Other values come back
 * as they are.
 */
export function shieldConnections(requestHandler: unknown): unknown {
  if (typeof Object(requestHandler).handle === "function") return shieldHandler(requestHandler as object);
  if (typeof requestHandler === "function") {
    return async () => shieldConnections(await (requestHandler as () => unknown)());
  }
  if (!isRecord(requestHandler)) return requestHandler;
  const { httpAgent, httpsAgent } = requestHandler;
  if (!isAgent(httpAgent) && !isAgent(httpsAgent)) return requestHandler;
  return {
    ...requestHandler,
    ...(isAgent(httpAgent) && { httpAgent: shieldHandler(httpAgent) }),
    ...(isAgent(httpsAgent) && { httpsAgent: shieldHandler(httpsAgent) }),
  };
}

/** As the SDK tells an agent from options for one. */
function isAgent(value: unknown): value is Destroyable {
  return isRecord(value) && typeof value.destroy === "function";
}
