/**
 * The headers of an event in the binary form of `application/vnd.amazon.eventstream`, which is what is hashed of them.
 *
 * Source: "Event stream encoding" of the Amazon Transcribe guide; types 0 to 9 are those of the Smithy specification.
 */
import { SigningError, shown } from "../errors.js";
import type { SdkMessage, SdkMessageHeaderValue } from "./sdk-types.js";

const TRUE = 0;
const FALSE = 1;
const BYTE = 2;
const SHORT = 3;
const INTEGER = 4;
const LONG = 5;
const BINARY = 6;
const STRING = 7;
const TIMESTAMP = 8;
const UUID = 9;

const UUID_FORM = /^[a-f0-9]{8}(-[a-f0-9]{4}){3}-[a-f0-9]{12}$/;

/**
 * The bytes of event headers, in the order of the object.
 *
 * @throws SigningError for a type that does not exist, and a value that its type cannot hold
 */
export function eventHeaderBytes(headers: SdkMessage["headers"]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [name, header] of Object.entries(headers)) {
    const nameBytes = Buffer.from(name);
    if (nameBytes.length === 0 || nameBytes.length > 255) throw malformed(name, "a name of 1 to 255 bytes", name);
    parts.push(Uint8Array.of(nameBytes.length), nameBytes, valueBytes(header, name));
  }
  return Buffer.concat(parts);
}

function valueBytes(header: SdkMessageHeaderValue, name: string): Uint8Array {
  switch (header?.type) {
    case "boolean":
      return Uint8Array.of(header.value ? TRUE : FALSE);
    case "byte":
      return fixed(BYTE, 1, (view) => view.setInt8(1, header.value));
    case "short":
      return fixed(SHORT, 2, (view) => view.setInt16(1, header.value));
    case "integer":
      return fixed(INTEGER, 4, (view) => view.setInt32(1, header.value));
    case "long": {
      const { bytes } = header.value;
      if (bytes?.length !== 8) throw malformed(name, "an Int64 of 8 bytes", header.value);
      return Uint8Array.of(LONG, ...bytes);
    }
    case "binary":
      return counted(BINARY, header.value, name);
    case "string":
      return counted(STRING, Buffer.from(header.value), name);
    case "timestamp": {
      const millis = header.value.valueOf();
      if (!Number.isFinite(millis)) throw malformed(name, "a valid Date", header.value);
      return fixed(TIMESTAMP, 8, (view) => view.setBigInt64(1, BigInt(Math.round(millis))));
    }
    case "uuid":
      if (!UUID_FORM.test(header.value)) throw malformed(name, "a UUID in lower case", header.value);
      return Buffer.from(`0${UUID}${header.value.replaceAll("-", "")}`, "hex");
    default:
      throw malformed(name, "a header with a type of event streams", (header as { type?: unknown } | undefined)?.type);
  }
}

function fixed(type: number, size: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(1 + size);
  bytes[0] = type;
  write(new DataView(bytes.buffer));
  return bytes;
}

function counted(type: number, content: Uint8Array, name: string): Uint8Array {
  if (content.byteLength > 0xffff) throw malformed(name, "at most 65 535 bytes", content.byteLength);
  return Buffer.concat([Uint8Array.of(type, content.byteLength >> 8, content.byteLength & 0xff), content]);
}

function malformed(name: string, expected: string, found: unknown): SigningError {
  return new SigningError(`the event header "${name}" must be ${expected}, found ${shown(found)}`, {
    code: "ERR_SIGN_EVENT",
    param: name,
  });
}
