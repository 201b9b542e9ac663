/** Keys of caches as their users see them: comparable, printable, and with nothing of the config in them that is secret. */
import { inspect } from "node:util";

/** The part that keys of clients and of resources share. */
export abstract class CacheKey {
  /** What the key stands for, for people: the class or resource and its config, secrets masked. */
  readonly label: string;
  readonly #text: string;

  /** @internal Keys come from `key()`, `keys()` and `entries()` of a cache. */
  constructor(text: string, label: string) {
    this.#text = text;
    this.label = label;
  }

  /** @internal What the index knows the entry by; secrets stand in it as digests. */
  static textOf(key: CacheKey): string {
    return key.#text;
  }

  /** Whether both stand for the same entry: the same class or resource and a config that means the same. */
  equals(other: unknown): boolean {
    return other instanceof CacheKey && other.constructor === this.constructor && other.#text === this.#text;
  }

  toString(): string {
    return this.label;
  }

  toJSON(): string {
    return this.label;
  }

  [inspect.custom](): string {
    return `${this.constructor.name}(${this.label})`;
  }
}

/**
 * Stands for one client of a `ClientCache`, and is good for that cache alone: what a session adds to configs is not in it.
 * Configs that mean the same, whatever the order of their names, give equal keys. A key holds neither config nor client.
 *
 * ```ts
 * import { S3Client } from "@aws-sdk/client-s3";
 * import { ClientCache } from "aws-refresh-session/clients";
 *
 * const cache = new ClientCache();
 * const key = cache.key(S3Client, { region: "eu-west-1", maxAttempts: 4 });
 * key.equals(cache.key(S3Client, { maxAttempts: 4, region: "eu-west-1" })); // true
 * `${key}`; // S3Client(region: "eu-west-1", maxAttempts: 4)
 * ```
 */
export class ClientCacheKey extends CacheKey {
  /** For the compiler, which takes classes with the same members for one. */
  declare protected readonly standsFor: "client";
}

/** Stands for one resource of a `ResourceCache`, as a `ClientCacheKey` does for a client; the two are never equal. */
export class ResourceCacheKey extends CacheKey {
  declare protected readonly standsFor: "resource";
}
