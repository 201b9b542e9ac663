/** The checksums of S3 by other means than ours: bit by bit from their definition, and node:crypto. */
import { createHash } from "node:crypto";
import type { ChecksumAlgorithm } from "aws-refresh-session/signing";

export const ALGORITHMS: readonly ChecksumAlgorithm[] = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"];

/** The remainder of a reflected CRC, bit by bit, from the parameters in the catalogue of CRCs. */
function crc(bits: bigint, polynomial: bigint) {
  const ones = (1n << bits) - 1n;
  const table = Array.from({ length: 256 }, (_, index) => {
    let value = BigInt(index);
    for (let bit = 0; bit < 8; bit++) value = (value & 1n) === 1n ? (value >> 1n) ^ polynomial : value >> 1n;
    return value;
  });
  return (bytes: Uint8Array): Buffer => {
    let value = ones;
    for (const byte of bytes) value = (value >> 8n) ^ (table[Number((value ^ BigInt(byte)) & 0xffn)] ?? 0n);
    return Buffer.from((value ^ ones).toString(16).padStart(Number(bits / 4n), "0"), "hex");
  };
}

const REFERENCES: Readonly<Record<ChecksumAlgorithm, (bytes: Uint8Array) => Buffer>> = {
  CRC32: crc(32n, 0xedb88320n),
  CRC32C: crc(32n, 0x82f63b78n),
  CRC64NVME: crc(64n, 0x9a6c9329ac4bc9b5n),
  SHA1: (bytes) => createHash("sha1").update(bytes).digest(),
  SHA256: (bytes) => createHash("sha256").update(bytes).digest(),
};

/** The value of `x-amz-checksum-...` for a body. */
export const checksumOf = (algorithm: ChecksumAlgorithm, bytes: Uint8Array): string =>
  REFERENCES[algorithm](bytes).toString("base64");
