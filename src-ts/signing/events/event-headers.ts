/**
 * Writes the headers of an event as bytes.
 *
 * Source: the event stream encoding of Smithy, `vnd.amazon.eventstream`; the shapes are those of `@smithy/types`.
 */
import { masked, SigningError, shown } from "../../errors.js";

/** A typed header value. `long` takes a bigint, or the eight bytes of smithy's `Int64`. */
export type EventHeaderValue =
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "byte" | "short" | "integer"; readonly value: number }
  | { readonly type: "long"; readonly value: bigint | { readonly bytes: Uint8Array } }
  | { readonly type: "binary"; readonly value: Uint8Array }
  | { readonly type: "string" | "uuid"; readonly value: string }
  | { readonly type: "timestamp"; readonly value: Date };

/** Headers by name, written in the order they stand in. */
export type EventHeaders = Readonly<Record<string, EventHeaderValue>>;

const MAX_NAME = 255;
/** Two bytes hold more, the protocol does not allow it. */
const MAX_VALUE = 32_767;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export function encodeEventHeaders(headers: EventHeaders): Buffer {
  if (typeof headers !== "object" || headers === null) {
    throw refused("headers", "an object of typed values", headers);
  }
  const parts: Uint8Array[] = [];
  for (const [name, value] of Object.entries(headers)) {
    const bytes = Buffer.from(name);
    if (bytes.length === 0 || bytes.length > MAX_NAME)
      throw refused(`headers: ${name.slice(0, 40)}`, "1 to 255 bytes of name", name);
    parts.push(Buffer.of(bytes.length), bytes, encodeValue(value, `headers: ${name}`));
  }
  return Buffer.concat(parts);
}

function encodeValue(header: EventHeaderValue, param: string): Buffer {
  const found: unknown = header?.value;
  switch (header?.type) {
    case "boolean":
      if (typeof header.value !== "boolean") throw refused(param, "a boolean", found);
      return Buffer.of(header.value ? 0 : 1);
    case "byte":
      return integer(2, 1, header.value, param);
    case "short":
      return integer(3, 2, header.value, param);
    case "integer":
      return integer(4, 4, header.value, param);
    case "long":
      return long(header.value, param);
    case "binary":
      if (!(header.value instanceof Uint8Array)) throw refused(param, "bytes", found);
      return sized(6, header.value, param);
    case "string":
      if (typeof header.value !== "string") throw refused(param, "a string", found);
      return sized(7, Buffer.from(header.value), param);
    case "timestamp": {
      const millis = header.value instanceof Date ? header.value.getTime() : Number.NaN;
      if (Number.isNaN(millis)) throw refused(param, "a valid Date", found);
      return bigInteger(8, BigInt(millis));
    }
    case "uuid":
      if (typeof header.value !== "string" || !UUID.test(header.value)) throw refused(param, "a UUID", found);
      return Buffer.from(`09${header.value.replaceAll("-", "")}`, "hex");
    default:
      throw new SigningError(
        `"${param}" must be { type, value } with a type of boolean, byte, short, integer, long, binary, string, timestamp or ` +
          `uuid, found ${shown((header as { type?: unknown } | undefined)?.type)}`,
        { code: "ERR_SIGN_EVENT", param },
      );
  }
}

function integer(type: number, bytes: 1 | 2 | 4, value: unknown, param: string): Buffer {
  const limit = 2 ** (8 * bytes - 1);
  if (!Number.isInteger(value) || (value as number) < -limit || (value as number) >= limit) {
    throw refused(param, `a whole number of ${8 * bytes} bits`, value);
  }
  const encoded = Buffer.alloc(1 + bytes, type);
  encoded.writeIntBE(value as number, 1, bytes);
  return encoded;
}

function long(value: unknown, param: string): Buffer {
  if (typeof value === "bigint" && BigInt.asIntN(64, value) === value) return bigInteger(5, value);
  const bytes = (value as { bytes?: unknown } | undefined | null)?.bytes;
  if (bytes instanceof Uint8Array && bytes.length === 8) return Buffer.concat([Buffer.of(5), bytes]);
  throw refused(param, "a bigint of 64 bits", value);
}

function bigInteger(type: number, value: bigint): Buffer {
  const encoded = Buffer.alloc(9, type);
  encoded.writeBigInt64BE(value, 1);
  return encoded;
}

function sized(type: number, bytes: Uint8Array, param: string): Buffer {
  if (bytes.length > MAX_VALUE) throw refused(param, `${MAX_VALUE} bytes at most`, bytes);
  const encoded = Buffer.alloc(3 + bytes.length, type);
  encoded.writeUInt16BE(bytes.length, 1);
  encoded.set(bytes, 3);
  return encoded;
}

/** Events hold what people say and ask: their content is not shown. */
function refused(param: string, expected: string, found: unknown): SigningError {
  return new SigningError(`"${param}" must be ${expected}, found ${masked(found)}`, { code: "ERR_SIGN_EVENT", param });
}
