/** Signs what an axios instance sends, between its transforms and its adapter. */
import { BRSValidationError, SigningError } from "../errors.js";
import { type AxiosAnswer, type AxiosConfig, AxiosExchange } from "./axios-exchange.js";
import type { HttpSigning } from "./outgoing-request.js";

/** What is used of an axios instance. */
export interface AxiosLike {
  readonly interceptors: {
    readonly request: {
      // biome-ignore lint/suspicious/noExplicitAny: the config of whichever version of axios it is
      use(onFulfilled: (config: any) => any, onRejected?: null, options?: { synchronous?: boolean }): number;
    };
  };
  getUri(config?: object): string;
}

/** An instance that `create` has made: only axios knows its adapters by their names. */
interface BareAxios {
  readonly defaults: Record<string, unknown>;
  request(config: object): Promise<AxiosAnswer>;
}

/** By whom the requests of an instance are signed: the last who was asked to. */
const signings = new WeakMap<object, { signing: HttpSigning }>();
/** The adapter that a signing one stands for, so that a request that is repeated with the same config is not signed twice. */
const replaced = new WeakMap<object, unknown>();

/**
 * Signs all requests of an instance: what its transforms have made of the body, its final headers and URL. An instance is
 * signed by the last signer that it was given to; instances that are made of it later, with `create`, are not signed.
 */
export function signAxios<Instance extends AxiosLike>(signing: HttpSigning, instance: Instance): Instance {
  if (typeof instance?.interceptors?.request?.use !== "function" || typeof instance.getUri !== "function") {
    throw new BRSValidationError("axios() takes an instance of axios: axios itself, or what axios.create() gives", {
      param: "instance",
    });
  }
  const known = signings.get(instance);
  if (known !== undefined) {
    known.signing = signing;
    return instance;
  }
  const held = { signing };
  signings.set(instance, held);
  const throughAxios = byName(instance);
  const sign = (config: AxiosConfig) => {
    const before = config.adapter as object;
    const given = replaced.has(before) ? replaced.get(before) : before;
    const adapter = (final: AxiosConfig) =>
      new AxiosExchange(held.signing, final, {
        uri: instance.getUri(final),
        send: typeof given === "function" ? (next) => given(next) : (next) => throughAxios({ ...next, adapter: given }),
        isNamed: typeof given !== "function",
        isFetch: isFetch(given),
      }).run();
    replaced.set(adapter, given);
    return Object.assign(config, { adapter });
  };
  instance.interceptors.request.use(sign, null, { synchronous: true });
  return instance;
}

/** Whether the names of adapters come to that of fetch: outside of browsers there is no XMLHttpRequest. */
function isFetch(given: unknown): boolean {
  return [given].flat().find((name) => name !== "xhr") === "fetch";
}

/** Sends by the adapter that a name, or a list of names, stands for. */
function byName(instance: object): (config: AxiosConfig) => Promise<AxiosAnswer> {
  let bare: BareAxios | undefined;
  return (config) => {
    bare ??= bareInstance(instance);
    // The transforms have run, and the answer is transformed for the request that waits for it.
    return bare.request({ ...config, transformRequest: [], transformResponse: [] });
  };
}

/** An instance without interceptors, and without defaults, since the config of a request holds them already. */
function bareInstance(instance: object): BareAxios {
  if (!("create" in instance && typeof instance.create === "function")) {
    throw new SigningError('an instance of axios without "create" has to be given its adapter as a function');
  }
  const bare: BareAxios = instance.create();
  for (const name of Object.keys(bare.defaults)) delete bare.defaults[name];
  return bare;
}
