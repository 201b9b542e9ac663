/** The copy of a config that a client is built from, so that nobody can make it another than its key says. */
import { types } from "node:util";
import { isRecord } from "../strategies/option-checks.js";
import { knownIdentity } from "./identity.js";
import { bytesClass, bytesOf, kindOf, MOST_DEEP, MOST_MEMBERS, sizeOf } from "./member-kinds.js";
import { plainName } from "./plain-name.js";
import { UnkeyableError } from "./unkeyable-error.js";

/**
 * Copies all that counts by content in a key, and refuses what a key cannot stand for: accessors, proxies and symbols, cycles,
 * and what is too deep or too large. What counts by identity is handed on as it is. Members that are undefined are left out.
 */
export function ownConfig(config: object): Record<string, unknown> {
  if (!isRecord(config) || kindOf(config) !== "object") throw new UnkeyableError("config", "is no plain object");
  const copied = new Copying().object(config, "config", []);
  return copied as Record<string, unknown>;
}

class Copying {
  #left = MOST_MEMBERS;

  object(object: object, path: string, within: readonly object[]): object {
    const descriptors = Object.getOwnPropertyDescriptors(object);
    // As with a spread, what is not enumerable does not count.
    const members = Object.entries(descriptors).filter(([, { enumerable }]) => enumerable);
    if (within.length > 0 && members.some(([, { value }]) => typeof value === "function")) return object;
    this.#enter(members.length, path, within);
    if (Object.getOwnPropertySymbols(object).length > 0)
      throw new UnkeyableError(path, "has a member that is named by a symbol");
    const deeper = [...within, object];
    return Object.fromEntries(
      members
        .map(([name, descriptor]) => {
          const place = `${path}.${plainName(name)}`;
          return [name, this.#value(data(descriptor, place), place, deeper)];
        })
        .filter(([, value]) => value !== undefined),
    );
  }

  #value(value: unknown, path: string, within: readonly object[]): unknown {
    if (typeof value === "symbol") throw new UnkeyableError(path, "is a symbol");
    if (typeof value !== "object" || value === null) return value;
    if (knownIdentity(value) !== undefined) return value;
    if (types.isProxy(value)) throw new UnkeyableError(path, "is a Proxy, which may read differently each time");
    if (within.includes(value)) throw new UnkeyableError(path, "leads back to itself");
    try {
      return this.#container(value, path, within);
    } catch (error) {
      if (error instanceof UnkeyableError) throw error;
      throw new UnkeyableError(path, "is not what its prototype says");
    }
  }

  #container(value: object, path: string, within: readonly object[]): unknown {
    const kind = kindOf(value);
    if (kind === "other") return value;
    const deeper = [...within, value];
    switch (kind) {
      case "object":
        return this.object(value, path, within);
      case "array":
        return this.#array(value as unknown[], path, within);
      case "set": {
        const members = new Set<unknown>();
        this.#enter(sizeOf(value), path, within);
        Set.prototype.forEach.call(value, (member) => members.add(this.#value(member, `${path}[member]`, deeper)));
        return members;
      }
      case "map": {
        const members = new Map<unknown, unknown>();
        this.#enter(sizeOf(value), path, within);
        Map.prototype.forEach.call(value, (member, key) =>
          members.set(this.#value(key, `${path}[key]`, deeper), this.#value(member, `${path}[value]`, deeper)),
        );
        return members;
      }
      case "date":
        return new Date(Date.prototype.getTime.call(value));
      case "url":
        return new URL(URL.prototype.toString.call(value));
      case "regexp":
        return new RegExp(value as RegExp);
      case "bytes":
        return copyOfBytes(value);
    }
  }

  #array(array: readonly unknown[], path: string, within: readonly object[]): unknown[] {
    this.#enter(array.length, path, within);
    const deeper = [...within, array];
    return Array.from({ length: array.length }, (_, index) => {
      const place = `${path}[${index}]`;
      return this.#value(data(Object.getOwnPropertyDescriptor(array, index) ?? {}, place), place, deeper);
    });
  }

  #enter(members: number, path: string, within: readonly object[]): void {
    if (within.length > MOST_DEEP) throw new UnkeyableError(path, `is more than ${MOST_DEEP} levels deep`);
    this.#left -= 1 + members;
    if (this.#left < 0) throw new UnkeyableError(path, `is beyond the ${MOST_MEMBERS} members that a config may have`);
  }
}

function data({ value, get, set }: PropertyDescriptor, path: string): unknown {
  if (get === undefined && set === undefined) return value;
  throw new UnkeyableError(path, "is an accessor, which may read differently each time");
}

function copyOfBytes(value: object): unknown {
  const copy = Uint8Array.from(bytesOf(value)).buffer;
  const found = bytesClass(value);
  if (found === undefined || found === ArrayBuffer) return copy;
  return (found as unknown) === Buffer ? Buffer.from(copy) : new (found as new (buffer: ArrayBuffer) => unknown)(copy);
}
