/** What counts by content in a config, and what by identity. */
import { types } from "node:util";

export type MemberKind = "object" | "array" | "set" | "map" | "date" | "url" | "regexp" | "bytes" | "other";

/** How deep, and of how many members in all, a config may be. */
export const MOST_DEEP = 16;
export const MOST_MEMBERS = 10_000;

/**
 * By the prototype alone, and by no instance of a subclass: what such an object holds beside its content nobody can know.
 * What only claims to be of a kind fails when it is read as one.
 */
export function kindOf(value: object): MemberKind {
  if (types.isProxy(value)) return "other";
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value)) return isBuiltIn(prototype, Array) ? "array" : "other";
  switch (prototype) {
    case Object.prototype:
    case null:
      return "object";
    case Set.prototype:
      return "set";
    case Map.prototype:
      return "map";
    case Date.prototype:
      return "date";
    case URL.prototype:
      return "url";
    case RegExp.prototype:
      return "regexp";
    default:
      if (types.isArrayBuffer(value) || ArrayBuffer.isView(value))
        return bytesClass(value) === undefined ? "other" : "bytes";
      return isBuiltIn(prototype, Object) ? "object" : "other";
  }
}

/** Whether this is the prototype of the built-in class, in this realm or in another, such as that of `node:vm`. */
function isBuiltIn(prototype: unknown, builtIn: ObjectConstructor | ArrayConstructor): boolean {
  if (prototype === builtIn.prototype) return true;
  if (typeof prototype !== "object" || prototype === null || types.isProxy(prototype)) return false;
  const found: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  const source = Function.prototype.toString;
  return typeof found === "function" && found.prototype === prototype && source.call(found) === source.call(builtIn);
}

const BYTES_CLASS = /^(ArrayBuffer|Buffer|DataView|(Big)?(Int|Uint)\d+(Clamped)?Array|Float\d+Array)$/;

type BytesClass = new (buffer: ArrayBuffer) => ArrayBufferView;

/** The class of bytes that only this thread can change: `ArrayBuffer`, `Buffer`, or a typed array's. */
export function bytesClass(value: object): BytesClass | typeof ArrayBuffer | undefined {
  const prototype = Object.getPrototypeOf(value);
  const name = String(prototype?.constructor?.name);
  if (!BYTES_CLASS.test(name)) return undefined;
  const found = (globalThis as Record<string, unknown>)[name] as BytesClass | undefined;
  return found?.prototype === prototype && !types.isSharedArrayBuffer(bytesOf(value).buffer) ? found : undefined;
}

/** A view of the bytes, read past any members that the object has of its own. */
export function bytesOf(value: object): Buffer {
  if (types.isArrayBuffer(value)) return Buffer.from(value as ArrayBuffer);
  const own = types.isDataView(value) ? DataView.prototype : Object.getPrototypeOf(Uint8Array.prototype);
  return Buffer.from(
    Reflect.get(own, "buffer", value) as ArrayBuffer,
    Reflect.get(own, "byteOffset", value) as number,
    Reflect.get(own, "byteLength", value) as number,
  );
}

/** How many members a set or map has, read past any member of that name that it has of its own. */
export function sizeOf(value: object): number {
  return Reflect.get(types.isMap(value) ? Map.prototype : Set.prototype, "size", value) as number;
}
