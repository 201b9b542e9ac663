/** Writes the smallest ZIP archive that holds a file: what a Lambda function is uploaded as. */
import { crc32 } from "node:zlib";

/** The archive of one file, stored without compression; the layout is that of PKWARE's APPNOTE, 4.3. */
export function zipOf(name: string, text: string): Buffer {
  const [nameBytes, content] = [Buffer.from(name), Buffer.from(text)];
  // Version 2.0, no flags, stored, 1 January 1980, then checksum, both sizes, the length of the name and no extra field.
  const entry = Buffer.alloc(26);
  entry.writeUInt16LE(20, 0);
  entry.writeUInt16LE(0x21, 8);
  entry.writeUInt32LE(crc32(content), 10);
  entry.writeUInt32LE(content.length, 14);
  entry.writeUInt32LE(content.length, 18);
  entry.writeUInt16LE(nameBytes.length, 22);
  const file = Buffer.concat([Buffer.from("PK\x03\x04"), entry, nameBytes, content]);

  // Comment length, disk, internal and external attributes and offset of the file: all zero.
  const directory = Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), entry, Buffer.alloc(14), nameBytes]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(file.length, 12);
  return Buffer.concat([file, directory, Buffer.from("PK\x05\x06"), end]);
}
