/** Makes the clients of a cache: checks the class, adds what the owner of the cache adds, and keeps connections that are not the client's. */
import { ClientCacheError } from "../errors.js";
import { checkRecord, describe, isRecord } from "../strategies/option-checks.js";
import type { ClientSetting } from "./client-setting.js";
import { destroyAll } from "./quiet-end.js";
import { shieldConnections } from "./request-handler.js";
import {
  type ClientClass,
  type ClientConfig,
  isClientClass,
  type SdkClient,
  type SdkRequestHandler,
} from "./sdk-client.js";
import { findClientClass } from "./service-package.js";

/** The setting of a cache without a session: its clients share a connection handler where one is given. */
export function standaloneSetting(shared: SdkRequestHandler | undefined): ClientSetting {
  return { defaults: shared === undefined ? {} : { requestHandler: shared }, finish: () => {} };
}

/** The config of a call, which is `{}` when it is left out. */
export function checkConfig(config: unknown): ClientConfig {
  return config === undefined ? {} : checkRecord("config", config, '{ region: "eu-west-1" }');
}

/**
 * A new client. What its constructor throws is thrown as it is.
 *
 * @param config a copy of what the caller gave
 */
export function makeClient(setting: ClientSetting, target: ClientClass, config: ClientConfig): SdkClient {
  const complete: Record<string, unknown> = { ...config };
  for (const [name, value] of Object.entries(setting.defaults)) complete[name] ??= value;
  if (complete.requestHandler !== undefined) complete.requestHandler = shieldConnections(complete.requestHandler);
  const client: unknown = new target(complete as never);
  if (!isSdkClient(client)) {
    const name = target.name || "this";
    throw new ClientCacheError(
      `${name} is not a class of AWS SDK v3 clients: what it makes lacks config, middlewareStack, send() or destroy()`,
      { param: "target", value: name },
    );
  }
  try {
    setting.finish(client, config);
  } catch (error) {
    destroyAll([client]);
    throw error;
  }
  return client;
}

/** The class that is meant. Refuses what makes no clients, as far as can be told without a try. On the way of every hit. */
export function classOf(target: unknown): ClientClass {
  if (typeof target === "string") return findClientClass(target);
  const isClass = isClientClass(target);
  if (isClass && typeof (target as { from?: unknown }).from !== "function") return target;
  if (isClass) {
    throw new ClientCacheError(
      `${target.name} makes no client of its own, but wraps one: ask resource("dynamodb") for the document client, or call ` +
        `${target.name}.from() with a client of the cache`,
      { param: "target", value: target.name },
    );
  }
  const found =
    typeof target === "function" && target.name !== "" ? `the function or class ${target.name}` : describe(target);
  throw new ClientCacheError(
    `target must be a class of AWS SDK v3 clients such as S3Client, or the name of a service such as "s3", but is ${found}`,
    { param: "target", value: found },
  );
}

/** Whether something has what a cache needs of a client. */
export function isSdkClient(value: unknown): value is SdkClient {
  if (!isRecord(value)) return false;
  const { config, middlewareStack, send, destroy } = value;
  return (
    isRecord(config) &&
    typeof Object(middlewareStack).add === "function" &&
    typeof send === "function" &&
    typeof destroy === "function"
  );
}
