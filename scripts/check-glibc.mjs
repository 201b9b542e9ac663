/** Fails when the addon needs a newer glibc than promised: reads the version requirements out of the ELF file itself. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { builtAddon } from "./built-addon.mjs";

/** Amazon Linux 2023, which the AWS Lambda runtimes stand on. */
const CEILING = [2, 34];
const SHT_GNU_VERNEED = 0x6ffffffe;

/** Names of every symbol version that a 64-bit little-endian ELF file asks of its libraries, such as `GLIBC_2.34`. */
function neededVersions(file) {
  const at = (offset) => Number(file.readBigUInt64LE(offset));
  const sectionTable = at(0x28);
  const sectionSize = file.readUInt16LE(0x3a);
  const sections = Array.from({ length: file.readUInt16LE(0x3c) }, (_, index) => {
    const header = sectionTable + index * sectionSize;
    return {
      type: file.readUInt32LE(header + 0x04),
      offset: at(header + 0x18),
      link: file.readUInt32LE(header + 0x28),
      entries: file.readUInt32LE(header + 0x2c),
    };
  });
  const names = [];
  for (const section of sections.filter(({ type }) => type === SHT_GNU_VERNEED)) {
    const strings = sections[section.link].offset;
    let library = section.offset;
    for (let i = 0; i < section.entries; i++) {
      let version = library + file.readUInt32LE(library + 8);
      for (let j = 0; j < file.readUInt16LE(library + 2); j++) {
        const start = strings + file.readUInt32LE(version + 8);
        names.push(file.toString("latin1", start, file.indexOf(0, start)));
        version += file.readUInt32LE(version + 12);
      }
      library += file.readUInt32LE(library + 12);
    }
  }
  return names;
}

const addon = builtAddon();
const file = readFileSync(addon);
if (file.toString("latin1", 0, 6) !== "\x7fELF\x02\x01") {
  console.log(`${basename(addon)} is not a 64-bit ELF file: no glibc to check`);
} else {
  const versions = neededVersions(file)
    .filter((name) => /^GLIBC_\d+\.\d+/.test(name))
    .map((name) => name.slice("GLIBC_".length).split(".").map(Number))
    .sort(([a, b], [c, d]) => a - c || b - d);
  const highest = versions.at(-1);
  if (highest === undefined && addon.includes("gnu")) {
    console.error(`${basename(addon)} names no version of glibc at all: the check does not see what it should`);
    process.exitCode = 1;
  } else if (highest !== undefined) {
    console.log(`${basename(addon)} needs glibc ${highest.join(".")}, the promise is ${CEILING.join(".")}`);
    if (highest[0] > CEILING[0] || (highest[0] === CEILING[0] && highest[1] > CEILING[1])) process.exitCode = 1;
  }
}
